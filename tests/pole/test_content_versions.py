"""Content versions: raised once a transaction, at its commit, for what it changed and nothing else."""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import partial

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from blog.models import Post, Tag
from enterprises.models import Sector
from forums.models import Forum, RoundEvent
from forums.registration import check_in
from pole.caching.content_versions import read_versions
from pole.models import MenuItem
from pole.server import restoring
from tests.factories import (
    CommentFactory,
    ForumFactory,
    PostFactory,
    RegistrationFactory,
    RoundFactory,
    SectorFactory,
    UserFactory,
)
from tests.forums.voting.conftest import together
from tests.reading_pages import scopes_of_tables

pytestmark = pytest.mark.django_db(transaction=True)


class Undone(Exception):
    pass


# How to change something of each scope; a forum is of two.
CHANGES = {
    "blog": (lambda: Tag.objects.update(name=F("name")), {"blog"}),
    "enterprises": (lambda: Sector.objects.update(name=F("name")), {"enterprises"}),
    "forums": (lambda: Forum.objects.update(summary="Autre"), {"forums", "votes"}),
    "hub": (lambda: MenuItem.objects.update(label="Autre"), {"hub"}),
    "people": (lambda: User.objects.filter(name="Alix").update(is_active=False), set()),
}
# A transaction: changes, and savepoints that are kept or rolled back, within one another.
acts = st.recursive(
    st.sampled_from(sorted(CHANGES)),
    lambda inner: st.tuples(st.booleans(), st.lists(inner, max_size=4)),
    max_leaves=12,
)


def changed_by(act) -> set[str]:
    """Does it; gives the scopes of what it leaves changed."""
    if isinstance(act, str):
        change, scopes = CHANGES[act]
        change()
        return scopes
    is_kept, inner = act
    changed: set[str] = set()
    with suppress(Undone), transaction.atomic():
        for each in inner:
            changed |= changed_by(each)
        if not is_kept:
            raise Undone
    return changed if is_kept else set()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(acts, max_size=5))
def test_commit_raises_once_each_scope_of_what_stays_changed(transactional_db, inner):
    before = dict(read_versions())
    with transaction.atomic():
        changed = changed_by((True, inner))
        assert dict(read_versions()) == before
    after = dict(read_versions())
    rose = {
        scope: after[scope] - before.get(scope, 0) for scope in after if after[scope] != before.get(scope)
    }
    assert rose == dict.fromkeys(changed, 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pole_noted_change")
        assert cursor.fetchone() == (0,)


def test_transactions_that_write_rooms_in_opposite_orders_both_commit():
    """Each held one room's version until its commit, and waited for the other's: one of them was refused."""
    PostFactory(), SectorFactory()
    both_wrote = threading.Barrier(2, timeout=20)

    def write(first, second):
        with transaction.atomic():
            first()
            both_wrote.wait()
            second()

    before = dict(read_versions())
    # Of each room, rows that the other does not touch.
    outcomes = together(
        partial(write, partial(Post.objects.update, title="Autre"), SectorFactory),
        partial(write, partial(Sector.objects.update, name=F("name")), CHANGES["blog"][0]),
    )
    assert outcomes == [None, None]
    after = dict(read_versions())
    assert [after[scope] - before[scope] for scope in ("blog", "enterprises")] == [2, 2]


def rise_of(act) -> set[str]:
    before = dict(read_versions())
    act()
    return {scope for scope, number in read_versions() if number != before.get(scope, 0)}


def test_forum_s_day_changes_only_what_it_shows():
    """What happens each second: arrivals, sign-ups, comments."""
    forum = ForumFactory()
    registration = RegistrationFactory(forum=forum, checked_in_at=None)
    round = RoundFactory(forum=forum)
    post, person, staff = PostFactory(), UserFactory(), UserFactory(is_staff=True)
    arrival = partial(check_in.check_in, registration=registration, now=timezone.now())
    assert rise_of(arrival) == set()
    assert rise_of(UserFactory) == set()
    assert rise_of(partial(User.objects.filter(pk=person.pk).update, last_login=timezone.now())) == set()
    assert rise_of(person.save) == set()
    assert rise_of(partial(User.objects.filter(pk=person.pk).update, name="Autre")) == {"people"}
    assert rise_of(partial(CommentFactory, thread=post.thread, author=person)) == {"comments"}
    logged = partial(RoundEvent.objects.create, round=round, at=timezone.now(), by=staff)
    assert rise_of(partial(logged, kind=RoundEvent.Kind.ADDED)) == set()
    assert rise_of(partial(logged, kind=RoundEvent.Kind.NOTED, reason="x")) == {"votes"}
    assert rise_of(person.delete) >= {"people"}


def test_every_scope_has_tables_and_every_trigger_a_scope_that_is_known():
    known = {"blog", "comments", "desk", "enterprises", "forums", "hub", "pages", "people", "recommendations", "results", "votes"}  # fmt: skip
    assert set().union(*scopes_of_tables().values()) == known


def test_restored_versions_are_none_that_a_browser_knows(client):
    """Else what it had before, and what is written since, would have one ETag until midnight."""
    of_the_backup = list(read_versions())
    PostFactory(title="Ce que la restauration défait")
    before, number = client.get("/billets/"), dict(read_versions())["blog"]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM blog_post")
        cursor.execute("DELETE FROM pole_contentversion")
        cursor.executemany("INSERT INTO pole_contentversion VALUES (%s, %s)", of_the_backup)
    restoring.raise_versions()
    while dict(read_versions()).get("blog", 0) < number:
        Tag.objects.update(name="Depuis")
    assert client.get("/billets/", headers={"If-None-Match": before["ETag"]}).status_code == 200
