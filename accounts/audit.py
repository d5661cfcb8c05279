"""The journal of the team's decisions. It is added to, never changed."""

from __future__ import annotations

from django.db.models import FETCH_RAISE, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEntry, User

# What each action reads like. A room may record others: they are shown as they are named.
WORDS: dict[tuple[str, str], str | Promise] = {
    ("publish", "comment"): _("published a comment"),
    ("hide", "comment"): _("hid a comment"),
    ("keep", "comment"): _("kept a flagged comment"),
    ("suspend", "account"): _("suspended an account"),
    ("lift", "account"): _("ended a suspension"),
}


def record(
    *, action: str, kind: str, key: int, by: User | None, person: User | None = None, reason: str = ""
) -> AuditEntry:
    """Adds a decision, in the transaction of what was decided. `person` is whom it is about."""
    return AuditEntry.objects.create(
        action=action, kind=kind, key=key, by=by, person=person, reason=reason[:300]
    )


def entries() -> QuerySet[AuditEntry]:
    """Newest first, with the names of who decided and about whom."""
    return AuditEntry.objects.select_related("by", "person").fetch_mode(FETCH_RAISE)


def in_words(entry: AuditEntry) -> str:
    return str(WORDS.get((entry.action, entry.kind), f"{entry.action} {entry.kind}"))
