"""What of conversations a restore brings back, and that goes again (`accounts.privacy.replaying`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from accounts.models import Consent
from accounts.privacy import kept
from accounts.privacy.replaying import Known, Replay
from comments.following import PURPOSE
from comments.models import Comment, Follow


def _comments(known: Known) -> list[int]:
    """Those that their authors deleted."""
    rows = Comment.objects.exclude(state=Comment.State.DELETED).order_by("pk").values_list("pk", "created_at")
    return [pk for pk, created_at in rows if known.at(kept.COMMENT, pk, created_at)]


def _delete_comments(keys: Sequence[int], now: datetime) -> None:
    Comment.objects.filter(pk__in=keys).update(state=Comment.State.DELETED, text="—")


def _follows(known: Known) -> list[int]:
    """Those to which nobody agrees any more."""
    agreed = set(Consent.objects.filter(purpose=PURPOSE, withdrawn_at=None).values_list("user", "about"))
    rows = Follow.objects.order_by("pk").values_list("pk", "user", "thread")
    return [pk for pk, user, thread in rows if (user, f"thread {thread}") not in agreed]


def _unfollow(keys: Sequence[int], now: datetime) -> None:
    Follow.objects.filter(pk__in=keys).delete()


COMMENTS = Replay("commentaires", _comments, _delete_comments)
# After the consents, which decide of them.
FOLLOWS = Replay("abonnements", _follows, _unfollow)
