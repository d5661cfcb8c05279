"""What a text translates is looked up, never chosen among every post; its spelling is checked in its language."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from blog.original import OriginalField
from tests.factories import PostFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def posts():
    found = [PostFactory(title=title, slug=slug) for title, slug in (
        ("La carte cachée", "carte"), ("Rencontre", "rencontre-1"), ("Rencontre", "rencontre-2"), ("L’eau vive", "eau"),
    )]  # fmt: skip
    PostFactory(title="The hidden map", slug="map", language="en", translation_of=found[0])
    return {post.slug: post for post in found}


@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        ("La carte cachée", "carte"), ("la CARTE cachée", "carte"), ("  carte ", "carte"), ("cachee", "carte"),
        ("/billets/carte/", "carte"), ("https://portail.example/en/billets/rencontre-2/", "rencontre-2"),
        ("/billets/rencontre-1", "rencontre-1"), ("L'eau vive", "eau"), ("", None),
    ],
)  # fmt: skip
def test_original_is_found_by_its_title_or_its_address(posts, typed, slug):
    assert OriginalField().clean(typed) == (posts[slug] if slug else None)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Rencontre", "/billets/rencontre-2/) · Rencontre (/billets/rencontre-1/)"), ("Rien de tel", "Aucun billet"),
        ("/billets/map/", "Aucun billet"), ("\x00", ""), ("999999999999", "Aucun billet"), ("%", "Aucun billet"),
    ],
)  # fmt: skip
def test_what_is_not_one_post_is_said(posts, typed, said):
    from django.core.exceptions import ValidationError

    with (
        pytest.raises(ValidationError)
        if said
        else pytest.raises((ValidationError, AssertionError)) as refused
    ):
        assert OriginalField().clean(typed) is not None
    assert said in str(refused.value)


def test_form_shows_it_again_as_it_would_be_typed(posts, staff_client):
    field = OriginalField()
    for post in posts.values():
        assert field.clean(field.prepare_value(post.pk)) == post
    english = PostFactory(language="en", translation_of=posts["rencontre-1"])
    page = staff_client.get(english.get_edit_url()).content.decode()
    assert 'value="/billets/rencontre-1/"' in re.search(r'<input[^>]*name="translation_of"[^>]*>', page)[0]


def test_page_of_the_editor_names_no_other_post(staff_client):
    PostFactory.create_batch(30, title="Un autre billet")
    page = staff_client.get(reverse("staff:post_new")).content.decode()
    assert "Un autre billet" not in page


def test_proposals_are_by_words_without_the_text_itself(posts, staff_client):
    address = reverse("staff:post_originals")
    found = staff_client.get(address, {"q": "rencontre", "sauf": posts["rencontre-1"].pk}).json()["posts"]
    assert found == [{"address": "/billets/rencontre-2/", "title": "Rencontre"}]
    for absurd in ("x", "-1", "9" * 30, "\x00"):
        assert staff_client.get(address, {"q": "eau", "sauf": absurd}).status_code == 200


@pytest.mark.parametrize("language", ["fr", "en"])
def test_spelling_is_that_of_the_language_of_the_text(staff_client, language):
    post = PostFactory(language=language)
    post.draft.content |= {"language": language}
    page = staff_client.get(post.get_edit_url()).content.decode()
    for name in ("title", "heading", "summary", "body"):
        tag = re.search(rf'<(?:input|textarea)[^>]*name="{name}"[^>]*>', page)[0]
        assert f'lang="{language}-CA"' in tag, tag


def test_title_shows_whole_on_as_many_lines_as_it_takes(staff_client):
    page = staff_client.get(PostFactory(title="Mot " * 39 + "fin").get_edit_url()).content.decode()
    assert re.search(r'<textarea[^>]*name="title"', page)
    assert "fin</textarea>" in page
