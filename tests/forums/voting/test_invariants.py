"""What the database refuses, whoever asks: staff, a superuser, psql."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from comments.models import Thread
from forums.event.open_and_seal import seal_vote
from forums.models import (
    Ballot,
    Forum,
    Option,
    Question,
    Recommendation,
    RollEntry,
    Round,
    RoundEvent,
    SealedBox,
)
from forums.vote import casting, rounds
from tests.factories import ForumFactory, QuestionFactory, RoundFactory, UserFactory
from tests.forums.voting.conftest import entries_of
from tests.refusals import assert_statement_refused, refused_by

NEVER_CHANGES = "a round that is sealed or annulled never changes"


@pytest.fixture
def sealed(open_vote):
    round = open_vote(people=11)
    for entry in entries_of(round):
        casting.cast_ballot(round=round, entry_id=entry.pk, choices={1: [1]}, idempotency_key="a")
    rounds.close_round(round_id=round.pk, by=None)
    seal_vote(round_id=round.pk, by=None)
    round.refresh_from_db()
    return round


@pytest.mark.parametrize(
    "change",
    [
        "title = 'Autre'",
        "public = 'accounts'",
        "reading = 'balanced'",
        "is_trial = true",
        "number = 99",
        "opened_at = NULL",
        "opened_at = now()",
        "seed_hash = 'x'",
        "closes_at = closes_at - interval '1 minute'",
    ],
)
def test_open_round_keeps_its_rules(open_vote, change):
    assert_statement_refused(
        "a round that was opened keeps its rules",
        f"UPDATE forums_round SET {change} WHERE id = %s",
        open_vote().pk,
    )


@pytest.mark.parametrize("table", ["question", "option"])
@pytest.mark.parametrize("change", ["UPDATE forums_{} SET title = 'x'", "DELETE FROM forums_{}"])
def test_open_round_keeps_its_ballot(open_vote, table, change):
    open_vote()
    assert_statement_refused(f"the {table}s of an opened round never change", change.format(table))


def test_open_round_takes_no_other_question_nor_option(open_vote):
    round = open_vote()
    with refused_by("the questions of an opened round never change"):
        Question.objects.create(round=round, position=3, title="Une de plus", limits={"limit": 1})
    with refused_by("the options of an opened round never change"):
        Option.objects.create(question=round.questions.first(), number=9, title="Une de plus")


def test_questions_do_not_move_into_an_open_round(open_vote):
    open_vote()
    planned = Question.objects.create(round=RoundFactory(), position=1, title="Ailleurs", limits={"limit": 1})
    assert_statement_refused(
        "the questions of an opened round never change",
        "UPDATE forums_question SET round_id = (SELECT id FROM forums_round WHERE opened_at IS NOT NULL)"
        " WHERE id = %s",
        planned.pk,
    )


def test_erasing_a_recommendation_leaves_the_option(db):
    planned = RoundFactory()
    Question.objects.create(round=planned, position=1, title="Quoi ?", limits={"limit": 1})
    for title in ("Une", "Deux"):
        Recommendation.objects.create(
            forum=planned.forum,
            title=title,
            state="accepted",
            is_on_ballot=True,
            thread=Thread.objects.create(),
        )
    rounds.open_round(round_id=planned.pk, by=None)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE forums_option SET recommendation_id = NULL")
    assert sorted(Option.objects.values_list("title", flat=True)) == ["Deux", "Une"]


def test_log_is_only_added_to(open_vote):
    round, by = open_vote(), UserFactory(is_staff=True)
    rounds.prolong_round(round_id=round.pk, until=round.closes_at + timedelta(hours=1), by=by)
    assert_statement_refused("forums_roundevent is written once", "UPDATE forums_roundevent SET at = now()")
    assert_statement_refused("forums_roundevent is written once", "DELETE FROM forums_roundevent")
    by.delete()
    assert list(RoundEvent.objects.values_list("kind", "by")) == [("opened", None), ("prolonged", None)]


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE forums_sealedbox SET text = 'x'", "forums_sealedbox is written once"),
        ("DELETE FROM forums_sealedbox", "forums_sealedbox is written once"),
        ("UPDATE forums_round SET seal = 'x'", NEVER_CHANGES),
        ("UPDATE forums_round SET annulled_at = now(), annulled_because = 'x'", NEVER_CHANGES),
        ("DELETE FROM forums_round", "a round that was opened is never deleted"),
        (
            "INSERT INTO forums_ballot (id, round_id, voter_key, choices, is_withdrawn, receipt_hash, idempotency_key_hashes)"
            " SELECT gen_random_uuid(), id, 'x', '{}', false, 'x', '{}' FROM forums_round",
            "a ballot needs an open round",
        ),
    ],
)
def test_sealed_round_never_changes(sealed, statement, rule):
    assert_statement_refused(rule, statement)
    assert SealedBox.objects.get().round.seal == sealed.seal


@pytest.mark.parametrize(
    "table", ["round", "question", "option", "roundevent", "sealedbox", "ballot", "rollentry"]
)
def test_nothing_of_a_vote_is_truncated(db, table):
    assert_statement_refused(f"forums_{table} is never truncated", f"TRUNCATE forums_{table} CASCADE")


def test_sealing_leaves_nothing_that_ties_a_person_to_a_ballot(sealed):
    assert not Ballot.objects.exists()
    assert not RollEntry.objects.exists()
    assert not hasattr(Round.objects.get(), "secret")


def test_ballot_enters_an_open_round_alone(open_vote):
    round = open_vote()
    rounds.close_round(round_id=round.pk, by=None)
    with refused_by("a ballot needs an open round"):
        Ballot.objects.create(round=round, voter_key=b"x", receipt_hash="x", idempotency_key_hashes=["x"])


def test_two_rounds_of_a_forum_never_overlap(db):
    first = RoundFactory()
    with refused_by("round_of_one_forum_at_a_time"):
        RoundFactory(
            forum=first.forum,
            opens_at=first.closes_at - timedelta(seconds=1),
            closes_at=first.closes_at + timedelta(hours=1),
        )
    RoundFactory(forum=first.forum, opens_at=first.closes_at, closes_at=first.closes_at + timedelta(hours=1))
    RoundFactory(opens_at=first.opens_at, closes_at=first.closes_at)


def test_round_that_closed_early_leaves_its_time_to_the_next(open_vote):
    round = open_vote()
    rounds.close_round(round_id=round.pk, by=None)
    now = timezone.now()
    assert RoundFactory(forum=round.forum, opens_at=now, closes_at=now + timedelta(hours=1)).pk


@pytest.mark.parametrize("identity", ["user", "registration", "email_hash"])
def test_nobody_is_twice_on_a_roll(open_vote, identity):
    round = open_vote()
    entry = entries_of(round)[0]
    entry.user = UserFactory()
    entry.save()
    with refused_by(f"roll_once_by_{identity}"):
        RollEntry.objects.create(round=round, **{identity: getattr(entry, identity)})


def test_entry_of_nobody_is_refused(open_vote):
    with refused_by("roll_entry_is_someone"):
        RollEntry.objects.create(round=open_vote())


def test_annulled_round_is_empty_and_says_why(open_vote):
    round = open_vote()
    entry = entries_of(round)[0]
    casting.cast_ballot(round=round, entry_id=entry.pk, choices={1: [1]}, idempotency_key="a")
    assert_statement_refused(
        "round_annulled_with_reason", "UPDATE forums_round SET annulled_at = now() WHERE id = %s", round.pk
    )
    rounds.annul_round(round_id=round.pk, reason="Une question était mal posée.", by=None)
    round.refresh_from_db()
    assert (round.annulled_because, Ballot.objects.count()) == ("Une question était mal posée.", 0)
    assert round.state_at(timezone.now()) == Round.State.ANNULLED
    assert_statement_refused(
        NEVER_CHANGES,
        "UPDATE forums_round SET annulled_at = NULL, annulled_because = '' WHERE id = %s",
        round.pk,
    )


def test_options_are_entered_at_once_whatever_the_statistics_say(db):
    """Statistics taken of emptied tables once made each option read every round and every question."""

    def some(many):
        forums = Forum.objects.bulk_create(ForumFactory.build_batch(many))
        made = Round.objects.bulk_create(RoundFactory.build(forum=forum, number=1) for forum in forums)
        return Question.objects.bulk_create(
            QuestionFactory.build(round=round, position=1, options=0) for round in made
        )

    some(600)
    Question.objects.all().delete()
    Round.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE forums_round, forums_question")
    questions = some(400)
    start = seconds_of_the_server()
    Option.objects.bulk_create(
        Option(question=question, number=number, title=f"Option {number}")
        for question in questions
        for number in (1, 2)
    )
    assert seconds_of_the_server() - start < 4


def seconds_of_the_server() -> float:
    """What this connection has taken of its processor: other programs add little to it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (number,) = cursor.fetchone()
    _name, _end, fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")
    # Its own time, and the kernel's for it.
    return sum(map(int, fields.split()[11:13])) / os.sysconf("SC_CLK_TCK")
