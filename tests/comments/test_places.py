"""Whatever was hidden, deleted or waits, every count says what is shown, and every link leads to its comment."""

from __future__ import annotations

import random
import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from comments import following, reading
from comments.hooks import journal, moderation
from comments.models import Comment
from comments.own import as_shown, own_comments
from tests.conftest import signed_in
from tests.factories import CommentFactory, PostFactory, UserFactory
from tests.sent import form_of

State = Comment.State
SIZE = 3


@pytest.fixture
def post(db, monkeypatch):
    monkeypatch.setattr(reading, "CONVERSATIONS_A_PAGE", SIZE)
    return PostFactory()


@pytest.fixture
def people(db):
    return [UserFactory(name=name) for name in ("Lou", "Sam", "Alex")]


def fill(post, people, seed):
    """A conversation as any: openings and answers of each state, written in whatever order, some at one instant."""
    drawn = random.Random(seed)
    start, rows = timezone.now() - timedelta(days=3), []
    for number in range(drawn.randrange(1, 5 * SIZE)):
        parent = (
            drawn.choice([row for row in rows if row.parent is None] or [None])
            if drawn.random() < 0.5
            else None
        )
        state = drawn.choice(list(State))
        rows.append(
            CommentFactory(
                thread=post.thread, author=drawn.choice(people), parent=parent, state=state, text=f"Mots {number}",
                created_at=start + timedelta(minutes=drawn.randrange(40)),
                shown_at=None if state == State.PENDING else start,
            )
        )  # fmt: skip
    return rows


def every_page(thread, reader):
    first = reading.conversation(thread, reader=reader, page=1, now=timezone.now())
    return [
        reading.conversation(thread, reader=reader, page=number, now=timezone.now())
        for number in first.page.paginator.page_range
    ]


def shown_on(conversation):
    return [row for opening in conversation.comments for row in (opening, *opening.replies)]


def place(address):
    found = re.search(r"(?:\?commentaires=(\d+))?#(.+)$", address)
    return int(found[1] or 1), found[2]


@pytest.mark.parametrize("seed", range(14))
def test_counts_and_places_agree_for_every_reader(post, people, seed):
    rows = fill(post, people, seed)
    for reader in (AnonymousUser(), *people):
        pages = every_page(post.thread, reader)
        shown = [row for page in pages for row in shown_on(page)]
        read = {row.key for row in shown if row.text is not None and not row.is_pending}
        waiting = {row.key for row in shown if row.text is not None and row.is_pending}
        assert read == {row.pk for row in rows if row.state == State.PUBLISHED}
        assert waiting == {row.pk for row in rows if row.state == State.PENDING and row.author == reader}
        assert {page.total for page in pages} == {len(read)}
        assert {page.waiting for page in pages} == {len(waiting)}
        # None is shown twice, and no page is empty.
        assert len({row.key for row in shown}) == len(shown)
        assert all(page.comments for page in pages) or not rows or not shown
        if not reader.is_authenticated:
            continue
        on = {row.anchor: number for number, page in enumerate(pages, start=1) for row in shown_on(page)}
        for row in rows:
            if row.pk in read | waiting:
                assert place(reading.place_of(row, "/x/", reader=reader)) == (on[row.anchor], row.anchor)
        for own in as_shown(own_comments(reader), reader, timezone.now()):
            number, anchor = place(own.url)
            assert anchor == "commentaires" if own.state == State.HIDDEN else on[anchor] == number


def test_conversation_of_sixty_leads_to_the_sixtieth_from_everywhere(post, staff_client, staff, client):
    start = timezone.now() - timedelta(days=2)
    rows = [
        CommentFactory(thread=post.thread, created_at=start + timedelta(minutes=minute), shown_at=start)
        for minute in range(60)
    ]
    follower = UserFactory()
    following.follow(thread=post.thread, user=follower, wording="x", page="/", now=start - timedelta(days=1))
    Comment.objects.exclude(pk=rows[-1].pk).update(shown_at=start - timedelta(days=2))
    last = f"{post.get_absolute_url()}?commentaires=20#{rows[-1].anchor}"
    [item] = moderation.one(rows[-1].pk)
    assert item.page_url == last
    assert journal.JOURNAL.find([rows[-1].pk])[rows[-1].pk][1] == last
    following.send_digests(now=timezone.now())
    assert last in mail.outbox[-1].body
    assert f'id="{rows[-1].anchor}"' in client.get(last).content.decode()


def test_what_nobody_reads_leads_to_its_conversation(post):
    hidden = CommentFactory(thread=post.thread, state=State.HIDDEN)
    waiting = CommentFactory(thread=post.thread, state=State.PENDING, shown_at=None)
    for row in (hidden, waiting):
        [item] = moderation.one(row.pk)
        assert item.page_url == f"{post.get_absolute_url()}#commentaires"


@pytest.mark.parametrize("many", [1, 12])
def test_links_of_moderation_and_digests_cost_the_same_for_any_number(post, many):
    start = timezone.now() - timedelta(days=2)
    for _ in range(many):
        CommentFactory(thread=post.thread, created_at=start, shown_at=start)
    with CaptureQueriesContext(connection) as queries:
        moderation.as_items(moderation.latest())
    assert len(queries) == 5 - (many == 0)


def test_one_lands_on_ones_answer_at_the_end_of_a_long_conversation(post, people):
    start = timezone.now() - timedelta(days=2)
    rows = [
        CommentFactory(thread=post.thread, created_at=start + timedelta(minutes=minute))
        for minute in range(10)
    ]
    author = CommentFactory(thread=post.thread, created_at=start - timedelta(days=1)).author
    client = signed_in(author)
    address = reverse("comments:reply", args=[rows[-1].pk])
    typed = form_of(client.get(address).content.decode(), action=address)
    with time_machine.travel(timezone.now() + timedelta(seconds=10), tick=False):
        answer = client.post(address, typed | {"text": "Bien dit.", "name_is_shown": "on"})
    written = Comment.objects.get(text="Bien dit.")
    assert answer.headers["Location"] == f"{post.get_absolute_url()}?commentaires=4#{written.anchor}"
    page = client.get(answer.headers["Location"]).content.decode()
    beside = page.split(f'id="{written.anchor}"')[1][:600]
    assert "Votre commentaire est publié." in beside
