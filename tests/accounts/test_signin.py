"""Coming in, and going back to where one was."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.accounts.conftest import PASSWORD
from tests.factories import UserFactory

LOGIN, CODE, CONFIRM = "/compte/connexion/", "/compte/code/", "/compte/code/confirmer/"
GOING = "/billets/un-texte/#commentaires"
NEXT = "?next=%2Fbillets%2Fun-texte%2F%23commentaires"


def test_code_signs_in(client, citizen, mailed_code):
    assert client.post(LOGIN, {"login": citizen.email, "action": "code"}).url == CONFIRM
    assert client.get(CONFIRM).status_code == 200
    assert client.post(CONFIRM, {"code": mailed_code()}).url == "/compte/"
    assert client.get("/compte/").status_code == 200


def test_address_is_read_whatever_its_case(client, citizen, mailed_code):
    client.post(CODE, {"email": f" {citizen.email.upper()} "})
    assert client.post(CONFIRM, {"code": mailed_code().replace("-", " ")}).url == "/compte/"


def test_password_signs_in(client, citizen, password_sign_in):
    assert password_sign_in(client, citizen).url == "/compte/"
    assert client.get("/compte/").status_code == 200


@pytest.mark.parametrize(
    ("fields", "goes_to"),
    [
        ({"password": ""}, CONFIRM),
        ({"password": PASSWORD}, "/compte/"),
        ({"password": PASSWORD, "action": "code"}, CONFIRM),
    ],
    ids=["enter in the address", "enter in the password", "code asked for with a password filled in"],
)
def test_keyboard_and_buttons_say_which_way(client, citizen, fields, goes_to):
    assert client.post(LOGIN, {"login": citizen.email} | fields).url == goes_to


def test_password_button_without_a_password_says_so(client, citizen, mailoutbox):
    response = client.post(LOGIN, {"login": citizen.email, "password": "", "action": "password"})
    assert list(response.context["form"].errors) == ["password"]
    assert mailoutbox == []


@pytest.mark.parametrize("start", [LOGIN, CODE])
def test_code_goes_back_to_the_spot(client, citizen, mailed_code, start):
    fields = {"login": citizen.email, "email": citizen.email, "action": "code"}
    response = client.post(start + NEXT, fields)
    assert response.url == CONFIRM + NEXT
    assert client.post(response.url, {"code": mailed_code()}).url == GOING


def test_password_goes_back_to_the_spot(client, citizen, password_sign_in):
    assert password_sign_in(client, citizen, LOGIN + NEXT).url == GOING


def test_second_step_goes_back_to_the_spot(client, staff_with_app, password_sign_in, app_code):
    response = password_sign_in(client, staff_with_app, LOGIN + NEXT)
    assert response.url == "/compte/connexion/validation/" + NEXT
    assert client.post(response.url, {"code": app_code(staff_with_app)}).url == GOING


def test_wrong_codes_do_not_lose_the_spot(client, citizen, mailed_code):
    client.post(CODE + NEXT, {"email": citizen.email})
    for _ in range(2):
        assert client.post(CONFIRM + NEXT, {"code": "0000-0000"}).status_code == 200
    assert client.post(CONFIRM + NEXT, {"code": "0000-0000"}).url == CODE + NEXT


def test_pending_step_does_not_lose_the_spot(client, citizen):
    client.post(CODE, {"email": citizen.email})
    assert client.get(LOGIN + NEXT).url == CONFIRM + NEXT


def test_links_between_the_ways_in_keep_the_spot(client, db):
    body = client.get(LOGIN + NEXT).text
    assert f'href="/compte/inscription/{NEXT}"' in body
    assert "/compte/mot-de-passe/oublie/?next=" in body
    assert f'<input type="hidden" name="next" value="{GOING}">' in body


@pytest.mark.parametrize(
    "evil",
    [
        "//evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\\evil.example",
        "http:///evil.example",
    ],
)
def test_evil_next_goes_to_the_default_page(client, citizen, password_sign_in, mailed_code, evil):
    from urllib.parse import quote

    assert password_sign_in(client, citizen, f"{LOGIN}?next={quote(evil)}").url == "/compte/"
    client.post("/compte/deconnexion/")
    response = client.post(f"{CODE}?next={quote(evil)}", {"email": citizen.email})
    assert response.url == CONFIRM
    assert client.post(f"{CONFIRM}?next={quote(evil)}", {"code": mailed_code()}).url == "/compte/"
    assert client.post("/compte/deconnexion/", {"next": evil}).url == "/"


def without_tokens(response, address):
    body = response.text.replace(address, "ADDRESS")
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body)


@pytest.mark.parametrize("state", ["unknown", "closed"])
@pytest.mark.parametrize(
    ("start", "field", "after"),
    [
        (LOGIN, "login", CONFIRM),
        (CODE, "email", CONFIRM),
        ("/compte/mot-de-passe/oublie/", "email", "/compte/mot-de-passe/oublie/code/"),
    ],
)
def test_unknown_address_answers_like_a_known_one(client, citizen, mailoutbox, state, start, field, after):
    other = "personne@exemple.example"
    if state == "closed":
        UserFactory(email=other, is_active=False)
    seen = []
    for address in (citizen.email, other):
        asked = client.post(start, {field: address})
        shown = client.get(after)
        wrong = client.post(after, {"code": "0000-0000"})
        seen.append(
            (asked.status_code, asked.url, without_tokens(shown, address), without_tokens(wrong, address))
        )
        client.cookies.clear()
    assert seen[0] == seen[1]
    assert [mail.to for mail in mailoutbox] == [[citizen.email], [other]]
    assert not re.search(r"\d{4}-\d{4}", mailoutbox[1].body)


def test_wrong_password_answers_alike_for_known_and_unknown(client, citizen, password_sign_in):
    known = password_sign_in(client, citizen, password="pas la bonne phrase")
    ghost = UserFactory.build(email="fantome@exemple.example")
    unknown = password_sign_in(client, ghost, password="pas la bonne phrase")
    assert known.status_code == unknown.status_code == 200
    assert without_tokens(known, citizen.email) == without_tokens(unknown, ghost.email)


@pytest.mark.parametrize(("seconds", "opens"), [(599, True), (600, True), (601, False)])
def test_code_lives_ten_minutes(client, citizen, mailed_code, seconds, opens):
    start = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as clock:
        client.post(CODE, {"email": citizen.email})
        clock.shift(timedelta(seconds=seconds))
        response = client.post(CONFIRM, {"code": mailed_code()})
    assert response.url == ("/compte/" if opens else CODE)


def test_code_serves_once_and_in_one_browser(client, citizen, mailed_code):
    from django.test import Client

    client.post(CODE, {"email": citizen.email})
    code = mailed_code()
    thief = Client()
    assert thief.post(CONFIRM, {"code": code}).url == CODE
    client.post(CONFIRM, {"code": code})
    client.post("/compte/deconnexion/")
    assert client.post(CONFIRM, {"code": code}).url == CODE


def test_another_code_replaces_the_first(client, citizen, mailed_code):
    client.post(CODE, {"email": citizen.email})
    first = mailed_code()
    client.post(CONFIRM, {"action": "resend"})
    assert mailed_code() != first
    assert client.post(CONFIRM, {"code": first}).status_code == 200
    assert client.post(CONFIRM, {"code": mailed_code()}).url == "/compte/"


def test_session_key_changes_at_sign_in(client, citizen, password_sign_in):
    client.post(CODE, {"email": citizen.email})
    before = client.session.session_key
    client.post("/compte/deconnexion/")
    client.post(CODE, {"email": "autre@exemple.example"})
    planted = client.session.session_key
    assert planted is not None
    client.post("/compte/deconnexion/", {"next": LOGIN})
    password_sign_in(client, citizen)
    assert client.session.session_key not in {None, before, planted}


@pytest.mark.parametrize("way", ["change", "reset"])
def test_new_password_ends_every_session(client, citizen, password_sign_in, mailed_code, way):
    from django.test import Client

    elsewhere = Client()
    password_sign_in(elsewhere, citizen)
    new = {"password1": "encore une autre phrase", "password2": "encore une autre phrase"}
    if way == "change":
        password_sign_in(client, citizen)
        changed = client.post("/compte/mot-de-passe/changer/", {"oldpassword": PASSWORD} | new)
        assert changed.url == LOGIN
        assert client.get("/compte/").status_code == 302
    else:
        client.post("/compte/mot-de-passe/oublie/", {"email": citizen.email})
        client.post("/compte/mot-de-passe/oublie/code/", {"code": mailed_code()})
        assert (
            client.post("/compte/mot-de-passe/oublie/nouveau/", new).url
            == "/compte/mot-de-passe/oublie/change/"
        )
    assert elsewhere.get("/compte/").status_code == 302
    assert password_sign_in(client, citizen).status_code == 200
    assert password_sign_in(client, citizen, password="encore une autre phrase").url == "/compte/"


def test_wrong_old_password_changes_nothing(citizen_client, citizen):
    form = {"oldpassword": "pas la bonne", "password1": "encore une autre", "password2": "encore une autre"}
    response = citizen_client.post("/compte/mot-de-passe/changer/", form)
    assert list(response.context["form"].errors) == ["oldpassword"]
    citizen.refresh_from_db()
    assert citizen.check_password(PASSWORD)


def test_closed_account_does_not_open(client, db, password_sign_in):
    person = UserFactory(is_active=False)
    assert password_sign_in(client, person).url == "/compte/ferme/"
    assert client.get("/compte/").status_code == 302


def test_new_address_takes_over_once_confirmed(client, citizen, mailed_code, mailoutbox):
    citizen.set_unusable_password()
    citizen.save()
    client.force_login(citizen)
    former = citizen.email
    answer = client.post("/compte/courriel/", {"action_add": "", "email": "Nouvelle@exemple.example"})
    assert answer.url == "/compte/confirmer-courriel/"
    citizen.refresh_from_db()
    assert citizen.email == former
    client.post("/compte/confirmer-courriel/", {"code": mailed_code()})
    citizen.refresh_from_db()
    assert citizen.email == "nouvelle@exemple.example"
    assert [mail.to for mail in mailoutbox] == [["nouvelle@exemple.example"], [former]]
