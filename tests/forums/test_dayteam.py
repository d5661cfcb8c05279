"""The day team: let in by a QR, for one forum, until the night; and what stays shut to it."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta

import pytest
import time_machine
from django.core import signing
from django.test import Client
from django.utils import timezone

from forums.models import DayTeamMember
from forums.registration import day_team
from forums.registration.day_team import InvitationRefused, door_closes_at
from forums.views.day import day_access
from forums.vote import paper_issue, rounds
from tests.factories import (
    QuestionFactory,
    RecommendationFactory,
    RegistrationFactory,
    RoundFactory,
    UserFactory,
)
from tests.forums.registering import open_forum

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture
def forum():
    return open_forum()


def gestion(forum, path=""):
    return f"/gestion/forums/{forum.slug}/{path}"


def invited(forum, name="Alex"):
    return day_team.invite(forum=forum, name=name, now=timezone.now())


def entered(forum, name="Alex"):
    """A client that came in by its QR, and the member."""
    member, token = invited(forum, name)
    client = Client()
    assert client.post(gestion(forum, f"equipe/entree/{token}/")).url == gestion(forum, "presences/")
    return client, member


def test_staff_invite_by_name_and_the_code_is_shown_once(staff_client, forum):
    text = staff_client.post(gestion(forum, "equipe/"), {"name": "Alex"}).content.decode()
    token = re.search(r"/equipe/entree/([^/]+)/", text)[1]
    assert "<svg" in text
    member = DayTeamMember.objects.get()
    assert member.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert token not in staff_client.get(gestion(forum, "equipe/")).content.decode()


def test_opening_the_code_changes_nothing_and_coming_in_leaves_a_cookie_nobody_can_read(forum):
    _member, token = invited(forum)
    client = Client()
    assert "Bonjour Alex" in client.get(gestion(forum, f"equipe/entree/{token}/")).content.decode()
    assert day_access.cookie_name() not in client.cookies
    client.post(gestion(forum, f"equipe/entree/{token}/"))
    cookie = client.cookies[day_access.cookie_name()]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert token not in cookie.value


def test_member_works_at_the_door(forum):
    client, member = entered(forum)
    person = RegistrationFactory(forum=forum, checked_in_at=None, name="Camille Roy")
    assert "Camille Roy" in client.get(gestion(forum, "presences/")).content.decode()
    client.post(gestion(forum, f"presences/{person.key}/"))
    person.refresh_from_db()
    assert person.is_checked_in


def test_member_sees_no_address_anywhere(forum):
    client, _member = entered(forum)
    person = RegistrationFactory(
        forum=forum, email="secret@exemple.example", checked_in_at=None, access_needs="Une rampe"
    )
    author = UserFactory(email="autrice-secrete@exemple.example")
    RecommendationFactory(forum=forum, author=author, author_name="Lou")
    round = RoundFactory(forum=forum, number=1)
    QuestionFactory(round=round, position=1)
    RegistrationFactory(forum=forum)
    rounds.draw_ballot(round_id=round.pk)
    paper_issue.print_papers(round_id=round.pk, count=2)
    rounds.open_round(round_id=round.pk, by=None)
    rounds.close_round(round_id=round.pk, by=None)
    for path in (
        *("presences/", "presences/?q=participante", f"presences/{person.key}/", "presences/compte/"),
        *("presences/sur-place/", "salle/", "salle/liste/", "scrutins/1/saisie/"),
    ):
        answer = client.get(gestion(forum, path))
        assert answer.status_code == 200, path
        text = answer.content.decode()
        assert "autrice-secrete" not in text
        assert "secret@exemple.example" not in text
        assert "Une rampe" not in text


STAFF_ONLY = [
    "", "inscriptions/", "inscriptions.csv", "inscriptions.xlsx", "inscriptions/nouvelle/", "equipe/", "courriels/",
    "courriels/reminder/", "report/", "apercu/", "resultats/", "inscriptions/questions/", "suivi/",
]  # fmt: skip


@pytest.mark.parametrize("path", STAFF_ONLY)
def test_member_reaches_no_staff_page(forum, path):
    client, _member = entered(forum)
    for method in ("get", "post"):
        assert getattr(client, method)(gestion(forum, path)).url.startswith("/compte/connexion/")


def test_member_of_one_forum_is_nobody_at_another(forum):
    client, _member = entered(forum)
    other = open_forum()
    person = RegistrationFactory(forum=other, checked_in_at=None)
    for path in ("presences/", f"presences/{person.key}/", "presences/sur-place/"):
        assert client.get(gestion(other, path)).status_code == 403
        assert client.post(gestion(other, path)).status_code == 403
    person.refresh_from_db()
    assert person.checked_in_at is None


def test_access_ends_in_the_night_after(forum):
    client, member = entered(forum)
    for shift, status in ((-SECOND, 200), (timedelta(), 403), (SECOND, 403)):
        with time_machine.travel(door_closes_at(forum) + shift, tick=False):
            assert client.get(gestion(forum, "presences/")).status_code == status
    assert member.valid_until == door_closes_at(forum)


def test_token_no_longer_lets_in_after_that_night(forum):
    _member, token = invited(forum)
    with time_machine.travel(door_closes_at(forum), tick=False):
        for method in ("get", "post"):
            client = Client()
            assert getattr(client, method)(gestion(forum, f"equipe/entree/{token}/")).status_code == 410
            assert day_access.cookie_name() not in client.cookies


def test_withdrawn_member_is_out_at_once(staff_client, forum):
    client, member = entered(forum)
    staff_client.post(gestion(forum, f"equipe/{member.pk}/retrait/"))
    response = client.get(gestion(forum, "presences/"))
    assert response.status_code == 403
    assert "Cet accès est terminé" in response.content.decode()


def test_new_code_makes_the_former_one_and_its_phone_worthless(staff_client, forum):
    member, token = invited(forum)
    phone = Client()
    phone.post(gestion(forum, f"equipe/entree/{token}/"))
    text = staff_client.post(gestion(forum, f"equipe/{member.pk}/code/")).content.decode()
    assert phone.get(gestion(forum, "presences/")).status_code == 403
    assert Client().get(gestion(forum, f"equipe/entree/{token}/")).status_code == 410
    fresh = re.search(r"/equipe/entree/([^/]+)/", text)[1]
    assert Client().get(gestion(forum, f"equipe/entree/{fresh}/")).status_code == 200


def test_forged_or_foreign_cookie_lets_nobody_in(forum):
    _client, member = entered(forum)
    forged = [
        "x",
        signing.dumps([member.pk, member.token_hash[:16]], salt="autre"),
        signing.dumps([member.pk, "0" * 16], salt=day_access.COOKIE_SALT),
        signing.dumps("x", salt=day_access.COOKIE_SALT),
        signing.dumps([10**30, ""], salt=day_access.COOKIE_SALT),
        signing.dumps([member.pk, ""], salt=day_access.COOKIE_SALT)[:-1],
    ]
    for value in forged:
        client = Client()
        client.cookies[day_access.cookie_name()] = value
        assert client.get(gestion(forum, "presences/")).status_code == 403


def test_member_who_finishes_leaves_nothing_on_the_phone(forum):
    client, _member = entered(forum)
    client.post(gestion(forum, "equipe/sortie/"))
    assert client.get(gestion(forum, "presences/")).url.startswith("/compte/connexion/")


def test_same_name_is_invited_once(staff_client, forum):
    invited(forum, "Alex")
    response = staff_client.post(gestion(forum, "equipe/"), {"name": "ALEX"})
    assert response.status_code == 422
    assert DayTeamMember.objects.count() == 1


def test_nobody_is_invited_once_the_night_has_passed(forum):
    with pytest.raises(InvitationRefused, match="over"):
        day_team.invite(forum=forum, name="Alex", now=door_closes_at(forum))
    day_team.invite(forum=forum, name="Alex", now=door_closes_at(forum) - SECOND)


def test_member_of_another_forum_is_a_404_for_staff(staff_client, forum):
    member, _token = invited(open_forum())
    for path in (f"equipe/{member.pk}/code/", f"equipe/{member.pk}/retrait/"):
        assert staff_client.post(gestion(forum, path)).status_code == 404
    member.refresh_from_db()
    assert member.revoked_at is None


def test_visitors_and_citizens_are_answered_as_on_a_staff_page(client, citizen_client, forum):
    assert client.get(gestion(forum, "presences/")).url.startswith("/compte/connexion/")
    assert citizen_client.get(gestion(forum, "presences/")).status_code == 403
