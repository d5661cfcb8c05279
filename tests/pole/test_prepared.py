"""Queries compiled once: what a function may decide, and that its rows are the queryset's own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from django.db import DataError, connection, transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from blog.models import Post, Tag
from blog.reading.post import _beside, tags_of
from pole.server.database.prepared import Undecided, prepared, prepared_rows
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
        return Post.objects.filter(heading=slug).values_list("slug", "title")

    for slug in "abc":
        with django_assert_num_queries(1):
            cards(slug)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement LIKE '%\"heading\" = $1%'"
        )
        assert cursor.fetchall() == [(3,)]


def test_a_value_that_is_named_twice_is_sent_once(posts: list[Post]) -> None:
    @prepared(Card)
    def cards(words: str, pk: int) -> QuerySet[Post, Any]:
        found = Post.objects.filter(Q(slug=words) | Q(title=words) | Q(draft=pk) | Q(thread=pk))
        return found.values_list("slug", "title").order_by("slug")

    assert [card.slug for card in cards("a", 0)] == ["a"]
    assert [card.slug for card in cards("Bilan", 0)] == ["b"]
    # Each size of a whole number is a type of its own.
    assert [card.slug for card in cards("a", 2**20)] == ["a"]
    assert [card.slug for card in cards("a", 2**40)] == ["a"]
    assert [card.slug for card in cards("a", 2**70)] == ["a"]
    assert cards("", posts[0].draft_id) == [Card("a", "100 % d’érable")]


def test_a_statement_that_fails_says_so_and_the_next_is_answered(transactional_db):
    PostFactory(slug="a", title="A", published_at=LONG_AGO)
    with pytest.raises(DataError):
        cards_of("\x00", NOW)
    with connection.execute_wrapper(refuse), pytest.raises(PermissionError):
        cards_of("fr", NOW)
    assert cards_of("fr", NOW) == [("a", "A")]
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        assert cards_of("fr", NOW) == [("a", "A")]
        raise ZeroDivisionError
    with transaction.atomic(), pytest.raises(TransactionManagementError):
        transaction.set_rollback(True)
        cards_of("fr", NOW)
    assert cards_of("fr", NOW) == [("a", "A")]


def refuse(*_of_the_statement):
    raise PermissionError


def test_what_one_connection_prepares_has_an_end(transactional_db, monkeypatch):
    monkeypatch.setattr("pole.server.database.statements.MOST", 2)
    PostFactory(slug="a", title="A", published_at=LONG_AGO)
    for _time in range(3):
        for pk in (0, 2**20, 2**40):
            assert tags_of(pk) == []
        assert cards_of("fr", NOW) == [("a", "A")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) <= 2 FROM pg_prepared_statements WHERE NOT from_sql")
        assert cursor.fetchone() == (True,)


def test_its_plan_is_made_once(transactional_db):
    """Whatever the values: PostgreSQL would plan it again at each call if it found that cheaper."""
    connection.close()
    for kind in ("news", "analysis") * 4:
        _beside(1, NOW, kind, 1, "fr", NOW)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE '%UNION ALL%blog_post%'"
        )
        assert cursor.fetchall() == [(8, 0)]


def test_what_the_server_forgot_is_prepared_again(transactional_db):
    PostFactory(slug="a", title="A", published_at=LONG_AGO)
    assert cards_of("fr", NOW)
    with connection.cursor() as cursor:
        # Behind the back of the driver, which would forget too.
        cursor.execute("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$")
    assert cards_of("fr", NOW) == [("a", "A")]


def test_a_table_that_changed_its_form_is_read_as_it_is(transactional_db):
    """As after a migration, of which a connection that was open knows nothing."""
    statement = "SELECT at FROM changed_form WHERE name = $1"
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE changed_form (name text, at timestamptz)")
        try:
            cursor.execute("INSERT INTO changed_form VALUES ('a', '2001-01-01 00:00+00')")
            assert prepared_rows(statement, ["a"]) == [(LONG_AGO,)]
            cursor.execute("ALTER TABLE changed_form ALTER at TYPE text")
            assert prepared_rows(statement, ["a"]) == [("2001-01-01 00:00:00+00",)]
        finally:
            cursor.execute("DROP TABLE changed_form")


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
