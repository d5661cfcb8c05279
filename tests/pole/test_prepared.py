"""Queries compiled once: what a function may decide, and that its rows are the queryset's own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from django.db import connection
from django.db.models import F, Q, QuerySet, Value
from django.utils import timezone

from blog.models import Post, Tag
from pole.server.database.prepared import Undecided, prepared
from tests.factories import PostFactory

pytestmark = [pytest.mark.django_db, pytest.mark.any_hour("gives each moment")]
LONG_AGO, NOW = datetime(2001, 1, 1, tzinfo=UTC), datetime(2026, 11, 30, 12, tzinfo=UTC)


class Card(NamedTuple):
    slug: str
    title: str


@prepared(Card)
def cards_of(language: str, now: datetime) -> QuerySet[Post, Any]:
    """Published by now."""
    return (
        Post.objects.filter(published_at__lte=now, language=language)
        .values_list("slug", "title")
        .order_by("slug")
    )


@prepared(Card)
def cards_among(keys: list[int]) -> QuerySet[Post, Any]:
    return Post.objects.filter(pk__any=keys).values_list("slug", "title").order_by("slug")


@pytest.fixture
def posts():
    return [
        PostFactory(slug="a", title="100 % d’érable", published_at=LONG_AGO),
        PostFactory(slug="b", title="Bilan", published_at=timezone.now()),
        PostFactory(slug="c", title="In English", language="en", published_at=LONG_AGO),
    ]


def test_values_are_bound(posts: list[Post]) -> None:
    assert cards_of("fr", NOW)[0] == ("a", "100 % d’érable")
    assert [card.slug for card in cards_of("en", NOW)] == ["c"]
    assert cards_of(now=LONG_AGO, language="fr") == [("a", "100 % d’érable")]
    assert cards_of("fr' OR 1=1 --", NOW) == []


def test_any_takes_as_many_as_there_are(posts: list[Post]) -> None:
    assert [card.slug for card in cards_among([posts[0].pk, posts[2].pk])] == ["a", "c"]
    assert cards_among([]) == []
    assert cards_among([2**40]) == []
    assert [card.slug for card in cards_among([*range(70_000), *(post.pk for post in posts)])] == [
        "a",
        "b",
        "c",
    ]


def test_constants_stay_constants(posts: list[Post]) -> None:
    @prepared(Card)
    def cards(now: datetime) -> QuerySet[Post, Any]:
        found = Post.objects.filter(Q(title__contains="%") | Q(title__startswith="B’"), published_at__lte=now)
        return found.annotate(label=Value("100 %s 'ok' \\ é")).values_list("slug", "label")

    assert cards(NOW) == [("a", "100 %s 'ok' \\ é")]


def test_columns_come_as_their_fields_read_them(posts: list[Post]) -> None:
    """A JSON column, and one that PostgreSQL made."""

    class Row(NamedTuple):
        content: dict[str, str]
        at: datetime

    @prepared(Row)
    def rows(slug: str) -> QuerySet[Post, Any]:
        return Post.objects.filter(slug=slug).values_list("draft__content", F("published_at"))

    first = rows.first("a")
    assert first is not None
    assert (first.content, first.at) == (posts[0].draft.content, LONG_AGO)
    assert rows.first("nobody") is None


def test_it_is_prepared_once_by_the_server_and_counted_as_any(
    posts: list[Post], django_assert_num_queries: Any
) -> None:
    @prepared(Card)
    def cards(slug: str) -> QuerySet[Post, Any]:
        return Post.objects.filter(slug=slug).values_list("slug", "title")

    for slug in "abc":
        with django_assert_num_queries(1):
            cards(slug)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement LIKE '%\"slug\" = $1%'"
        )
        assert cursor.fetchall() == [(3,)]


def test_what_the_server_forgot_is_prepared_again(transactional_db):
    PostFactory(slug="a", title="A", published_at=LONG_AGO)
    assert cards_of("fr", NOW)
    with connection.cursor() as cursor:
        # Behind the back of the driver, which would forget too.
        cursor.execute("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$")
    assert cards_of("fr", NOW) == [("a", "A")]


def decides_by_a_value(language: str) -> QuerySet[Tag, Any]:
    return Tag.objects.filter(name=language) if language.endswith("1-0") else Tag.objects.all()


def changes_a_value(slug: str) -> QuerySet[Tag, Any]:
    return Tag.objects.filter(slug__contains=slug)


def reads_nothing(slug: str) -> QuerySet[Tag, Any]:
    return Tag.objects.all()


def takes_a_boolean(is_new: bool) -> QuerySet[Tag, Any]:
    return Tag.objects.all()


@pytest.mark.parametrize(
    ("build", "why"),
    [
        (decides_by_a_value, "decides its SQL"),
        (changes_a_value, "changes a value"),
        (reads_nothing, "does not send"),
        (takes_a_boolean, "is given values of"),
    ],
)
def test_what_is_no_prepared_query_says_why(build, why):
    def columns(*arguments):
        return build(*arguments).values_list("slug", "name")

    columns.__wrapped__, columns.__annotations__ = build, build.__annotations__
    with pytest.raises(Undecided, match=why):
        prepared(Card)(columns)("x")


def test_columns_are_the_fields_of_the_row() -> None:
    @prepared(Card)
    def three(slug: str) -> QuerySet[Tag, Any]:
        return Tag.objects.filter(slug=slug).values_list("slug", "name", "name_en")

    with pytest.raises(Undecided, match="3 columns for the 2 fields"):
        three("x")
