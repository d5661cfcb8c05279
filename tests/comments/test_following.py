"""Threads followed by mail: one digest, consents, one click to end them, and a real SMTP server."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail, signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Consent
from comments import following, moderation
from comments.models import Comment, Follow
from tests.conftest import signed_in
from tests.factories import CommentFactory, PostFactory, RecommendationFactory, ResultsFactory, UserFactory


def follow(post, user, now=None):
    following.follow(
        thread=post.thread, user=user, wording="Un courriel par jour.", page="/p/", now=now or timezone.now()
    )


def tomorrow():
    return timezone.now() + timedelta(days=1)


def test_following_keeps_when_where_and_in_which_words(reader, post):
    client = signed_in(reader)
    address = reverse("comments:follow", args=[post.thread_id])
    for _ in range(2):
        client.post(address)
    consent = Consent.objects.get()
    assert (consent.page, consent.withdrawn_at) == (post.get_absolute_url(), None)
    assert "Un seul courriel par jour" in consent.wording
    client.post(address, {"stop": "1"})
    consent.refresh_from_db()
    assert (Follow.objects.count(), consent.withdrawn_at is None) == (0, False)


def test_ending_one_thread_leaves_the_others_and_those_of_others(reader, post):
    other, stranger = PostFactory(), UserFactory()
    follow(post, reader), follow(other, reader), follow(post, stranger)
    following.unfollow(thread_id=post.thread_id, user=reader, now=timezone.now())
    left = {(other.thread_id, reader.pk), (post.thread_id, stranger.pk)}
    assert set(Follow.objects.values_list("thread", "user")) == left
    given = Consent.objects.filter(withdrawn_at=None)
    assert {(consent.about, consent.user) for consent in given} == {
        (f"thread {other.thread_id}", reader), (f"thread {post.thread_id}", stranger),
    }  # fmt: skip


def test_one_digest_tells_all_that_is_new_once(reader, post):
    other = PostFactory(title="Un autre billet")
    follow(post, reader), follow(other, reader)
    CommentFactory(thread=post.thread, text="Première nouvelle")
    CommentFactory(thread=other.thread, text="Deuxième nouvelle")
    CommentFactory(thread=post.thread, text="Mes propres mots", author=reader)
    CommentFactory(thread=post.thread, text="Caché", state=Comment.State.HIDDEN)
    assert following.send_digests(now=tomorrow()) == 1
    (sent,) = mail.outbox
    found = [
        text in sent.body
        for text in ("Première nouvelle", "Deuxième nouvelle", "Un billet suivi", "Mes propres", "Caché")
    ]
    assert found == [True, True, True, False, False]
    assert following.send_digests(now=tomorrow()) == 0


def test_comment_approved_after_a_digest_is_in_the_next(reader, post, staff):
    follow(post, reader)
    held = CommentFactory(
        thread=post.thread, state=Comment.State.PENDING, shown_at=None, text="Longtemps retenu"
    )
    later = timezone.now() + timedelta(hours=1)
    following.send_digests(now=later)
    assert mail.outbox == []
    moderation.approve(
        comment_id=held.pk, seen=moderation.version_of(held), by=staff, now=later + timedelta(hours=1)
    )
    following.send_digests(now=later + timedelta(hours=2))
    assert "Longtemps retenu" in mail.outbox[0].body


def test_digest_of_a_page_that_is_no_longer_public_tells_nothing(reader, post):
    follow(post, reader)
    CommentFactory(thread=post.thread)
    post.published_at = None
    post.save()
    assert following.send_digests(now=tomorrow()) == 0


def test_digest_is_in_the_language_of_its_reader(post):
    reader = UserFactory(language="en")
    follow(post, reader)
    CommentFactory(thread=post.thread)
    following.send_digests(now=tomorrow())
    assert "What is new" in mail.outbox[0].subject
    assert "/en/billets/" in mail.outbox[0].body


def unsubscribe_url(reader, post):
    follow(post, reader)
    CommentFactory(thread=post.thread)
    following.send_digests(now=tomorrow())
    headers = mail.outbox[-1].extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["List-Unsubscribe"].strip("<>") in mail.outbox[-1].body
    return "/" + headers["List-Unsubscribe"].strip("<>").split("/", 3)[3]


def test_one_click_ends_the_digests_without_a_session(reader, post):
    address = unsubscribe_url(reader, post)
    client = Client(enforce_csrf_checks=True)
    assert "Se désabonner" in client.get(address).content.decode()
    assert Follow.objects.count() == 1
    for _ in range(2):
        answer = client.post(
            address, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
        )
        assert answer.status_code == 200
    assert (Follow.objects.count(), Consent.objects.filter(withdrawn_at=None).count()) == (0, 0)
    assert "sessionid" not in client.cookies


def test_token_does_nothing_else_and_ends_after_a_year(reader, post, client):
    address = unsubscribe_url(reader, post)
    other = UserFactory()
    follow(post, other)
    token = address.rstrip("/").rpartition("/")[2]
    assert client.get(f"/apercu/{token}/").status_code == 404
    with time_machine.travel(timezone.now() + timedelta(days=366)):
        assert client.post(address).status_code == 404
    for forged in (token[:-1] + ("A" if token[-1] != "A" else "B"), "x", "WzFd:1:x"):
        assert client.post(reverse("comments:unsubscribe", args=[forged])).status_code == 404
    client.post(address)
    assert list(Follow.objects.values_list("user", flat=True)) == [other.pk]


def test_token_is_of_one_person_for_as_long_as_there_is_an_account(reader):
    other = UserFactory()
    tokens = {person.pk: following.make_unsubscribe_token(person) for person in (reader, other)}
    assert {key: following.get_user_of_token(token).pk for key, token in tokens.items()} == {
        reader.pk: reader.pk, other.pk: other.pk,
    }  # fmt: skip
    token = tokens[other.pk]
    other.delete()
    assert following.get_user_of_token(token) is None
    assert following.get_user_of_token(signing.dumps([reader.pk], salt="comments.unfollow")) is None


def test_account_that_was_closed_is_sent_nothing(reader, post):
    follow(post, reader)
    CommentFactory(thread=post.thread)
    reader.is_active = False
    reader.save()
    assert following.send_digests(now=tomorrow()) == 0


@pytest.mark.parametrize("many", [1, 3])
def test_digest_asks_as_many_queries_whatever_it_tells(reader, django_assert_num_queries, many):
    for _ in range(many):
        for owner in (PostFactory(), ResultsFactory(), RecommendationFactory()):
            follow(owner, reader)
            CommentFactory.create_batch(many, thread=owner.thread)
    with django_assert_num_queries(15):
        assert following.send_digests(now=tomorrow()) == 1
    assert mail.outbox[0].body.count("#commentaire-") == 3 * many


def test_digest_tells_what_is_later_than_what_was_told_of_each_thread(reader, post):
    """Each thread since its own instant; that instant itself was told, and the last one is."""
    other, until = PostFactory(), timezone.now()
    follow(post, reader, now=until)
    follow(other, reader, now=until - timedelta(hours=1))
    follow(post, UserFactory(), now=until - timedelta(days=1))
    second, end = timedelta(seconds=1), until + timedelta(hours=1)
    for thread, at, text in (
        (post.thread, until, "dit déjà ici"),
        (post.thread, until + second, "nouveau ici"),
        (other.thread, until - second, "nouveau ailleurs"),
        (other.thread, end, "au dernier instant"),
        (other.thread, end + second, "trop tard"),
    ):
        CommentFactory(thread=thread, shown_at=at, text=text)
    assert following.send_digests(now=end) == 2
    (sent,) = (one for one in mail.outbox if one.to == [reader.email])
    told = re.findall("dit déjà ici|nouveau ici|nouveau ailleurs|au dernier instant|trop tard", sent.body)
    assert sorted(told) == ["au dernier instant", "nouveau ailleurs", "nouveau ici"]


@pytest.mark.parametrize(("many", "told", "has_more"), [(10, 10, False), (11, 10, True)])
def test_digest_tells_the_ten_oldest_of_a_thread_and_that_there_are_more(reader, post, many, told, has_more):
    follow(post, reader)
    start = timezone.now()
    for number in reversed(range(many)):
        CommentFactory(thread=post.thread, text=f"n{number}.", shown_at=start + timedelta(seconds=number))
    following.send_digests(now=tomorrow())
    body = mail.outbox[0].body
    assert re.findall(r"n\d+\.", body) == [f"n{number}." for number in range(told)]
    assert ("Il y en a d’autres" in body) is has_more


def test_first_comment_is_announced_as_held(citizen_client, post):
    assert (
        "Tant qu’aucun de vos commentaires n’est publié"
        in citizen_client.get(post.get_absolute_url()).content.decode()
    )
    known = CommentFactory().author
    assert (
        "Tant qu’aucun de vos commentaires"
        not in signed_in(known).get(post.get_absolute_url()).content.decode()
    )


@pytest.mark.parametrize("count", [100, 1000])
def test_thread_of_a_thousand_comments_has_as_many_queries_as_one_of_a_hundred(
    client, post, django_assert_num_queries, count
):
    author = UserFactory()
    Comment.objects.bulk_create(
        Comment(thread=post.thread, author=author, text=f"n{number}") for number in range(count)
    )
    client.get(post.get_absolute_url())
    with django_assert_num_queries(9):
        page = client.get(post.get_absolute_url()).content.decode()
    assert page.count('class="comment"') == 50
    assert f"{count}" in page
