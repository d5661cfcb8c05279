"""What the worker has to do: its tasks, the mail, and what the relay answers."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.conf import settings
from django.core.mail import mailers
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob

from pole.hooks.diagnostics import DiagnosticError, DiagnosticWarning, Said, Sentence, check
from pole.mail.queue import ReadableConsoleBackend
from pole.models import OutgoingMail, SuspendedAddress
from pole.server import work_queue
from pole.server.in_time import TookTooLong, in_time
from pole.server.long_lists import bounded_counts, count_and_first
from pole.text.amounts import span

# A relay that asks to come back takes a mail within the hour.
MAIL_IS_LATE = timedelta(hours=1)
START = "systemctl start pole-worker"
RESTART = "systemctl restart pole-worker"
# The relay is asked from one task: a conversation that hangs must not hold the others.
RELAY_SECONDS = 8


@check(_("Tasks"))
def check_queue() -> Sentence:
    jobs = ProcrastinateJob.objects
    todo, doing, failed, stalled, late = bounded_counts(
        [
            *(jobs.filter(status=status) for status in ("todo", "doing", "failed")),
            work_queue.stalled_jobs(),
            work_queue.late_jobs(),
        ]
    )
    if not work_queue.living_workers().exists():
        raise (DiagnosticError if settings.PRODUCTION else DiagnosticWarning)(
            Said(_("Nobody works on the tasks: %(waiting)s."), waiting=_waiting(todo)),
            to_do=_("Start the worker: e-mails, votes that end and imports wait for it."),
            command=START,
        )
    if stalled or late:
        raise DiagnosticError(
            Said(
                _("Tasks whose worker died: %(stalled)s; that wait for more than %(span)s: %(late)s."),
                stalled=stalled,
                late=late,
                span=span(work_queue.LATE),
            ),
            to_do=_("See whether the worker is held up, and restart it."),
            command=RESTART,
        )
    if failed:
        given_up = ngettext_lazy(
            "%(count)d task was given up: %(names)s.", "%(count)d tasks were given up: %(names)s.", "count"
        )
        raise DiagnosticError(
            Said(given_up, count=failed, names=_names_of_failed()),
            to_do=_("Find why in the worker’s log."),
            command="journalctl -u pole-worker",
        )
    return Said(_("The worker lives; %(waiting)s, %(doing)s under way."), waiting=_waiting(todo), doing=doing)


def _waiting(count: int) -> Said:
    waiting = ngettext_lazy("%(count)d task waits", "%(count)d tasks wait", "count")
    oldest = _oldest() if count else None
    if oldest is None:
        return Said(waiting, count=count)
    return Said(_("%(waiting)s, the oldest for %(span)s"), waiting=Said(waiting, count=count), span=oldest)


def _oldest() -> object:
    """Since when the oldest of those that are ready has been: one that is to be done later waits for nobody."""
    ready = ProcrastinateJob.objects.filter(status="todo", scheduled_at=None).order_by("pk")[:1]
    found = ProcrastinateEvent.objects.filter(job__in=ready.values("pk"), type="deferred")
    at = found.aggregate(at=Min("at"))["at"]
    return None if at is None else span(timezone.now() - at)


def _names_of_failed() -> str:
    newest = ProcrastinateJob.objects.filter(status="failed").order_by("-pk")
    return ", ".join(sorted(set(newest.values_list("task_name", flat=True)[:50])))


@check(_("E-mail"))
def check_mail() -> Sentence:
    mails = OutgoingMail.objects
    waiting = count_and_first(mails.filter(state=OutgoingMail.State.WAITING), "created_at")
    failed, suspended = bounded_counts(
        [mails.filter(state=OutgoingMail.State.FAILED), SuspendedAddress.objects.all()]
    )
    counts = Said(
        _("%(waiting)s waiting, %(failed)s refused in a month, %(suspended)s addresses that take no e-mail."),
        waiting=waiting["count"],
        failed=failed,
        suspended=suspended,
    )
    answer = mails.exclude(answer="").order_by("-last_attempt_at").values_list("answer", flat=True).first()
    if answer:
        counts = Said(_("%(counts)s Last refusal: “%(answer)s”."), counts=counts, answer=answer[:160])
    if waiting["since"] and (waited := timezone.now() - waiting["since"]) > MAIL_IS_LATE:
        raise DiagnosticWarning(
            Said(_("An e-mail has been waiting for %(span)s. %(counts)s"), span=span(waited), counts=counts),
            to_do=_("See the line of the mail relay, then what it answers."),
            command="journalctl -u pole-worker",
        )
    return counts


@check(_("Mail relay"), is_kept=True)
def check_relay() -> Sentence:
    backend = mailers["delivery"]
    if isinstance(backend, ReadableConsoleBackend):
        raise DiagnosticWarning(
            _("E-mails are shown in the console."), to_do=_("Give EMAIL_URL to have them sent.")
        )
    # Its own bound is that of a conversation; this is a look.
    if hasattr(backend, "timeout"):
        backend.timeout = RELAY_SECONDS
    try:
        in_time("relay", partial(_open_and_close, backend))
    except (OSError, TookTooLong) as error:
        raise DiagnosticError(
            Said(_("The relay does not answer, or lets nobody in (%(error)s)."), error=error),
            to_do=_("Check EMAIL_URL, the account that it names and the relay."),
        ) from error
    return _("The relay answers.")


def _open_and_close(backend: BaseEmailBackend) -> None:
    if backend.open():
        backend.close()
