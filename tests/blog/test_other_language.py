"""From a text to the same one in the other language; or to be told that there is none."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import ForumFactory, PageFactory, PostFactory

pytestmark = pytest.mark.django_db
ONLY_FRENCH, ONLY_ENGLISH = "This text is in French only.", "Ce texte est en anglais seulement."


def other_language(client, address):
    """Where the link to the other language leads, from the page at `address`."""
    page = client.get(address).text
    return re.search(r'<a class="site-link" href="([^"]*)" lang="(?:en|fr)"', page)[1]


@pytest.fixture
def french(db):
    return PostFactory(slug="ensemble", language="fr")


def test_link_of_a_post_leads_to_its_translation_and_back(client, french):
    PostFactory(slug="together", language="en", translation_of=french)
    assert other_language(client, "/billets/ensemble/") == "/en/billets/together/"
    assert other_language(client, "/en/billets/together/") == "/billets/ensemble/"
    assert ONLY_FRENCH not in client.get("/en/billets/ensemble/").text


def test_a_translation_that_is_not_published_is_no_translation(client, french):
    later = timezone.now() + timedelta(hours=1)
    PostFactory(slug="together", language="en", translation_of=french, published_at=later)
    assert other_language(client, "/billets/ensemble/") == "/en/billets/ensemble/"
    assert ONLY_FRENCH in client.get("/en/billets/ensemble/").text


def test_post_without_translation_says_so_on_the_pages_of_the_other_language(client, french):
    PostFactory(slug="alone", language="en")
    assert ONLY_FRENCH in client.get("/en/billets/ensemble/").text
    assert ONLY_ENGLISH in client.get("/billets/alone/").text
    for address in ("/billets/ensemble/", "/en/billets/alone/"):
        page = client.get(address).text
        assert (ONLY_FRENCH in page, ONLY_ENGLISH in page) == (False, False), address


@pytest.mark.parametrize(("english", "is_said"), [("", True), ("<p>About us</p>", False)])
def test_page_and_forum_say_whether_they_are_in_french_only(client, english, is_said):
    PageFactory(slug="histoire", body_en=english)
    ForumFactory(slug="rives", body="<p>Le forum.</p>", body_en=english)
    for address in ("/histoire/", "/forums/rives/"):
        assert (ONLY_FRENCH in client.get(f"/en{address}").text) is is_said, address
        assert "seulement." not in client.get(address).text
