"""What this package keeps, and for how long."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from pole.files import kept_uploads
from pole.hooks.diagnostics import Said
from pole.hooks.retention import Rule
from pole.mail import delivery
from pole.search.index import JOURNAL_KEPT, forget_changes
from pole.server.backups import MAX_BACKUPS
from pole.text.amounts import span


def _forget_changes(now: datetime) -> int:
    return forget_changes(now - JOURNAL_KEPT)


RULES = [
    Rule(
        "mails",
        _("E-mails that the portal sends"),
        Said(_("until the mail server takes them, %(span)s at most"), span=span(delivery.LONGEST_LIFE)),
    ),
    Rule(
        "failed_mails",
        _("Of an e-mail that could not be delivered, its subject and its address"),
        span(delivery.KEPT_AFTER_FAILURE),
        "forget_failed_mails",
        delivery.forget_failures,
    ),
    Rule(
        "suspended",
        _("E-mail addresses that no longer take e-mail"),
        _("until one takes an e-mail, or the team lets e-mail go there again"),
    ),
    Rule(
        "kept_uploads",
        _("A file sent with a form that has to be corrected"),
        span(kept_uploads.LIFETIME),
        "forget_kept_uploads",
        kept_uploads.forget_old,
    ),
    Rule(
        "search_changes",
        _("Which texts changed, for the search to follow"),
        span(JOURNAL_KEPT),
        "forget_search_changes",
        _forget_changes,
        is_personal=False,
    ),
    Rule(
        "backups",
        _("Backups, which still hold what was erased since"),
        Said(_("the last %(most)d, one each night"), most=MAX_BACKUPS),
    ),
]
