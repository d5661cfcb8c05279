"""What a suspended account does in a conversation: it reads, follows and takes its words away."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.suspending import WritingSuspended
from comments import flagging
from comments.forms import CommentForm
from comments.models import Comment, Flag, Follow
from tests.conftest import signed_in
from tests.factories import CommentFactory, PostFactory, UserFactory

SENTENCE = "Votre compte ne peut pas écrire avant le"


@pytest.fixture
def post(db):
    return PostFactory(title="Un billet discuté")


@pytest.fixture
def suspended(post):
    person = UserFactory(suspended_until=timezone.now() + timedelta(days=7))
    CommentFactory(thread=post.thread, author=person, text="Mes mots")
    return person


def address(name, post, suspended):
    other = CommentFactory(thread=post.thread, text="Ceux d’une autre")
    mine = Comment.objects.get(author=suspended)
    key = {"post": post.thread_id, "reply": other.pk, "flag": other.pk, "follow": post.thread_id}
    return reverse(f"comments:{name}", args=[key.get(name, mine.pk)])


def filled():
    with time_machine.travel(timezone.now() - timedelta(seconds=10)):
        shown = CommentForm.new_form_token()
    return {
        "text": "D’autres mots",
        "reason": "Publicité",
        "shown": shown,
        "subject": "",
        "name_is_shown": "on",
    }


def rows():
    return [list(model.objects.order_by("pk").values()) for model in (Comment, Flag)]


@pytest.mark.parametrize("name", ["post", "reply", "edit", "flag"])
def test_what_others_would_read_is_refused_in_words(post, suspended, name):
    client, asked = signed_in(suspended), address(name, post, suspended)
    before = rows()
    answer = client.post(asked, filled(), follow=True)
    assert SENTENCE in answer.content.decode()
    assert rows() == before
    if name in {"post", "reply"}:
        assert "D’autres mots" in answer.content.decode()


@pytest.mark.parametrize("name", ["reply", "edit", "flag"])
def test_sentence_stands_in_the_place_of_the_form(post, suspended, name):
    answer = signed_in(suspended).get(address(name, post, suspended), follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain
    assert SENTENCE in page
    assert "<textarea" not in page


def test_conversation_offers_no_form_but_says_until_when(post, suspended):
    CommentFactory(thread=post.thread)
    page = signed_in(suspended).get(post.get_absolute_url()).content.decode()
    assert SENTENCE in page
    for offered, is_there in (
        ("modifier", False),
        ("repondre", False),
        ("signaler", False),
        ("supprimer", True),
    ):
        assert (f"/{offered}/" in page) is is_there, offered
    assert "<textarea" not in page


def test_reading_following_and_deleting_stay_allowed(post, suspended):
    client = signed_in(suspended)
    client.post(address("follow", post, suspended))
    client.post(address("delete", post, suspended))
    assert Follow.objects.filter(user=suspended).exists()
    assert Comment.objects.get(author=suspended).state == "deleted"


@pytest.mark.parametrize(("seconds", "is_refused"), [(1, True), (0, False), (-1, False)])
def test_term_ends_by_itself(post, seconds, is_refused):
    with time_machine.travel(timezone.now(), tick=False):
        person = UserFactory(suspended_until=timezone.now() + timedelta(seconds=seconds))
        page = signed_in(person).get(post.get_absolute_url()).content.decode()
        assert (SENTENCE in page, "<textarea" in page) == (is_refused, not is_refused)


def test_suspension_is_read_again_by_whoever_flags(citizen):
    """The page was open when the account was suspended."""
    comment, now = CommentFactory(), timezone.now()
    type(citizen).objects.filter(pk=citizen.pk).update(suspended_until=now + timedelta(days=1))
    with pytest.raises(WritingSuspended):
        flagging.flag(comment=comment, by=citizen, reason="x", now=now)
