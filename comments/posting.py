"""Every write to comments by their authors.

Locks: the author's account row, so that limits and the first-comment rule hold against parallel
posts; then the comment row for a change.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import consents
from accounts.models import User
from accounts.privacy import kept
from accounts.suspending import check_not_suspended
from comments import rules
from comments.models import Comment, Thread
from pole.models import Hub
from pole.refusals import Refusal
from pole.text.bilingual import current_language
from pole.text.languages import written_language


class PostingRefused(Refusal):
    messages = {
        "comments_closed": _("Comments are closed."),
        "too_many_comments": _("You have written a lot in one hour. Wait a little before the next comment."),
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
    agreed_wording: str = "",
    page: str = "",
) -> Comment:
    """Posts one comment; the same `idempotency_key` again returns the same comment.

    With `agreed_wording`, read on `page`, the author has just agreed that their name be shown.

    Raises `WritingSuspended`, and `PostingRefused` when the thread is closed or the author has posted too much in an hour.
    """
    author = User.objects.select_for_update(no_key=True).get(pk=author.pk)
    own_comments = Comment.objects.filter(author=author)
    if already := own_comments.filter(idempotency_key=idempotency_key).first():
        return already
    check_not_suspended(author, now)
    if not rules.may_post(author, thread, now):
        raise PostingRefused("comments_closed")
    if own_comments.filter(created_at__gt=now - timedelta(hours=1)).count() >= rules.HOURLY_LIMIT:
        raise PostingRefused("too_many_comments")
    if agreed_wording:
        consents.show_name(user=author, wording=agreed_wording, page=page, now=now)
    held = _is_held(author, text)
    # One level of replies: an answer to an answer joins the same conversation.
    top = parent.parent if parent and parent.parent_id else parent
    return Comment.objects.create(
        thread=thread,
        author=author,
        parent=top,
        text=text,
        language=written_language(text, current_language()),
        state=Comment.State.PENDING if held else Comment.State.PUBLISHED,
        idempotency_key=idempotency_key,
        created_at=now,
        shown_at=None if held else now,
    )


@transaction.atomic
def edit_comment(*, comment: Comment, author: User, text: str, now: datetime) -> Comment:
    """Changes the author's own words; what would be held if it were posted now goes back to the team, unseen meanwhile.

    Its replies stay, its flags too: the team settles these with what it decides. Readers see it, and digests send it,
    from the next approval on. Raises `WritingSuspended`, and `PostingRefused("comment_too_late")` after the window.
    """
    author = User.objects.select_for_update(no_key=True).get(pk=author.pk)
    check_not_suspended(author, now)
    row = Comment.objects.select_for_update().get(pk=comment.pk)
    if not rules.may_edit(author, row, now):
        raise PostingRefused("comment_too_late")
    if row.text != text:
        row.text = text
        row.language = written_language(text, row.language)
        row.edited_at = now
        if _is_held(author, text, edited=row):
            row.state = Comment.State.PENDING
            row.shown_at = None
        row.save(update_fields=["text", "language", "edited_at", "state", "shown_at"])
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
    kept.keep(kept.COMMENT, row.pk, row.created_at, at=timezone.now())


def is_known(author: User, *, edited: Comment | None = None) -> bool:
    """Whether readers can already read this author: the team always, others by a public comment but the one `edited`."""
    others = Comment.objects.public().filter(author=author)
    if edited is not None:
        others = others.exclude(pk=edited.pk)
    return author.is_staff or others.exists()


def holds_first_comment() -> bool:
    """Whether the hub reads the first comment of each account before others do: unless it says otherwise."""
    return not Hub.objects.filter(holds_first_comment=False).exists()


def _is_held(author: User, text: str, *, edited: Comment | None = None) -> bool:
    """Whether `text` waits for the team: the same rule for a new comment and for new words in the place of `edited`."""
    return rules.holds_for_review(
        has_published=is_known(author, edited=edited),
        has_link=rules.has_link(text),
        hub_holds_first=holds_first_comment(),
    )
