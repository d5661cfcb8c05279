"""Creating an account."""

from __future__ import annotations

import pytest
from allauth.account.internal.flows import manage_email
from allauth.account.models import EmailAddress

from accounts.models import User
from tests.factories import UserFactory

SIGN_UP, CONFIRM = "/compte/inscription/", "/compte/confirmer-courriel/"
FORM = {
    "email": "Lou.Gagne@Exemple.example",
    "name": "Lou Gagné",
    "language": "fr",
    "password1": "",
    "is_14": "on",
}


def test_signup_without_a_password_opens_with_the_mailed_code(client, db, mailed_code):
    assert client.post(SIGN_UP, FORM).url == CONFIRM
    assert client.get("/compte/").status_code == 302
    assert client.post(CONFIRM, {"code": mailed_code()}).url == "/compte/"
    person = User.objects.get()
    assert (person.email, person.name, person.language) == ("lou.gagne@exemple.example", "Lou Gagné", "fr")
    assert not person.has_usable_password()
    assert EmailAddress.objects.get().verified
    assert client.get("/compte/").status_code == 200


def test_signup_with_a_password_lets_it_open_the_account(client, db, mailed_code, password_sign_in):
    client.post(SIGN_UP, FORM | {"password1": "quatre mots sans rapport"})
    client.post(CONFIRM, {"code": mailed_code()})
    client.post("/compte/deconnexion/")
    person = User.objects.get()
    assert password_sign_in(client, person, password="quatre mots sans rapport").url == "/compte/"


def test_signup_keeps_where_the_person_was_going(client, db, mailed_code):
    going = "/billets/un-texte/#commentaires"
    address = f"{SIGN_UP}?next=%2Fbillets%2Fun-texte%2F%23commentaires"
    assert client.post(address, FORM).url == f"{CONFIRM}?next=%2Fbillets%2Fun-texte%2F%23commentaires"
    assert client.post(CONFIRM, {"code": mailed_code()}).url == going


@pytest.mark.parametrize("box", ["is_14"])
def test_signup_without_a_box_is_refused_and_keeps_what_was_typed(client, db, box):
    response = client.post(SIGN_UP, {key: value for key, value in FORM.items() if key != box})
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [box]
    assert "Lou Gagné" in response.text
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "x" * 81])
def test_signup_refuses_a_name_that_nobody_could_read(client, db, name):
    response = client.post(SIGN_UP, FORM | {"name": name})
    assert list(response.context["form"].errors) == ["name"]
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "password",
    ["onze caract", "password1234", "lou.gagne@exemple.example"],
    ids=["short", "common", "the address itself"],
)
def test_signup_refuses_a_weak_password(client, db, password):
    response = client.post(SIGN_UP, FORM | {"password1": password})
    assert list(response.context["form"].errors) == ["password1"]


def test_signup_ignores_what_the_form_does_not_ask(client, db):
    client.post(SIGN_UP, FORM | {"is_staff": "on", "is_superuser": "on", "is_active": ""})
    person = User.objects.get()
    assert (person.is_staff, person.is_superuser, person.is_active) == (False, False, True)


def test_signup_with_a_known_address_answers_alike_and_tells_the_mailbox(client, db, mailoutbox):
    UserFactory(email="lou.gagne@exemple.example")
    known = client.post(SIGN_UP, FORM)
    page = client.get(CONFIRM)
    client.cookies.clear()
    unknown = client.post(SIGN_UP, FORM | {"email": "autre@exemple.example"})
    other_page = client.get(CONFIRM)
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url) == (302, CONFIRM)
    assert body_of(page, "lou.gagne@exemple.example") == body_of(other_page, "autre@exemple.example")
    assert User.objects.count() == 2
    assert [mail.to for mail in mailoutbox] == [["lou.gagne@exemple.example"], ["autre@exemple.example"]]
    assert "/compte/connexion/" in mailoutbox[0].body
    assert "/compte/connexion/" not in mailoutbox[1].body


def body_of(response, address):
    """The page without what differs by design: the address and the tokens."""
    import re

    body = response.text.replace(address, "ADDRESS")
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body)


def test_two_signups_at_once_make_one_account(client, db, monkeypatch, mailoutbox):
    UserFactory(email="lou.gagne@exemple.example")
    # The other request committed after this one had looked.
    monkeypatch.setattr(manage_email, "assess_unique_email", lambda email, user=None: True)
    assert client.post(SIGN_UP, FORM).url == CONFIRM
    assert User.objects.count() == 1
    assert "/compte/connexion/" in mailoutbox[0].body


def test_third_wrong_code_ends_the_signup(client, db, mailed_code):
    client.post(SIGN_UP, FORM)
    code = mailed_code()
    for _ in range(2):
        assert client.post(CONFIRM, {"code": "0000-0000"}).status_code == 200
    assert client.post(CONFIRM, {"code": "0000-0000"}).url == "/compte/connexion/"
    assert client.post(CONFIRM, {"code": code}).url == "/compte/connexion/"
    assert not EmailAddress.objects.get().verified
