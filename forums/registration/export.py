"""The list of registrations, for a spreadsheet; no cell can be read as a formula."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import journal
from accounts.models import User
from forums.models import Forum, Registration, Session
from forums.registration.sessions import session_name
from pole.spreadsheets import csv_bytes, safe_cell, xlsx_bytes


def rows_of(forum: Forum) -> Iterator[list[str]]:
    """The header row, then a row for each registration, by name. Six queries at most."""
    questions, sessions = list(forum.questions.all()), list(forum.sessions.all())
    yield [
        *(_("Name"), _("E-mail address"), _("Language"), _("Comes as"), _("Organisation"), _("State")),
        *(_("Walk-in"), _("Registered on"), _("Confirmed on"), _("Arrived at"), _("Access needs")),
        *(question.label for question in questions),
        *(f"{session_name(each)}, {timezone.localtime(each.starts_at):%Y-%m-%d %H:%M}" for each in sessions),
    ]
    registrations = Registration.objects.filter(forum=forum).order_by("name", "id")
    of_sessions = ("chosen_sessions", "attended_sessions") if sessions else ()
    for row in registrations.prefetch_related("answers", *of_sessions):
        answers = {answer.question_id: answer.text for answer in row.answers.all()}
        moments = (row.created_at, row.confirmed_at, row.checked_in_at)
        yield [
            *(row.name, row.email, row.get_language_display(), row.shown_kind, row.organisation),
            *(str(row.get_state_display()), _("yes") if row.is_walk_in else ""),
            *(f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else "" for moment in moments),
            row.access_needs,
            *(answers.get(question.pk, "") for question in questions),
            *_at_sessions(forum, row, sessions),
        ]


def _at_sessions(forum: Forum, row: Registration, sessions: Sequence[Session]) -> list[str]:
    """Of each session: whether the person chose it, where people choose, and whether they came."""
    if not sessions:
        return []
    chosen = {choice.session_id for choice in row.chosen_sessions.all()} if forum.chooses_sessions else set()
    came = {attendance.session_id for attendance in row.attended_sessions.all()}
    words = ((chosen, _("chosen")), (came, _("came")))
    return [", ".join(word for these, word in words if session.pk in these) for session in sessions]


@transaction.atomic
def export_people(*, forum: Forum, form: str, by: User | None) -> bytes:
    """The file, "csv" or "xlsx"; the journal has who took it, once for a download begun again within a minute."""
    decision: dict[str, Any] = {"action": "people_exported", "kind": "forum", "key": forum.pk, "by": by}
    decision["reason"] = form.upper()
    if not journal.entries().filter(**decision, at__gt=timezone.now() - timedelta(minutes=1)).exists():
        journal.note(**decision)
    return as_csv(forum) if form == "csv" else as_xlsx(forum)


def as_csv(forum: Forum) -> bytes:
    return csv_bytes(rows_of(forum))


def as_xlsx(forum: Forum) -> bytes:
    sheet = (_("Registrations"), rows_of(forum))
    return xlsx_bytes(sheet, text_of=safe_cell, width_of=lambda _heading: 22, frozen="B2")
