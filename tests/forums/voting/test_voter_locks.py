"""Whatever changes an entry of the roll or its ballot takes the lock of the voter, and reads the entry after."""

from __future__ import annotations

import re
import threading
import time
from functools import partial
from itertools import combinations_with_replacement

import psycopg
import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from forums.models import Ballot, PaperBallot, RollEntry, Round, RoundEvent, Slip
from forums.vote import casting, locks, paper_issue, roll, rounds
from forums.vote.voter import LINK, SLIP, VotingPass, find_voter
from pole.refusals import Refusal
from tests.factories import RegistrationFactory, UserFactory
from tests.forums.rounds.conftest import type_twice
from tests.forums.vote.conftest import codes_of
from tests.forums.voting.conftest import entries_of, together

pytestmark = pytest.mark.django_db(transaction=True)
WAITED_AT_MOST = 30


def cast(round, entry, key="a"):
    return casting.cast_ballot(
        round=round, entry_id=entry.pk, choices={1: [1]}, idempotency_key=key, has_account=True
    )


def withdraw(round, entry):
    return casting.withdraw_ballot(round_id=round.pk, entry_id=entry.pk, has_account=True)


def issue(round, entry):
    return paper_issue.issue_paper(round_id=round.pk, entry_id=entry.pk)


def void(round, entry):
    by = UserFactory(is_staff=True)
    return roll.void_entry(round_id=round.pk, entry_id=entry.pk, reason="Erreur", by=by)


def add(round, entry):
    return roll.add_by_hand(round=round, registration=entry.registration, by=UserFactory(is_staff=True))


def arrive(round, entry):
    return roll.add_latecomers(forum_id=round.forum_id, registration=entry.registration)


def join(round, entry):
    """With the same person's second registration, which is on the roll too."""
    second = RollEntry.objects.get(round=round, registration__name=f"Double de {entry.registration.name}")
    with transaction.atomic():
        return roll.merge_entries(
            forum_id=round.forum_id, surviving=entry.registration, others=[second.registration]
        )


ACTS = [cast, withdraw, issue, void, add, arrive, join]


@pytest.fixture
def room(open_vote):
    """An open vote, each of whose people registered twice."""

    def make(people):
        round = open_vote(people=people)
        entries = entries_of(round)
        for entry in entries:
            second = RegistrationFactory(forum=round.forum, name=f"Double de {entry.registration.name}")
            roll.add_latecomers(forum_id=round.forum_id, registration=second)
        return round, entries

    return make


def while_voided(round, entry, act):
    """What `act` answers when it comes while somebody takes the person off the roll, and has not committed."""
    begun, answered = threading.Event(), []

    def hold():
        with transaction.atomic(), connection.cursor() as cursor:
            locks.lock_round_shared(round.pk)
            locks.lock_voters(round.pk, [entry.pk])
            RollEntry.objects.filter(pk=entry.pk).update(voided_at=timezone.now(), voided_because="Erreur")
            begun.set()
            deadline = time.monotonic() + WAITED_AT_MOST
            waiting = (
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objsubid = 1"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            while time.monotonic() < deadline and not answered:
                cursor.execute(waiting)
                if cursor.fetchone()[0]:
                    return True
                time.sleep(0.01)
            return False

    def come():
        begun.wait(WAITED_AT_MOST)
        try:
            return act(round, entry)
        finally:
            answered.append(True)

    has_waited, answer = together(hold, come)
    assert has_waited is True, "the lock of the voter was not asked for"
    return answer


@pytest.mark.parametrize(
    ("act", "answer"),
    [
        (cast, casting.NotOnRoll),
        (withdraw, casting.NotOnRoll),
        (issue, casting.NotOnRoll),
        (void, type(None)),
        (add, type(None)),
        (arrive, list),
        (join, type(None)),
    ],
)
def test_each_act_waits_for_the_voter_and_then_reads_the_entry(room, act, answer):
    round, (entry, *_others) = room(2)
    cast(round, entry)
    assert type(while_voided(round, entry, act)) is answer
    entry.refresh_from_db()
    assert (entry.voided_because, entry.is_on_paper) == ("Erreur", False)
    # Voiding again logs nothing; being added by hand makes an entry anew, arriving does not.
    logged = RoundEvent.objects.filter(round=round, kind=RoundEvent.Kind.VOIDED).count()
    assert logged == 0
    valid = RollEntry.objects.filter(registration=entry.registration, voided_at=None).count()
    assert valid == (1 if act in {add, join} else 0)


def test_paper_noted_late_waits_for_the_voter(room):
    """The lock of the closed round, which is exclusive, does not replace it: `forums.vote.locks` promises both."""
    round, (entry, *_others) = room(2)
    paper_issue.print_papers(round_id=round.pk, count=1)
    rounds.close_round(round_id=round.pk, by=None)
    type_twice(round, PaperBallot.objects.get().serial)
    with transaction.atomic():
        paper_issue.note_paper_late(
            round_id=round.pk, entry_id=entry.pk, reason="Panne", by=UserFactory(is_staff=True)
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND pid = pg_backend_pid()"
            )
            assert cursor.fetchone()[0] == 1


def test_each_pair_of_acts_at_once_leaves_one_ballot_a_person_at_most(room):
    pairs = list(combinations_with_replacement(ACTS, 2))
    round, entries = room(len(pairs))
    for pair, entry in zip(pairs, entries, strict=True):
        names = " and ".join(act.__name__ for act in pair)
        if cast not in pair:
            cast(round, entry)
        answers = together(*(partial(act, round, entry) for act in pair))
        failed = [one for one in answers if isinstance(one, Exception) and not isinstance(one, Refusal)]
        assert failed == [], names
        both = f"{entry.registration.name}", f"Double de {entry.registration.name}"
        rows = RollEntry.objects.filter(round=round, registration__name__in=both)
        assert rows.filter(registration=entry.registration, voided_at=None).count() <= 1, names
        for row in rows:
            if row.is_on_paper or row.voided_at:
                assert not casting.has_ballot(round_id=round.pk, entry_id=row.pk), names
    voted, on_roll = casting.turnout(round.pk)
    assert voted <= on_roll
    assert Ballot.objects.filter(round=round, is_withdrawn=False).count() == len(
        casting.online_voter_ids(round.pk)
    )


def test_voters_are_locked_in_one_order(room):
    """Two who want the same, each in another order, never wait for each other in a circle."""
    round, entries = room(8)
    ids = [entry.pk for entry in entries]

    def lock(wanted):
        for _time in range(20):
            with transaction.atomic():
                locks.lock_voters(round.pk, wanted)

    assert (
        together(partial(lock, ids), partial(lock, ids[::-1]), partial(lock, ids[4:] + ids[:4])) == [None] * 3
    )


@pytest.mark.parametrize("kind", [SLIP, LINK])
def test_statement_that_comes_before_a_cast_does_not_say_who_votes(room, kind):
    """`pg_stat_activity` shows it, then `pg_locks`, of the same connection, the key of the ballot."""
    round, (entry, *_others) = room(1)
    codes_of(round.forum)
    slip = Slip.objects.get(registration=entry.registration)
    voting_pass = VotingPass(kind, slip.pk if kind == SLIP else entry.registration_id, round.pk)
    assert find_voter(round, voting_pass=voting_pass, user=AnonymousUser()).entry_id == entry.pk
    used = connection.connection.info
    with psycopg.connect(used.dsn) as other:
        asked = "SELECT query FROM pg_stat_activity WHERE pid = %s"
        (statement,) = other.execute(asked, [used.backend_pid]).fetchone()
    assert "forums_rollentry" in statement
    assert not re.search(r"= \d", statement)


def test_withdrawing_does_not_write_the_entry_beside_the_lock_of_its_voter(room):
    round, (entry, *_others) = room(1)
    cast(round, entry)
    with CaptureQueriesContext(connection) as written:
        withdraw(round, entry)
    assert [query["sql"] for query in written if "forums_rollentry" in query["sql"]] == []
    assert not casting.has_ballot(round_id=round.pk, entry_id=entry.pk)


def test_key_of_the_lock_is_no_id_of_the_roll(room):
    """`pg_locks` shows it, beside the number of the transaction that writes the ballot."""
    round, (entry, *_others) = room(1)
    cast(round, entry)
    with transaction.atomic(), connection.cursor() as cursor:
        locks.lock_voters(round.pk, [entry.pk])
        cursor.execute(
            "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks"
            " WHERE locktype = 'advisory' AND objsubid = 1 AND pid = pg_backend_pid()"
        )
        (key,) = (row[0] for row in cursor.fetchall())
    assert key == int.from_bytes(Ballot.objects.get().voter_key[:8], "big", signed=True)
    assert Round.objects.get(pk=round.pk).is_running
