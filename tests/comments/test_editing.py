"""New words in the place of others wait for the team when they would if they were posted now."""

from __future__ import annotations

import uuid
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from comments import following, moderation, posting, reading
from comments.hooks.moderation import queue as waiting_for_team
from comments.models import Comment
from comments.moderation import version_of
from comments.posting import PostingRefused
from pole.models import Hub
from pole.refusals import Refusal
from tests.conftest import signed_in
from tests.factories import CommentFactory, PostFactory, ThreadFactory, UserFactory

NOW = timezone.now()
PLAIN, LINK = "Bien d’accord.", "Voyez https://exemple.example"


@pytest.fixture
def post(db):
    return PostFactory(title="Un billet suivi")


def public(author, **fields):
    return CommentFactory(author=author, text="Bravo", created_at=NOW - timedelta(minutes=1), **fields)


def edit(comment, text, now=NOW):
    return posting.edit_comment(comment=comment, author=comment.author, text=text, now=now)


def approve(comment, by, now=NOW):
    comment.refresh_from_db()
    return moderation.approve(comment_id=comment.pk, seen=version_of(comment), by=by, now=now)


@pytest.mark.parametrize("hub_holds_first", [True, False])
@pytest.mark.parametrize("text", [PLAIN, LINK, "voyez WWW.exemple.example"])
@pytest.mark.parametrize("who", ["newcomer", "known", "hidden once", "waiting", "team"])
def test_edited_words_wait_when_a_post_of_the_same_words_would(post, who, text, hub_holds_first):
    """What is edited counts for nothing: an account that has published nothing else is a newcomer."""
    Hub.objects.create(name="Pôle", holds_first_comment=hub_holds_first)
    others = {"known": "published", "hidden once": "hidden", "waiting": "pending"}
    author, poster = (UserFactory(is_staff=who == "team") for _ in range(2))
    for each in (author, poster):
        if who in others:
            CommentFactory(author=each, state=others[who], shown_at=NOW)
    posted = posting.post_comment(
        thread=post.thread, author=poster, text=text, parent=None, idempotency_key=uuid.uuid4(), now=NOW
    )
    edited = edit(public(author), text)
    edited.refresh_from_db()
    assert (edited.state, edited.shown_at is None) == (posted.state, posted.state == "pending")
    assert (edited.text, edited.edited_at) == (text, NOW)


@pytest.mark.parametrize(("seconds", "state"), [(-1, "pending"), (0, "published")])
def test_link_after_approval_is_held_until_the_window_closes(staff, seconds, state):
    comment = CommentFactory(state="pending", shown_at=None, text="Bravo", created_at=NOW)
    approve(comment, staff)
    end = NOW + timedelta(minutes=15, seconds=seconds)
    with nullcontext() if seconds < 0 else pytest.raises(PostingRefused, match="comment_too_late"):
        edit(comment, LINK, now=end)
    comment.refresh_from_db()
    assert (comment.state, comment.text == LINK) == (state, state == "pending")


def test_same_words_wait_for_nothing(citizen):
    comment = public(citizen)
    edit(comment, "Bravo")
    comment.refresh_from_db()
    assert (comment.state, comment.edited_at) == ("published", None)


def test_waiting_words_that_would_appear_at_once_still_wait_for_the_team(citizen):
    Hub.objects.create(name="Pôle", holds_first_comment=False)
    comment = CommentFactory(author=citizen, state="pending", shown_at=None, text=LINK, created_at=NOW)
    assert edit(comment, PLAIN).state == "pending"


# --- While the new words wait


def test_readers_see_neither_words_until_the_team_has_read_them(post, client, citizen, staff):
    comment = public(citizen, thread=post.thread)
    answer = CommentFactory(thread=post.thread, parent=comment, text="Une réponse qui reste")
    edit(comment, "Achetez mes cruches")
    shown = client.get(post.get_absolute_url()).content.decode()
    assert [text in shown for text in ("Bravo", "cruches", citizen.name)] == [False] * 3
    assert "Une réponse qui reste" in shown
    assert "L’équipe relit ce commentaire." in shown
    assert "masqué par l’équipe" not in shown
    assert "cruches" in signed_in(citizen).get(post.get_absolute_url()).content.decode()
    assert reading.conversation(post.thread, reader=citizen, page=1, now=NOW).total == 1
    approve(comment, staff)
    shown = client.get(post.get_absolute_url()).content.decode()
    assert "cruches" in shown
    assert answer.text in shown


def test_nobody_answers_nor_flags_what_waits(post, citizen):
    comment = public(citizen, thread=post.thread)
    edit(comment, PLAIN)
    client = signed_in(CommentFactory().author)
    for name in ("comments:reply", "comments:flag"):
        assert client.get(reverse(name, args=[comment.pk])).status_code == 404


def test_digest_sends_the_words_that_the_team_read_and_at_their_hour(post, reader, citizen, staff):
    """Followers who had received the former words receive the new ones, once."""
    following.follow(thread=post.thread, user=reader, wording="x", page="/", now=NOW - timedelta(hours=1))
    comment = public(citizen, thread=post.thread, shown_at=NOW - timedelta(minutes=1))
    following.send_digests(now=NOW - timedelta(seconds=30))
    edit(comment, "Mieux dit.")
    mail.outbox.clear()
    following.send_digests(now=NOW + timedelta(days=1))
    assert mail.outbox == []
    approve(comment, staff, now=NOW + timedelta(days=1, hours=1))
    for days in (2, 3):
        following.send_digests(now=NOW + timedelta(days=days))
    (sent,) = mail.outbox
    assert ("Mieux dit." in sent.body, "Bravo" in sent.body) == (True, False)


@pytest.mark.parametrize("is_known", [True, False])
def test_flags_stay_and_the_team_sees_that_the_words_changed(post, citizen, staff, is_known):
    comment = public(citizen, thread=post.thread)
    if is_known:
        CommentFactory(author=citizen)
    flag = comment.flags.create(by=UserFactory(), reason="Blessant", created_at=NOW - timedelta(seconds=9))
    before = version_of(comment)
    edit(comment, "Pas si blessant")
    (item,) = waiting_for_team(9).items
    assert "Signalé\xa0: Blessant" in item.reason
    assert ("En attente" in item.reason) is not is_known
    assert "l’a modifié depuis qu’il a été signalé" in item.note
    assert (item.version != before, item.approve_label) == (True, "Garder" if is_known else "Publier")
    approve(comment, staff)
    flag.refresh_from_db()
    assert (flag.settled_at, waiting_for_team(9).total) == (NOW, 0)


def test_team_sees_that_words_changed_after_they_were_public(post, citizen):
    edit(public(citizen, thread=post.thread), PLAIN)
    (item,) = waiting_for_team(9).items
    assert item.note.startswith("Modifié après l’envoi\xa0: ")


# --- Who may


def test_suspended_author_takes_words_away_but_changes_none(post):
    comment = public(UserFactory(suspended_until=NOW + timedelta(days=1)), thread=post.thread)
    with pytest.raises(Refusal) as refusal:
        edit(comment, PLAIN)
    assert refusal.value.code == "account_suspended"
    comment.refresh_from_db()
    assert comment.text == "Bravo"
    posting.delete_comment(comment=comment, author=comment.author)
    comment.refresh_from_db()
    assert (comment.state, comment.text) == ("deleted", "—")


def test_suspension_is_read_again_under_the_lock(citizen):
    """The page was open when the account was suspended."""
    comment, before = public(citizen), timezone.now()
    type(citizen).objects.filter(pk=citizen.pk).update(suspended_until=before + timedelta(days=1))
    with pytest.raises(Refusal, match="account_suspended"):
        posting.edit_comment(comment=comment, author=citizen, text=PLAIN, now=NOW)


def test_words_taken_away_during_review_are_never_published(post, citizen, staff):
    comment = public(citizen, thread=post.thread)
    edit(comment, LINK)
    comment.refresh_from_db()
    seen = version_of(comment)
    posting.delete_comment(comment=comment, author=citizen)
    assert moderation.approve(comment_id=comment.pk, seen=seen, by=staff, now=NOW) is None
    assert moderation.hide(comment_id=comment.pk, reason="x", seen=seen, by=staff, now=NOW) is None
    assert Comment.objects.get(pk=comment.pk).text == "—"


# --- The form


@pytest.mark.parametrize(
    ("is_known", "said"), [(True, "Votre commentaire est modifié."), (False, "l’équipe le relit avant")]
)
def test_author_is_told_what_becomes_of_the_change(post, citizen, is_known, said):
    # By the clock of the page: it may be edited for a quarter of an hour, and a whole run lasts longer.
    comment = CommentFactory(author=citizen, thread=post.thread, text="Bravo")
    if is_known:
        CommentFactory(author=citizen)
    client, address = signed_in(citizen), reverse("comments:edit", args=[comment.pk])
    warning = "L’équipe relit votre texte avant qu’il paraisse"
    assert (warning in client.get(address).content.decode()) is not is_known
    assert said in client.post(address, {"text": PLAIN}, follow=True).content.decode()


def test_will_be_held_asks_the_same_rule(citizen):
    comment = public(citizen, thread=ThreadFactory())
    assert reading.will_be_held(citizen, holds_first=True, edited=comment) is True
    assert reading.will_be_held(citizen, holds_first=True) is False
    assert reading.will_be_held(citizen, holds_first=False, edited=comment) is False
