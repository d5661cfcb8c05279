"""What is kept of registrations, and until when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from forums.models import Registration
from forums.registration import day_team, registering
from forums.registration.retention import (
    anonymise_past_registrations,
    delete_day_team,
    delete_unconfirmed,
    erase_needs,
)
from tests.factories import RegistrationFactory, UserFactory
from tests.forums.registering import details, open_forum
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(("shift", "erased"), [(-SECOND, False), (timedelta(), True)])
def test_needs_and_answers_are_erased_thirty_days_after(shift, erased):
    forum = open_forum()
    question = forum.questions.create(position=1, label="Allergies")
    person = RegistrationFactory(forum=forum, access_needs="Rampe")
    person.answers.create(question=question, text="Noix")
    erase_needs(forum.ends_at + timedelta(days=30) + shift)
    person.refresh_from_db()
    assert (person.access_needs == "", person.answers.exists(), person.needs_erased_at is not None) == (
        erased,
        not erased,
        erased,
    )


def test_needs_written_after_an_erasure_are_erased_too():
    forum = open_forum()
    person = RegistrationFactory(forum=forum, access_needs="Rampe")
    later = forum.ends_at + timedelta(days=31)
    erase_needs(later)
    person.refresh_from_db()
    registering.update_details(
        registration=person,
        details=registering.Details(
            name="Lou", language="fr", kind="citizen", organisation="", access_needs="Boucle", answers={}
        ),
    )
    assert erase_needs(later + timedelta(days=1)) == 1
    person.refresh_from_db()
    assert person.access_needs == ""


@pytest.mark.parametrize(("days", "forgotten"), [(729, False), (730, True)])
def test_people_are_forgotten_two_years_after_and_counts_stay(days, forgotten):
    forum = open_forum()
    person = RegistrationFactory(forum=forum, name="Lou", organisation="La Ruche", user=UserFactory())
    assert anonymise_past_registrations(forum.ends_at + timedelta(days=days)) == forgotten
    assert anonymise_past_registrations(forum.ends_at + timedelta(days=days)) == 0
    person.refresh_from_db()
    assert (person.name == "—", person.email == "", person.organisation == "", person.user is None) == (
        (forgotten,) * 4
    )
    assert (person.state, person.is_checked_in) == ("confirmed", True)


def test_what_nobody_confirmed_is_deleted_after_a_week():
    forum, now = open_forum(), timezone.now()
    registering.register(forum=forum, email="a@exemple.example", details=details(), consent="Oui", now=now)
    kept = RegistrationFactory(forum=forum, email="b@exemple.example")
    assert delete_unconfirmed(timezone.now() + timedelta(days=7) - timedelta(minutes=1)) == 0
    assert delete_unconfirmed(timezone.now() + timedelta(days=7)) == 1
    assert list(Registration.objects.all()) == [kept]


@pytest.mark.parametrize("state", ["pending", "waitlisted", "cancelled"])
def test_whoever_has_arrived_has_a_place_and_is_not_deleted_as_unconfirmed(state):
    with refused_by("registration_checked_in_has_a_place"):
        RegistrationFactory(state=state, waitlisted_at=timezone.now())


@pytest.mark.parametrize(("shift", "left"), [(-SECOND, 1), (timedelta(), 0)])
def test_volunteers_are_forgotten_ninety_days_after(shift, left):
    forum = open_forum()
    day_team.invite(forum=forum, name="Lou Bénévole", now=timezone.now())
    assert delete_day_team(forum.ends_at + timedelta(days=90) + shift) == 1 - left
    assert forum.day_team.count() == left
