"""Mail through the queue, delivered by a real worker to a real SMTP server on the loopback."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from threading import Thread

import psycopg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from pole.models import OutgoingMail
from tests.waiting import free_port

pytestmark = pytest.mark.django_db(transaction=True)


class Mailbox(Message):
    def __init__(self):
        super().__init__()
        self.received = []

    def handle_message(self, message):
        self.received.append(message)


@pytest.fixture
def port(settings):
    """The port of a relay that is not up yet, which the portal is set to use."""
    with connection.cursor() as cursor:
        # The queue's tables are not Django's to empty between tests.
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
    number = free_port()
    settings.MAILERS = {
        "default": {"BACKEND": "pole.mail.queue.QueueBackend"},
        "delivery": {
            "BACKEND": "pole.mail.relay.RelayBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": number, "timeout": 5},
        },
    }
    return number


def send(subject="Bonjour à Châteauguay"):
    message = EmailMultiAlternatives(subject, "Le texte.", to=["lou@exemple.example"])
    message.attach_alternative("<p>Le texte.</p>", "text/html")
    message.send()


@contextmanager
def relay_at(number, handler):
    controller = Controller(handler, hostname="127.0.0.1", port=number)
    controller.start()
    try:
        yield handler
    finally:
        controller.stop()


def work():
    """In a thread, since a browser of the same test process leaves an event loop running in the main one."""
    thread = Thread(target=_work)
    thread.start()
    thread.join()


def _work():
    with app.replace_connector(app.connector.get_worker_connector()) as worker:
        worker.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)


def test_mail_reaches_a_real_relay_and_is_forgotten(port):
    send()
    assert OutgoingMail.objects.count() == 1
    with relay_at(port, Mailbox()) as mailbox:
        work()
    (received,) = mailbox.received
    assert received["To"] == "lou@exemple.example"
    assert [part.get_content_type() for part in received.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert OutgoingMail.objects.count() == 0


def test_calendar_part_keeps_its_method_and_its_lines(port):
    message = EmailMultiAlternatives("Forum", "Le texte.", to=["lou@exemple.example"])
    text = (
        "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Été = fête\r\n de la "
        + "rivière " * 30
        + "\r\nEND:VCALENDAR\r\n"
    )
    message.attach_alternative(text, "text/calendar; method=REQUEST")
    message.send()
    mailbox = Mailbox()
    relay = Controller(mailbox, hostname="127.0.0.1", port=port)
    relay.start()
    try:
        work()
    finally:
        relay.stop()
    (received,) = mailbox.received
    part = list(received.walk())[-1]
    assert part.get_params()[0][0] == "text/calendar"
    assert dict(part.get_params()[1:]) == {"method": "REQUEST", "charset": "utf-8"}
    assert part.get_payload(decode=True).decode() == text


def test_relay_that_is_down_loses_nothing(port):
    send()
    work()
    assert OutgoingMail.objects.count() == 1
    job = ProcrastinateJob.objects.get()
    assert (job.status, job.args) == ("todo", {"mail_id": OutgoingMail.objects.get().pk})


def test_mail_of_a_transaction_that_fails_is_never_sent(port):
    with pytest.raises(RuntimeError, match="undone"), transaction.atomic():
        send()
        raise RuntimeError("undone")
    assert (OutgoingMail.objects.count(), ProcrastinateJob.objects.count()) == (0, 0)


@pytest.mark.parametrize("is_committed", [True, False])
def test_task_is_queued_by_its_transaction_in_a_worker_too(port, is_committed):
    """None begins before what it is about is there, and those of a transaction that fails are not there."""
    seen = []

    def queued():
        with psycopg.connect(**connection.get_connection_params()) as other:
            query = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'deliver_mail'"
            return other.execute(query).fetchone()[0]

    @app.task(name="tests.writes_a_mail")
    def writes_a_mail():
        with suppress(ZeroDivisionError), transaction.atomic():
            send()
            seen.append(queued())
            if not is_committed:
                raise ZeroDivisionError

    try:
        writes_a_mail.defer()
        with relay_at(port, Mailbox()) as mailbox:
            work()
    finally:
        del app.tasks["tests.writes_a_mail"]
    assert seen == [0]
    assert len(mailbox.received) == is_committed
    assert not OutgoingMail.objects.exists()


def test_header_injection_is_refused(port):
    with pytest.raises(ValueError, match="linefeed"):
        send(subject="Un\nBcc: tous@exemple.example")
    assert mail.mailers["default"].__class__.__name__ == "QueueBackend"
