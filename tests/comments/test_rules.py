"""Who may do what with a comment: each predicate, for each person and each state. No row is stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from comments import rules
from comments.models import Comment, Thread

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
STATES = ("pending", "published", "hidden", "deleted")

PEOPLE = {
    "author": User(pk=1),
    "someone else": User(pk=2),
    "inactive account": User(pk=3, is_active=False),
    "suspended": User(pk=4, suspended_until=NOW + SECOND),
    "suspended until now": User(pk=5, suspended_until=NOW),
    "visitor": AnonymousUser(),
}


def comment_in(state, *, by="author"):
    author_id = PEOPLE[by].pk if by else None
    return Comment(author_id=author_id, state=state, created_at=NOW, text="x")


def allowed(predicate):
    return {name for name, person in PEOPLE.items() if predicate(person)}


@pytest.mark.parametrize("is_open", [True, False])
def test_open_threads_take_words_from_active_accounts_that_are_not_suspended(is_open):
    thread = Thread(is_open=is_open)
    may_write = {"author", "someone else", "suspended until now"} if is_open else set()
    assert allowed(lambda person: rules.may_post(person, thread, NOW)) == may_write


@pytest.mark.parametrize("state", STATES)
def test_public_words_are_flagged_by_those_who_may_write_but_their_author(state):
    expected = {"someone else", "suspended until now"} if state == "published" else set()
    assert allowed(lambda person: rules.may_flag(person, comment_in(state), NOW)) == expected


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("author", ["author", "someone else", None])
def test_words_that_stand_are_changed_and_deleted_by_their_author_alone(state, author):
    """A comment whose account is gone belongs to nobody: not to visitors, who have no key either."""
    comment = comment_in(state, by=author)
    expected = {author} if author and state in {"pending", "published"} else set()
    assert allowed(lambda person: rules.may_edit(person, comment, NOW)) == expected
    assert allowed(lambda person: rules.may_delete(person, comment)) == expected


@pytest.mark.parametrize(("later", "may"), [(-SECOND, True), (timedelta(), False), (SECOND, False)])
def test_words_are_changed_for_a_quarter_of_an_hour_and_deleted_at_any_time(later, may):
    comment, moment = comment_in("published"), NOW + rules.EDIT_WINDOW + later
    assert rules.may_edit(PEOPLE["author"], comment, moment) is may
    assert rules.may_delete(PEOPLE["author"], comment)


@pytest.mark.parametrize("has_published", [True, False])
@pytest.mark.parametrize("has_link", [True, False])
@pytest.mark.parametrize("hub_holds_first", [True, False])
def test_first_words_wait_when_the_hub_says_so_or_when_they_hold_a_link(
    has_published, has_link, hub_holds_first
):
    held = rules.holds_for_review(
        has_published=has_published, has_link=has_link, hub_holds_first=hub_holds_first
    )
    assert held is (not has_published and (has_link or hub_holds_first))
