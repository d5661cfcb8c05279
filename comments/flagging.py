"""Flagging a comment: it puts the comment in the team's queue, and does nothing else.

Locks: the account row of the person who flags, then the comment row.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse

from accounts.mailing.team_alerts import team_alert
from accounts.models import User
from accounts.suspending import check_not_suspended
from comments import rules
from comments.models import Comment, Flag
from comments.posting import PostingRefused


@transaction.atomic
def flag(*, comment: Comment, by: User, reason: str, now: datetime) -> Flag:
    """Puts a comment in the team's queue; a second flag of the same person adds nothing.

    Raises `WritingSuspended`, and `PostingRefused`: "too_late" when this person may not flag it or it is no longer public, "too_many"
    beyond `rules.HOURLY_LIMIT`.
    """
    by = User.objects.select_for_update(no_key=True).get(pk=by.pk)
    check_not_suspended(by, now)
    row = Comment.objects.select_for_update().get(pk=comment.pk)
    if not rules.may_flag(by, row, now):
        raise PostingRefused("comment_too_late")
    if Flag.objects.filter(by=by, created_at__gt=now - timedelta(hours=1)).count() >= rules.HOURLY_LIMIT:
        raise PostingRefused("too_many_comments")
    made, is_new = Flag.objects.get_or_create(
        comment=row, by=by, settled_at=None, defaults={"reason": reason, "created_at": now}
    )
    if is_new:
        team_alert(
            "comment_flagged",
            key=str(row.pk),
            # By itself: the list may be longer than a page.
            path=f"{reverse('staff:moderation')}?commentaire={row.pk}#{row.anchor}",
            values={"name": by.name, "reason": reason, "text": " ".join(row.text.split())[:400]},
            now=now,
        )
    return made
