"""Contents of long texts: identifiers that hold, whatever people wrote."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from forums.models import Track
from forums.views.public.results import _headings as results_headings
from pole.text.bilingual import LocalizedHtml
from pole.text.contents import contents_of
from pole.text.html import walk
from pole.text.richtext import clean_html
from tests.factories import PageFactory, PostFactory, ResultsFactory


def text(*titles, words=5):
    return "".join(f"<h2>{title}</h2><p>{'mot ' * words}</p>" for title in titles)


def found(markup, language="fr"):
    return contents_of(LocalizedHtml(markup, language))


def identifiers(markup):
    return [event.attributes["id"] for event in walk(markup) if "id" in event.attributes]


def test_titles_become_identifiers_in_their_order():
    contents = found(text("Qui sommes-nous?", "L’Écluse", "2026 à 2030", "« Œuvrer »"))
    assert contents.headings == (
        ("s-qui-sommes-nous", "Qui sommes-nous?"), ("s-l-ecluse", "L’Écluse"), ("s-2026-a-2030", "2026 à 2030"),
        ("s-œuvrer", "« Œuvrer »"),
    )  # fmt: skip
    assert identifiers(contents.body) == [identifier for identifier, _words in contents.headings]


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        (["A", "A", "A", "A"], ["s-a", "s-a-2", "s-a-3", "s-a-4"]),
        (["A", "A 2", "A", "a"], ["s-a", "s-a-2", "s-a-3", "s-a-4"]),
        (["Введение", "日本語", "العربية", "한국어"], ["s-введение", "s-日本語", "s-العربية", "s-한국어"]),
        (["🐝", "!", "…", "🐝 "], ["s-section", "s-section-2", "s-section-3", "s-section-4"]),
        (["<em>Un</em> &amp; deux", "x<br>y", 'a"b', "z"], ["s-un-deux", "s-x-y", "s-a-b", "s-z"]),
    ],
)
def test_no_two_headings_have_the_same_identifier(titles, expected):
    assert identifiers(found(text(*titles)).body) == expected


def test_markup_inside_a_heading_stays_and_its_words_are_read():
    contents = found(text('<em>Un</em> &amp; <a href="/x/">deux</a>', "b", "c", "d"))
    assert contents.headings[0] == ("s-un-deux", "Un & deux")
    assert '<h2 id="s-un-deux"><em>Un</em> &amp; <a href="/x/">deux</a></h2>' in contents.body


def test_what_looks_like_a_heading_in_an_attribute_is_left_alone():
    markup = '<p><a href="/x/" title="<h2>x</h2>">mot</a></p>' + text("a", "b", "c", "d")
    assert '<a href="/x/" title="<h2>x</h2>">' in found(markup).body
    assert len(found(markup).headings) == 4


@pytest.mark.parametrize(
    ("headings", "words", "has_contents"),
    [(3, 5, False), (4, 5, True), (1, 2000, False), (2, 505, True), (2, 400, False), (0, 3000, False)],
)
def test_short_texts_have_none(headings, words, has_contents):
    markup = text(*"abcdefgh"[:headings], words=words)
    assert bool(found(markup).headings) == has_contents
    assert len(identifiers(found(markup).body)) == headings


@given(st.lists(st.text(max_size=20), min_size=4, max_size=8))
def test_whatever_the_titles_identifiers_are_one_each_and_nothing_else_changes(titles):
    markup = clean_html(text(*(title.replace("<", "&lt;") for title in titles)), language="fr")
    contents = found(markup)
    made = identifiers(contents.body)
    assert len(set(made)) == len(made) == markup.count("<h2>")
    assert not any(re.search(r"[\s\"'<>&]", each) for each in made)
    assert re.sub(r'<h2 id="[^"]*">', "<h2>", contents.body) == markup


@pytest.mark.django_db
def test_a_long_post_and_a_long_page_have_contents(client):
    body = text("Un", "Deux", "Trois", "Quatre")
    PostFactory(slug="long", body=body)
    PostFactory(slug="court", body=text("Un"))
    PageFactory(slug="confidentialite", body=body, body_en=text("One", "Two", "Three", "Four"))
    for address, first in (
        ("/billets/long/", "Un"),
        ("/confidentialite/", "Un"),
        ("/en/confidentialite/", "One"),
    ):
        page = client.get(address).content.decode()
        [contents] = re.findall(r'<nav class="contents"[^>]*>(.*?)</nav>', page, flags=re.DOTALL)
        links = re.findall(r'<a href="#([^"]*)">([^<]*)</a>', contents)
        assert (len(links), links[0]) == (4, (f"s-{first.lower()}", first))
        assert f'<h2 id="s-{first.lower()}">{first}</h2>' in page
    assert 'class="contents"' not in client.get("/billets/court/").content.decode()


@pytest.mark.django_db
def test_contents_say_which_language_each_part_is_in(client):
    PageFactory(slug="accessibilite", body=text("Un", "Deux", "Trois", "Quatre"))
    page = client.get("/en/accessibilite/").content.decode()
    assert re.search(r'<nav class="contents" lang="en" aria-label="Contents">', page)
    assert '<ol class="contents__list" lang="fr">' in page


@pytest.mark.django_db
@pytest.mark.parametrize(("steps", "has_contents"), [("<p>La suite.</p>", True), ("", False)])
def test_results_with_many_parts_have_contents(steps, has_contents):
    results = ResultsFactory(next_steps=steps)
    Track.objects.create(forum=results.forum, title="Manger", position=0)
    parts = {"groups": [1], "decisions": [], "report": None}
    shown = results_headings({"results": results, "forum": results.forum, **parts})
    assert shown == []
    shown = results_headings({"results": results, "forum": results.forum, **parts, "decisions": [1]})
    expected = ["axes", "priorites-titre", "decisions-titre", "suites"]
    assert [identifier for identifier, _words in shown] == expected * has_contents


def test_heading_of_the_portal_among_those_of_a_text_is_left_as_it_is():
    own = '<h2 class="x" id="y" tabindex="-1">À vous</h2>'
    contents = found(own + text("Un", "Deux", "Trois", "Quatre") + own)
    assert contents.body.count(own) == 2
    assert [words for _identifier, words in contents.headings] == ["Un", "Deux", "Trois", "Quatre"]


@pytest.mark.django_db
def test_contents_of_results_lead_to_headings_that_are_there(client):
    results = ResultsFactory(next_steps="<p>La suite.</p>")
    page = client.get(results.get_absolute_url()).content.decode()
    assert 'id="suites"' in page
    source = (settings.BASE_DIR / "templates" / "forums" / "results.html").read_text(encoding="utf-8")
    figures = (settings.BASE_DIR / "templates" / "forums" / "_figures.html").read_text(encoding="utf-8")
    for identifier in ("axes", "priorites-titre", "decisions-titre", "suites", "vote-titre"):
        assert f'id="{identifier}"' in source + figures
