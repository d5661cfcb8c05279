"""What stands before and after a post, a forum, a recommendation."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from blog.post_kinds import PostKind
from forums.models import Track
from tests.factories import ForumFactory, PostFactory, RecommendationFactory

pytestmark = pytest.mark.django_db


def beside(client, address):
    """The addresses and titles before and after, None where there is nobody."""
    page = client.get(address).content.decode()
    found = {
        rel: (href, re.sub(r"<[^>]+>", "", words).strip())
        for rel, href, words in re.findall(
            r'<a class="neighbours__link[^"]*" rel="(\w+)" href="([^"]+)"><span[^>]*>[^<]+</span>(.*?)</a>',
            page,
        )
    }
    return found.get("prev"), found.get("next")


def titles(client, address):
    return tuple(each and each[1] for each in beside(client, address))


@pytest.fixture
def at():
    now = timezone.now()
    return lambda hours: now - timedelta(hours=hours)


def test_posts_follow_each_other_by_date_within_their_kind(client, at):
    for hours, title, kind in (
        (4, "A", "billet"),
        (3, "B", "nouvelle"),
        (2, "C", "billet"),
        (1, "D", "billet"),
    ):
        PostFactory(slug=title.lower(), title=title, kind=PostKind(kind), published_at=at(hours))
    assert titles(client, "/billets/a/") == (None, "C")
    assert titles(client, "/billets/c/") == ("A", "D")
    assert titles(client, "/billets/d/") == ("C", None)
    assert titles(client, "/billets/b/") == (None, None)
    assert beside(client, "/en/billets/c/")[0][0] == "/en/billets/a/"


def test_posts_of_one_instant_are_all_reached_once(client, at):
    for title in "abc":
        PostFactory(slug=title, title=title, published_at=at(2))
    seen, address = ["a"], "/billets/a/"
    while found := beside(client, address)[1]:
        address = found[0]
        seen.append(found[1])
    assert seen == ["a", "b", "c"]


def test_what_is_not_published_is_nobodys_neighbour(client, at):
    PostFactory(slug="un", title="Un", published_at=at(3))
    PostFactory(title="Brouillon", published_at=None)
    PostFactory(title="Demain", published_at=at(-24))
    assert titles(client, "/billets/un/") == (None, None)


def test_a_translation_is_no_neighbour_of_its_original(client, at):
    PostFactory(slug="avant", title="Avant", published_at=at(9))
    french = PostFactory(slug="texte", title="Texte", published_at=at(5))
    PostFactory(slug="text", title="Text", language="en", translation_of=french, published_at=at(4))
    PostFactory(slug="apres", title="Après", published_at=at(1))
    for address in ("/billets/texte/", "/billets/text/", "/en/billets/text/", "/en/billets/texte/"):
        assert titles(client, address) == ("Avant", "Après"), address
    # Each text once, in the language of whoever reads.
    assert titles(client, "/billets/apres/") == ("Texte", None)
    assert titles(client, "/en/billets/apres/") == ("Text", None)
    page = client.get("/en/billets/text/").content.decode()
    assert '<span class="neighbours__title" lang="fr">Avant</span>' in page


def test_forums_follow_each_other_by_date(client):
    now = timezone.now()
    for days, title in ((-9, "Un"), (-2, "Deux"), (5, "Trois")):
        ForumFactory(
            slug=title.lower(),
            title=title,
            starts_at=now + timedelta(days=days),
            ends_at=now + timedelta(days=days, hours=5),
        )
    ForumFactory(title="Secret", announced_at=None, starts_at=now, ends_at=now + timedelta(hours=5))
    ForumFactory(title="Annulé", cancelled_at=now, starts_at=now, ends_at=now + timedelta(hours=5))
    assert titles(client, "/forums/un/") == (None, "Deux")
    assert titles(client, "/forums/deux/") == ("Un", "Trois")
    assert titles(client, "/forums/trois/") == ("Deux", None)


def test_recommendations_follow_each_other_as_their_list_begins(client):
    forum = ForumFactory(has_participation=True)
    track = Track.objects.create(forum=forum, title="Manger", position=0)
    last = RecommendationFactory(forum=forum, title="Sans axe", state="accepted")
    second = RecommendationFactory(forum=forum, title="Deux", track=track, state="accepted")
    RecommendationFactory(forum=forum, title="Cachée", track=track, state="accepted", is_hidden=True)
    RecommendationFactory(forum=forum, title="Proposée", track=track, state="proposed")
    refused = RecommendationFactory(
        forum=forum, title="Refusée", state="refused", refusal_reason="Hors sujet"
    )
    first = RecommendationFactory(forum=forum, title="Un", track=track, state="accepted")
    RecommendationFactory(forum=ForumFactory(has_participation=True), title="Ailleurs", state="accepted")
    assert titles(client, first.get_absolute_url()) == (None, "Deux")
    assert titles(client, second.get_absolute_url()) == ("Un", "Sans axe")
    assert titles(client, last.get_absolute_url()) == ("Deux", None)
    assert titles(client, refused.get_absolute_url()) == (None, None)


@pytest.mark.parametrize("many", [1, 4])
def test_neighbours_cost_the_same_for_any_number(client, at, django_assert_max_num_queries, many):
    posts = [PostFactory(published_at=at(9 - hours)) for hours in range(many)]
    forum = ForumFactory(has_participation=True)
    rows = RecommendationFactory.create_batch(many, forum=forum, state="accepted")
    client.get("/")
    for address, most in (
        (posts[0].get_absolute_url(), 10),
        (forum.get_absolute_url(), 14),
        (rows[0].get_absolute_url(), 14),
    ):
        with django_assert_max_num_queries(most):
            client.get(address)


def test_a_preview_has_no_neighbour(staff_client, at):
    PostFactory(title="Autre", published_at=at(2))
    post = PostFactory(slug="un", published_at=at(1))
    page = staff_client.get(f"/gestion/billets/{post.pk}/apercu/").content.decode()
    assert "neighbours" not in page
