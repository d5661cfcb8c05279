"""A comment is in the language of its words, else of its page, and says so on the pages of the other."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from comments.forms import CommentForm
from comments.models import Comment
from tests.conftest import signed_in
from tests.factories import CommentFactory, PostFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(db):
    return PostFactory()


def pages_of(client, post):
    return (client.get(f"{prefix}{post.get_absolute_url()}").text for prefix in ("", "/en"))


def test_french_comment_is_marked_on_the_english_page_alone(client, post):
    CommentFactory(thread=post.thread, text="Bien dit.\n\nEt encore.")
    french, english = pages_of(client, post)
    assert "<p>Bien dit.</p>\n<p>Et encore.</p>" in french
    assert '<p lang="fr">Bien dit.</p>\n<p lang="fr">Et encore.</p>' in english


@pytest.mark.parametrize(
    ("prefix", "text", "language"),
    [
        ("", "Bravo!", "fr"),
        ("/en", "Bravo!", "en"),
        ("", "This is well said.", "en"),
        ("/en", "C’est bien dit, et pour tout le monde.", "fr"),
    ],
)
def test_language_is_that_of_the_words_else_of_the_page(client, post, prefix, text, language):
    with time_machine.travel(timezone.now() - timedelta(seconds=10)):
        shown = CommentForm.new_form_token()
    data = {"text": text, "shown": shown, "subject": "", "name_is_shown": "on"}
    signed_in(UserFactory()).post(prefix + reverse("comments:post", args=[post.thread_id]), data)
    assert Comment.objects.get().language == language


def test_english_comment_is_marked_on_the_french_page(client, post):
    CommentFactory(thread=post.thread, text="Well said.", language="en")
    french, english = pages_of(client, post)
    assert ('<p lang="en">Well said.</p>' in french, "<p>Well said.</p>" in english) == (True, True)


@pytest.mark.parametrize("name", ["reply", "flag"])
def test_quoted_comment_is_marked(post, name):
    comment = CommentFactory(thread=post.thread, text="Bien dit.")
    page = signed_in(UserFactory()).get("/en" + reverse(f"comments:{name}", args=[comment.pk])).text
    assert '<p lang="fr">Bien dit.</p>' in page


def test_no_other_language_is_stored(post):
    with pytest.raises(IntegrityError, match="comment_language_known"):
        CommentFactory(thread=post.thread, language="de")
