"""What the page of a post shows, in rows: queries compiled once (pole.server.database.prepared)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from blog.models import Author, Post, Tag
from blog.reading.rows import CARDS, LISTED, POST, ListedPost, listed
from comments.models import Thread
from desk.models import Picture
from pole.files.thumbnails import narrowest_url
from pole.server.database.instances import Instances
from pole.server.database.prepared import prepared
from pole.text.bilingual import LocalizedText, current_language, localized
from pole.text.focus import Focus
from pole.views.neighbours import Neighbours, nearest, on_both_sides

# Among how many what else may be read is chosen, so that it costs the same whatever was published.
RECENT = 40


# The whole of a post but its search document; then what its page needs to know of other rows.
_PAGE = Instances(
    Post,
    "id", "draft_id", "slug", "kind", "language", "title", "heading", "summary", "body", "published_at", "revised_at",
    "feed_id", "translation_of_id", "lead_picture_id", "thread_id", "has_documents",
    thread=Instances(Thread, "id", "is_open"),
    lead_picture=Instances(
        Picture, "id", "file", "width_px", "height_px", "renditions", "description", "credit", "focus_x", "focus_y"
    ),
)  # fmt: skip


@prepared(_PAGE)
def _post_at(slug: str, now: datetime) -> QuerySet[Post, Any]:
    has_documents = Exists(Post.documents.through.objects.filter(post=OuterRef("pk")))
    posts = Post.objects.published(now).filter(slug=slug)
    return posts.annotate(has_documents=has_documents).values_list(*_PAGE.columns)


def find_post(slug: str, now: datetime) -> Post | None:
    """The published post at an address, with its picture and its thread; `has_documents` says whether to ask for any."""
    return _post_at.first(slug, now)


class ReadAuthor(NamedTuple):
    """Who signed a post."""

    pk: int
    name: str
    role: str
    role_en: str
    note: str
    note_en: str
    portrait_file: str | None
    portrait_renditions: Sequence[int]
    portrait_focus_x: int
    portrait_focus_y: int

    @property
    def shown_role(self) -> LocalizedText:
        return localized(self.role, self.role_en)

    @property
    def shown_note(self) -> LocalizedText:
        return localized(self.note, self.note_en)

    @property
    def portrait_url(self) -> str:
        return narrowest_url(self.portrait_file, self.portrait_renditions) if self.portrait_file else ""

    @property
    def portrait_focus(self) -> str:
        """Classes of what stays in sight of it."""
        return (
            Focus.nearest(self.portrait_focus_x, self.portrait_focus_y).classes if self.portrait_file else ""
        )


@prepared(ReadAuthor)
def authors_of(post: int) -> QuerySet[Author, Any]:
    authors = Author.objects.filter(bylines__post=post).order_by("bylines__position")
    portraits = ("portrait__file", "portrait__renditions", "portrait__focus_x", "portrait__focus_y")
    return authors.values_list(*ReadAuthor._fields[: -len(portraits)], *portraits)


class ReadTag(NamedTuple):
    slug: str
    name: str
    name_en: str

    @property
    def shown_name(self) -> LocalizedText:
        return localized(self.name, self.name_en)


@prepared(ReadTag)
def tags_of(post: int) -> QuerySet[Tag, Any]:
    return Tag.objects.filter(posts=post).values_list(*ReadTag._fields)


class Sibling(NamedTuple):
    """The same text in another language."""

    slug: str
    language: str


@prepared(Sibling)
def siblings_of(post: int, original: int, now: datetime) -> QuerySet[Post, Any]:
    texts = Post.objects.published(now).filter(Q(pk=original) | Q(translation_of=original)).exclude(pk=post)
    return texts.values_list(*Sibling._fields)[:1]


class NeighbourPost(NamedTuple):
    pk: int
    slug: str
    language: str
    title: str
    published_at: datetime

    @property
    def shown_title(self) -> LocalizedText:
        return LocalizedText(self.title, self.language)

    def get_absolute_url(self) -> str:
        return POST(current_language(), self.slug)


@prepared(ListedPost)
def _related(pk: int, original: int, language: str, now: datetime) -> QuerySet[Post, Any]:
    others = _but(listed(Post.objects.all(), language, now), pk, original)
    recent = others.values("pk")[:RECENT]
    alike = Count("tags", filter=Q(tags__in=Tag.objects.filter(posts=pk)))
    found = Post.objects.filter(pk__in=recent).alias(alike=alike)
    return found.order_by("-alike", "-published_at", "-id").values_list(*LISTED)[:CARDS]


def related_to(post: Post, language: str, now: datetime) -> list[ListedPost]:
    """What else may be read: of the latest, those that share most of its tags, then the most recent."""
    return _related(post.pk, post.translation_of_id or post.pk, language, now)


def _but(others: QuerySet[Post, Any], pk: int, original: int) -> QuerySet[Post, Any]:
    """Neither the post itself nor the same text in another language."""
    others = others.exclude(pk=pk).exclude(pk=original)
    return others.exclude(translation_of=original, translation_of__isnull=False)


@prepared(NeighbourPost)
def _beside(
    pk: int, at: datetime, kind: str, original: int, language: str, now: datetime
) -> QuerySet[Post, Any]:
    others = listed(Post.objects.filter(kind=kind), language, now)
    others = others.exclude(pk=original).exclude(translation_of=original, translation_of__isnull=False)
    return nearest(others.values_list(*NeighbourPost._fields), pk, at, "published_at")


def neighbours_of(post: Post, language: str, now: datetime) -> Neighbours:
    """Those of the same kind, as the list of this language has them; neither is the same text in another one."""
    at = post.published_at or now
    original = post.translation_of_id or post.pk
    return on_both_sides(
        _beside(post.pk, at, post.kind, original, language, now), post.pk, at, "published_at"
    )
