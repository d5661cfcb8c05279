"""What the team decides about a comment, and what it reads of those that wait."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from comments import moderation, reading
from comments.hooks.moderation import as_items, latest
from comments.hooks.moderation import queue as waiting_for_team
from comments.hooks.staff_home import card
from comments.models import Comment, Flag
from comments.moderation import version_of
from tests.factories import CommentFactory, PostFactory, ThreadFactory, UserFactory

NOW = timezone.now()
EARLIER = NOW - timedelta(days=3)


@pytest.fixture
def post(db):
    return PostFactory(title="Un billet discuté")


def flagged(comment, settled_at=None, reason="x"):
    return Flag.objects.create(comment=comment, by=UserFactory(), reason=reason, settled_at=settled_at)


def pending(post):
    return CommentFactory(thread=post.thread, state="pending", shown_at=None)


@pytest.mark.parametrize("decide", ["approve", "hide"])
def test_decision_settles_open_flags_at_its_hour_and_leaves_the_settled_ones(post, staff, decide):
    comment, other = CommentFactory(thread=post.thread), CommentFactory(thread=post.thread)
    before, now, elsewhere = flagged(comment, EARLIER), flagged(comment), flagged(other)
    arguments = {"comment_id": comment.pk, "seen": version_of(comment), "by": staff, "now": NOW}
    if decide == "hide":
        arguments["reason"] = "Hors sujet"
    assert getattr(moderation, decide)(**arguments) == comment
    assert [Flag.objects.get(pk=each.pk).settled_at for each in (before, now, elsewhere)] == [
        EARLIER,
        NOW,
        None,
    ]
    other.refresh_from_db()
    assert other.state == "published"
    entry = AuditEntry.objects.get()
    assert (entry.person_id, entry.key, entry.by) == (comment.author_id, comment.pk, staff)


def test_nothing_is_decided_of_a_comment_that_waits_no_more(post, staff):
    comment = CommentFactory(thread=post.thread)
    assert moderation.approve(comment_id=comment.pk, seen=version_of(comment), by=staff, now=NOW) is None
    Comment.objects.update(state="deleted")
    assert moderation.approve(comment_id=comment.pk, seen=version_of(comment), by=staff, now=NOW) is None
    assert moderation.hide(comment_id=comment.pk, reason="x", seen="", by=staff, now=NOW) is None
    assert not AuditEntry.objects.exists()


def test_held_comment_is_shown_from_its_approval_or_hidden_unread(post, staff):
    shown, hidden = pending(post), pending(post)
    assert moderation.approve(comment_id=shown.pk, seen=version_of(shown), by=staff, now=NOW).shown_at == NOW
    assert (
        moderation.hide(
            comment_id=hidden.pk, reason="Pourriel", seen=version_of(hidden), by=staff, now=NOW
        ).state
        == "hidden"
    )
    shown.refresh_from_db()
    assert (shown.state, shown.shown_at) == ("published", NOW)
    assert AuditEntry.objects.order_by("pk").values_list("person_id", flat=True)[0] == shown.author_id


def test_author_without_an_account_or_who_left_is_not_written_to(post, staff):
    inactive = CommentFactory(thread=post.thread, author=UserFactory(is_active=False))
    nobody = CommentFactory(thread=post.thread, author=None)
    for comment in (inactive, nobody):
        moderation.hide(comment_id=comment.pk, reason="x", seen=version_of(comment), by=staff, now=NOW)
    assert mail.outbox == []


def test_author_is_written_to_in_their_language_as_an_account(post, staff):
    comment = CommentFactory(
        thread=post.thread, author=UserFactory(language="en", name="Lou"), text="Too much"
    )
    moderation.hide(comment_id=comment.pk, reason="Off topic", seen=version_of(comment), by=staff, now=NOW)
    (sent,) = mail.outbox
    assert sent.subject == "Your comment was hidden"
    assert "Hello Lou," in sent.body


def test_queue_tells_all_that_a_decision_needs(post, staff):
    held = pending(post)
    Comment.objects.filter(pk=held.pk).update(created_at=EARLIER)
    comment = CommentFactory(thread=post.thread)
    flagged(comment, settled_at=EARLIER, reason="Déjà vu"), flagged(comment, reason="Propos blessants")
    # Neither waits: flagged and kept already, flagged and hidden since.
    flagged(CommentFactory(thread=post.thread), settled_at=EARLIER)
    flagged(CommentFactory(thread=post.thread, state="hidden"))
    queue = waiting_for_team(50)
    assert queue.total == 2
    first, second = queue.items
    for item, row, why, label, place in (
        (first, held, "En attente de relecture", "Publier", "commentaires"),
        (second, comment, "Signalé : Propos blessants", "Garder", comment.anchor),
    ):
        assert (item.author, item.person_id, item.approve_label) == (row.author.name, row.author_id, label)
        assert item.reason.replace("\u00a0", " ") == why
        assert (item.page_title, item.page_url) == (
            "Un billet discuté",
            f"{post.get_absolute_url()}#{place}",
        )
        assert item.approve_url == reverse("staff:comment_approve", args=[row.pk])
        assert item.hide_url == reverse("staff:comment_hide", args=[row.pk])
    assert len(waiting_for_team(1).items) == 1


def test_queue_names_whoever_has_no_account_and_threads_of_nothing(db):
    for fields in ({"signature": "Une ancienne"}, {}):
        CommentFactory(thread=ThreadFactory(), author=None, state="pending", shown_at=None, **fields)
    items = waiting_for_team(50).items
    assert [(item.author, item.page_title, item.page_url) for item in items] == [
        ("Une ancienne", "", ""),
        ("compte supprimé", "", ""),
    ]


def test_latest_are_public_ones_newest_first_without_their_flags(post):
    older = CommentFactory(thread=post.thread, created_at=EARLIER)
    newer = CommentFactory(thread=post.thread)
    flagged(newer)
    pending(post)
    assert [item.key for item in as_items(latest())] == [newer.anchor, older.anchor]
    CommentFactory.create_batch(49, thread=post.thread)
    assert len(latest()) == 50


def test_staff_home_counts_held_and_flagged_apart(post):
    assert card().lines == []
    pending(post)
    for _ in range(2):
        flagged(CommentFactory(thread=post.thread))
    # These count nowhere.
    flagged(CommentFactory(thread=post.thread), settled_at=EARLIER)
    flagged(CommentFactory(thread=post.thread, state="hidden"))
    CommentFactory(thread=post.thread)
    assert [line.count for line in card().lines] == [1, 2]


# --- What a reader may do


def read(thread, reader):
    return reading.conversation(thread, reader=reader, page=1, now=NOW).comments


def able(shown):
    return (shown.can_reply, shown.can_edit, shown.can_delete, shown.can_flag, shown.has_actions)


def test_each_comment_offers_what_its_reader_may_do(post, citizen):
    rows = [
        CommentFactory(thread=post.thread, author=citizen, created_at=NOW - timedelta(minutes=1)),
        CommentFactory(thread=post.thread, author=citizen, created_at=NOW - timedelta(seconds=50), state="pending"),
        CommentFactory(thread=post.thread, created_at=NOW - timedelta(seconds=40)),
    ]  # fmt: skip
    mine, waiting, other = read(post.thread, citizen)
    assert [shown.key for shown in (mine, waiting, other)] == [row.pk for row in rows]
    assert able(mine) == (True, True, True, False, True)
    assert able(waiting) == (False, True, True, False, True)
    assert able(other) == (True, False, False, True, True)
    assert (mine.has_notes, waiting.has_notes) == (False, True)
    from django.contrib.auth.models import AnonymousUser

    assert [able(shown) for shown in read(post.thread, AnonymousUser())] == [(False,) * 5] * 2


def test_nobody_is_the_author_of_what_a_deleted_account_wrote(post):
    from django.contrib.auth.models import AnonymousUser

    CommentFactory(thread=post.thread, author=None, signature="Une ancienne")
    CommentFactory(thread=post.thread, author=None, state="pending", shown_at=None)
    (shown,) = read(post.thread, AnonymousUser())
    assert (shown.author, able(shown)) == ("Une ancienne", (False,) * 5)


def test_closed_thread_offers_no_answer(post, citizen):
    post.thread.is_open = False
    CommentFactory(thread=post.thread)
    assert able(read(post.thread, citizen)[0]) == (False, False, False, True, True)


def test_actions_are_offered_when_any_is(db):
    none = dict.fromkeys(
        ("can_reply", "can_edit", "can_delete", "can_flag", "can_moderate", "is_pending", "is_edited"), False
    )
    shown = {
        "key": 1,
        "anchor": "",
        "author": "",
        "written_at": NOW,
        "text": None,
        "is_hidden": False,
        "replies": [],
    }
    assert not reading.ShownComment(**shown, **none).has_actions
    assert not reading.ShownComment(**shown, **none).has_notes
    for one in ("can_reply", "can_edit", "can_delete", "can_flag", "can_moderate"):
        assert reading.ShownComment(**shown, **none | {one: True}).has_actions is True
    for one in ("is_pending", "is_edited"):
        assert reading.ShownComment(**shown, **none | {one: True}).has_notes is True


def test_edited_words_say_so_and_deleted_openings_stay_only_for_answers_that_show(post, citizen):
    edited = CommentFactory(thread=post.thread, edited_at=NOW)
    gone = CommentFactory(thread=post.thread, author=citizen, state="deleted")
    CommentFactory(thread=post.thread, parent=gone, state="hidden")
    CommentFactory(thread=post.thread, author=citizen, state="hidden")
    shown = read(post.thread, citizen)
    assert [(one.key, one.is_edited, one.has_notes) for one in shown] == [(edited.pk, True, True)]


def test_comment_will_be_held_until_the_first_is_published(db, citizen, staff):
    CommentFactory()
    CommentFactory(author=citizen, state="pending", shown_at=None)
    assert reading.will_be_held(citizen, holds_first=True) is True
    assert reading.will_be_held(citizen, holds_first=False) is False
    assert reading.will_be_held(staff, holds_first=True) is False
    CommentFactory(author=citizen)
    assert reading.will_be_held(citizen, holds_first=True) is False
