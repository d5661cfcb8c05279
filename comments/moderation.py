"""The comments that need a decision of the team, and these decisions: each is recorded in the journal.

Locks: the comment row.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts import journal, mailing
from accounts.models import User
from comments.models import Comment, Flag

PENDING, PUBLISHED, HIDDEN = Comment.State.PENDING, Comment.State.PUBLISHED, Comment.State.HIDDEN


@transaction.atomic
def approve(*, comment_id: int, by: User, now: datetime) -> Comment | None:
    """Publishes a pending comment, or dismisses the flags of a public one; None when it needs no decision any more."""
    row = _lock_comment(comment_id)
    if row is None:
        return None
    settled = row.flags.open().update(settled_at=now)
    if row.state == PENDING:
        row.state = PUBLISHED
        row.shown_at = now
        row.save(update_fields=["state", "shown_at"])
        action = "publish"
    elif settled:
        action = "keep"
    else:
        return None
    journal.record(action=action, kind="comment", key=row.pk, by=by, person_id=row.author_id)
    return row


@transaction.atomic
def hide(*, comment_id: int, reason: str, by: User, now: datetime) -> Comment | None:
    """Hides a comment and mails the reason to its author; None when it is neither pending nor public."""
    row = _lock_comment(comment_id)
    if row is None:
        return None
    row.flags.open().update(settled_at=now)
    row.state = HIDDEN
    row.hidden_reason = reason
    row.save(update_fields=["state", "hidden_reason"])
    journal.record(action="hide", kind="comment", key=row.pk, by=by, person_id=row.author_id, reason=reason)
    if row.author and row.author.is_active:
        context = {"user": row.author, "has_account": True, "text": row.text, "reason": reason}
        mailing.send(prefix="comments/email/hidden", to=row.author.email, context=context)
    return row


def _lock_comment(comment_id: int) -> Comment | None:
    found = Comment.objects.select_for_update(of=("self",)).select_related("author")
    return found.filter(pk=comment_id, state__in=[PENDING, PUBLISHED]).first()


def needs_decision() -> Q:
    """Held comments, and public ones that someone flagged."""
    return Q(state=PENDING) | Q(state=PUBLISHED, pk__in=Flag.objects.open().values("comment"))
