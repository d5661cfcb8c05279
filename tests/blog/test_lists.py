"""Lists of posts: languages beside each other, and pages."""

from __future__ import annotations

import re

import pytest

from blog.views import public
from tests.factories import PostFactory


def titles(client, address):
    return re.findall(r'entry__title"><a[^>]*>([^<]+)<', client.get(address).content.decode())


def test_each_text_is_listed_once_in_the_readers_language_first(client, db):
    original = PostFactory(title="Bonjour", language="fr")
    PostFactory(title="Hello", language="en", translation_of=original)
    english = PostFactory(title="First in English", language="en")
    PostFactory(title="D’abord en anglais", language="fr", translation_of=english)
    PostFactory(title="Sans traduction", language="fr")
    PostFactory(title="English only", language="en")
    assert sorted(titles(client, "/billets/")) == [
        "Bonjour",
        "D’abord en anglais",
        "English only",
        "Sans traduction",
    ]
    assert sorted(titles(client, "/en/billets/")) == [
        "English only",
        "First in English",
        "Hello",
        "Sans traduction",
    ]


@pytest.mark.parametrize("first", ["/billets/", "/billets/?genre=nouvelle", "/en/billets/"])
def test_each_list_has_its_own_number_of_pages(client, db, monkeypatch, first):
    monkeypatch.setattr(public, "POSTS_A_PAGE", 2)
    for kind in ("billet", "billet", "nouvelle"):
        PostFactory(kind=kind, language="fr")
    english = [PostFactory(kind="billet", language="en") for _ in range(2)]
    PostFactory(kind="billet", language="fr", translation_of=english[0])
    client.get(first)
    expected = {
        "/billets/": "Page 1 sur 3",
        "/billets/?genre=billet": "Page 1 sur 2",
        "/en/billets/": "Page 1 of 3",
        "/en/billets/?genre=billet": "Page 1 of 2",
    }
    assert {
        address: re.findall(r"Page \d \w+ \d", client.get(address).content.decode()) for address in expected
    } == {address: [pages] for address, pages in expected.items()}
    assert "Page 1" not in client.get("/billets/?genre=nouvelle").content.decode()
