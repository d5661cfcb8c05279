"""What visitors read, and what they must never meet."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from forums.models import Recommendation
from forums.recommendations import merging
from tests.conftest import signed_in
from tests.factories import CommentFactory, ForumFactory, RecommendationFactory, UserFactory
from tests.forums.recommendations.conftest import content
from tests.seen import seen_merge
from tests.sitemaps import parts, whole_sitemap

SECRET = "Zibeline"


def address(forum, *, query=""):
    return reverse("forums:recommendations", args=[forum.slug]) + query


def text(response):
    assert response.status_code == 200
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def test_list_shows_accepted_ones_in_words(client, forum):
    track = forum.tracks.create(position=1, title="Les moyens")
    RecommendationFactory(
        forum=forum, title="Une halte-garderie", kind="issue", track=track, author_name="Coop du Bout"
    )
    page = text(client.get(address(forum)))
    for said in ("Une halte-garderie", "Enjeu", "Les moyens", "Coop du Bout", "Acceptées (1)"):
        assert said in page


def test_list_by_state_kind_and_track(client, forum, team):
    track = forum.tracks.create(position=1, title="Les moyens")
    a = RecommendationFactory(forum=forum, title="Alpha", kind="issue", track=track)
    b = RecommendationFactory(forum=forum, title="Bravo")
    RecommendationFactory(forum=forum, title="Charlie", state="refused", refusal_reason="Hors sujet.")

    def titles(query):
        page = text(client.get(address(forum, query=query)))
        return [title for title in ("Alpha", "Bravo", "Charlie") if f">{title}</a></h2>" in page]

    assert titles("") == ["Alpha", "Bravo"]
    assert titles("?type=enjeux") == ["Alpha"]
    assert titles("?type=opportunites") == ["Bravo"]
    assert titles(f"?axe={track.pk}") == ["Alpha"]
    assert titles("?etat=refusees") == ["Charlie"]
    assert titles("?etat=n'importe&axe=999999&type=%00&page=-3") == ["Alpha", "Bravo"]
    merging.merge(
        forum=forum,
        ids=[a.pk, b.pk],
        seen=seen_merge([a.pk, b.pk]),
        content=content("Delta"),
        by=team,
        now=timezone.now(),
    )
    assert titles("?etat=regroupees") == ["Bravo"]


def test_waiting_ones_can_not_be_asked_for(client, forum):
    RecommendationFactory(forum=forum, title=SECRET, state="proposed")
    assert SECRET not in text(client.get(address(forum, query="?etat=en-attente")))


@pytest.mark.parametrize("path", ["list", "page"])
def test_reading_sets_no_cookie_and_is_not_made_again(client, forum, path):
    row = RecommendationFactory(forum=forum)
    url = address(forum) if path == "list" else row.get_absolute_url()
    response = client.get(url)
    assert response.cookies == {}
    assert "csrfmiddlewaretoken" not in response.content.decode()
    assert client.get(url, headers={"if-none-match": response.headers["ETag"]}).status_code == 304
    Recommendation.objects.filter(pk=row.pk).update(title="Autre titre")
    assert client.get(url, headers={"if-none-match": response.headers["ETag"]}).status_code == 200


def test_refusal_is_public_with_its_reason(client, forum):
    row = RecommendationFactory(forum=forum, state="refused", refusal_reason="Cela relève de la MRC.")
    page = text(client.get(row.get_absolute_url()))
    assert "Cela relève de la MRC." in page
    assert "Refusée" in page


def test_merged_one_keeps_its_page_which_leads_to_the_survivor(client, forum, team, staff):
    a, b = RecommendationFactory(forum=forum), RecommendationFactory(forum=forum, title="La source")
    merging.merge(
        forum=forum,
        ids=[a.pk, b.pk],
        seen=seen_merge([a.pk, b.pk]),
        content=content("Le fleuve"),
        by=team,
        now=timezone.now(),
    )
    source = text(client.get(b.get_absolute_url()))
    assert "Regroupée avec" in source
    assert f'href="{a.get_absolute_url()}">Le fleuve</a>' in source
    survivor = text(client.get(a.get_absolute_url()))
    assert f'href="{b.get_absolute_url()}">La source</a>' in survivor
    assert staff.name in survivor
    assert a.title in survivor  # the text before


def test_page_in_english_marks_what_is_in_french(client, forum):
    row = RecommendationFactory(forum=forum, title="Un four banal", description="Pour tous.")
    page = text(client.get("/en" + row.get_absolute_url()))
    assert '<h1 class="recommendation__heading" lang="fr">Un four banal</h1>' in page
    row.title_en = "A village oven"
    row.save()
    assert ">A village oven</h1>" in text(client.get("/en" + row.get_absolute_url()))


def test_comments_are_under_a_recommendation(client, citizen_client, forum):
    row = RecommendationFactory(forum=forum)
    CommentFactory(thread=row.thread, text="Je l’appuie de tout cœur.")
    assert "Je l’appuie de tout cœur." in text(client.get(row.get_absolute_url()))
    assert "Publier mon commentaire" in text(citizen_client.get(row.get_absolute_url()))


def test_author_alone_sees_what_awaits_review(client, citizen, citizen_client, forum):
    row = RecommendationFactory(forum=forum, title=SECRET, state="proposed", author=citizen)
    assert SECRET in text(citizen_client.get(address(forum)))
    assert SECRET in text(citizen_client.get(row.get_absolute_url()))
    other = signed_in(UserFactory())
    for stranger in (client, other):
        assert SECRET not in text(stranger.get(address(forum)))
        assert stranger.get(row.get_absolute_url()).status_code == 404


def test_author_does_not_see_what_the_team_hid(citizen, citizen_client, forum):
    row = RecommendationFactory(forum=forum, state="proposed", author=citizen, is_hidden=True)
    assert citizen_client.get(row.get_absolute_url()).status_code == 404


def places(client, forum, row):
    """Everything public that could tell of a recommendation."""
    cache.clear()
    yield "page", client.get(row.get_absolute_url())
    yield "english page", client.get("/en" + row.get_absolute_url())
    for query in ("", "?etat=regroupees", "?etat=refusees", "?type=opportunites"):
        yield f"list{query}", client.get(address(forum, query=query))
    yield "search", client.get("/recherche/", {"q": SECRET})
    for part in ["/sitemap.xml", *parts(client)]:
        yield "sitemap", client.get(part)
    yield "forum", client.get(forum.get_absolute_url())
    yield "home", client.get("/")
    yield "thread", client.post(reverse("comments:post", args=[row.thread_id]), {"text": "x"})


HIDDEN = {
    "proposed": {"state": "proposed"},
    "hidden": {"is_hidden": True},
    "hidden refusal": {"state": "refused", "refusal_reason": "Non.", "is_hidden": True},
}


@pytest.mark.parametrize("fields", HIDDEN.values(), ids=HIDDEN)
def test_hidden_and_waiting_ones_are_absent_everywhere(client, citizen_client, forum, fields):
    row = RecommendationFactory(forum=forum, title=SECRET, description=SECRET, **fields)
    other = RecommendationFactory(forum=forum, state="merged", survivor=row, title="Une source qui se montre")
    for name, response in (*places(client, forum, row), *places(citizen_client, forum, row)):
        body = response.content.decode()
        assert f">{SECRET}" not in body, name
        if "page" in name:
            # Its own address stands in the links of the 404 page: the other language, signing in.
            assert response.status_code == 404, name
        else:
            assert f"/recommandations/{row.pk}/" not in body, name
    assert client.get(row.get_absolute_url()).status_code == 404
    assert SECRET not in text(client.get(other.get_absolute_url()))
    assert "regroupée avec une autre" in text(client.get(other.get_absolute_url())).lower()


FORUMS = {
    "draft": {"announced_at": None},
    "scheduled": {"announced_at": timezone.now() + timedelta(days=400)},
    "without participation": {"has_participation": False},
}


@pytest.mark.parametrize("fields", FORUMS.values(), ids=FORUMS)
def test_those_of_a_forum_that_is_not_shown_are_absent_everywhere(client, db, fields):
    row = RecommendationFactory(forum=ForumFactory(**fields), title=SECRET)
    for name, response in places(client, row.forum, row):
        assert f">{SECRET}" not in response.content.decode(), name
    assert client.get(row.get_absolute_url()).status_code == 404
    assert client.get(address(row.forum)).status_code == 404
    assert "/recommandations/" not in whole_sitemap(client)


def test_public_ones_are_found_in_search_and_sitemap(client, forum):
    row = RecommendationFactory(forum=forum, title="Des serres communautaires")
    assert row.get_absolute_url() in text(client.get("/recherche/", {"q": "serre"}))
    listed = whole_sitemap(client)
    assert row.get_absolute_url() in listed
    assert address(forum) in listed


def test_another_forums_address_is_a_404(client, forum):
    row = RecommendationFactory()
    assert client.get(reverse("forums:recommendation", args=[forum.slug, row.pk])).status_code == 404


@pytest.mark.parametrize("size", [1, 3])
def test_list_costs_the_same_whatever_its_length(client, forum, team, size, django_assert_num_queries):
    for n in range(size):
        pair = [RecommendationFactory(forum=forum, title=f"{n}-{m}").pk for m in range(2)]
        merging.merge(
            forum=forum,
            ids=pair,
            seen=seen_merge(pair),
            content=content(f"Groupe {n}"),
            by=team,
            now=timezone.now(),
        )
    client.get(address(forum))
    with django_assert_num_queries(7):
        page = text(client.get(address(forum)))
    assert page.count("2 propositions regroupées") == size


@pytest.mark.parametrize("size", [1, 3])
def test_page_costs_the_same_whatever_its_origins(client, forum, team, size, django_assert_num_queries):
    rows = [RecommendationFactory(forum=forum) for _ in range(size + 1)]
    kept = merging.merge(
        forum=forum,
        ids=[row.pk for row in rows],
        seen=seen_merge([row.pk for row in rows]),
        content=content(),
        by=team,
        now=timezone.now(),
    )
    client.get(kept.get_absolute_url())
    with django_assert_num_queries(9):
        assert text(client.get(kept.get_absolute_url())).count("origins__title") == size


def test_hostile_words_are_shown_as_words(client, staff_client, forum):
    attack = "<script>alert(1)</script>{{ 7|add:7 }}\"'><img src=x onerror=alert(1)>"
    row = RecommendationFactory(forum=forum, title=attack, description=attack, author_name=attack)
    for url in (
        row.get_absolute_url(),
        address(forum),
        reverse("staff:recommendation", args=[forum.slug, row.pk]),
        reverse("staff:recommendation_list", args=[forum.slug]),
        reverse("staff:room", args=[forum.slug]),
    ):
        page = staff_client.get(url).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;alert(1)" in page
