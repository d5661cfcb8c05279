"""A thread as its readers see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Page
from django.db.models import FETCH_PEERS, Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from comments import posting, rules
from comments.models import Comment, Thread
from pole.server.database.prepared import Prepared, prepared
from pole.text.plaintext import render_plain
from pole.views.paging import page_at

CONVERSATIONS_A_PAGE = 50
PUBLISHED, PENDING, HIDDEN = Comment.State.PUBLISHED, Comment.State.PENDING, Comment.State.HIDDEN
DELETED = Comment.State.DELETED


class ShownComment(NamedTuple):
    """A comment as its reader sees it, in plain attributes: a page shows dozens."""

    key: int
    anchor: str
    author: str
    written_at: datetime
    # None when it is not shown: waiting if `is_pending`, hidden by the team if `is_hidden`, else deleted by its author.
    text: SafeString | None
    is_hidden: bool
    is_pending: bool
    is_edited: bool
    can_reply: bool
    can_edit: bool
    can_delete: bool
    can_flag: bool
    can_moderate: bool
    replies: list[ShownComment]

    @property
    def has_notes(self) -> bool:
        return self.is_pending or self.is_edited

    @property
    def has_actions(self) -> bool:
        return self.can_reply or self.can_edit or self.can_delete or self.can_flag or self.can_moderate


@dataclass(frozen=True, slots=True)
class Conversation:
    comments: list[ShownComment]
    total: int
    # Of those that only their author and the team read, the reader’s own.
    waiting: int
    # Its pages: of conversations, each an opening and its answers.
    page: Page[int]


class CommentRow(NamedTuple):
    """A comment of a thread, with what a page shows of its author."""

    pk: int
    parent_id: int | None
    author_id: int | None
    author_name: str | None
    is_unnamed: bool | None
    signature: str
    text: str
    language: str
    state: str
    created_at: datetime
    edited_at: datetime | None


def _visible_to(reader: User | AnonymousUser) -> Q:
    published = Q(state=PUBLISHED)
    return published | Q(state=PENDING, author=reader.pk) if reader.is_authenticated else published


def openings_seen_by(reader: User | AnonymousUser) -> Q:
    """The comments that open a conversation for this reader: what they may read, and what has an answer that they may."""
    visible = _visible_to(reader)
    answered = Exists(Comment.objects.filter(visible, parent=OuterRef("pk")))
    return Q(visible | answered, parent=None)


def written_before(at: datetime | OuterRef, key: int | OuterRef) -> Q:
    """The comments that stand before the one with this id, written `at` that moment."""
    return Q(created_at__lt=at) | Q(created_at=at, pk__lt=key)


def place_of(comment: Comment, page: str, *, reader: User) -> str:
    """Where `reader` finds a comment: in which page of the conversations of `page`, and where there. One or two queries."""
    opening = comment.parent or comment
    before = written_before(opening.created_at, opening.pk)
    opened = Comment.objects.filter(openings_seen_by(reader), before, thread=comment.thread_id)
    return address_in(page, opened.count(), comment.anchor)


def with_places(rows: QuerySet[Comment], reader: User | AnonymousUser) -> QuerySet[Comment]:
    """Comments as `address_of` reads them: each with how many conversations `reader` finds before its own."""
    before = written_before(OuterRef("opening_at"), OuterRef("opening"))
    earlier = Comment.objects.filter(openings_seen_by(reader), before, thread=OuterRef("thread"))
    counted = Subquery(earlier.order_by().values("thread").annotate(total=Count("pk")).values("total"))
    placed = rows.annotate(
        opening=Coalesce("parent", "pk"), opening_at=Coalesce(F("parent__created_at"), "created_at")
    )
    return placed.annotate(openings_before=Coalesce(counted, 0))


def address_of(comment: Comment, page: str, reader: User | AnonymousUser) -> str:
    """Where `reader` finds a comment of `with_places`: the page of its conversation, and its place there if they see it."""
    is_own = reader.is_authenticated and comment.author_id == reader.pk
    is_seen = comment.state == PUBLISHED or (comment.state == PENDING and is_own)
    anchor = comment.anchor if is_seen else "commentaires"
    return address_in(page, comment.openings_before, anchor)  # type: ignore[attr-defined]  # annotated


def address_in(page: str, openings_before: int, anchor: str) -> str:
    """Of what stands in a conversation, before which `openings_before` others begin."""
    number = openings_before // CONVERSATIONS_A_PAGE + 1
    return f"{page}?commentaires={number}#{anchor}" if number > 1 else f"{page}#{anchor}"


def with_thread_owners(rows: QuerySet[Comment]) -> QuerySet[Comment]:
    """Reads the owners of their threads in one query for each kind of owner."""
    return rows.select_related("author", "thread").fetch_mode(FETCH_PEERS)


def _rows(thread: int, visible: Q, opens: Q, part: slice) -> QuerySet[Comment, Any]:
    """Those of a page of conversations, and the opening of the next one: `CommentRow`."""
    in_thread = Comment.objects.filter(thread=thread)
    openings = in_thread.filter(opens).order_by("created_at", "id").values("pk")
    return (
        in_thread.alias(opening=Coalesce("parent", "pk"))
        .filter(Q(parent=None) | visible, opening__in=openings[part])
        .annotate(author_name=F("author__name"), is_unnamed=F("author__is_name_withheld"))
        .order_by("created_at", "id")
        .values_list(*CommentRow._fields)
    )


@cache
def _first_page(size: int) -> Prepared[[int], CommentRow]:
    """As a visitor without a session sees it. One for each size: a query that is prepared has its limit in its text."""

    @prepared(CommentRow)
    def rows(thread: int) -> QuerySet[Comment, Any]:
        nobody = AnonymousUser()
        return _rows(thread, _visible_to(nobody), openings_seen_by(nobody), slice(size + 1))

    return rows


def _read(thread: int, reader: User | AnonymousUser, page: int) -> list[CommentRow]:
    if page == 1 and not reader.is_authenticated:
        return _first_page(CONVERSATIONS_A_PAGE)(thread)
    first = (page - 1) * CONVERSATIONS_A_PAGE
    part = slice(first, first + CONVERSATIONS_A_PAGE + 1)
    rows = _rows(thread, _visible_to(reader), openings_seen_by(reader), part)
    return [CommentRow(*row) for row in rows]


def _totals(thread: Thread, reader: User | AnonymousUser) -> dict[str, int]:
    """Of the whole thread. One query."""
    return Comment.objects.filter(thread=thread).aggregate(
        total=Count("pk", filter=Q(state=PUBLISHED)),
        waiting=Count("pk", filter=Q(state=PENDING, author=reader.pk or 0)),
        openings=Count("pk", filter=openings_seen_by(reader)),
    )


def conversation(thread: Thread, *, reader: User | AnonymousUser, page: int, now: datetime) -> Conversation:
    """One page of a thread, oldest first, or its last one: one query, or two when it takes several pages."""
    totals = _totals(thread, reader) if page > 1 else None
    if totals:
        page = page_at(range(totals["openings"]), CONVERSATIONS_A_PAGE, page).number
    replies: dict[int | None, list[CommentRow]] = {}
    for row in _read(thread.pk, reader, page):
        replies.setdefault(row.parent_id, []).append(row)
    tops = replies.pop(None, [])
    if totals is None and len(tops) > CONVERSATIONS_A_PAGE:
        totals = _totals(thread, reader)
    elif totals is None:
        read = list(chain(tops, *replies.values()))
        totals = {
            "total": sum(row.state == PUBLISHED for row in read),
            # Anyone else’s that waits is read only as the place of its answers.
            "waiting": sum(row.state == PENDING and row.author_id == reader.pk is not None for row in read),
            "openings": len(tops),
        }
    tops = tops[:CONVERSATIONS_A_PAGE]
    moderates = reader.is_authenticated and reader.has_role("editorial")
    may_reply = reader.is_authenticated and rules.may_post(reader, thread, now)

    def shown(comment: CommentRow) -> ShownComment:
        is_published, is_pending = comment.state == PUBLISHED, comment.state == PENDING
        is_own = reader.is_authenticated and comment.author_id == reader.pk
        return ShownComment(
            key=comment.pk,
            anchor=f"commentaire-{comment.pk}",
            author=_author_of(comment),
            written_at=comment.created_at,
            text=render_plain(comment.text, comment.language)
            if is_published or (is_pending and is_own)
            else None,
            is_hidden=comment.state == HIDDEN,
            is_pending=is_pending,
            is_edited=comment.edited_at is not None,
            can_reply=may_reply and is_published,
            can_edit=is_own and rules.may_edit(reader, comment, now),  # type: ignore[arg-type]  # own means signed in
            can_delete=is_own and rules.may_delete(reader, comment),  # type: ignore[arg-type]  # own means signed in
            can_flag=reader.is_authenticated and rules.may_flag(reader, comment, now),
            can_moderate=moderates and comment.state != DELETED,
            replies=[shown(reply) for reply in replies.get(comment.pk, ())],
        )

    return Conversation(
        comments=[shown(top) for top in tops],
        total=totals["total"],
        waiting=totals["waiting"],
        page=page_at(range(totals["openings"]), CONVERSATIONS_A_PAGE, page),
    )


def _author_of(comment: CommentRow) -> str:
    """The name beside a comment of `conversation`."""
    if not comment.author_id:
        return comment.signature or _("deleted account")
    return _("Name withdrawn") if comment.is_unnamed else comment.author_name or ""


def will_be_held(reader: User, *, holds_first: bool, edited: Comment | None = None) -> bool:
    """Whether what `reader` writes now will wait for the team, link or not: the form says so beforehand. One query."""
    return holds_first and not posting.is_known(reader, edited=edited)
