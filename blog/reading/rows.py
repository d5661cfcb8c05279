"""What visitors read of posts and pages, in rows of what a page shows: queries compiled once (pole.server.database.prepared)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.core.files.storage import default_storage
from django.db.models import FETCH_RAISE, Count, Exists, OuterRef, Q, QuerySet, Value

from blog.models import KIND_LABELS, Author, Page, Post, Tag
from comments.models import Thread
from desk.models import Picture
from pole.files.thumbnails import COLUMNS as THUMBNAIL
from pole.files.thumbnails import Thumbnail
from pole.server.database.prepared import prepared
from pole.server.routes import Route
from pole.text.bilingual import LocalizedText, current_language, localized
from pole.text.focus import Focus
from pole.views.neighbours import Neighbours, nearest, on_both_sides

POST = Route("blog:post")
POSTS_A_PAGE = 12
# On the home page, and of what else may be read after a post.
CARDS = 3
# How many other pages are named beside one.
OTHERS_A_PAGE = 50


class Counted(NamedTuple):
    total: int


@cache
def _focus(x_percent: int, y_percent: int) -> Focus:
    return Focus.nearest(x_percent, y_percent)


class ListedPost(NamedTuple):
    """What a list shows of a post: its text stays in the database. Its picture's columns are empty where it has none."""

    slug: str
    kind: str
    language: str
    title: str
    summary: str
    published_at: datetime
    picture_file: str | None = None
    picture_width_px: int = 0
    picture_height_px: int = 0
    renditions: Sequence[int] = ()
    focus_x: int = 50
    focus_y: int = 50

    @property
    def shown_title(self) -> LocalizedText:
        return LocalizedText(self.title, self.language)

    @property
    def kind_label(self) -> str:
        return str(KIND_LABELS[self.kind])

    @property
    def picture(self) -> Thumbnail | None:
        if not self.picture_file:
            return None
        focus = _focus(self.focus_x, self.focus_y)
        return Thumbnail(
            self.picture_file, self.picture_width_px, self.picture_height_px, self.renditions, focus
        )


# Of `ListedPost`, in its order.
LISTED = (
    "slug", "kind", "language", "title", "summary", "published_at",
    *(f"lead_picture__{name}" for name in (*THUMBNAIL, "focus_x", "focus_y")),
)  # fmt: skip


def listed(posts: QuerySet[Post, Any], language: str, now: datetime) -> QuerySet[Post, Any]:
    """Each text once, for a list of `language`."""
    return posts.published(now).for_readers_of(language, now)  # type: ignore[attr-defined,no-any-return]  # of PostQuerySet


@prepared(ListedPost)
def latest_posts(language: str, now: datetime) -> QuerySet[Post, Any]:
    """The first page of the whole list."""
    return listed(Post.objects.all(), language, now).values_list(*LISTED)[:POSTS_A_PAGE]


@prepared(ListedPost)
def latest_cards(language: str, now: datetime) -> QuerySet[Post, Any]:
    """Those of the home page."""
    return listed(Post.objects.all(), language, now).values_list(*LISTED)[:CARDS]


@prepared(Counted)
def _count_all(language: str, now: datetime) -> QuerySet[Post, Any]:
    posts = listed(Post.objects.order_by(), language, now)
    return posts.values(all=Value(1)).annotate(total=Count("pk")).values_list("total")


@prepared(Counted)
def any_post(now: datetime) -> QuerySet[Post, Any]:
    """A row if visitors have any to read."""
    return Post.objects.published(now).order_by().values_list("pk")[:1]


@dataclass(frozen=True, slots=True)
class PostList:
    """The posts of a list, narrowed by what is given; a slice of it is read."""

    language: str
    now: datetime
    kind: str = ""
    tag: Tag | None = None
    year: int | None = None
    author: Author | None = None

    def count(self) -> int:
        return self._narrowed().count() if self._is_narrowed else _count_all(self.language, self.now)[0].total

    def __getitem__(self, part: slice) -> list[ListedPost]:
        if not self._is_narrowed and part.stop <= POSTS_A_PAGE:
            return latest_posts(self.language, self.now)[part]
        return [ListedPost(*row) for row in self._narrowed().values_list(*LISTED)[part]]

    @property
    def _is_narrowed(self) -> bool:
        return bool(self.kind or self.tag or self.year or self.author)

    def _narrowed(self) -> QuerySet[Post, Any]:
        narrowed = {
            "kind": self.kind,
            "tags": self.tag,
            "published_at__year": self.year,
            "authors": self.author,
        }
        posts = listed(Post.objects.all(), self.language, self.now)
        return posts.filter(**{name: value for name, value in narrowed.items() if value})


class PostRow(NamedTuple):
    """The whole of a post but its search document; then what it needs to know of other rows."""

    id: int
    draft_id: int
    slug: str
    kind: str
    language: str
    title: str
    heading: str
    summary: str
    body: str
    published_at: datetime
    revised_at: datetime | None
    feed_id: str
    translation_of_id: int | None
    lead_picture_id: int | None
    thread_id: int
    thread_is_open: bool
    has_documents: bool


@prepared(PostRow)
def _post_at(slug: str, now: datetime) -> QuerySet[Post, Any]:
    has_documents = Exists(Post.documents.through.objects.filter(post=OuterRef("pk")))
    posts = Post.objects.published(now).filter(slug=slug)
    return posts.values_list(*PostRow._fields[:-2], "thread__is_open", has_documents)


def find_post(slug: str, now: datetime) -> Post | None:
    """The published post at an address, with its picture and its thread; `has_documents` says whether to ask for any."""
    row = _post_at.first(slug, now)
    if row is None:
        return None
    known = row._asdict()
    fields = [field.attname for field in Post._meta.concrete_fields if field.attname in known]
    post = Post.from_db("default", fields, [known[name] for name in fields], fetch_mode=FETCH_RAISE)
    post.thread = Thread(pk=row.thread_id, is_open=row.thread_is_open)
    post.lead_picture = Picture.objects.get(pk=row.lead_picture_id) if row.lead_picture_id else None
    post.has_documents = row.has_documents  # type: ignore[attr-defined]  # of this reading alone
    return post


class ReadAuthor(NamedTuple):
    """Who signed a post."""

    pk: int
    name: str
    role: str
    role_en: str
    note: str
    note_en: str
    portrait_file: str | None

    @property
    def shown_role(self) -> LocalizedText:
        return localized(self.role, self.role_en)

    @property
    def shown_note(self) -> LocalizedText:
        return localized(self.note, self.note_en)

    @property
    def portrait_url(self) -> str:
        return default_storage.url(self.portrait_file) if self.portrait_file else ""


@prepared(ReadAuthor)
def authors_of(post: int) -> QuerySet[Author, Any]:
    authors = Author.objects.filter(bylines__post=post).order_by("bylines__position")
    return authors.values_list(*ReadAuthor._fields[:-1], "portrait__file")


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


class OtherPage(NamedTuple):
    """A page in the list of the others."""

    slug: str
    title: str
    title_en: str

    @property
    def shown_title(self) -> LocalizedText:
        return localized(self.title, self.title_en)


class OtherPages:
    """Every other page, in its order; a slice of it is read."""

    def __init__(self, page: int, now: datetime) -> None:
        self._page, self._now = page, now

    def __getitem__(self, at: slice) -> list[OtherPage]:
        if at.start:
            return [OtherPage(*row) for row in _others(self._page, self._now)[at]]
        return _first_others(self._page, self._now)[at]


def _others(page: int, now: datetime) -> QuerySet[Page, Any]:
    return Page.objects.published(now).exclude(pk=page).values_list(*OtherPage._fields)


@prepared(OtherPage)
def _first_others(page: int, now: datetime) -> QuerySet[Page, Any]:
    return _others(page, now)[:OTHERS_A_PAGE]
