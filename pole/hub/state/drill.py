"""The last trial of a restoration: a backup that nobody has restored is a hope."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pole.hooks.diagnostics import DiagnosticError, DiagnosticWarning, Said, Sentence, check
from pole.server.backups import CLOCK_MARGIN
from pole.server.drill_record import last_drill
from pole.server.in_time import in_time
from pole.text.amounts import span

# One is made each month.
MAX_AGE = timedelta(days=40)
DRILL = "manage.py restore_drill"


@check(_("Trial of a restoration"), is_kept=True)
def check_drill() -> Sentence:
    drill = in_time("drill", last_drill)
    if drill is None:
        raise DiagnosticWarning(
            _("No backup was ever restored to see whether it is whole."),
            to_do=_("Try one: it touches nothing of the portal."),
            command=DRILL,
        )
    if drill.at > timezone.now() + CLOCK_MARGIN:
        raise DiagnosticError(
            _("The last trial is dated in the future: the clock went back."),
            to_do=_("Set the clock, then try again."),
            command=DRILL,
        )
    age = span(timezone.now() - drill.at)
    if drill.problem:
        raise DiagnosticError(
            Said(_("The last trial, %(span)s ago, failed: %(problem)s"), span=age, problem=drill.problem),
            to_do=_("Mend what it says, back up again, then try again."),
            command=DRILL,
        )
    if timezone.now() - drill.at > MAX_AGE:
        raise DiagnosticWarning(
            Said(_("The last trial is %(span)s old."), span=age),
            to_do=_("Try to restore the newest backup."),
            command=DRILL,
        )
    return Said(
        _("%(dump)s was found whole %(span)s ago: %(tables)d tables, %(files)d files."),
        dump=drill.dump,
        span=age,
        tables=drill.tables,
        files=drill.files,
    )
