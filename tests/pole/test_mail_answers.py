"""What a mail becomes by the relay's answer: a real relay, whose answers are given, and a real worker."""

from __future__ import annotations

from datetime import timedelta
from email.header import decode_header, make_header

import pytest
from django.core import mail as django_mail
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.mailing import sending
from accounts.mailing.lives import CODES
from forums.mail import notices
from forums.models import NoticeKind
from pole.mail import delivery
from pole.mail.message import PortalMessage
from pole.models import OutgoingMail, SuspendedAddress
from tests.factories import RegistrationFactory, UserFactory
from tests.pole.test_mail import Mailbox, port, relay_at, work

__all__ = ["port"]
pytestmark = pytest.mark.django_db(transaction=True)

TO = "Lou.Petit@Exemple.example"


class Answering(Mailbox):
    """A mailbox that gives this answer at this step, about TO alone once it knows whom the mail is for."""

    def __init__(self, step, answer):
        super().__init__()
        self.step, self.answer = step, answer

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        if self.step == "mail":
            return self.answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.step == "rcpt" and address.endswith("@Exemple.example"):
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.step == "data" and envelope.rcpt_tos[0].endswith("@Exemple.example"):
            return self.answer
        return await super().handle_DATA(server, session, envelope)


def write(*, to=TO, is_code=False, life=None, is_to_team=False):
    message = PortalMessage("Votre inscription", "Le texte.", to=[to])
    message.is_code, message.life, message.is_to_team = is_code, life, is_to_team
    message.send()
    return OutgoingMail.objects.order_by("pk").last()


def told(mailbox=None):
    """The subjects of what the team was told: received, or in the queue."""
    received = [
        str(make_header(decode_header(message["Subject"])))
        for message in (mailbox.received if mailbox else [])
        if message["To"] != TO
    ]
    return received + list(
        OutgoingMail.objects.filter(is_to_team=True).values_list("message__subject", flat=True)
    )


LATER, ENDS, SUSPENDS, OURS, ACCOUNT = "later", "ends", "suspends", "ours", "account"
# As Postfix, Exchange, Gmail, OVH and others write them.
ANSWERS = [
    ("rcpt", "550 5.1.1 <lou@exemple.example>: Recipient address rejected: User unknown", SUSPENDS),
    ("rcpt", "550-5.1.1 The email account that you tried to reach\r\n550 5.1.1 does not exist.", SUSPENDS),
    ("rcpt", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found", SUSPENDS),
    ("rcpt", "553 5.1.2 We weren't able to find the recipient domain", SUSPENDS),
    ("rcpt", "550 5.2.1 The account you tried to reach is disabled", SUSPENDS),
    ("data", "550 5.1.1 user unknown", SUSPENDS),
    ("rcpt", "550 No such user here", ENDS),
    # Numbers that are not those of RFC 3463.
    ("rcpt", "554 Your access from 203.5.1.1 has been rejected", ENDS),
    ("rcpt", "550 Client host [4.1.1.3] is not welcome", ENDS),
    ("rcpt", "550 #5.1.0 Address rejected.", SUSPENDS),
    ("rcpt", "552 5.2.2 Mailbox full", ENDS),
    ("data", "552 5.3.4 Message too big", ENDS),
    ("rcpt", "550 5.4.1 Recipient address rejected: Access denied", ENDS),
    ("rcpt", "550 5.1.8 Access denied, bad outbound sender", OURS),
    ("rcpt", "554 5.7.1 Service unavailable; Client host blocked", OURS),
    ("data", "550 5.7.26 Unauthenticated email is not accepted due to DMARC policy", OURS),
    ("mail", "550 5.1.7 Invalid sender", OURS),
    ("mail", "553 sender rejected", OURS),
    ("mail", "530 5.7.0 Authentication required", ACCOUNT),
    ("rcpt", "450 4.2.0 Greylisted, come back in 5 minutes", LATER),
    ("rcpt", "450 4.1.2 Domain not found", LATER),
    ("mail", "421 4.7.0 Too many connections", LATER),
    ("data", "451 4.3.0 Temporary lookup failure", LATER),
]


@pytest.mark.parametrize(("step", "answer", "outcome"), ANSWERS)
@pytest.mark.parametrize("is_code", [False, True])
def test_answer_decides(port, step, answer, outcome, is_code):
    UserFactory(is_staff=True)
    write(is_code=is_code, life=timedelta(minutes=10) if is_code else None)
    row = OutgoingMail.objects.get()
    with relay_at(port, Answering(step, answer)) as seen:
        work()
    mine = OutgoingMail.objects.filter(pk=row.pk)
    job = ProcrastinateJob.objects.filter(task_name="deliver_mail", args={"mail_id": row.pk})
    suspended = list(SuspendedAddress.objects.values_list("address", flat=True))
    if outcome in {LATER, ACCOUNT}:
        assert (mine.get().state, mine.get().attempts) == ("waiting", 1)
        assert job.get().status == "todo"
    else:
        assert (mine.get().state, job.exists(), mine.get().attempts) == ("failed", False, 1)
        assert mine.get().message == {"subject": "Votre inscription", "to": [TO]}
        assert answer[:3] in mine.get().answer
    assert suspended == ([TO.lower()] if outcome == SUSPENDS and not is_code else [])
    words = {
        LATER: [],
        ENDS: ["Un courriel n’a pas pu être livré"],
        SUSPENDS: ["Un courriel n’a pas pu être livré"],
        OURS: ["Les courriels du portail sont refusés"],
        ACCOUNT: ["Le portail ne peut pas se connecter à son relais de courriel"],
    }
    # Anyone can ask for a code at an address that doesn't exist.
    assert told(seen) == ([] if is_code and outcome in {ENDS, SUSPENDS} else words[outcome])


def test_suspended_address_gets_codes_alone_until_one_arrives(port):
    SuspendedAddress.objects.create(address=TO.lower(), answer="550 5.1.1")
    write()
    assert not OutgoingMail.objects.exists()
    write(is_code=True)
    with relay_at(port, Mailbox()) as mailbox:
        work()
    assert len(mailbox.received) == 1
    assert not SuspendedAddress.objects.exists()
    write()
    assert OutgoingMail.objects.count() == 1


@pytest.mark.parametrize("kind", NoticeKind)
def test_suspended_address_gets_the_link_that_confirms_a_registration(port, kind):
    """Whoever has just registered waits for it, and nothing else would lift the suspension."""
    registration = RegistrationFactory(email=TO.lower())
    SuspendedAddress.objects.create(address=TO.lower(), answer="550 5.2.1 disabled")
    notices.render_notice(registration, kind).send()
    awaited = kind in {NoticeKind.TO_CONFIRM, NoticeKind.ALREADY}
    assert list(OutgoingMail.objects.values_list("is_code", flat=True)) == ([True] if awaited else [])


def test_code_goes_before_the_announcements_that_wait(port):
    """Those that the relay put off once, too."""
    for number in range(3):
        write(to=f"p{number}@exemple.example")
    work()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() - interval '1 minute'")
    write(is_code=True, life=timedelta(minutes=10))
    with relay_at(port, Mailbox()) as mailbox:
        work()
    assert [message["To"] for message in mailbox.received] == [
        TO,
        *(f"p{number}@exemple.example" for number in range(3)),
    ]


def test_code_is_never_delivered_after_its_life(port):
    """Whatever the hour at which the relay is back, to the minute."""
    life = timedelta(minutes=10)
    for minutes in (0, 5, 8, 9, 10, 11, 60, 24 * 60):
        write(is_code=True, life=life)
        row = OutgoingMail.objects.get()
        past = timezone.now() - timedelta(minutes=minutes)
        OutgoingMail.objects.update(created_at=past, expires_at=past + life)
        with relay_at(port, Mailbox()) as mailbox:
            work()
        assert len(mailbox.received) == (1 if minutes <= 8 else 0), minutes
        assert not OutgoingMail.objects.filter(pk=row.pk).exists()


def test_tries_end_within_a_day():
    """Each wait after the one before, the first within minutes; the last try before the day is over."""
    row = OutgoingMail(created_at=timezone.now(), message={})
    at, tries = row.created_at, 0
    while at < delivery._last_start(row):
        tries += 1
        at += delivery.WAITS[min(tries, len(delivery.WAITS)) - 1]
    assert sum(wait < timedelta(minutes=30) for wait in delivery.WAITS) >= 4
    assert 10 <= tries <= 20
    assert delivery._last_start(row) < row.created_at + timedelta(days=1)


def test_code_outlives_five_minutes_of_greylisting():
    row = OutgoingMail(created_at=timezone.now(), message={})
    row.expires_at = row.created_at + sending.LIVES["account/email/login_code"]
    tries = [
        row.created_at + sum(delivery.WAITS[:count], timedelta()) for count in range(len(delivery.WAITS))
    ]
    assert [at for at in tries if row.created_at + timedelta(minutes=5) < at < delivery._last_start(row)]


def test_log_says_what_happened_and_no_address(port, caplog):
    write()
    work()
    with relay_at(port, Answering("rcpt", f"450 4.2.0 <{TO}> is busy")):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now()")
        work()
    said = [record.getMessage() for record in caplog.records if record.name == "pole.mail.delivery"]
    assert [line.partition(": ")[2] for line in said] == ["later (ConnectionRefusedError)", "later (450)"]


def test_mail_that_waited_a_day_ends_and_is_told(port):
    UserFactory(is_staff=True)
    write()
    row = OutgoingMail.objects.get()
    OutgoingMail.objects.update(created_at=timezone.now() - timedelta(days=1), answer="450 4.2.0 Greylisted")
    work()
    row.refresh_from_db()
    assert (row.state, told()) == ("failed", ["Un courriel n’a pas pu être livré"])


def test_only_a_mail_without_a_task_is_given_one(port):
    """Hours after its last try: a worker was away, or thousands of others go before."""
    write()
    write(to="sans.tache@exemple.example")
    OutgoingMail.objects.update(created_at=timezone.now() - timedelta(hours=5))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = (SELECT max(id) FROM procrastinate_jobs)")
    for _hour in range(3):
        delivery.take_up(timezone.now())
    ids = ProcrastinateJob.objects.order_by("pk").values_list("args__mail_id", flat=True)
    assert list(ids) == list(OutgoingMail.objects.order_by("pk").values_list("pk", flat=True))


def test_what_failed_is_forgotten_after_a_month(port):
    for days in (29, 31):
        row = OutgoingMail.objects.create(message={"subject": "x", "to": [TO]}, state="failed")
        OutgoingMail.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(days=days))
    OutgoingMail.objects.update(state="failed")
    delivery.forget_failures(timezone.now())
    assert OutgoingMail.objects.count() == 1


def test_mail_to_the_team_that_fails_is_told_to_nobody(port):
    UserFactory(is_staff=True)
    write(is_to_team=True)
    with relay_at(port, Answering("rcpt", "550 5.1.1 no")) as seen:
        work()
    assert (OutgoingMail.objects.count(), seen.received) == (1, [])


def test_three_hundred_failures_are_one_alert(port):
    UserFactory(is_staff=True)
    for number in range(12):
        write(to=f"p{number}@Exemple.example")
    with relay_at(port, Answering("rcpt", "550 no such user")) as seen:
        work()
    assert told(seen) == ["Un courriel n’a pas pu être livré"]


def test_address_that_no_relay_can_be_given_ends(port):
    write(to="élise@exemple.example")
    row = OutgoingMail.objects.get()
    with relay_at(port, Mailbox()):
        work()
    row.refresh_from_db()
    assert row.state == "failed"


def test_every_code_has_the_life_of_its_page(settings):
    """A template that shows a code is a code's mail, and lives as long as what checks it."""
    folder = settings.BASE_DIR / "templates"
    with_code = {
        str(path.relative_to(folder)).removesuffix("_message.txt")
        for path in folder.rglob("*_message.txt")
        if "{{ code }}" in path.read_text()
    }
    assert with_code == CODES
    for prefix in CODES:
        assert sending.LIVES[prefix] == timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT)
    assert settings.ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT == settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT
    assert django_mail.mailers is not None
