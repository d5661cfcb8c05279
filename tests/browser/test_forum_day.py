"""A forum from one participant's chair: registered, checked in at the door, voting, verified, and recounted."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from forums.models import Ballot
from pole.caching.in_process import clear_caches
from tests.factories import QuestionFactory, RoundFactory, UserFactory
from tests.forums.registering import last_link, open_forum

pytestmark = pytest.mark.django_db(transaction=True)


def test_participant_registers_is_checked_in_votes_and_verifies(open_page, sign_in, transactional_db):
    from forums.models import Forum
    from forums.vote import casting, slips
    from forums.vote.rounds import open_round

    forum = open_forum(title="Forum des rives")
    ((_number, code),) = slips.create_slips(forum=forum, count=1)
    person, door = open_page(width=360), open_page(width=360)

    person.goto(f"{forum.get_absolute_url()}inscription/")
    person.get_by_label("Votre nom").fill("Lou Petit")
    person.get_by_label("Adresse courriel").fill("lou@exemple.example")
    for box in person.get_by_role("checkbox").all():
        box.check()
    person.get_by_role("button", name="Réserver ma place").click()
    person.goto(last_link())
    person.get_by_role("button", name="Oui, je viens").click()
    expect(person.locator(".qr__image")).to_be_visible()

    sign_in(door, UserFactory(is_staff=True))
    door.goto(f"/gestion/forums/{forum.slug}/presences/")
    door.get_by_label("Nom ou organisation").fill("lou")
    door.get_by_role("link", name="Lou Petit").click()
    door.get_by_label(re.compile("Carton")).fill(code)
    door.get_by_role("button", name="Confirmer l’arrivée").click()
    expect(door.locator("[data-arrived], .door-person--arrived").first).to_be_visible()

    planned = RoundFactory(
        number=1, forum=Forum.objects.get(pk=forum.pk), closes_at=timezone.now() + timedelta(hours=1)
    )
    QuestionFactory(round=planned, position=1, limits={"limit": 2}, options=3)
    round = open_round(round_id=planned.pk, by=None)
    person.goto(f"/vote/{code}/")
    person.locator("main input[type=checkbox]").first.check()
    person.get_by_role("button", name="Relire mon bulletin").click()
    person.get_by_role("button", name="Déposer mon bulletin").click()
    person.wait_for_url("**/vote/recu/")
    person.get_by_role("link", name="Modifier mon bulletin").click()
    person.locator("main input[type=checkbox]").nth(2).check()
    person.get_by_role("button", name="Relire mon bulletin").click()
    person.get_by_role("button", name="Déposer mon bulletin").click()
    person.wait_for_url("**/vote/recu/")
    assert Ballot.objects.get().choices == {"1": [1, 3]}
    person.get_by_role("button", name="Vérifier mon reçu").click()
    expect(person.get_by_role("heading", name="Enregistré")).to_be_visible()
    assert casting.turnout(round.pk) == (1, 1)
    clear_caches()
