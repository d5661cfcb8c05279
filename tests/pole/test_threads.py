"""A thread's database connection ends with the thread."""

from __future__ import annotations

import gc
import threading

import pytest
from django.db import connection

from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def backends():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        return {row[0] for row in cursor.fetchall()}


@pytest.fixture
def _no_collection():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("_no_collection")
def test_connection_ends_with_its_thread():
    opened = []

    def visit():
        for _ in range(2):
            connection.close()
            connection.ensure_connection()
            opened.append(connection.connection.info.backend_pid)

    thread = threading.Thread(target=visit)
    thread.start()
    thread.join()
    assert len(set(opened)) == 2
    wait_for(lambda: not backends() & set(opened))
    assert connection.is_usable()
