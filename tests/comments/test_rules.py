"""Each condition of who may do what with a comment, by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import User
from comments import rules
from comments.models import Comment, Thread

NOW = timezone.now()
SUSPENDED = {"suspended_until": NOW + timedelta(hours=1)}
INACTIVE = {"is_active": False}


def person(pk=1, **fields):
    return User(pk=pk, **fields)


def comment(author_id=1, state="published", **fields):
    return Comment(author_id=author_id, state=state, created_at=NOW, **fields)


@pytest.mark.parametrize(
    ("user", "is_open", "allowed"),
    [
        (person(), True, True),
        (person(), False, False),
        (person(**INACTIVE), True, False),
        (person(**SUSPENDED), True, False),
        (AnonymousUser(), True, False),
    ],
)
def test_whoever_is_active_and_not_suspended_writes_in_an_open_thread(user, is_open, allowed):
    assert rules.may_post(user, Thread(is_open=is_open), NOW) is allowed


@pytest.mark.parametrize(
    ("user", "changes", "allowed"),
    [
        (person(2), {}, True),
        (person(2), {"author_id": None}, True),
        (person(1), {}, False),
        (person(2, **INACTIVE), {}, False),
        (person(2, **SUSPENDED), {}, False),
        (AnonymousUser(), {}, False),
        *((person(2), {"state": state}, False) for state in ("pending", "hidden", "deleted")),
    ],
)
def test_others_flag_what_is_published(user, changes, allowed):
    assert rules.may_flag(user, comment(**changes), NOW) is allowed


STANDING = [
    (person(), {}, True),
    (person(), {"state": "pending"}, True),
    (person(), {"state": "hidden"}, False),
    (person(), {"state": "deleted"}, False),
    (person(2), {}, False),
    # Nobody is the author of what a deleted account wrote.
    (AnonymousUser(), {"author_id": None}, False),
]


@pytest.mark.parametrize(("user", "changes", "allowed"), STANDING)
def test_author_alone_changes_and_deletes_what_stands(user, changes, allowed):
    assert rules.may_edit(user, comment(**changes), NOW) is allowed
    assert rules.may_delete(user, comment(**changes)) is allowed


@pytest.mark.parametrize(("seconds", "allowed"), [(899, True), (900, False)])
def test_words_are_changed_for_a_quarter_of_an_hour(seconds, allowed):
    assert rules.may_edit(person(), comment(), NOW + timedelta(seconds=seconds)) is allowed
    assert rules.may_delete(person(), comment())


@pytest.mark.parametrize(
    ("has_published", "has_link", "hub_holds_first", "held"),
    [
        (False, False, False, False),
        (False, True, False, True),
        (False, False, True, True),
        (True, True, True, False),
    ],
)
def test_review_holds_a_first_comment_or_its_links(has_published, has_link, hub_holds_first, held):
    assert (
        rules.holds_for_review(
            has_published=has_published, has_link=has_link, hub_holds_first=hub_holds_first
        )
        is held
    )
