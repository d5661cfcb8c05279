"""Whatever people, staff and the door do with two addresses: no failure, no vote too many, nobody joined to another.

POLE_ADDRESS_SEEDS=60 tries as many days.
"""

from __future__ import annotations

import os
import random
import uuid

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from forums.models import Registration, RollEntry, Round, Slip
from forums.registration import check_in, identities, registering
from forums.registration.shared_addresses import SOMEONE_ELSE, AddressKnown, is_same_name
from forums.vote import roll, slips
from forums.vote.rounds import open_round
from pole.refusals import Refusal
from tests.factories import QuestionFactory, RoundFactory, UserFactory
from tests.forums.registering import details, open_forum

pytestmark = pytest.mark.django_db

ADDRESSES = ("info@coop.example", "anne@exemple.example")
NAMES = ("Anne Roy", "anne  ROY", "Marc Côté", "Jo")


class Day:
    """A forum with a round for everyone registered, and what may be done to it."""

    def __init__(self, draw, public):
        self.draw, self.forum = draw, open_forum(capacity=draw.choice([None, 3]))
        slips.create_slips(forum=self.forum, count=8)
        self.round = RoundFactory(forum=self.forum, public=public)
        QuestionFactory(round=self.round)
        self.user = UserFactory(name="Anne Roy", email=ADDRESSES[1])
        EmailAddress.objects.get_or_create(
            user=self.user, email=ADDRESSES[1], defaults={"verified": True, "primary": True}
        )

    def somebody(self):
        rows = list(Registration.objects.filter(forum=self.forum))
        return self.draw.choice(rows) if rows else None

    def act(self):
        self.draw.choice(
            [
                *[self.register, self.walk_in] * 2,
                *[self.add, self.link, self.open, self.register_account],
                *[self.change] * 7,
            ]
        )()

    def register(self):
        typed = details(name=self.draw.choice(NAMES))
        email = self.draw.choice(ADDRESSES)
        registering.register(forum=self.forum, email=email, details=typed, consent="Oui", now=timezone.now())

    def register_account(self):
        registering.register_account(
            forum=self.forum, user=self.user, details=details(), consent="Oui", now=timezone.now()
        )

    def answered(self, act, **values):
        values |= {"forum": self.forum, "email": self.draw.choice(ADDRESSES), "now": timezone.now()}
        values |= {"details": details(name=self.draw.choice(NAMES)), "idempotency_key": uuid.uuid4()}
        try:
            act(**values)
        except AddressKnown as asked:
            answers = [str(person.key) for person in asked.people]
            act(**values, same_as=self.draw.choice([*answers, SOMEONE_ELSE, SOMEONE_ELSE]))

    def walk_in(self):
        self.answered(check_in.walk_in, slip=self.draw.choice(["", "1", "2", "3", "4"]))

    def add(self):
        self.answered(registering.add_by_hand, even_if_full=True)

    def link(self):
        identities.link_registrations_to_account(self.user)

    def open(self):
        open_round(round_id=self.round.pk, by=None)

    def change(self):
        if (person := self.somebody()) is None:
            return
        act = self.draw.choice(
            [
                *[registering.confirm] * 2,
                *[registering.cancel, registering.give_place, check_in.check_in, check_in.undo_check_in],
            ]
        )
        act(registration=person, now=timezone.now())

    def check(self):
        entries = RollEntry.objects.filter(round=self.round, voided_at=None)
        for row in Registration.objects.filter(forum=self.forum, email_is_contact_only=True):
            assert row.user_id is None
            entry = entries.filter(registration=row).first()
            if entry and row.state == "confirmed":
                assert not row.awaits_vouching
        live = Registration.objects.filter(forum=self.forum).exclude(state="cancelled")
        for row in live.filter(state="pending", email_is_contact_only=False):
            # Nobody who confirmed the address lost it to someone who did not.
            assert not live.filter(email=row.email, user__isnull=False).exclude(pk=row.pk).exists()
        for user_entry in entries.filter(user=self.user):
            assert entries.filter(user=self.user).count() == 1
            assert roll.find_entry_of_user(self.round, self.user) == user_entry
        for slip in Slip.objects.filter(forum=self.forum, registration__isnull=False, voided_at=None):
            assert slip.activated_at is not None


@pytest.mark.parametrize("public", [Round.Public.REGISTRANTS, Round.Public.CHECKED_IN])
@pytest.mark.parametrize("seed", [37, *range(int(os.environ.get("POLE_ADDRESS_SEEDS", "1")))])
def test_whatever_is_done_with_two_addresses_nobody_is_taken_for_another(seed, public):
    day = Day(random.Random(seed), public)
    names = {}
    for _step in range(20):
        try:
            day.act()
        except Refusal:
            continue
        finally:
            day.check()
        for row in Registration.objects.filter(forum=day.forum):
            # A registration keeps the name of its person, but one that nobody confirmed yet.
            known = names.get(row.pk)
            assert known is None or is_same_name(known, row.name) or row.state == "pending"
            names[row.pk] = row.name
