"""Every write to comments by their authors.

Locks: the author's account row, so that limits and the first-comment rule hold against parallel
posts; then the comment row for a change.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from comments import rules
from comments.models import Comment, Thread
from pole.models import Hub
from pole.refusals import Refusal


class PostingRefused(Refusal):
    messages = {
        "comments_closed": _("Comments are closed."),
        "too_many_comments": _("You have written a lot in one hour. Wait a little before the next comment."),
        "comments_suspended": _("Your account can’t write for now: the reason was sent to you by mail."),
        "comments_crowded": _(
            "Too many comments come from your connection. Wait a little, then send yours again."
        ),
        "comment_too_late": _("This comment can’t be changed any more."),
    }


@transaction.atomic
def post_comment(
    *,
    thread: Thread,
    author: User,
    text: str,
    parent: Comment | None,
    idempotency_key: uuid.UUID,
    now: datetime,
) -> Comment:
    """Posts one comment; the same `idempotency_key` again returns the same comment.

    Raises `PostingRefused` when the thread is closed or the author has posted too much in an hour.
    """
    author = User.objects.select_for_update(no_key=True).get(pk=author.pk)
    own_comments = Comment.objects.filter(author=author)
    if already := own_comments.filter(idempotency_key=idempotency_key).first():
        return already
    if author.is_suspended(now):
        raise PostingRefused("comments_suspended")
    if not rules.may_post(author, thread, now):
        raise PostingRefused("comments_closed")
    if own_comments.filter(created_at__gt=now - timedelta(hours=1)).count() >= rules.HOURLY_LIMIT:
        raise PostingRefused("too_many_comments")
    held = rules.holds_for_review(
        has_published=author.is_staff or own_comments.public().exists(),
        has_link="://" in text or "www." in text.lower(),
        hub_holds_first=Hub.objects.filter(holds_first_comment=False).first() is None,
    )
    # One level of replies: an answer to an answer joins the same conversation.
    top = parent.parent if parent and parent.parent_id else parent
    return Comment.objects.create(
        thread=thread,
        author=author,
        parent=top,
        text=text,
        state=Comment.State.PENDING if held else Comment.State.PUBLISHED,
        idempotency_key=idempotency_key,
        created_at=now,
        shown_at=None if held else now,
    )


@transaction.atomic
def edit_comment(*, comment: Comment, author: User, text: str, now: datetime) -> Comment:
    """Changes the author's own words; raises `PostingRefused("comment_too_late")` after the window."""
    row = Comment.objects.select_for_update().get(pk=comment.pk)
    if not rules.may_edit(author, row, now):
        raise PostingRefused("comment_too_late")
    if row.text != text:
        row.text = text
        row.edited_at = now
        row.save(update_fields=["text", "edited_at"])
    return row


@transaction.atomic
def delete_comment(*, comment: Comment, author: User) -> None:
    """Erases the text; an empty comment stays, so that the replies keep their context."""
    row = Comment.objects.select_for_update().get(pk=comment.pk)
    if not rules.may_delete(author, row):
        raise PostingRefused("comment_too_late")
    row.text = "—"
    row.state = Comment.State.DELETED
    row.save(update_fields=["text", "state"])
