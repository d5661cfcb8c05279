"""What conversations hold of a person, and what stays of it when the account goes."""

from __future__ import annotations

from accounts.models import User
from accounts.privacy import Rows
from comments.models import Comment, Flag, Follow


def data_of(user: User) -> dict[str, Rows]:
    comments = Comment.objects.filter(author=user).order_by("created_at", "id")
    flags = Flag.objects.filter(by=user).order_by("created_at")
    return {
        "comments": list(comments.values("created_at", "edited_at", "state", "text", "language")),
        "followed": [
            {"thread": follow.thread_id, "notified_until": follow.notified_until}
            for follow in Follow.objects.filter(user=user).order_by("pk")
        ],
        "flags": list(flags.values("created_at", "reason")),
    }


def erase(user: User) -> None:
    """Erases the text and the author of a person's comments; the empty comments stay, with their replies."""
    Comment.objects.filter(author=user).update(
        author=None, state=Comment.State.DELETED, text="—", hidden_reason=""
    )
