"""Someone's own comments, wherever they wrote them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.safestring import SafeString

from accounts.models import User
from comments import reading, rules
from comments.models import Comment
from pole.text.bilingual import LocalizedText

State = Comment.State


@dataclass(frozen=True, slots=True)
class OwnComment:
    """A comment as its author finds it again; `url` and `title` are empty when its page is not public."""

    key: int
    state: str
    hidden_reason: str
    written_at: datetime
    text: SafeString
    title: LocalizedText | str
    url: str
    can_edit: bool
    can_delete: bool


def own_comments(author: User) -> QuerySet[Comment]:
    """What `author` wrote and did not take away, the latest first."""
    return Comment.objects.filter(author=author).exclude(state=State.DELETED).order_by("-created_at", "-pk")


def as_shown(comments: QuerySet[Comment], author: User, now: datetime) -> Iterator[OwnComment]:
    """One query, and one or two for each kind of page that they are on."""
    seen = reading.openings_seen_by(author)
    earlier = Comment.objects.filter(
        seen, reading.written_before(OuterRef("opening_at"), OuterRef("opening")), thread=OuterRef("thread")
    )
    before = Subquery(earlier.order_by().values("thread").annotate(total=Count("pk")).values("total"))
    rows = reading.with_thread_owners(comments).annotate(
        opening=Coalesce("parent", "pk"), opening_at=Coalesce(F("parent__created_at"), "created_at")
    )
    for row in rows.annotate(openings_before=Coalesce(before, 0)):
        owner = row.thread.owner
        is_public = owner is not None and owner.is_public(now)
        yield OwnComment(
            key=row.pk,
            state=row.state,
            hidden_reason=row.hidden_reason,
            written_at=row.created_at,
            text=row.shown_text,
            title=owner.shown_title if owner and is_public else "",
            url=_address(owner.get_absolute_url(), row) if owner and is_public else "",
            can_edit=is_public and rules.may_edit(author, row, now),
            can_delete=is_public and rules.may_delete(author, row),
        )


def _address(page: str, comment: Comment) -> str:
    """Where it is read: the page of its conversation, and its place there unless the team hid it."""
    anchor = "commentaires" if comment.state == State.HIDDEN else comment.anchor
    return reading.address_in(page, comment.openings_before, anchor)  # type: ignore[attr-defined]  # annotated
