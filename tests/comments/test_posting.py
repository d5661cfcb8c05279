"""Posting, holding, editing and deleting comments."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from comments import posting, rules
from comments.models import Comment
from comments.moderation import version_of
from comments.posting import PostingRefused
from pole.models import Hub
from tests.conftest import signed_in
from tests.factories import CommentFactory, PostFactory, UserFactory

INVITATION = "Connectez-vous pour partager votre opinion."


def post_as(author, thread, **changes):
    arguments = {
        "thread": thread, "author": author, "text": "Bien d’accord.", "parent": None, "idempotency_key": uuid.uuid4(),
        "now": timezone.now(),
    }  # fmt: skip
    return posting.post_comment(**arguments | changes)


@pytest.fixture
def post(db):
    return PostFactory()


@pytest.fixture
def known(db):
    """Someone who has a published comment already: the next ones appear at once."""
    return CommentFactory().author


def test_first_comment_is_held_for_review(post, citizen):
    assert post_as(citizen, post.thread).state == "pending"


def test_second_comment_appears_at_once(post, known):
    assert post_as(known, post.thread).state == "published"


@pytest.mark.parametrize("state", ["pending", "hidden", "deleted"])
def test_comment_that_is_not_public_opens_the_way_for_no_other(post, citizen, state):
    CommentFactory(author=citizen, state=state)
    assert post_as(citizen, post.thread).state == "pending"


def test_words_of_the_team_are_never_held(post, staff):
    assert post_as(staff, post.thread).state == "published"


def test_first_comment_is_held_where_the_hub_says_so(post, citizen):
    Hub.objects.create(name="Pôle", holds_first_comment=True)
    assert post_as(citizen, post.thread).state == "pending"


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Bien d’accord.", "published"),
        ("Voyez https://exemple.example", "pending"),
        ("Voyez WWW.exemple.example", "pending"),
    ],
)
def test_first_comment_with_a_link_is_held_even_where_the_others_are_not(post, citizen, text, state):
    Hub.objects.create(name="Pôle", holds_first_comment=False)
    comment = post_as(citizen, post.thread, text=text)
    assert (comment.state, comment.shown_at is None) == (state, state == "pending")


def test_submissions_and_limits_are_those_of_one_person(post, known, citizen):
    """The number of someone else's form gives nothing of theirs, and what others post counts for them."""
    number = uuid.uuid4()
    first = post_as(known, post.thread, idempotency_key=number)
    CommentFactory.create_batch(rules.HOURLY_LIMIT, thread=post.thread, author=known)
    mine = post_as(citizen, post.thread, idempotency_key=number)
    assert (mine.author, mine.state) == (citizen, "pending")
    assert mine != first


def test_same_submission_makes_one_comment(post, known):
    number = uuid.uuid4()
    first = post_as(known, post.thread, idempotency_key=number)
    assert post_as(known, post.thread, idempotency_key=number, text="Autre chose") == first
    assert post.thread.comments.count() == 1


@pytest.mark.django_db(transaction=True)
def test_double_click_makes_one_comment_with_real_connections():
    thread, author, number = PostFactory().thread, CommentFactory().author, uuid.uuid4()
    made, barrier = [], threading.Barrier(8)

    def click():
        try:
            barrier.wait()
            made.append(post_as(author, thread, idempotency_key=number).pk)
        finally:
            connection.close()

    clicks = [threading.Thread(target=click) for _ in range(8)]
    for thread_ in clicks:
        thread_.start()
    for thread_ in clicks:
        thread_.join()
    assert len(made) == 8
    assert len(set(made)) == 1


def test_closed_thread_refuses(post, known):
    post.thread.is_open = False
    post.thread.save()
    with pytest.raises(PostingRefused) as refusal:
        post_as(known, post.thread)
    assert refusal.value.code == "comments_closed"


def test_hourly_limit_refuses_the_next_one(post, known):
    for _ in range(rules.HOURLY_LIMIT - 1):
        post_as(known, post.thread)
    with pytest.raises(PostingRefused) as refusal:
        post_as(known, post.thread)
    assert refusal.value.code == "too_many_comments"
    later = timezone.now() + timedelta(hours=1, seconds=1)
    assert post_as(known, post.thread, now=later).state == "published"


def test_answer_to_an_answer_joins_the_conversation(post, known):
    top = CommentFactory(thread=post.thread)
    answer = post_as(known, post.thread, parent=top)
    assert post_as(known, post.thread, parent=answer).parent == top


@pytest.mark.parametrize(("seconds", "allowed"), [(899, True), (900, False), (901, False)])
def test_edit_window_closes_after_a_quarter_of_an_hour(db, seconds, allowed):
    comment = CommentFactory()
    moment = comment.created_at + timedelta(seconds=seconds)
    assert rules.may_edit(comment.author, comment, moment) is allowed


@pytest.mark.parametrize(
    ("state", "stands"), [("pending", True), ("published", True), ("hidden", False), ("deleted", False)]
)
def test_words_change_and_go_while_they_stand_alone(post, state, stands):
    comment = CommentFactory(thread=post.thread, state=state, text="Avant")
    CommentFactory(author=comment.author)
    now = comment.created_at
    acts = (
        lambda: posting.edit_comment(comment=comment, author=comment.author, text="Après", now=now),
        lambda: posting.delete_comment(comment=comment, author=comment.author),
    )
    for act, after in zip(acts, [("Après", state), ("—", "deleted")], strict=True):
        if stands:
            act()
        else:
            with pytest.raises(PostingRefused, match="too_late"):
                act()
        comment.refresh_from_db()
        assert (comment.text, comment.state) == (after if stands else ("Avant", state))
        assert comment.edited_at == (now if stands else None)


def test_words_saved_as_they_were_are_not_marked_as_changed(post):
    comment = CommentFactory(thread=post.thread, text="Avant")
    posting.edit_comment(comment=comment, author=comment.author, text="Avant", now=timezone.now())
    comment.refresh_from_db()
    assert comment.edited_at is None


def test_deleting_keeps_the_shape_of_the_thread(client, post):
    top = CommentFactory(thread=post.thread, text="Mots retirés")
    CommentFactory(thread=post.thread, parent=top, text="Une réponse qui reste")
    posting.delete_comment(comment=top, author=top.author)
    page = client.get(post.get_absolute_url()).content.decode()
    assert "Mots retirés" not in page
    assert "Une réponse qui reste" in page
    assert "supprimé" in page


def test_someone_elses_comment_is_a_404(post, citizen_client):
    comment = CommentFactory(thread=post.thread)
    for name in ("comments:edit", "comments:delete"):
        assert citizen_client.get(reverse(name, args=[comment.pk])).status_code == 404
        assert citizen_client.post(reverse(name, args=[comment.pk]), {"text": "x"}).status_code == 404


def test_signed_out_reader_sees_the_invitation(client, post):
    page = client.get(post.get_absolute_url()).content.decode()
    assert INVITATION in page
    assert "csrfmiddlewaretoken" not in page


def test_pending_comment_is_seen_by_its_author_alone(client, post, citizen):
    post_as(citizen, post.thread, text="En attente de lecture")
    assert "En attente de lecture" not in client.get(post.get_absolute_url()).content.decode()
    assert "En attente de lecture" in signed_in(citizen).get(post.get_absolute_url()).content.decode()


def form_data(**changes):
    with time_machine.travel(timezone.now() - timedelta(seconds=10)):
        from comments.forms import CommentForm

        shown = CommentForm.new_form_token()
    return {"text": "Un avis bien pesé.", "shown": shown, "subject": "", "name_is_shown": "on"} | changes


def test_comment_typed_in_the_form_appears_at_its_anchor(post, known):
    client = signed_in(known)
    response = client.post(reverse("comments:post", args=[post.thread_id]), form_data())
    comment = post.thread.comments.get()
    assert response.url == f"{post.get_absolute_url()}#commentaire-{comment.pk}"
    assert "Un avis bien pesé." in client.get(post.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"text": "   "}, "Écrivez votre commentaire avant de l’envoyer."),
        ({"text": "a" * 3001}, "3000"),
        ({"subject": "achetez"}, "C’était très rapide."),
        ({"shown": "forgé"}, "Ce formulaire a expiré."),
    ],
)
def test_bad_comment_is_refused_and_kept(post, known, changes, message):
    client = signed_in(known)
    response = client.post(reverse("comments:post", args=[post.thread_id]), form_data(**changes))
    assert response.status_code == 400
    assert message in response.content.decode()
    assert changes.get("text", "Un avis bien pesé.").strip() in response.content.decode()
    assert post.thread.comments.count() == 0


def test_script_payload_is_shown_as_text(client, post):
    CommentFactory(
        thread=post.thread,
        text='<script>alert(1)</script> <img src=x onerror="alert(2)"> javascript:alert(3)',
    )
    page = client.get(post.get_absolute_url()).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert 'href="javascript' not in page


def test_thread_of_an_unpublished_post_is_a_404(known):
    post = PostFactory(published_at=timezone.now() + timedelta(hours=1))
    client = signed_in(known)
    assert client.post(reverse("comments:post", args=[post.thread_id]), {"text": "x"}).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_thread_has_constant_queries(client, db, django_assert_num_queries, count):
    post = PostFactory()
    for _ in range(count):
        top = CommentFactory(thread=post.thread)
        CommentFactory(thread=post.thread, parent=top)
    client.get(post.get_absolute_url())
    with django_assert_num_queries(8):
        client.get(post.get_absolute_url())


def test_moderation_publishes_and_hides(staff_client, client, post, citizen):
    comment = post_as(citizen, post.thread, text="À lire d’abord")
    assert "À lire d’abord" in staff_client.get(reverse("staff:moderation")).content.decode()
    seen = {"seen": version_of(comment)}
    staff_client.post(reverse("staff:comment_approve", args=[comment.pk]), seen)
    assert "À lire d’abord" in client.get(post.get_absolute_url()).content.decode()
    comment.refresh_from_db()
    sent = {"reason": "Hors sujet", "seen": version_of(comment)}
    staff_client.post(reverse("staff:comment_hide", args=[comment.pk]), sent)
    comment.refresh_from_db()
    assert (comment.state, comment.hidden_reason) == (Comment.State.HIDDEN, "Hors sujet")
    assert "À lire d’abord" not in client.get(post.get_absolute_url()).content.decode()


def test_hiding_needs_a_reason(staff_client, post):
    comment = CommentFactory(thread=post.thread)
    staff_client.post(
        reverse("staff:comment_hide", args=[comment.pk]), {"reason": " ", "seen": version_of(comment)}
    )
    comment.refresh_from_db()
    assert comment.state == Comment.State.PUBLISHED


def test_deleted_account_leaves_its_comments(client, post):
    comment = CommentFactory(thread=post.thread, text="Ce que j’ai écrit reste")
    UserFactory()
    comment.author.delete()
    page = client.get(post.get_absolute_url()).content.decode()
    assert "Ce que j’ai écrit reste" in page
    assert "compte supprimé" in page


def test_second_page_of_comments_and_absurd_pages(client, post, monkeypatch):
    monkeypatch.setattr("comments.reading.CONVERSATIONS_A_PAGE", 2)
    for number in range(3):
        CommentFactory(thread=post.thread, text=f"Le mot numéro {number}.")
    first = client.get(post.get_absolute_url()).content.decode()
    second = client.get(f"{post.get_absolute_url()}?commentaires=2").content.decode()
    assert ["Le mot numéro 1." in first, "Le mot numéro 2." in first] == [True, False]
    assert ["Le mot numéro 1." in second, "Le mot numéro 2." in second] == [False, True]
    for absurd in ("0", "-1", "x", "9" * 400, "²"):
        assert client.get(post.get_absolute_url(), {"commentaires": absurd}).status_code == 200, absurd
