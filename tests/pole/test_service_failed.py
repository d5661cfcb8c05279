"""A service that fails is told to the direction, whether the worker or the database is what failed."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from pole.management.commands import service_failed
from pole.models import OutgoingMail
from tests.factories import UserFactory
from tests.pole.test_mail import Mailbox, port, relay_at

__all__ = ["port"]
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_hour("what fails, fails at any hour"),
]


def fail(unit):
    said = io.StringIO()
    call_command("service_failed", unit, stderr=said)
    return said.getvalue()


def worker_that_lives():
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")


def received(mailbox):
    return [
        (str(message["To"]), message.get_payload(decode=True) or message.as_string())
        for message in mailbox.received
    ]


@pytest.fixture
def direction():
    with connection.cursor() as cursor:
        # Django does not empty the queue's tables.
        cursor.execute("TRUNCATE procrastinate_workers CASCADE")
    UserFactory(is_staff=True, roles=["editorial"])
    return UserFactory(is_staff=True).email


def test_direction_reads_it_at_once_when_the_worker_is_what_failed(port, direction):
    """It died a moment ago, so that it still seems to live."""
    worker_that_lives()
    with relay_at(port, Mailbox()) as mailbox:
        assert "journalctl -u pole-worker" in fail("pole-worker")
        assert [to for to, _text in received(mailbox)] == [direction]
        # systemd tells each time that it starts it again: once an hour is enough.
        fail("pole-worker")
        assert len(mailbox.received) == 1
    assert not OutgoingMail.objects.exists()


def test_worker_that_lives_delivers_it(port, direction):
    worker_that_lives()
    with relay_at(port, Mailbox()) as mailbox:
        fail("pole-web@8000")
        assert mailbox.received == []
    assert [mail.message["to"] for mail in OutgoingMail.objects.all()] == [[direction]]


def test_without_a_worker_nothing_waits_but_for_a_relay_that_is_away(port, direction):
    fail("pole-backup")
    assert OutgoingMail.objects.get().attempts == 1
    with relay_at(port, Mailbox()) as mailbox:
        fail("pole-drill")
        assert [to for to, _text in received(mailbox)] == [direction]


@pytest.mark.parametrize("written_to", ["garde@exemple.example", ""])
def test_whoever_keeps_the_server_reads_it_when_the_database_is_away(port, settings, monkeypatch, written_to):
    settings.ALERTS_TO = written_to

    def away(*_arguments, **_values):
        raise OperationalError("the database is away")

    monkeypatch.setattr(service_failed, "tell_team", away)
    with relay_at(port, Mailbox()) as mailbox:
        assert "pole-web@8000" in fail("pole-web@8000")
        assert [to for to, _text in received(mailbox)] == ([written_to] if written_to else [])
