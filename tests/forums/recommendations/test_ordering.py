"""The list of recommendations, in each order."""

from __future__ import annotations

import re

import pytest

from forums.models import Track
from tests.factories import ForumFactory, RecommendationFactory

pytestmark = pytest.mark.django_db
SUPPORTED = "appuyees"


@pytest.fixture
def forum():
    forum = ForumFactory(has_participation=True)
    food, land = (
        Track.objects.create(forum=forum, title=title, position=at)
        for at, title in enumerate(("Manger", "Habiter"))
    )
    RecommendationFactory(forum=forum, title="Zinc", track=land, state="accepted")
    RecommendationFactory(forum=forum, title="Écluse", track=food, state="accepted", title_en="Zebra")
    RecommendationFactory(forum=forum, title="abeille", state="accepted")
    RecommendationFactory(forum=forum, title="Farine", track=food, state="accepted")
    return forum


def titles(client, forum, prefix="", **asked):
    page = client.get(f"{prefix}/forums/{forum.slug}/recommandations/", asked).content.decode()
    return re.findall(r'recommendation__title"><a [^>]*>([^<]+)<', page)


def merge(forum, title, *names, **changes):
    survivor = forum.recommendations.get(title=title)
    for name in names:
        RecommendationFactory(forum=forum, title=name, state="merged", survivor=survivor, **changes)


def test_each_order_is_whole(client, forum):
    by_track = ["Farine", "Écluse", "Zinc", "abeille"]
    assert (
        titles(client, forum)
        == titles(client, forum, tri="axe")
        == titles(client, forum, tri="x")
        == by_track
    )
    assert titles(client, forum, tri="recentes") == ["Farine", "abeille", "Écluse", "Zinc"]
    assert titles(client, forum, tri="titre") == ["abeille", "Écluse", "Farine", "Zinc"]
    assert titles(client, forum, "/en", tri="titre") == ["abeille", "Farine", "Zebra", "Zinc"]


def test_what_gathers_the_most_proposals_comes_first_then_the_newest(client, forum):
    merge(forum, "Zinc", "a", "b")
    merge(forum, "abeille", "c")
    merge(forum, "Écluse", "d", "e", "f", is_hidden=True)
    assert titles(client, forum, tri=SUPPORTED) == ["Zinc", "abeille", "Farine", "Écluse"]


def test_an_order_goes_on_from_page_to_page_and_keeps_the_filters(client, forum, monkeypatch):
    monkeypatch.setattr("forums.views.public.recommendations.RECOMMENDATIONS_A_PAGE", 3)
    assert [titles(client, forum, tri="titre", page=number) for number in ("1", "2")] == [
        ["abeille", "Écluse", "Farine"], ["Zinc"]
    ]  # fmt: skip
    page = client.get(
        f"/forums/{forum.slug}/recommandations/", {"type": "opportunites", "tri": "titre", "page": "2"}
    )
    [sort] = re.findall(r'<nav class="sort[^"]*" aria-label="Trier par">(.*?)</nav>', page.content.decode())
    assert re.findall(r'href="([^"]*)"([^>]*)>([^<]*)<', sort) == [
        ("?type=opportunites&amp;tri=axe", "", "axe"),
        ("?type=opportunites&amp;tri=recentes", "", "date (récentes d’abord)"),
        ("?type=opportunites&amp;tri=appuyees", "", "nombre de propositions regroupées"),
        ("?type=opportunites&amp;tri=titre", ' aria-current="true"', "titre"),
    ]
    assert '<input type="hidden" name="tri" value="titre">' in page.content.decode()


def test_a_forum_without_tracks_offers_no_order_by_track(client):
    forum = ForumFactory(has_participation=True)
    RecommendationFactory.create_batch(2, forum=forum, state="accepted")
    page = client.get(f"/forums/{forum.slug}/recommandations/").content.decode()
    assert re.findall(r"\?tri=(\w+)", page) == ["recentes", "appuyees", "titre"]


@pytest.mark.parametrize("many", [1, 3])
@pytest.mark.parametrize(("order", "queries"), [("titre", 6), (SUPPORTED, 7)])
def test_an_order_costs_the_same_for_any_number(client, django_assert_num_queries, many, order, queries):
    forum = ForumFactory(has_participation=True)
    RecommendationFactory.create_batch(many, forum=forum, state="accepted")
    client.get("/forums/")
    with django_assert_num_queries(queries):
        client.get(f"/forums/{forum.slug}/recommandations/", {"tri": order})
