"""From a text to the same one in the other language, and back."""

from __future__ import annotations

import re

import pytest

from tests.factories import PageFactory, PostFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def both():
    post = PostFactory(slug="un-titre", title="Un titre", body="<p>Texte français.</p>")
    PostFactory(
        slug="a-title", title="A title", body="<p>English text.</p>", language="en", translation_of=post
    )
    return post


def link(page, words):
    """Where the link of these words leads."""
    (address,) = re.findall(rf'<a [^>]*href="([^"]+)"[^>]*>{words}</a>', page.content.decode())
    return address


@pytest.mark.parametrize(
    ("address", "words", "leads_to"),
    [
        ("/billets/un-titre/", "English", "/en/billets/a-title/"),
        ("/en/billets/a-title/", "Français", "/billets/un-titre/"),
        # A text among the pages of the other language: to itself among those of its own.
        ("/en/billets/un-titre/", "Français", "/billets/un-titre/"),
        ("/billets/a-title/", "English", "/en/billets/a-title/"),
        ("/billets/un-titre/", "Read in English", "/en/billets/a-title/"),
        ("/en/billets/a-title/", "Lire en français", "/billets/un-titre/"),
    ],
)
def test_post_leads_to_its_translation_and_back(client, both, address, words, leads_to):
    found = link(client.get(address), words)
    assert found == leads_to
    text = "English text." if "a-title" in leads_to else "Texte français."
    assert text in client.get(found).content.decode()


def test_post_without_a_translation_stays_itself(client, both):
    PostFactory(slug="seul")
    assert link(client.get("/billets/seul/"), "English") == "/en/billets/seul/"
    assert link(client.get("/en/billets/seul/"), "Français") == "/billets/seul/"


def test_translation_that_is_not_published_leads_nowhere(client, both):
    both.translations.update(published_at=None)
    page = client.get("/billets/un-titre/")
    assert link(page, "English") == "/en/billets/un-titre/"
    assert 'hreflang="en-CA"' not in page.content.decode()


def alternates(page):
    return re.findall(r'rel="alternate" hreflang="(..-CA)" href="http://localhost:8000([^"]+)"', page)


def test_page_with_an_english_text_says_where_both_are(client):
    PageFactory(slug="mission", body_en="<p>Our mission.</p>", title_en="Mission")
    PageFactory(slug="equipe", body_en="")
    for prefix, words, other in (("", "English", "/en"), ("/en", "Français", "")):
        page = client.get(f"{prefix}/mission/")
        assert link(page, words) == f"{other}/mission/"
        assert alternates(page.content.decode()) == [("fr-CA", "/mission/"), ("en-CA", "/en/mission/")]
        assert alternates(client.get(f"{prefix}/equipe/").content.decode()) == []
