"""PostgreSQL notes on each row the transactions that wrote and locked it: no two rows may tie a voter to a ballot so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from forums.models import Ballot, PaperBallot, RollEntry, Slip
from forums.vote import casting, paper_issue, roll, rounds, slips
from tests.factories import QuestionFactory, RegistrationFactory, RoundFactory, UserFactory
from tests.forums.rounds.conftest import type_twice, vote
from tests.forums.voting.conftest import entries_of

pytestmark = pytest.mark.django_db(transaction=True)


def shared_numbers():
    """{table: how many of its rows have a transaction's number that a ballot has too} of every other table."""
    shared = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(
                "WITH of_ballots AS (SELECT unnest(ARRAY[xmin::text, xmax::text]) number FROM forums_ballot)"
                f' SELECT count(*) FROM "{table}" other'
                " WHERE ARRAY[other.xmin::text, other.xmax::text] && (SELECT array_agg(number) FROM of_ballots"
                " WHERE number <> '0') AND other.tableoid <> 'forums_ballot'::regclass"
            )
            if times := cursor.fetchone()[0]:
                shared[table] = times
    return shared


def test_row_lock_is_seen(open_vote):
    """What these tests look for can be seen: a transaction that locks the entry and writes the ballot."""
    round = open_vote(people=2)
    for entry in entries_of(round):
        vote(round, entry)
    assert shared_numbers() == {}
    with connection.cursor() as cursor:
        cursor.execute(
            "BEGIN; SELECT FROM forums_rollentry WHERE id = (SELECT min(id) FROM forums_rollentry) FOR UPDATE;"
            " UPDATE forums_ballot SET is_withdrawn = false WHERE id = (SELECT id FROM forums_ballot LIMIT 1); COMMIT"
        )
    assert shared_numbers() == {"forums_rollentry": 1}


def test_no_row_has_the_transaction_number_of_a_ballot(open_vote, superuser):
    """All that can happen while a vote is open."""
    round = open_vote(people=17, public="registrants")
    people = entries_of(round)
    receipts = [vote(round, entry).receipt for entry in people]
    assert shared_numbers() == {}
    slips.create_slips(forum=round.forum, count=2)
    (slip, _other) = Slip.objects.all()
    slips.activate_slip(slip=slip, registration=people[3].registration)
    vote(round, people[0], [2], key="b", receipt=receipts[0])
    casting.withdraw_ballot(round_id=round.pk, entry_id=people[1].pk, receipt=receipts[1])
    with pytest.raises(casting.ReceiptNeeded):
        casting.withdraw_ballot(round_id=round.pk, entry_id=people[2].pk)
    paper_issue.print_papers(round_id=round.pk, count=3)
    assert paper_issue.issue_paper(round_id=round.pk, entry_id=people[3].pk)
    assert not paper_issue.issue_paper(round_id=round.pk, entry_id=people[3].pk)
    roll.void_entry(round_id=round.pk, entry_id=people[4].pk, reason="Erreur", by=superuser)
    roll.add_by_hand(round=round, registration=people[4].registration, by=superuser)
    late = RegistrationFactory(forum=round.forum)
    roll.add_latecomers(forum_id=round.forum_id, registration=late)
    vote(round, RollEntry.objects.get(registration=late))
    assert shared_numbers() == {}
    twice = RegistrationFactory(forum=round.forum)
    roll.add_latecomers(forum_id=round.forum_id, registration=twice)
    vote(round, RollEntry.objects.get(registration=twice))
    with transaction.atomic():
        roll.merge_entries(forum_id=round.forum_id, surviving=late, others=[twice])
    assert RollEntry.objects.filter(registration=twice).exclude(voided_at=None).exists()
    rounds.prolong_round(round_id=round.pk, until=round.closes_at + timedelta(minutes=5), by=superuser)
    assert shared_numbers() == {}
    rounds.close_round(round_id=round.pk, by=superuser)
    type_twice(round, PaperBallot.objects.first().serial)
    assert Ballot.objects.count() == 16
    assert shared_numbers() == {}


def test_voting_in_a_consultation_ties_no_account(db):
    """The entry and the ballot are written one after the other: never by one transaction."""
    planned = RoundFactory(public="accounts", closes_at=timezone.now() + timedelta(hours=1))
    QuestionFactory(round=planned, position=1, limits={"limit": 3}, options=5)
    round = rounds.open_round(round_id=planned.pk, by=None)
    for _person in range(3):
        entry = roll.find_or_add_entry_of_user(round, UserFactory())
        casting.cast_ballot(
            round=round, entry_id=entry.pk, choices={1: [1]}, idempotency_key="a", has_account=True
        )
    assert Ballot.objects.count() == 3
    assert shared_numbers() == {}


def test_what_was_rolled_back_ties_nothing(open_vote, monkeypatch):
    """A number stays on the rows that a transaction would have written, had it not failed."""
    round = open_vote(people=3)
    for entry in entries_of(round):
        vote(round, entry)

    def fail(_registration_id):
        raise ConnectionError

    monkeypatch.setattr(paper_issue, "void_slip_for_paper", fail)
    with pytest.raises(ConnectionError):
        paper_issue.issue_paper(round_id=round.pk, entry_id=entries_of(round)[0].pk)
    assert Ballot.objects.count() == 3
    assert shared_numbers() == {}


def test_no_foreign_key_has_postgresql_lock_another_row_for_a_ballot(db):
    """Such a lock may be shared by many transactions: its number then names them all, elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'f' AND 'forums_ballot'::regclass IN (conrelid, confrelid)"
        )
        assert cursor.fetchall() == []
