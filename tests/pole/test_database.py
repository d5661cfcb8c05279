"""A connection that the server ended is noticed before a request uses it, and a sound one is asked nothing."""

from __future__ import annotations

import threading

import pytest
from django.db import close_old_connections, connection
from psycopg.pq import TransactionStatus

from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def pid():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def in_a_thread(act):
    """What `act` returns, on a connection of its own."""
    returned = []

    def run():
        try:
            returned.append(act())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return returned[0]


def test_connection_that_the_server_ended_is_opened_anew():
    def visits():
        connection.ensure_connection()
        close_old_connections()  # as between two requests
        first = pid()
        in_a_thread(lambda: end(first))
        close_old_connections()
        return first, pid()

    def end(first):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [first])
        wait_for(lambda: not is_there(first))

    def is_there(number):
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM pg_stat_activity WHERE pid = %s", [number])
            return cursor.rowcount

    first, second = in_a_thread(visits)
    assert first != second


def test_quiet_connection_is_asked_nothing():
    def look():
        connection.ensure_connection()
        connection.set_autocommit(False)
        usable = connection.is_usable()
        return usable, connection.connection.info.transaction_status

    # A question would have begun a transaction.
    assert in_a_thread(look) == (True, TransactionStatus.IDLE)


def test_connection_after_an_error_is_asked():
    def look():
        connection.ensure_connection()
        connection.set_autocommit(False)
        connection.errors_occurred = True
        usable = connection.is_usable()
        return usable, connection.connection.info.transaction_status

    assert in_a_thread(look) == (True, TransactionStatus.INTRANS)
