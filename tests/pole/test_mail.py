"""Mail through the queue, delivered by a real worker to a real SMTP server on the loopback."""

from __future__ import annotations

import socket
from threading import Thread

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from pole.models import OutgoingMail

pytestmark = pytest.mark.django_db(transaction=True)


class Mailbox(Message):
    def __init__(self):
        super().__init__()
        self.received = []

    def handle_message(self, message):
        self.received.append(message)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def port(settings):
    """The port of a relay that is not up yet, which the portal is set to use."""
    with connection.cursor() as cursor:
        # The queue's tables are not Django's to empty between tests.
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
    number = free_port()
    settings.MAILERS = {
        "default": {"BACKEND": "pole.mail.QueueBackend"},
        "delivery": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": number, "timeout": 5},
        },
    }
    return number


def send(subject="Bonjour à Châteauguay"):
    message = EmailMultiAlternatives(subject, "Le texte.", "pole@exemple.example", ["lou@exemple.example"])
    message.attach_alternative("<p>Le texte.</p>", "text/html")
    message.send()


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
    mailbox = Mailbox()
    relay = Controller(mailbox, hostname="127.0.0.1", port=port)
    relay.start()
    try:
        work()
    finally:
        relay.stop()
    (received,) = mailbox.received
    assert received["To"] == "lou@exemple.example"
    assert [part.get_content_type() for part in received.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert OutgoingMail.objects.count() == 0


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


def test_header_injection_is_refused(port):
    with pytest.raises(ValueError, match="linefeed"):
        send(subject="Un\nBcc: tous@exemple.example")
    assert mail.mailers["default"].__class__.__name__ == "QueueBackend"
