"""Whom a digest goes to, what it tells, and what each of its links ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import Consent
from comments import following
from comments.models import Follow
from tests.factories import CommentFactory, PostFactory, UserFactory

NOW = timezone.now()
LATER = NOW + timedelta(days=1)


def follow(post, user):
    return following.follow(thread=post.thread, user=user, wording="Oui.", page="/p/", now=NOW)


def news(post, minutes=1, **fields):
    return CommentFactory(thread=post.thread, shown_at=NOW + timedelta(minutes=minutes), **fields)


def test_following_again_is_the_same_following(post, reader):
    first = follow(post, reader)
    assert (first.user, first.thread, first.notified_until) == (reader, post.thread, NOW)
    assert follow(post, reader) == first


def test_one_thread_is_left_and_the_others_are_still_followed(post, reader):
    other = PostFactory()
    follow(post, reader), follow(other, reader), follow(post, UserFactory())
    following.unfollow(thread_id=post.thread_id, user=reader, now=LATER)
    assert list(Follow.objects.filter(user=reader).values_list("thread", flat=True)) == [other.thread_id]
    assert Follow.objects.count() == 2
    assert Consent.objects.filter(withdrawn_at=None).count() == 2


def test_link_of_a_digest_names_its_reader_and_ends_theirs_alone(post, reader):
    somebody = UserFactory()
    other = PostFactory()
    for each in (post, other):
        follow(each, reader)
    follow(other, somebody), follow(PostFactory(), somebody)
    assert following.get_user_of_token(following.make_unsubscribe_token(somebody)) == somebody
    assert following.get_user_of_token(following.make_unsubscribe_token(reader)) == reader
    following.unfollow_everything(user=reader, now=LATER)
    assert set(Follow.objects.values_list("user", flat=True)) == {somebody.pk}
    # Nothing is noted of threads that this person never followed.
    assert Consent.objects.filter(user=reader).count() == 2


def test_digest_goes_to_those_who_follow_and_are_still_here(post, reader):
    gone = UserFactory(is_active=False)
    follow(post, reader), follow(post, gone)
    UserFactory()
    news(post)
    assert following.send_digests(now=LATER) == 1
    assert [sent.to for sent in mail.outbox] == [[reader.email]]


def test_each_reader_is_told_of_their_own_threads_until_their_own_hour(post, reader):
    other, somebody = PostFactory(title="Un autre billet"), UserFactory()
    mine, theirs = follow(post, reader), follow(other, somebody)
    news(post), news(other)
    assert following._send_digest(reader, LATER) is True
    assert "Un autre billet" not in mail.outbox[0].body
    for row in (mine, theirs):
        row.refresh_from_db()
    assert (mine.notified_until, theirs.notified_until) == (LATER, NOW)


def test_digest_is_written_to_an_account_and_tells_in_the_order_of_showing(post, reader):
    follow(post, reader)
    second, first = news(post, 2, text="Deuxième mot"), news(post, 1, text="Premier mot")
    future = news(post, 60 * 24 + 1, text="Pas encore montré")
    following.send_digests(now=LATER)
    body = mail.outbox[0].body
    assert body.index(first.text) < body.index(second.text)
    assert future.text not in body
    assert "Bonjour Lou Gagné," in body
    assert f"#{first.anchor}" in body


@pytest.mark.parametrize(("count", "has_more"), [(10, False), (11, True)])
def test_digest_tells_ten_comments_of_a_thread(post, reader, count, has_more):
    follow(post, reader)
    for number in range(count):
        news(post, number + 1, text=f"Le mot no {number}.")
    following.send_digests(now=LATER)
    (sent,) = mail.outbox
    assert [f"Le mot no {number}." in sent.body for number in range(11)] == [True] * 10 + [False]
    assert ("Il y en a d’autres sur la page." in sent.body) == has_more


def test_reader_of_english_gets_it_all_in_english(post):
    reader = UserFactory(language="en")
    follow(post, reader)
    news(post, author=None)
    following.send_digests(now=LATER)
    assert "deleted account" in mail.outbox[0].body
