"""Every list by pages: one way to read the number, one component to show the numbers."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.core.paginator import Paginator
from django.http import QueryDict
from django.template.loader import render_to_string
from django.urls import reverse

from pole.views.paging import page_of
from tests.factories import (
    CommentFactory,
    ForumFactory,
    ListingFactory,
    PostFactory,
    RecommendationFactory,
    SeasonFactory,
)

PACKAGES = ("pole", "accounts", "comments", "desk", "blog", "enterprises", "forums")
ABSURD = ("-1", "0", "abc", "2abc", "", " ", "²", "9" * 400, "1.5", "\x00")


def shown(number, of, query="q=l%27eau&page=3", **more):
    page = Paginator(range(of * 10), 10).page(number)
    context = {"page": page, "query": QueryDict(query), **more}
    return " ".join(render_to_string("components/pages.html", context).split())


def numbers(page):
    listed = re.sub(r'<span class="visually-hidden">.*?</span>', "", page.split("<ul")[1])
    return re.sub(r"<[^>]+>", " ", listed.replace(">", "> ", 1)).split()[1:]


def test_only_one_module_cuts_lists_into_pages():
    cutting = {
        str(path.relative_to(settings.BASE_DIR))
        for package in PACKAGES
        for path in (settings.BASE_DIR / package).rglob("*.py")
        if re.search(r"\bPaginator\(|\.get_page\(", path.read_text(encoding="utf-8"))
    }
    assert cutting == {"pole/views/paging.py"}


def test_only_one_component_leads_to_other_pages():
    leading = {
        str(path.relative_to(settings.BASE_DIR))
        for path in (settings.BASE_DIR / "templates").rglob("*.html")
        if re.search(
            r'rel="(next|prev)"[^>]*querystring|page_number|class="pages"', path.read_text(encoding="utf-8")
        )
    }
    assert leading == {"templates/components/pages.html"}


def test_every_list_cut_into_pages_shows_them():
    """A view that cuts a list gives `page` to a template with the component."""
    views = [
        path
        for package in PACKAGES
        for path in (settings.BASE_DIR / package).glob("views/**/*.py")
        if re.search(r"\bpage_(of|at|or_404)\(", path.read_text(encoding="utf-8"))
        and path.name != "paging.py"
    ]
    templates = [
        path.read_text(encoding="utf-8") for path in (settings.BASE_DIR / "templates").rglob("*.html")
    ]
    with_component = sum('"components/pages.html"' in text for text in templates)
    cuts = sum(
        len(re.findall(r"\bpage_(?:of|at|or_404)\(", path.read_text(encoding="utf-8"))) for path in views
    )
    assert with_component >= cuts > 15


@pytest.mark.parametrize(
    ("number", "of", "seen"),
    [
        (1, 2, ["1", "2", "Suivant"]),
        (2, 2, ["Précédent", "1", "2"]),
        (3, 5, ["Précédent", "1", "2", "3", "4", "5", "Suivant"]),
        (8, 40, ["Précédent", "1", "…", "7", "8", "9", "…", "40", "Suivant"]),
        (1, 40, ["1", "2", "…", "40", "Suivant"]),
        (40, 40, ["Précédent", "1", "…", "39", "40"]),
        (999, 1234, ["Précédent", "1", "…", "998", "999", "1\u00a0000", "…", "1\u00a0234", "Suivant"]),
    ],
)
def test_the_first_the_last_and_those_around_are_numbered(number, of, seen):
    assert numbers(shown(number, of)) == [word for each in seen for word in each.split()]


def test_a_single_page_shows_no_number():
    assert shown(1, 1) == ""


def test_where_one_is_is_marked_and_said():
    page = shown(8, 40)
    assert "Page 8 sur 40" in page
    [current] = re.findall(r'<a[^>]*aria-current="page"[^>]*>(.*?)</a>', page)
    assert current == '<span class="visually-hidden">Page </span>8'


def test_the_address_keeps_what_was_asked_and_the_first_page_has_no_number():
    page = shown(2, 3)
    assert re.findall(r'href="([^"]*)"', page) == [
        "?q=l%27eau", "?q=l%27eau", "?q=l%27eau&amp;page=2", "?q=l%27eau&amp;page=3", "?q=l%27eau&amp;page=3"
    ]  # fmt: skip
    assert 'rel="prev" href="?q=l%27eau"' in page
    assert 'rel="next" href="?q=l%27eau&amp;page=3"' in page


def test_a_second_list_of_a_page_has_its_own_number_and_place():
    page = shown(
        2, 2, "page=4&commentaires=2", parameter="commentaires", fragment="#commentaires", label="Suite"
    )
    assert re.findall(r'href="([^"]*)"', page)[0] == "?page=4#commentaires"
    assert 'aria-label="Suite"' in page


@pytest.mark.parametrize("asked", [None, *ABSURD])
def test_what_is_no_number_is_the_first_page(asked):
    assert page_of(range(30), 10, asked).number == 1


def test_past_the_end_is_the_last_page():
    assert [page_of(range(30), 10, asked).number for asked in ("2", "3", "4", "999999")] == [2, 3, 3, 3]
    assert page_of([], 10, "7").number == 1


def test_every_public_list_answers_any_number(client, db, monkeypatch):
    for name in ("blog.views.public.POSTS_A_PAGE", "enterprises.views.public.LISTINGS_A_PAGE",
                 "forums.views.public.recommendations.RECOMMENDATIONS_A_PAGE",
                 "forums.views.public.seasons.ACTIVITIES_A_PAGE", "comments.reading.CONVERSATIONS_A_PAGE"):  # fmt: skip
        monkeypatch.setattr(name, 2)
    forum = ForumFactory(has_participation=True)
    RecommendationFactory.create_batch(3, forum=forum)
    season = SeasonFactory()
    season.forums.set(ForumFactory.create_batch(3))
    ListingFactory.create_batch(3)
    post = PostFactory.create_batch(3)[0]
    CommentFactory.create_batch(3, thread=post.thread)
    lists = [
        (reverse("blog:list"), "page"),
        (reverse("enterprises:list"), "page"),
        (reverse("forums:recommendations", args=[forum.slug]), "page"),
        (season.get_absolute_url(), "page"),
        (reverse("blog:post", args=[post.slug]), "commentaires"),
    ]
    for address, parameter in lists:
        for asked in ABSURD:
            page = client.get(address, {parameter: asked})
            assert (page.status_code, "Page 1 sur 2" in page.content.decode()) == (200, True), (
                address,
                asked,
            )
        for asked in ("2", "3", "999999"):
            page = client.get(address, {parameter: asked})
            # Of a conversation, an old link still answers once comments were taken away.
            exists = asked == "2" or parameter == "commentaires"
            assert (page.status_code, "Page 2 sur 2" in page.content.decode()) == (
                (200, True) if exists else (404, False)
            ), (address, asked)


def test_no_public_list_has_a_page_past_its_end(client, db):
    """Empty or not: a search engine would otherwise keep as many copies of a list as there are numbers."""
    addresses = [
        reverse(name)
        for name in ("blog:list", "enterprises:list", "forums:agenda", "forums:list", "forums:priorities")
    ]
    for filled in (False, True):
        if filled:
            PostFactory(), ListingFactory(), ForumFactory()
        for address in addresses:
            assert client.get(address, {"page": "1"}).status_code == 200
            for asked in ("2", "999", "999999"):
                assert client.get(address, {"page": asked}).status_code == 404, (address, asked)
