"""Signed tokens: those already in mails and on phones go on working; others open nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core import signing
from django.utils import timezone

from accounts.team import invitations
from comments import following
from desk import shared_preview
from enterprises.ownership import managers, yearly_checkups
from forums.views.day import day_access
from forums.views.vote import voter_cookies
from pole.access import SignedToken

TOKEN = SignedToken("a", (int, str), timedelta(days=1))


@pytest.mark.parametrize(
    ("module", "salt", "value"),
    [
        (following, "comments.unfollow", 7),
        (invitations, "accounts.invitation", [7, 1764367200.0]),
        (shared_preview, "desk.preview", [7, "a key"]),
        (managers, "enterprises.invitation", [7, 1764367200.0]),
        (yearly_checkups, "enterprises.verifying", 7),
        (day_access, "forums.dayteam", [7, "a hash"]),
        (voter_cookies, "forums.vote.pass", ["slip", 7, 0]),
    ],
)
def test_tokens_already_given_go_on_working(module, salt, value):
    values = value if isinstance(value, list) else [value]
    assert module._TOKEN.read(signing.dumps(value, salt=salt)) == values
    assert module._TOKEN.read(module._TOKEN.make(*values)) == values


@pytest.mark.parametrize("value", [7, "b", None, [], [7], ["b", 7], [True, "b"], [7, "b", 1]])
def test_token_made_for_something_else_holds_nothing(value):
    assert TOKEN.read(signing.dumps(value, salt="a")) == []


def test_forged_token_holds_nothing():
    for token in ("", "x", "é:é:é", TOKEN.make(7, "b")[:-1], signing.dumps([7, "b"], salt="b")):
        assert TOKEN.read(token) == []


@pytest.mark.parametrize(("hours", "held"), [(23, [7, "b"]), (25, [])])
def test_token_too_old_holds_nothing(hours, held):
    token = TOKEN.make(7, "b")
    with time_machine.travel(timezone.now() + timedelta(hours=hours)):
        assert TOKEN.read(token) == held
