"""The list of registrations, for a spreadsheet; no cell can be read as a formula."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import journal
from accounts.models import User
from forums.models import Forum, Registration
from pole.spreadsheets import csv_bytes, safe_cell, xlsx_bytes


def rows_of(forum: Forum) -> Iterator[list[str]]:
    """The header row, then a row for each registration, by name. Three queries."""
    questions = list(forum.questions.all())
    yield [
        *(_("Name"), _("E-mail address"), _("Language"), _("Comes as"), _("Organisation"), _("State")),
        *(_("Walk-in"), _("Registered on"), _("Confirmed on"), _("Arrived at"), _("Access needs")),
        *(question.label for question in questions),
    ]
    registrations = Registration.objects.filter(forum=forum).order_by("name", "id")
    for row in registrations.prefetch_related("answers"):
        answers = {answer.question_id: answer.text for answer in row.answers.all()}
        moments = (row.created_at, row.confirmed_at, row.checked_in_at)
        yield [
            *(row.name, row.email, row.get_language_display(), row.shown_kind, row.organisation),
            *(str(row.get_state_display()), _("yes") if row.is_walk_in else ""),
            *(f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else "" for moment in moments),
            row.access_needs,
            *(answers.get(question.pk, "") for question in questions),
        ]


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
