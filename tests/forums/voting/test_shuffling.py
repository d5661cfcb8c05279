"""Ballots are written anew in an order drawn by lot: their place and their transaction no longer say when each came."""

from __future__ import annotations

import threading
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction
from django.utils import timezone

from forums import tasks
from forums.models import Ballot
from forums.tally.box import receipt_hash
from forums.vote import casting, paper_issue, roll, rounds, shuffling
from forums.vote.locks import lock_round_shared
from tests.factories import QuestionFactory, RoundFactory, UserFactory
from tests.forums.voting.conftest import entries_of, together
from tests.forums.voting.test_transaction_numbers import shared_numbers

pytestmark = pytest.mark.django_db(transaction=True)


def cast(round, entry, key="a"):
    return casting.cast_ballot(
        round=round, entry_id=entry.pk, choices={1: [1]}, idempotency_key=key, has_account=True
    )


def ask(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def numbers():
    return {row[0] for row in ask("SELECT xmin::text FROM forums_ballot")}


def neighbours():
    """How many entries of the roll are followed by one ballot, in the order of the numbers of transactions."""
    return ask(
        "SELECT count(*) FROM (SELECT count(*) times FROM (SELECT entry.id, rank() OVER (PARTITION BY entry.id ORDER BY"
        " ballot.xmin::text::bigint) rank FROM forums_rollentry entry JOIN forums_ballot ballot"
        " ON ballot.xmin::text::bigint > entry.xmin::text::bigint) following WHERE rank = 1 GROUP BY id) told WHERE times = 1"
    )[0][0]


@pytest.fixture
def consultation(db):
    """Twelve accounts that came to vote one after the other."""
    planned = RoundFactory(public="accounts", closes_at=timezone.now() + timedelta(hours=1))
    QuestionFactory(round=planned, position=1, limits={"limit": 3}, options=5)
    round = rounds.open_round(round_id=planned.pk, by=None)
    for _person in range(12):
        cast(round, roll.find_or_add_entry_of_user(round, UserFactory()))
    return round


def test_neighbouring_numbers_of_a_consultation_are_gone_after_a_rewriting(consultation):
    assert neighbours() == 12
    tasks.shuffle_ballots(timestamp=0)
    assert (neighbours(), len(numbers()), shared_numbers()) == (0, 1, {})


def test_rewriting_waits_for_whoever_casts(consultation):
    """What someone writes while all is rewritten would be lost."""
    waiting = (
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    before = numbers()
    rewriting = threading.Thread(target=in_a_connection_of_its_own(shuffling.shuffle_open_rounds))
    with transaction.atomic():
        lock_round_shared(consultation.pk)
        rewriting.start()
        while rewriting.is_alive() and ask(waiting) == [(0,)]:
            pass
        assert rewriting.is_alive()
        assert numbers() == before
    rewriting.join()
    assert len(numbers()) == 1


def in_a_connection_of_its_own(job):
    def run():
        try:
            job()
        finally:
            connection.close()

    return run


def test_rewriting_keeps_every_ballot_as_it_was(open_vote):
    round, other = open_vote(people=20), open_vote(people=2)
    people = entries_of(round)
    given = [cast(round, entry) for entry in people]
    casting.withdraw_ballot(round_id=round.pk, entry_id=people[0].pk, has_account=True)
    cast(other, entries_of(other)[0])
    before = list(Ballot.objects.order_by("pk").values())
    assert shuffling.shuffle_open_rounds() == 1
    assert list(Ballot.objects.order_by("pk").values()) == before
    # The one ballot of the other round is not touched, and what follows goes on.
    assert len(numbers()) == 2
    assert cast(round, people[1]).receipt == given[1].receipt
    assert cast(round, people[2], "b").is_change
    assert casting.online_voter_ids(round.pk) == {entry.pk for entry in people[1:]}


@pytest.fixture
def written():
    """The ids of ballots, in the order in which they are written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE written (place serial, id uuid);"
            " CREATE FUNCTION note_written() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN INSERT INTO written (id) VALUES (NEW.id); RETURN NULL; END';"
            " CREATE TRIGGER note_written AFTER INSERT ON forums_ballot FOR EACH ROW EXECUTE FUNCTION note_written()"
        )
        yield lambda: [row[0] for row in ask("SELECT id FROM written ORDER BY place")]
        cursor.execute(
            "DROP TRIGGER note_written ON forums_ballot; DROP FUNCTION note_written; DROP TABLE written"
        )


def test_order_is_drawn_anew_each_time(open_vote, written):
    """Not that of the casts, of the file, nor of an index: none would differ from one time to the next."""
    round = open_vote(people=20)
    orders = []
    for key in ("a", "b"):
        for entry in entries_of(round):
            cast(round, entry, key)
        shuffling.shuffle_open_rounds()
        orders.append(written()[-20:])
    came = written()[:20]
    assert set(came) == set(orders[0]) == set(orders[1])
    assert came != orders[0] != orders[1] != came


def vacuums():
    """How many times the tables that tie voters to ballots were vacuumed."""
    tables = ("forums_ballot", "forums_rollentry")
    return [ask(f"SELECT pg_stat_get_vacuum_count('{table}'::regclass)")[0][0] for table in tables]


def test_rewritten_rows_are_vacuumed_at_once(consultation):
    before = vacuums()
    shuffling.shuffle_open_rounds()
    rewritten = vacuums()
    rounds.close_round(round_id=consultation.pk, by=None)
    shuffling.shuffle_open_rounds()
    assert [after - times for times, after in zip(before, rewritten, strict=True)] == [1, 1]
    assert [after - times for times, after in zip(rewritten, vacuums(), strict=True)] == [1, 1]


def test_ballot_deleted_for_a_paper_is_vacuumed_even_when_none_is_rewritten(open_vote):
    """Its last transaction is the neighbour of that which wrote the entry."""
    round = open_vote(people=4)
    people = entries_of(round)
    for entry in people:
        cast(round, entry)
    shuffling.shuffle_open_rounds()
    assert paper_issue.issue_paper(round_id=round.pk, entry_id=people[0].pk)
    before = vacuums()
    assert shuffling.shuffle_open_rounds() == 0
    assert [after - times for times, after in zip(before, vacuums(), strict=True)] == [1, 1]


def test_rewriting_twice_in_a_row_does_nothing_the_second_time(consultation):
    assert [shuffling.shuffle_open_rounds() for _time in range(2)] == [1, 0]
    cast(consultation, roll.find_or_add_entry_of_user(consultation, UserFactory()))
    assert shuffling.shuffle_open_rounds() == 1


def test_large_round_is_rewritten_at_its_closing_alone(consultation, monkeypatch):
    monkeypatch.setattr(shuffling, "MOST_WHILE_OPEN", 11)
    assert (shuffling.shuffle_open_rounds(), neighbours()) == (0, 12)
    rounds.close_round(round_id=consultation.pk, by=None)
    assert (neighbours(), len(numbers()), shared_numbers()) == (0, 1, {})


def test_round_that_is_over_is_left_alone(consultation):
    rounds.close_round(round_id=consultation.pk, by=None)
    assert shuffling.shuffle_open_rounds() == 0
    assert Ballot.objects.count() == 12


def test_casts_that_race_the_rewriting_are_all_kept(open_vote):
    round = open_vote(people=8)
    over = threading.Event()

    def vote(entry):
        last = None
        for number in range(500):
            last = cast(round, entry, f"k{number}")
            if over.is_set():
                break
        return last.receipt

    def shuffle():
        try:
            return sum(shuffling.shuffle_open_rounds() for _time in range(12))
        finally:
            over.set()

    *receipts, times = together(*(partial(vote, entry) for entry in entries_of(round)), shuffle)
    assert times > 0
    kept = set(Ballot.objects.values_list("receipt_hash", flat=True))
    assert kept == {receipt_hash(receipt) for receipt in receipts}
