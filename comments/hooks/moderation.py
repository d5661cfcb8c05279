"""Held and flagged comments, in the team’s queue."""

from __future__ import annotations

from django.db.models import FETCH_PEERS, Prefetch, QuerySet
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from comments.models import Comment, Flag
from comments.moderation import PENDING, needs_decision
from pole.hooks.moderation import ModerationQueue, PendingItem
from pole.text import plaintext


def queue(limit: int) -> ModerationQueue:
    """The part of comments in the team's queue."""
    rows = Comment.objects.filter(needs_decision())
    flags = Prefetch("flags", Flag.objects.open().order_by("created_at"), to_attr="open_flags")
    shown = with_thread_owners(rows).prefetch_related(flags).order_by("created_at", "pk")
    return ModerationQueue(
        gettext_lazy("Comments"), rows.count(), [_waiting_item(comment) for comment in shown[:limit]]
    )


def with_thread_owners(rows: QuerySet[Comment]) -> QuerySet[Comment]:
    """Reads the owners of their threads in one query for each kind of owner."""
    return rows.select_related("author", "thread").fetch_mode(FETCH_PEERS)


def get_title_and_url(comment: Comment) -> tuple[str, str]:
    owner = comment.thread.owner
    return (str(owner), f"{owner.get_absolute_url()}#{comment.anchor}") if owner else ("", "")


def _waiting_item(comment: Comment) -> PendingItem:
    place, place_url = get_title_and_url(comment)
    is_held = comment.state == PENDING
    reasons = [flag.reason for flag in comment.open_flags]  # type: ignore[attr-defined]  # prefetched
    return PendingItem(
        key=comment.anchor,
        kind=gettext("Comment"),
        author=comment.author.name if comment.author else comment.signature or gettext("deleted account"),
        reason=gettext("Held for review") if is_held else gettext("Flagged:") + " " + " · ".join(reasons),
        since=comment.created_at,
        text=plaintext.render_plain(comment.text),
        page_title=place,
        page_url=place_url,
        approve_url=reverse("staff:comment_approve", args=[comment.pk]),
        approve_label=gettext("Publish") if is_held else gettext("Keep"),
        hide_url=reverse("staff:comment_hide", args=[comment.pk]),
        person_id=comment.author_id,
    )


def latest() -> list[PendingItem]:
    """The latest public comments, newest first, to be looked at again."""
    none = Prefetch("flags", Flag.objects.none(), to_attr="open_flags")
    rows = with_thread_owners(Comment.objects.public()).prefetch_related(none).order_by("-created_at")[:50]
    return [_waiting_item(comment) for comment in rows]
