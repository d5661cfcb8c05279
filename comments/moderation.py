"""The comments that need a decision of the team, and these decisions: each is recorded in the journal.

A decision is about what its form showed, `seen`: when that has changed since, `ChangedMeanwhile` is raised.

Locks: the comment row.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import journal, mailing
from accounts.models import AuditEntry, User
from comments.models import Comment, Flag
from pole.hooks.moderation import ChangedMeanwhile, seen_version

State = Comment.State
PENDING, PUBLISHED, HIDDEN = State.PENDING, State.PUBLISHED, State.HIDDEN

_MEANWHILE: dict[str, Promise] = {
    "publish": _("%(name)s published this comment meanwhile."),
    "keep": _("%(name)s kept this comment meanwhile."),
    "hide": _("%(name)s hid this comment meanwhile."),
    "restore": _("%(name)s restored this comment meanwhile."),
}


def version_of(comment: Comment, open_flags: Iterable[Flag] | None = None) -> str:
    """What a form of the team shows of a comment: its words, whose they are, its state, and the flags that a decision
    settles. A name is public with every comment, and its owner may change it."""
    flags = comment.flags.open() if open_flags is None else open_flags
    name = comment.author.name if comment.author else comment.signature
    return seen_version(comment.text, name, str(comment.state), *sorted(flag.pk for flag in flags))


@transaction.atomic
def approve(*, comment_id: int, seen: str, by: User, now: datetime) -> Comment | None:
    """Publishes a pending comment, or dismisses the flags of a public one; None when it needs no decision any more."""
    row = _lock_comment(comment_id, PENDING, PUBLISHED)
    if row is None or (row.state == PUBLISHED and not row.flags.open().exists()):
        return None
    _check_seen(row, seen)
    row.flags.open().update(settled_at=now)
    action = "keep"
    if row.state == PENDING:
        row.state = PUBLISHED
        row.shown_at = now
        row.save(update_fields=["state", "shown_at"])
        action = "publish"
    journal.record(action=action, kind="comment", key=row.pk, by=by, person_id=row.author_id)
    return row


@transaction.atomic
def hide(*, comment_id: int, reason: str, seen: str, by: User, now: datetime) -> Comment | None:
    """Hides a comment and mails the reason to its author; None when it is neither pending nor public."""
    row = _lock_comment(comment_id, PENDING, PUBLISHED)
    if row is None:
        return None
    _check_seen(row, seen)
    row.flags.open().update(settled_at=now)
    row.state = HIDDEN
    row.hidden_reason = reason
    row.save(update_fields=["state", "hidden_reason"])
    journal.record(action="hide", kind="comment", key=row.pk, by=by, person_id=row.author_id, reason=reason)
    _write_to_author(row, "hidden", reason=reason)
    return row


@transaction.atomic
def restore(*, comment_id: int, seen: str, by: User, now: datetime) -> Comment | None:
    """Publishes a hidden comment, and tells its author; None when it is not hidden any more.

    What readers had seen before keeps its instant, so that no digest sends it again as news.
    """
    row = _lock_comment(comment_id, HIDDEN)
    if row is None:
        return None
    _check_seen(row, seen)
    row.state = PUBLISHED
    row.hidden_reason = ""
    row.shown_at = row.shown_at or now
    row.save(update_fields=["state", "hidden_reason", "shown_at"])
    journal.record(action="restore", kind="comment", key=row.pk, by=by, person_id=row.author_id)
    _write_to_author(row, "restored")
    return row


def _lock_comment(comment_id: int, *states: Comment.State) -> Comment | None:
    found = Comment.objects.select_for_update(of=("self",)).select_related("author")
    return found.filter(pk=comment_id, state__in=states).first()


def _check_seen(row: Comment, seen: str) -> None:
    if seen != version_of(row):
        raise ChangedMeanwhile


def _write_to_author(row: Comment, mail: str, **context: str) -> None:
    if row.author and row.author.is_active:
        context |= {"user": row.author, "has_account": True, "text": row.text}  # type: ignore[dict-item]  # of several kinds
        mailing.send(prefix=f"comments/email/{mail}", to=row.author.email, context=context)


def describe_meanwhile(comment_id: int, *, reader: User) -> str:
    """What someone else did with a comment since its words or flags last changed; empty when nobody did anything."""
    row = Comment.objects.filter(pk=comment_id).exclude(state=State.DELETED).first()
    if row is None:
        return gettext("Its author deleted this comment meanwhile.")
    entry = AuditEntry.objects.select_related("by").filter(kind="comment", key=comment_id).first()
    flagged_at = row.flags.open().aggregate(at=Max("created_at"))["at"]
    changed_at = max(filter(None, (row.created_at, row.edited_at, flagged_at)))
    if entry is None or entry.by_id == reader.pk or entry.at < changed_at:
        return ""
    sentence = _MEANWHILE.get(entry.action)
    return str(sentence) % {"name": journal.name_of(entry, "by")} if sentence else ""
