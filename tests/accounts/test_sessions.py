"""Where one is signed in: what is listed, what is closed from elsewhere, and what is never kept."""

from __future__ import annotations

import json
from datetime import timedelta
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, Role
from accounts.privacy import data_of
from accounts.sign_in import devices, open_sessions
from accounts.sign_in.sessions import Session
from accounts.team.roles import change_active
from tests.accounts.conftest import PASSWORD, link_app
from tests.conftest import signed_in
from tests.factories import PostFactory, UserFactory

PAGE = "/compte/appareils/"
DAY = timedelta(days=1)
OTHERS = "/compte/appareils/fermer-les-autres/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.1 Mobile/15E148 Safari/604.1"
)


def of(client):
    return Session.objects.get(pk=client.session.session_key)


def close(client, session):
    return client.post(reverse("account_session_close", args=[session.handle]))


@pytest.fixture
def browsers(db, citizen, password_sign_in):
    """Two browsers of one person."""
    pair = [Client(headers={"user-agent": agent}) for agent in (FIREFOX, IPHONE)]
    for client in pair:
        password_sign_in(client, citizen)
    return pair


def test_each_browser_is_listed_in_plain_words(browsers):
    here, _there = browsers
    page = here.get(PAGE).content.decode()
    assert page.index("Cet appareil") < page.index("Firefox sous Windows") < page.index("Ailleurs")
    assert page.index("Ailleurs") < page.index("Safari sur iPhone")
    assert page.count("(mot de passe)") == 2
    assert here.session.session_key not in page
    assert not any(of(client).session_key in page for client in browsers)


def test_session_closed_from_elsewhere_opens_nothing_any_more(browsers):
    here, there = browsers
    answer = close(here, of(there))
    assert answer.url == PAGE
    assert there.get("/compte/").status_code == 302
    assert here.get(PAGE).status_code == 200
    assert "nulle part ailleurs" in here.get(PAGE).content.decode()
    # Twice, as by an impatient finger: it is gone.
    assert Session.objects.filter(user__isnull=False).count() == 1


def test_all_the_others_are_closed_and_not_this_one(browsers, citizen):
    here, there = browsers
    third = signed_in(citizen)
    assert here.post(OTHERS).url == PAGE
    assert [client.get("/compte/").status_code for client in (here, there, third)] == [200, 302, 302]
    assert "Aucune autre session" in here.post(OTHERS, follow=True).content.decode()


def test_nobody_sees_nor_closes_the_session_of_another(browsers, citizen):
    here, _there = browsers
    stranger = signed_in(UserFactory())
    assert "Firefox sous Windows" not in stranger.get(PAGE).content.decode()
    assert close(stranger, of(here)).status_code == 404
    stranger.post(OTHERS)
    assert here.get("/compte/").status_code == 200
    assert Client().post(OTHERS).url.startswith("/compte/connexion/")
    # Its key, were it known, names nothing.
    assert here.post(f"/compte/appareils/{of(here).session_key}/fermer/").status_code == 404


def test_key_that_changes_leaves_no_ghost_and_loses_nothing(browsers):
    """A second factor that is added changes it: the row that Django leaves is the only one."""
    here, _there = browsers
    session = here.session
    session.cycle_key()
    here.cookies["sessionid"] = session.session_key
    page = here.get(PAGE).content.decode()
    assert (page.count("Firefox sous Windows"), page.count("Safari sur iPhone")) == (1, 2)


def test_signing_out_and_expiring_take_the_line_away(browsers, citizen):
    here, there = browsers
    there.post("/compte/deconnexion/")
    assert len(open_sessions.open_sessions(citizen)) == 1
    with time_machine.travel(timezone.now() + timedelta(days=15)):
        assert open_sessions.open_sessions(citizen) == []
        open_sessions.forget_expired(timezone.now())
    assert not Session.objects.filter(user=citizen).exists()
    assert here.get("/compte/").status_code == 302


def test_new_password_ends_every_session_and_keeps_no_line(browsers, citizen):
    here, there = browsers
    new = {
        "oldpassword": PASSWORD,
        "password1": "une autre phrase assez longue",
        "password2": "une autre phrase assez longue",
    }
    assert here.post("/compte/mot-de-passe/changer/", new).status_code == 302
    assert [client.get("/compte/").status_code for client in browsers] == [302, 302]
    assert not Session.objects.filter(user=citizen).exists()
    assert there.get("/compte/").status_code == 302


def test_password_set_by_a_command_lists_none_that_it_ended(browsers, citizen):
    citizen.set_password("encore une autre phrase")
    citizen.save()
    assert open_sessions.open_sessions(citizen) == []


def test_use_is_noted_once_a_day_on_no_page_of_everyone(browsers):
    here, _there = browsers
    post = PostFactory()
    # The message of the sign-in is read, which changes the session.
    here.get("/compte/")
    yesterday = timezone.localdate() - timedelta(days=1)
    Session.objects.update(last_used_on=yesterday)
    Client().get(post.get_absolute_url())
    assert set(Session.objects.values_list("last_used_on", flat=True)) == {yesterday}
    expires = of(here).expire_date
    answer = here.get("/compte/")
    assert of(here).last_used_on == timezone.localdate()
    # Neither prolonged nor sent anew.
    assert (of(here).expire_date, "sessionid" in answer.cookies) == (expires, False)


def test_session_from_before_is_known_by_its_first_use(browsers, citizen):
    """As the code before this one stores it."""
    here, _there = browsers
    Session.objects.update(user=None, last_used_on=None)
    here.get("/compte/")
    assert of(here).user == citizen


def test_session_closed_during_a_request_is_not_brought_back(browsers, monkeypatch):
    here, _there = browsers
    key = here.session.session_key
    save = Session.get_session_store_class().save

    def closed_meanwhile(self, must_create=False):
        Session.objects.filter(pk=key).delete()
        return save(self, must_create)

    monkeypatch.setattr("accounts.sign_in.sessions.SessionStore.save", closed_meanwhile)
    assert here.post("/compte/", {"name": "Camille", "language": "fr"}).status_code == 400
    assert not Session.objects.filter(pk=key).exists()


def test_neither_address_nor_header_is_kept(browsers):
    for client in browsers:
        row = of(client)
        kept = json.dumps(row.get_decoded()) + str(row.__dict__)
        assert "127.0.0.1" not in kept
        assert "Mozilla" not in kept


@pytest.mark.any_hour("names in a text")
@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox sous Windows"),
        (IPHONE, "Safari sur iPhone"),
        (
            "Mozilla/5.0 (X11; CrOS x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
            "Chrome sous ChromeOS",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0",
            "Edge sous Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 SamsungBrowser/28.0 Chrome/130.0 Mobile",
            "Samsung Internet sous Android",
        ),
        (
            "Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 CriOS/142.0 Mobile Safari/604.1",
            "Chrome sur iPad",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.1 Safari/605.1.15", "Safari sous macOS"),
        ("curl/8.5.0", "Appareil que nous ne reconnaissons pas"),
        ("", "Appareil que nous ne reconnaissons pas"),
        ("Firefox/1.0", "Firefox"),
        ("<script>alert(1)</script> Firefox/1 \x00\x07\u202e Windows 🦊", "Firefox sous Windows"),
        ("A" * 5_000_000 + FIREFOX, "Appareil que nous ne reconnaissons pas"),
        ("Version/" + "1." * 400_000, "Appareil que nous ne reconnaissons pas"),
    ],
)
def test_browser_is_one_of_those_known_whatever_is_sent(agent, words):
    assert devices.in_words(*devices.names_of(agent)) == words


@pytest.mark.parametrize("agent", ["<b>Firefox/1</b> Windows", "é🦊" * 2000, "\x01\x02 Firefox/2"])
def test_hostile_header_is_nowhere_on_the_page(citizen, password_sign_in, agent):
    client = Client(headers={"user-agent": agent})
    password_sign_in(client, citizen)
    page = client.get(PAGE)
    assert page.status_code == 200
    assert agent not in page.content.decode()


def test_second_step_is_said(staff_with_app, password_sign_in, app_code):
    client = Client(headers={"user-agent": FIREFOX})
    password_sign_in(client, staff_with_app)
    assert Session.objects.filter(user=staff_with_app).count() == 0
    client.post("/compte/connexion/validation/", {"code": app_code(staff_with_app)})
    assert "mot de passe, puis code de l’application" in client.get(PAGE).content.decode()
    (held,) = client.get("/compte/donnees/mes-donnees.json").json()["sessions"]
    assert (held["browser"], held["system"], held["signed_in_with"]) == (
        "Firefox",
        "Windows",
        ["password", "totp"],
    )


def test_direction_ends_the_sessions_of_a_colleague(superuser_client, superuser):
    colleague = UserFactory(is_staff=True)
    link_app(colleague)
    theirs = [signed_in(colleague, second_factor=True) for _ in range(2)]
    address = reverse("staff:person_sessions", args=[colleague.pk])
    page = superuser_client.get(address).content.decode()
    assert "ouvert dans 2 navigateurs" in page
    superuser_client.post(address)
    assert [client.get("/gestion/").status_code for client in theirs] == [302, 302]
    entry = AuditEntry.objects.get(action="sessions_ended")
    assert (entry.key, entry.person, entry.by) == (colleague.pk, colleague, superuser)
    # Nothing was open: nothing is noted.
    superuser_client.post(address)
    assert AuditEntry.objects.filter(action="sessions_ended").count() == 1


def test_direction_ends_its_own_from_the_account(superuser_client, superuser):
    superuser_client.post(reverse("staff:person_sessions", args=[superuser.pk]))
    assert superuser_client.get("/gestion/").status_code == 200


def test_more_sessions_than_a_page_holds_are_counted_and_closed(citizen, monkeypatch):
    monkeypatch.setattr(open_sessions, "MOST_SHOWN", 2)
    here, *_others = [signed_in(citizen) for _ in range(5)]
    page = here.get(PAGE).content.decode()
    assert page.count("Fermer cette session") == 2
    assert "2 sessions plus anciennes" in page
    assert "4 sessions sont fermées" in here.post(OTHERS, follow=True).content.decode()


def test_sessions_that_open_nothing_hide_none_that_does(citizen, superuser, superuser_client, monkeypatch):
    """Those that a new password ended by a command are still rows: they take no place on the page."""
    monkeypatch.setattr(open_sessions, "MOST_SHOWN", 2)
    for _turn in range(3):
        signed_in(citizen)
    citizen.set_password("une autre phrase de passe, longue")
    citizen.save()
    Session.objects.filter(user=citizen).update(last_used_on=timezone.localdate() + DAY)
    here, *_others = [signed_in(citizen) for _ in range(4)]
    page = here.get(PAGE).content.decode()
    assert page.count("Fermer cette session") == 2
    assert "1 session plus ancienne" in page
    asked = superuser_client.get(reverse("staff:person_sessions", args=[citizen.pk])).content.decode()
    assert "4 navigateurs" in asked
    assert here.post(OTHERS).status_code == 302
    assert list(Session.objects.filter(user=citizen)) == [of(here)]


def test_last_used_come_first_and_those_of_an_unknown_day_last(citizen, monkeypatch):
    monkeypatch.setattr(open_sessions, "MOST_SHOWN", 2)
    monkeypatch.setattr(open_sessions, "MOST_READ", 2)
    here, unknown, recent, old = (signed_in(citizen) for _ in range(4))
    today = timezone.localdate()
    for client, day in ((unknown, None), (recent, today - DAY), (old, today - 2 * DAY)):
        Session.objects.filter(pk=client.session.session_key).update(last_used_on=day)
    shown = here.get(PAGE).context["listed"]
    assert [each.handle for each in shown.own + shown.others] == [of(c).handle for c in (here, recent, old)]
    assert (shown.unseen, shown.total) == (1, 4)
    # Nor does a page’s bound leave any out of one’s own file.
    assert [each.last_used_on for each in open_sessions.open_sessions(citizen)][-1] is None
    assert len(data_of(citizen)["sessions"]) == 4


def test_erased_account_leaves_no_session(browsers, citizen):
    citizen.delete()
    assert not Session.objects.filter(user__isnull=False).exists()
    assert [client.get("/compte/").status_code for client in browsers] == [302, 302]


def test_sessions_from_before_the_upgrade_are_listed_and_closed_too(browsers, citizen):
    """The migration reads whose they are: nobody is signed out by it, and none is left out."""
    here, there = browsers
    Session.objects.update(user=None, last_used_on=None)
    Session.objects.create(session_key="u" * 32, session_data="not one", expire_date=timezone.now() + DAY)
    import_module("accounts.migrations.0007_sessions").say_whose(apps, None)
    assert [of(client).user for client in browsers] == [citizen, citizen]
    here.post(OTHERS)
    assert there.get("/compte/").status_code == 302


def test_sessions_under_a_former_secret_key_are_listed_and_closed(browsers, settings):
    """Django still takes them: a stolen telephone must not be hidden by the change."""
    here, there = browsers
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "une autre clef, aussi longue que la première, et que nul ne connaît"
    assert "Safari sur iPhone" in here.get(PAGE).text
    here.post(OTHERS)
    assert there.get("/compte/").status_code == 302


def test_account_that_is_closed_then_reopened_lets_nobody_back_in(browsers, citizen):
    by = UserFactory(roles=[Role.DIRECTION])
    for is_active in (False, True):
        change_active(person_id=citizen.pk, is_active=is_active, by=by)
        assert open_sessions.open_sessions(citizen) == []
        assert [client.get("/compte/").status_code for client in browsers] == [302, 302]
