"""The web server that is told to stop (SIGTERM) finishes what it began: a restart cuts nobody short."""

from __future__ import annotations

import signal
import threading
import time
from http.client import HTTPConnection

import psycopg
import pytest
from django.db import connection

from tests.bench import serving
from tests.factories import PostFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_hour("starts a real server, whose clock is the machine’s"),
]


def database_url():
    at = connection.settings_dict
    return f"postgres://{at['USER']}:{at['PASSWORD']}@:{at['PORT']}/{at['NAME']}?host={at['HOST']}"


def waits_for_a_lock(database):
    asked = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if database.execute(asked).fetchone():
            return True
        time.sleep(0.02)
    return False


def test_page_that_is_being_made_is_given_whole_after_term(tmp_path):
    path, url = PostFactory().get_absolute_url(), database_url()
    environment = {"DATABASE_URL": url, "POLE_VAR": str(tmp_path), "POLE_KEPT_MIB": "0"}
    answers = []

    def ask(port):
        asking = HTTPConnection("127.0.0.1", port, timeout=30)
        asking.request("GET", path, headers={"Host": "localhost"})
        answer = asking.getresponse()
        answers.append((answer.status, answer.read().endswith(b"</html>\n")))

    with (
        serving.served_process(serving.PORTAL, environment, workers=1) as (port, process),
        psycopg.connect(url) as holder,
        psycopg.connect(url, autocommit=True) as watcher,
    ):
        assert serving.get(port, path)[0] == 200
        holder.execute("LOCK TABLE blog_post IN ACCESS EXCLUSIVE MODE")
        asking = threading.Thread(target=ask, args=(port,))
        asking.start()
        assert waits_for_a_lock(watcher)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        holder.rollback()
        asking.join(20)
        assert process.wait(20) is not None
        assert answers == [(200, True)]
        with pytest.raises(ConnectionRefusedError):
            serving.get(port, path)
