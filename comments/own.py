"""Someone's own comments, wherever they wrote them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
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
    for row in reading.with_places(reading.with_thread_owners(comments), author):
        owner = row.thread.owner
        is_public = owner is not None and owner.is_public(now)
        yield OwnComment(
            key=row.pk,
            state=row.state,
            hidden_reason=row.hidden_reason,
            written_at=row.created_at,
            text=row.shown_text,
            title=owner.shown_title if owner and is_public else "",
            url=reading.address_of(row, owner.get_absolute_url(), author) if owner and is_public else "",
            can_edit=is_public and rules.may_edit(author, row, now),
            can_delete=is_public and rules.may_delete(author, row),
        )
