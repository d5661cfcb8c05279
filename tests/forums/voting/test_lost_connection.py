"""A vote on a connection that the server ended since the last request."""

from __future__ import annotations

import time

import psycopg
import pytest
from django.db import close_old_connections, connection

from forums.models import Ballot
from forums.vote import casting
from tests.forums.voting.conftest import entries_of, together

pytestmark = pytest.mark.django_db(transaction=True)


def test_ballot_cast_on_a_connection_that_was_lost_is_kept(open_vote):
    round = open_vote(people=1)
    (entry,) = entries_of(round)
    casting.questions_of(round)

    def lose_then_vote():
        close_old_connections()  # as between two requests
        lost = connection.connection.info
        with psycopg.connect(lost.dsn, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [lost.backend_pid])
            asked = "SELECT FROM pg_stat_activity WHERE pid = %s"
            while other.execute(asked, [lost.backend_pid]).rowcount:
                time.sleep(0.01)
        close_old_connections()
        return casting.cast_ballot(round=round, entry_id=entry.pk, choices={1: [1]}, idempotency_key="a")

    (given,) = together(lose_then_vote)
    assert Ballot.objects.get().receipt_hash == casting.receipt_hash(given.receipt)
