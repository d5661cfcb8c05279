"""A thread as its readers see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q
from django.utils.safestring import SafeString

from accounts.models import User
from comments import rules
from comments.models import Comment, CommentQuerySet, Thread
from pole import plaintext

CONVERSATIONS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Shown:
    """A comment with what its reader may do; `text` is None where words were taken away."""

    comment: Comment
    text: SafeString | None
    replies: list[Shown]
    can_edit: bool
    can_delete: bool


@dataclass(frozen=True, slots=True)
class Conversation:
    comments: list[Shown]
    total: int
    page: int
    has_next: bool


def conversation(thread: Thread, *, reader: User | AnonymousUser, page: int, now: datetime) -> Conversation:
    """One page of a thread, oldest first: three queries, whatever the number of comments."""
    mine = Q(author=reader.pk, state=Comment.State.PENDING) if reader.is_authenticated else Q(pk=None)
    visible = Q(state=Comment.State.PUBLISHED) | mine
    in_thread: CommentQuerySet = Comment.objects.filter(thread=thread).select_related("author")
    answered = Exists(Comment.objects.filter(parent=OuterRef("pk"), state=Comment.State.PUBLISHED))
    first = (page - 1) * CONVERSATIONS_A_PAGE
    tops = list(
        in_thread.filter(visible | answered, parent=None).order_by("created_at", "id")[
            first : first + CONVERSATIONS_A_PAGE + 1
        ]
    )
    has_next = len(tops) > CONVERSATIONS_A_PAGE
    tops = tops[:CONVERSATIONS_A_PAGE]
    replies: dict[int, list[Comment]] = {}
    for reply in in_thread.filter(visible, parent__in=[top.pk for top in tops]).order_by("created_at", "id"):
        replies.setdefault(reply.parent_id or 0, []).append(reply)

    def shown(comment: Comment) -> Shown:
        is_readable = comment.state in {Comment.State.PUBLISHED, Comment.State.PENDING}
        own = reader.is_authenticated and comment.author_id == reader.pk
        return Shown(
            comment=comment,
            text=plaintext.render_plain(comment.text) if is_readable else None,
            replies=[shown(reply) for reply in replies.get(comment.pk, [])],
            can_edit=own and rules.may_edit(reader, comment, now),  # type: ignore[arg-type]  # own means signed in
            can_delete=own and rules.may_delete(reader, comment),  # type: ignore[arg-type]  # own means signed in
        )

    return Conversation(
        comments=[shown(top) for top in tops],
        total=Comment.objects.filter(thread=thread).public().count(),
        page=page,
        has_next=has_next,
    )
