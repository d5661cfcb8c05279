"""What the team reads of comments: those that wait, the latest, those that it hid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, OuterRef, Prefetch, QuerySet
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from accounts import journal
from accounts.models import AuditEntry
from comments.models import Comment, Flag
from comments.moderation import version_of
from comments.reading import address_of, with_places, with_thread_owners
from pole.hooks.moderation import ModerationQueue, PendingItem
from pole.server.long_lists import added, bounded_count
from pole.templatetags.typography import day_time, long_date
from pole.text.matching import matching_text
from pole.text.typography import one_stop

State = Comment.State
LATEST = 50
# Several people may flag one comment.
FLAGS_READ = 4
# What each one shows of itself.
SEARCHED = ("text", "author__name", "signature")


def queue(limit: int) -> ModerationQueue:
    """The part of comments in the team's queue."""
    pending = Comment.objects.filter(state=State.PENDING).order_by("created_at", "pk")
    flags = Flag.objects.on_public_comments()
    # Each from its own index, the earliest first: a condition for both would read every comment.
    held = pending.values_list("pk", flat=True)[:limit]
    flagged = flags.order_by("created_at").values_list("comment", flat=True)[: FLAGS_READ * limit]
    shown = _with_all_shown(Comment.objects.filter(pk__in={*held, *flagged})).order_by("created_at", "pk")
    total = added((bounded_count(pending), flags.count_comments()["count"]))
    return ModerationQueue(gettext_lazy("Comments"), total, [_item(comment) for comment in shown[:limit]])


def get_title_and_url(comment: Comment) -> tuple[str, str]:
    """Of what it is on: where everyone reads it, or its conversation when they do not. A row of `with_pages`."""
    owner = comment.thread.owner
    if owner is None:
        return "", ""
    return str(owner.shown_title), address_of(comment, owner.get_absolute_url(), AnonymousUser())


def with_pages(rows: QuerySet[Comment]) -> QuerySet[Comment]:
    return with_places(with_thread_owners(rows), AnonymousUser())


def latest(words: str = "") -> QuerySet[Comment]:
    """Public comments, newest first, to be looked at again: the latest, or all that hold every one of `words`."""
    rows = _with_all_shown(Comment.objects.public()).order_by("-created_at", "-pk")
    return matching_text(rows, words, *SEARCHED) if words else rows[:LATEST]


def hidden(words: str = "") -> QuerySet[Comment]:
    """What the team hid and holds every one of `words`, the latest decision first."""
    hiding = AuditEntry.objects.filter(kind="comment", action="hide", key=OuterRef("pk"))
    rows = _with_all_shown(Comment.objects.filter(state=State.HIDDEN))
    rows = matching_text(rows, words, *SEARCHED, "hidden_reason")
    return rows.annotate(hidden_at=hiding.order_by("-at", "-pk").values("at")[:1]).order_by(
        F("hidden_at").desc(nulls_last=True), "-pk"
    )


def as_items(comments: Iterable[Comment]) -> list[PendingItem]:
    """Comments; those that are hidden with who hid each one, when and why, in one query for all."""
    rows = list(comments)
    keys = [row.pk for row in rows if row.state == State.HIDDEN]
    entries = AuditEntry.objects.filter(kind="comment", action="hide", key__in=keys)
    found = {entry.key: entry for entry in entries.select_related("by").order_by("at", "pk")}
    return [_item(row, found.get(row.pk)) for row in rows]


def one(comment_id: int) -> list[PendingItem]:
    """A comment, whatever its state; nothing once its author has deleted it."""
    rows = Comment.objects.filter(pk=comment_id).exclude(state=State.DELETED)
    return as_items(_with_all_shown(rows))


def _with_all_shown(rows: QuerySet[Comment]) -> QuerySet[Comment]:
    flags = Prefetch("flags", Flag.objects.open().order_by("created_at"), to_attr="open_flags")
    return with_pages(rows).prefetch_related(flags)


def _item(comment: Comment, hiding: AuditEntry | None = None) -> PendingItem:
    """What the team reads of a comment, and may decide of it as it is."""
    flags: list[Flag] = comment.open_flags  # type: ignore[attr-defined]  # prefetched
    page_title, page_url = get_title_and_url(comment)
    decision: dict[str, str] = {}
    if comment.state == State.HIDDEN:
        decision = {"approve_url": "staff:comment_restore", "approve_label": gettext("Restore")}
    elif comment.state == State.PENDING:
        decision = {"approve_url": "staff:comment_approve", "approve_label": gettext("Publish")}
    elif flags:
        decision = {"approve_url": "staff:comment_approve", "approve_label": gettext("Keep")}
    if decision:
        decision["approve_url"] = reverse(decision["approve_url"], args=[comment.pk])
    if comment.state != State.HIDDEN:
        decision["hide_url"] = reverse("staff:comment_hide", args=[comment.pk])
    return PendingItem(
        key=comment.anchor,
        kind=gettext("Comment"),
        author=comment.author.name if comment.author else comment.signature or gettext("deleted account"),
        reason=_why(comment, flags),
        note=_note(comment, flags, hiding),
        since=comment.created_at,
        text=comment.shown_text,
        page_title=page_title,
        page_url=page_url,
        person_id=comment.author_id,
        version=version_of(comment, flags),
        **decision,
    )


def _why(comment: Comment, flags: Sequence[Flag]) -> str:
    flagged = gettext("Flagged:") + " " + " · ".join(flag.reason for flag in flags) if flags else ""
    held = gettext("Held for review") if comment.state == State.PENDING else ""
    hidden_by_team = gettext("Hidden") if comment.state == State.HIDDEN else ""
    return " · ".join(filter(None, (held, hidden_by_team, flagged))) or gettext("Published")


def _note(comment: Comment, flags: Sequence[Flag], hiding: AuditEntry | None) -> str:
    if comment.state == State.HIDDEN:
        reason = comment.hidden_reason or "—"
        if hiding is None:
            return gettext("Reason: %(reason)s") % {"reason": reason}
        moment = f"{long_date(hiding.at)}, {day_time(hiding.at)}"
        values = {"name": journal.name_of(hiding, "by"), "moment": moment, "reason": reason}
        return gettext("Hidden by %(name)s, %(moment)s: %(reason)s") % values
    if comment.edited_at is None:
        return ""
    moment = f"{long_date(comment.edited_at)}, {day_time(comment.edited_at)}"
    if flags and flags[0].created_at < comment.edited_at:
        said = gettext("Its author has changed it since it was flagged: %(moment)s.")
    else:
        said = gettext("Changed by its author: %(moment)s.")
    return one_stop(said % {"moment": moment})
