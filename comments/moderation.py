"""What waits for the team among comments, and their decisions: each is noted in the journal.

Locks: the comment row.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import FETCH_PEERS, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy, ngettext

from accounts import audit, mailing
from accounts.models import User
from comments.models import Comment, Flag
from pole.hooks.moderation import Queue, Waiting
from pole.hooks.staff_home import Card, Line
from pole.text import plaintext

PENDING, PUBLISHED, HIDDEN = Comment.State.PENDING, Comment.State.PUBLISHED, Comment.State.HIDDEN


@transaction.atomic
def approve(*, comment_id: int, by: User, now: datetime) -> Comment | None:
    """Publishes a comment that waits, or keeps one that was flagged; None when neither is so any more."""
    row = _locked(comment_id, [PENDING, PUBLISHED])
    if row is None:
        return None
    settled = row.flags.open().update(settled_at=now)
    if row.state == PENDING:
        row.state = PUBLISHED
        row.shown_at = now
        row.save(update_fields=["state", "shown_at"])
        action = "publish"
    elif settled:
        action = "keep"
    else:
        return None
    audit.record(action=action, kind="comment", key=row.pk, by=by, person_id=row.author_id)
    return row


@transaction.atomic
def hide(*, comment_id: int, reason: str, by: User, now: datetime) -> Comment | None:
    """Takes a comment from readers and tells its author why; None when it was not theirs to read any more."""
    row = _locked(comment_id, [PENDING, PUBLISHED])
    if row is None:
        return None
    row.flags.open().update(settled_at=now)
    row.state = HIDDEN
    row.hidden_reason = reason
    row.save(update_fields=["state", "hidden_reason"])
    audit.record(action="hide", kind="comment", key=row.pk, by=by, person_id=row.author_id, reason=reason)
    if row.author and row.author.is_active:
        context = {"user": row.author, "has_account": True, "text": row.text, "reason": reason}
        mailing.send(prefix="comments/email/hidden", to=row.author.email, context=context)
    return row


def _locked(comment_id: int, states: list[Comment.State]) -> Comment | None:
    found = Comment.objects.select_for_update(of=("self",)).select_related("author")
    return found.filter(pk=comment_id, state__in=states).first()


def waiting() -> Q:
    """Held comments, and public ones that someone flagged."""
    return Q(state=PENDING) | Q(state=PUBLISHED, pk__in=Flag.objects.open().values("comment"))


def queue(limit: int) -> Queue:
    """The part of comments in the team's queue."""
    rows = Comment.objects.filter(waiting())
    flags = Prefetch("flags", Flag.objects.open().order_by("created_at"), to_attr="open_flags")
    shown = _with_places(rows).prefetch_related(flags).order_by("created_at", "pk")
    return Queue(gettext_lazy("Comments"), rows.count(), [_waiting(comment) for comment in shown[:limit]])


def _with_places(rows: QuerySet[Comment]) -> QuerySet[Comment]:
    """What owns their threads is read for all of them at once, kind of owner by kind of owner."""
    return rows.select_related("author", "thread").fetch_mode(FETCH_PEERS)


def _where(comment: Comment) -> tuple[str, str]:
    owner = comment.thread.owner
    return (str(owner), f"{owner.get_absolute_url()}#{comment.anchor}") if owner else ("", "")


def _found(keys: Collection[int]) -> dict[int, tuple[str, str]]:
    return {comment.pk: _where(comment) for comment in _with_places(Comment.objects.filter(pk__in=keys))}


JOURNAL = audit.Kind(
    {
        "publish": gettext_lazy("published a comment"),
        "hide": gettext_lazy("hid a comment"),
        "keep": gettext_lazy("kept a flagged comment"),
    },
    _found,
)


def _waiting(comment: Comment) -> Waiting:
    place, place_url = _where(comment)
    is_held = comment.state == PENDING
    reasons = [flag.reason for flag in comment.open_flags]  # type: ignore[attr-defined]  # prefetched
    return Waiting(
        key=comment.anchor,
        kind=gettext("Comment"),
        author=comment.author.name if comment.author else comment.signature or gettext("deleted account"),
        why=gettext("Held for review") if is_held else gettext("Flagged:") + " " + " · ".join(reasons),
        since=comment.created_at,
        text=plaintext.render_plain(comment.text),
        place=place,
        place_url=place_url,
        approve_url=reverse("staff:comment_approve", args=[comment.pk]),
        approve_label=gettext("Publish") if is_held else gettext("Keep"),
        hide_url=reverse("staff:comment_hide", args=[comment.pk]),
        person_id=comment.author_id,
    )


def latest() -> list[Waiting]:
    """The latest public comments, newest first, to be looked at again."""
    none = Prefetch("flags", Flag.objects.none(), to_attr="open_flags")
    rows = _with_places(Comment.objects.public()).prefetch_related(none).order_by("-created_at")[:50]
    return [_waiting(comment) for comment in rows]


def staff_card() -> Card:
    held = Comment.objects.waiting().count()
    flagged = Comment.objects.public().filter(pk__in=Flag.objects.open().values("comment")).count()
    url = reverse("staff:moderation")
    lines = []
    if held:
        lines.append(Line(ngettext("comment to read", "comments to read", held), url, held))
    if flagged:
        lines.append(Line(ngettext("flagged comment", "flagged comments", flagged), url, flagged))
    return Card(title=gettext_lazy("Moderation"), url=url, lines=lines)
