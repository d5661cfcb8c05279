"""Registering at the same instant, with real connections: never one place too many, always in order."""

from __future__ import annotations

import uuid

import pytest
from django.core import mail
from django.utils import timezone

from forums.models import Forum, Notice, Registration, RollEntry, Round
from forums.registration import check_in, registering
from forums.vote.rounds import open_round
from tests.factories import QuestionFactory, RegistrationFactory, RoundFactory, UserFactory
from tests.forums.registering import at_once, details, open_forum

pytestmark = pytest.mark.django_db(transaction=True)


def pending(forum, number):
    return [
        Registration.objects.create(forum=forum, name=f"P{n}", email=f"p{n}@exemple.example")
        for n in range(number)
    ]


def states():
    rows = Registration.objects.values_list("state", flat=True)
    return {state: list(rows).count(state) for state in set(rows)}


def test_twenty_people_confirm_at_once_for_three_places():
    forum = open_forum(capacity=3)
    people = pending(forum, 20)
    answers = at_once(
        [lambda p=p: registering.confirm(registration=p, now=timezone.now()).state for p in people]
    )
    assert sorted(answers) == ["confirmed"] * 3 + ["waitlisted"] * 17
    assert states() == {"confirmed": 3, "waitlisted": 17}
    assert Forum.objects.get().is_full
    kinds = list(Notice.objects.values_list("kind", flat=True))
    assert (kinds.count("confirmation"), kinds.count("waitlisted"), len(kinds)) == (3, 17, 20)


def test_places_freed_at_once_go_to_the_line_in_order():
    forum = open_forum(capacity=6)
    for person in pending(forum, 14):
        registering.confirm(registration=person, now=timezone.now())
    holders = list(Registration.objects.filter(state="confirmed"))[:5]
    waiting = [row.pk for row in Registration.objects.waitlisted()]
    newcomer = pending(open_forum(), 1)[0]
    Registration.objects.filter(pk=newcomer.pk).update(forum=forum, email="nouvelle@exemple.example")
    newcomer.refresh_from_db()
    acts = [lambda p=p: registering.cancel(registration=p, now=timezone.now()).state for p in holders]
    acts.append(lambda: registering.confirm(registration=newcomer, now=timezone.now()).state)
    assert sorted(at_once(acts)) == ["cancelled"] * 5 + ["waitlisted"]
    assert [row.pk for row in Registration.objects.waitlisted()] == [*waiting[5:], newcomer.pk]
    assert Registration.objects.filter(pk__in=waiting[:5], state="confirmed").count() == 5
    promoted = Notice.objects.filter(kind="promotion").order_by("pk")
    assert [notice.registration_id for notice in promoted] == waiting[:5]


def test_same_form_sent_ten_times_at_once_registers_once():
    forum, user = open_forum(capacity=5), UserFactory()

    def send():
        return registering.register_account(
            forum=forum, user=user, details=details(), consent="Oui", now=timezone.now()
        ).pk

    answers = at_once([send] * 10)
    assert len(set(answers)) == 1
    assert (Registration.objects.count(), len(mail.outbox)) == (1, 1)


def test_same_address_asked_ten_times_at_once_gets_one_mail():
    forum = open_forum()

    def ask():
        registering.register(
            forum=forum, email="a@exemple.example", details=details(), consent="Oui", now=timezone.now()
        )

    assert at_once([ask] * 10) == [None] * 10
    assert (Registration.objects.count(), len(mail.outbox)) == (1, 1)


def test_walk_in_sent_ten_times_at_once_lets_in_one():
    forum, key = open_forum(), uuid.uuid4()

    def send():
        return check_in.walk_in(
            forum=forum, email="", details=details(), idempotency_key=key, now=timezone.now()
        ).pk

    assert len(set(at_once([send] * 10))) == 1
    assert Registration.objects.filter(checked_in_at__isnull=False).count() == 1


def test_arrival_confirmed_twice_at_once_keeps_one_moment_and_one_entry_on_the_roll():
    forum = open_forum()
    QuestionFactory(round=(round := RoundFactory(forum=forum, public=Round.Public.CHECKED_IN)))
    open_round(round_id=round.pk, by=None)
    person = RegistrationFactory(forum=forum, checked_in_at=None)
    acts = [lambda: check_in.check_in(registration=person, now=timezone.now()).checked_in_at] * 8
    assert len(set(at_once(acts))) == 1
    assert RollEntry.objects.filter(registration=person).count() == 1


def test_whoever_arrives_while_the_vote_opens_is_on_its_roll():
    for _n in range(6):
        forum = open_forum()
        QuestionFactory(round=(round := RoundFactory(forum=forum, public=Round.Public.CHECKED_IN)))
        people = [RegistrationFactory(forum=forum, checked_in_at=None) for _m in range(6)]
        acts = [lambda p=p: check_in.check_in(registration=p, now=timezone.now()).pk for p in people]
        acts.insert(3, lambda r=round: open_round(round_id=r.pk, by=None).pk)
        answers = at_once(acts)
        assert not [answer for answer in answers if isinstance(answer, Exception)]
        assert RollEntry.objects.filter(round=round).count() == 6
