"""A digest, delivered by a real worker to a real SMTP server on the loopback."""

from __future__ import annotations

from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from django.test import Client
from django.utils import timezone

from comments import following
from comments.models import Follow
from pole.models import OutgoingMail
from tests.factories import CommentFactory, PostFactory, UserFactory
from tests.pole.test_mail import Mailbox, work
from tests.waiting import free_port

pytestmark = pytest.mark.django_db(transaction=True)


def test_digest_arrives_with_one_click_that_works(settings):
    from django.db import connection

    with connection.cursor() as cursor:
        # The queue's tables are not Django's to empty between tests.
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
    number = free_port()
    smtp = {"host": "127.0.0.1", "port": number, "timeout": 5}
    settings.MAILERS = {
        "default": {"BACKEND": "pole.mail.queue.QueueBackend"},
        "delivery": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": smtp},
    }
    post, reader = PostFactory(title="Un billet suivi"), UserFactory()
    following.follow(thread=post.thread, user=reader, wording="x", page="/", now=timezone.now())
    CommentFactory(thread=post.thread, text="Du nouveau à Mercier.")
    assert following.send_digests(now=timezone.now() + timedelta(days=1)) == 1
    mailbox = Mailbox()
    relay = Controller(mailbox, hostname="127.0.0.1", port=number)
    relay.start()
    try:
        work()
    finally:
        relay.stop()
    (received,) = mailbox.received
    assert received["To"] == reader.email
    assert received["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    texts = [part.get_payload(decode=True).decode() for part in received.walk() if not part.is_multipart()]
    assert ["Du nouveau à Mercier." in text for text in texts] == [True, True]
    link = received["List-Unsubscribe"].strip("<>")
    assert "=?" not in link
    assert Client(enforce_csrf_checks=True).post("/" + link.split("/", 3)[3]).status_code == 200
    assert (Follow.objects.count(), OutgoingMail.objects.count()) == (0, 0)
