"""What posting, changing and deleting write, to the last column, and to no other row."""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from accounts.forms import SuspendForm
from comments import flagging, forms, posting, rules
from comments.models import Comment, Flag
from comments.posting import PostingRefused
from pole.models import Hub
from tests.conftest import signed_in
from tests.factories import CommentFactory, PostFactory, ThreadFactory, UserFactory

NOW = timezone.now()


def post(author, text="Bien d’accord.", **changes):
    arguments = {"thread": changes.pop("thread", None) or ThreadFactory(), "parent": None, "now": NOW}
    return posting.post_comment(
        author=author, text=text, idempotency_key=uuid.uuid4(), **arguments | changes
    )  # fmt: skip


@pytest.fixture
def trusting(db):
    """A hub that does not hold first comments."""
    Hub.objects.create(name="Pôle", holds_first_comment=False)


def test_first_comment_waits_whatever_others_have_published_and_so_does_the_second(citizen):
    CommentFactory()
    first, second = post(citizen), post(citizen)
    assert (first.state, first.shown_at, first.created_at) == ("pending", None, NOW)
    assert second.state == "pending"


def test_first_comment_of_the_team_appears_at_once(staff):
    shown = post(staff, "Voyez https://exemple.example")
    assert (shown.state, shown.shown_at, shown.created_at) == ("published", NOW, NOW)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Bien d’accord.", "published"),
        ("Voyez http://exemple.example", "pending"),
        ("Voyez www.exemple.example", "pending"),
        ("Voyez WWW.exemple.example", "pending"),
    ],
)
def test_hub_that_trusts_first_comments_still_reads_their_links(trusting, citizen, text, state):
    assert post(citizen, text).state == state


def test_hourly_limit_counts_the_last_hour_of_this_person_alone(db):
    author = CommentFactory(created_at=NOW - timedelta(days=1)).author
    for age in (timedelta(hours=1), timedelta(minutes=59)):
        CommentFactory.create_batch(rules.HOURLY_LIMIT - 1, author=author, created_at=NOW - age)
    CommentFactory.create_batch(rules.HOURLY_LIMIT, created_at=NOW)
    assert post(author).state == "published"
    with pytest.raises(PostingRefused) as refusal:
        post(author)
    assert refusal.value.code == "too_many_comments"


def test_answer_is_tied_to_what_it_answers(db):
    top = CommentFactory()
    assert post(top.author, thread=top.thread, parent=top).parent == top
    assert post(top.author, thread=top.thread).parent is None


@pytest.fixture
def mine(db):
    """A comment of a minute ago, with another beside it."""
    CommentFactory()
    return CommentFactory(text="Avant", created_at=NOW - timedelta(minutes=1))


def test_changed_words_say_when(mine):
    returned = posting.edit_comment(comment=mine, author=mine.author, text="Après", now=NOW)
    mine.refresh_from_db()
    assert (returned, mine.text, mine.edited_at) == (mine, "Après", NOW)


def test_same_words_are_not_a_change(mine):
    posting.edit_comment(comment=mine, author=mine.author, text="Avant", now=NOW)
    mine.refresh_from_db()
    assert mine.edited_at is None


def test_what_was_hidden_meanwhile_is_neither_changed_nor_deleted(mine):
    """The page was open: the row is read again under its lock."""
    Comment.objects.filter(pk=mine.pk).update(state="hidden")
    for refused in (
        lambda: posting.edit_comment(comment=mine, author=mine.author, text="Après", now=NOW),
        lambda: posting.delete_comment(comment=mine, author=mine.author),
    ):
        with pytest.raises(PostingRefused) as refusal:
            refused()
        assert refusal.value.code == "comment_too_late"
    mine.refresh_from_db()
    assert (mine.state, mine.text) == ("hidden", "Avant")


def test_deleted_words_are_gone_and_no_others(mine):
    posting.delete_comment(comment=mine, author=mine.author)
    mine.refresh_from_db()
    assert (mine.state, mine.text) == ("deleted", "—")
    assert Comment.objects.exclude(pk=mine.pk).get().state == "published"


def test_author_changes_words_on_the_page(db):
    comment = CommentFactory(thread=PostFactory().thread)
    client, address = signed_in(comment.author), reverse("comments:edit", args=[comment.pk])
    assert "Modifier votre commentaire" in client.get(address).content.decode()
    assert client.post(address, {"text": " "}).status_code == 400
    assert client.post(address, {"text": "Mieux dit."}).status_code == 302
    comment.refresh_from_db()
    assert comment.text == "Mieux dit."
    Comment.objects.filter(pk=comment.pk).update(created_at=NOW - timedelta(hours=1))
    assert client.post(address, {"text": "Trop tard."}).status_code == 302
    comment.refresh_from_db()
    assert comment.text == "Mieux dit."


# --- Flags


def flag(comment, by, reason="x", now=NOW):
    return flagging.flag(comment=comment, by=by, reason=reason, now=now)


def test_flag_is_kept_once_until_it_is_settled(db):
    comment, by = CommentFactory(), UserFactory()
    first = flag(comment, by, "Publicité")
    assert (first.reason, first.created_at, first.by) == ("Publicité", NOW, by)
    assert flag(comment, by, "Encore") == first
    Flag.objects.update(settled_at=NOW)
    assert flag(comment, by, "De nouveau") != first
    assert list(Flag.objects.order_by("pk").values_list("reason", flat=True)) == ["Publicité", "De nouveau"]


def test_flags_have_an_hourly_limit_of_their_own_for_each_person(db):
    by, other = UserFactory(), UserFactory()
    comments = CommentFactory.create_batch(rules.HOURLY_LIMIT + 2)
    for comment in comments:
        Flag.objects.create(comment=comment, by=other, reason="x", created_at=NOW)
        Flag.objects.create(
            comment=comment, by=by, reason="x", created_at=NOW - timedelta(hours=1), settled_at=NOW
        )
    for comment in comments[: rules.HOURLY_LIMIT]:
        flag(comment, by)
    with pytest.raises(PostingRefused) as refusal:
        flag(comments[-1], by)
    assert refusal.value.code == "too_many_comments"
    assert Flag.objects.filter(by=by, created_at=NOW).count() == rules.HOURLY_LIMIT


# --- The forms


def filled(text="Un avis bien pesé.", age_s=10, **changes):
    with time_machine.travel(NOW - timedelta(seconds=age_s), tick=False):
        shown = forms.CommentForm.new_form_token()
    return {"text": text, "shown": shown, "subject": ""} | changes


def errors(data, age_s=0):
    with time_machine.travel(NOW, tick=False):
        form = forms.CommentForm(data, asks_name=False)
        return form.errors.get("__all__", []), form


@pytest.mark.parametrize(
    ("age_s", "fault"),
    [
        (1, "C’était très rapide."),
        (2, ""),
        (86399, ""),
        (86402, "Ce formulaire a expiré."),
    ],
)
def test_form_is_sent_by_people_within_a_day(age_s, fault):
    found, _form = errors(filled(age_s=age_s))
    assert [fault in said for said in found] == ([True] if fault else [])


def test_expired_form_is_given_a_number_that_serves(db):
    _found, form = errors(filled(age_s=86402))
    number, _shown_at = signing.loads(form["shown"].value(), salt="comment")
    assert uuid.UUID(number)
    again = forms.CommentForm(
        {"text": "Encore.", "shown": form["shown"].value(), "subject": ""}, asks_name=False
    )
    with time_machine.travel(timezone.now() + timedelta(seconds=10)):
        assert again.is_valid()
    assert again.cleaned_data["idempotency_key"] == uuid.UUID(number)


def test_fresh_form_has_a_number():
    assert signing.loads(forms.CommentForm(asks_name=False)["shown"].value(), salt="comment")


@pytest.mark.parametrize("form", [partial(forms.CommentForm, asks_name=False), forms.EditForm])
def test_text_of_nothing_visible_is_refused(form):
    given = form(filled(text="\u200b"))
    assert "Écrivez votre commentaire avant de l’envoyer." in given.errors["text"]


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (forms.FlagForm, "Dites en quelques mots quel est le problème."),
        (SuspendForm, "Indiquez la raison"),
    ],
)
def test_reason_of_nothing_visible_is_refused(form, message):
    assert message in form({"reason": "\u200b", "days": "7"}).errors["reason"][0]
