"""Who may do what with a comment, and when: pure predicates, no query."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from accounts.models import User
from comments.models import Comment, Thread


class Written(Protocol):
    """A comment, or a row of one."""

    @property
    def author_id(self) -> int | None: ...
    @property
    def state(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...


EDIT_WINDOW = timedelta(minutes=15)
MAX_LENGTH = 3000
# Posts in an hour, for one account.
HOURLY_LIMIT = 20


def may_post(user: User, thread: Thread, now: datetime) -> bool:
    return user.is_authenticated and user.is_active and thread.is_open and not user.is_suspended(now)


def may_flag(user: User, comment: Written, now: datetime) -> bool:
    """Anyone signed in, but its author and a suspended account; once it is public."""
    return (
        user.is_authenticated
        and user.is_active
        and not user.is_suspended(now)
        and comment.author_id != user.pk
        and comment.state == Comment.State.PUBLISHED
    )


def may_edit(user: User, comment: Written, now: datetime) -> bool:
    """Its author, for a quarter of an hour, while it stands; not a suspended account."""
    return may_delete(user, comment) and not user.is_suspended(now) and now < comment.created_at + EDIT_WINDOW


def may_delete(user: User, comment: Written) -> bool:
    """Its author, while it stands: taking words away publishes nothing, so a suspended account may."""
    return (
        user.is_authenticated
        and comment.author_id == user.pk
        and comment.state in {Comment.State.PUBLISHED, Comment.State.PENDING}
    )


def has_link(text: str) -> bool:
    return "://" in text or "www." in text.lower()


def holds_for_review(*, has_published: bool, has_link: bool, hub_holds_first: bool) -> bool:
    """A new account's first comment waits when the hub says so; its links wait always. So do the same words, edited."""
    return not has_published and (hub_holds_first or has_link)
