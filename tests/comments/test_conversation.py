"""A thread as its readers see it: pages, totals, and words taken away."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from comments import reading
from comments.models import Comment
from comments.reading import conversation
from tests.factories import CommentFactory, ThreadFactory


@pytest.fixture
def thread(db):
    return ThreadFactory()


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch):
    monkeypatch.setattr(reading, "CONVERSATIONS_A_PAGE", 2)


def read(thread, *, page=1, reader=None):
    return conversation(thread, reader=reader or AnonymousUser(), page=page, now=timezone.now())


def texts(found):
    """Each conversation as its first words and those of its answers; None for words taken away."""
    return [(shown.text, [reply.text for reply in shown.replies]) for shown in found.comments]


def said(comment):
    return f"<p>{comment.text}</p>"


@pytest.mark.parametrize(("count", "pages", "queries"), [(1, 1, 1), (2, 1, 1), (3, 2, 2)])
def test_total_counts_every_page(thread, django_assert_num_queries, count, pages, queries):
    for _ in range(count):
        CommentFactory(thread=thread, parent=CommentFactory(thread=thread))
    CommentFactory(thread=thread, state=Comment.State.HIDDEN)
    CommentFactory()
    with django_assert_num_queries(queries):
        found = read(thread)
    assert (found.total, found.page.paginator.num_pages, len(found.comments)) == (
        2 * count,
        pages,
        min(count, 2),
    )


def test_second_page_goes_on_where_the_first_stops(thread, django_assert_num_queries):
    first, second, third = (CommentFactory(thread=thread) for _ in range(3))
    late_answer = CommentFactory(thread=thread, parent=first)
    assert texts(read(thread)) == [(said(first), [said(late_answer)]), (said(second), [])]
    CommentFactory(thread=thread, state=Comment.State.HIDDEN)
    with django_assert_num_queries(2):
        after = read(thread, page=2)
    assert texts(after) == [(said(third), [])]
    assert (after.total, after.page.number, after.page.paginator.num_pages) == (4, 2, 2)
    assert texts(read(thread, page=9)) == texts(after)


@pytest.mark.parametrize("state", [Comment.State.HIDDEN, Comment.State.DELETED, Comment.State.PENDING])
def test_answered_words_taken_away_keep_their_place(thread, state):
    opening = CommentFactory(thread=thread, state=state)
    answer = CommentFactory(thread=thread, parent=opening)
    found = read(thread)
    assert texts(found) == [(None, [said(answer)])]
    assert found.total == 1
    assert found.comments[0].is_hidden == (state == Comment.State.HIDDEN)
    assert found.comments[0].is_pending == (state == Comment.State.PENDING)


def test_pending_words_are_shown_to_their_author_alone(thread, citizen):
    mine = CommentFactory(thread=thread, author=citizen, state=Comment.State.PENDING)
    CommentFactory(thread=thread, state=Comment.State.PENDING)
    assert texts(read(thread, reader=citizen)) == [(said(mine), [])]
    assert texts(read(thread)) == []


def test_comment_of_a_deleted_account_has_a_name(thread):
    CommentFactory(thread=thread, author=None)
    assert read(thread).comments[0].author == "compte supprimé"
