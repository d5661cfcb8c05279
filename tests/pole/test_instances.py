"""Instances of models from the rows of prepared queries: as a queryset gives them, and no query more."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import FieldFetchBlocked
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from forums.models import Forum, Results, Track
from pole.models import Municipality
from pole.server.database.instances import Instances, attach, columns_of
from pole.server.database.prepared import Undecided, prepared
from tests.factories import ForumFactory, ResultsFactory

pytestmark = [pytest.mark.django_db, pytest.mark.any_hour("compares rows")]

FORUM = Instances(
    Forum,
    *columns_of(Forum, without=("document", "body")),
    "is_in_town",
    municipality=Instances(Municipality, "code", "name", "designation", "is_homonym"),
    results=Instances(Results, "id", "forum_id", "heading"),
)


@prepared(FORUM)
def forums(slugs: list[str]) -> QuerySet[Forum, Any]:
    in_town = ExpressionWrapper(Q(municipality__isnull=False), output_field=BooleanField())
    found = Forum.objects.filter(slug__any=slugs).annotate(is_in_town=in_town)
    return found.order_by("slug").values_list(*FORUM.columns)


@pytest.fixture
def two():
    with_results = ForumFactory(slug="a", title_en="A <b>", municipality=Municipality.objects.first())
    ResultsFactory(forum=with_results, heading="Un titre")
    return with_results, ForumFactory(slug="b", municipality=None)


def test_they_are_those_of_a_queryset(two, django_assert_num_queries):
    with django_assert_num_queries(1):
        made = forums(["a", "b"])
    stored = Forum.objects.defer("document", "body").select_related("municipality", "results")
    for one, other in zip(made, stored.order_by("slug"), strict=True):
        assert one == other
        assert one.get_deferred_fields() == other.get_deferred_fields()
        names = set(columns_of(Forum)) - one.get_deferred_fields()
        assert {name: getattr(one, name) for name in names} == {name: getattr(other, name) for name in names}
        assert not one._state.adding
        assert one._state.db == other._state.db


def test_what_they_lead_to_is_there(two, django_assert_num_queries):
    with_results, without = forums(["a", "b"])
    with django_assert_num_queries(0):
        assert str(with_results.municipality) == str(two[0].municipality)
        assert with_results.results.heading == "Un titre"
        # Back to the forum, as `select_related` leaves it.
        assert with_results.results.forum is with_results
        assert with_results.is_in_town is True
        assert (without.municipality, without.is_in_town) == (None, False)
        assert not hasattr(without, "results")


def test_what_was_not_named_is_never_asked(two):
    made = forums(["a"])[0]
    with pytest.raises(FieldFetchBlocked):
        _ = made.body
    with pytest.raises(FieldFetchBlocked):
        _ = made.results.introduction


def test_attached_rows_are_those_of_the_relation(two, django_assert_num_queries):
    forum = forums(["a"])[0]
    track = Track(title="Axe")
    with django_assert_num_queries(0):
        attach(forum, "tracks", [track])
        attach(forum, "documents", [])
        assert forum.tracks.all() == [track]
        assert track.forum is forum
        assert list(forum.documents.all()) == []
    # Narrowing what is there would ask again, silently, of a queryset.
    with pytest.raises(AttributeError):
        forum.tracks.all().filter(title="Axe")


def test_columns_are_counted(two: Any) -> None:
    @prepared(FORUM)
    def too_few(slug: str) -> QuerySet[Forum, Any]:
        return Forum.objects.filter(slug=slug).values_list(*columns_of(Forum))

    with pytest.raises(Undecided, match="columns for the"):
        too_few("a")


def test_a_row_alone_is_a_row(two: Any) -> None:
    @prepared(FORUM.row)
    def rows(slug: str) -> QuerySet[Forum, Any]:
        found = Forum.objects.filter(slug=slug).annotate(is_in_town=Q(pk__gt=0))
        return found.values_list(*FORUM.columns)

    (row,) = rows("a")
    assert dict(zip(FORUM.columns, row, strict=True))["slug"] == "a"
    assert FORUM(*row) == two[0]
