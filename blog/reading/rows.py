"""What visitors read of posts and pages, in rows of what a page shows: queries compiled once (pole.server.database.prepared)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet, Value

from blog.models import KIND_LABELS, Author, Page, Post, Tag
from pole.files.thumbnails import COLUMNS as THUMBNAIL
from pole.files.thumbnails import Thumbnail
from pole.server.database.prepared import prepared
from pole.server.routes import Route
from pole.text.bilingual import LocalizedText, localized
from pole.text.focus import Focus

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
