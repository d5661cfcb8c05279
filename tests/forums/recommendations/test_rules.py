"""Role × phase, at the second before, at, and after each boundary."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from forums.models import Forum, Recommendation
from forums.recommendations import rules
from forums.recommendations.rules import Actor

NOW = datetime(2026, 5, 20, 14, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CITIZEN = User(pk=1, email="a@b.example", is_active=True)
ANOTHER = User(pk=2, email="c@d.example", is_active=True)
INACTIVE = User(pk=3, email="e@f.example", is_active=False)
STAFF = User(pk=4, email="g@h.example", is_active=True, is_staff=True, roles=["forums"])
HELPER = Actor(helper_id=9)


def forum(**changes):
    fields = {
        "announced_at": NOW - timedelta(days=9),
        "starts_at": NOW + timedelta(days=9),
        "ends_at": NOW + timedelta(days=9, hours=6),
    }
    return Forum(**fields | changes)


PHASES = {
    "draft": forum(announced_at=None),
    "a second before the announcement": forum(announced_at=NOW + SECOND),
    "at the announcement": forum(announced_at=NOW),
    "announced": forum(),
    "under way": forum(starts_at=NOW - SECOND, ends_at=NOW + SECOND),
    "at its end": forum(starts_at=NOW - 2 * SECOND, ends_at=NOW),
    "over": forum(starts_at=NOW - 9 * SECOND, ends_at=NOW - SECOND),
    "cancelled": forum(cancelled_at=NOW),
    "without participation": forum(has_participation=False),
}
TAKES = {"at the announcement", "announced", "under way"}


@pytest.mark.parametrize("phase", PHASES)
def test_a_forum_takes_proposals_from_its_announcement_to_its_end(phase):
    assert rules.accepts_proposals(PHASES[phase], NOW) is (phase in TAKES)


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize(
    ("person", "allowed"),
    [
        (AnonymousUser(), set()),
        (INACTIVE, set()),
        (CITIZEN, TAKES),
        (STAFF, set(PHASES) - {"without participation"}),
    ],
    ids=["visitor", "inactive", "citizen", "staff"],
)
def test_who_may_propose_in_each_phase(person, allowed, phase):
    assert rules.may_propose(person, PHASES[phase], NOW) is (phase in allowed)


STATES = {
    "proposed": Recommendation(state="proposed", author_id=1, forum=PHASES["announced"]),
    "proposed, forum over": Recommendation(state="proposed", author_id=1, forum=PHASES["over"]),
    "proposed, hidden": Recommendation(
        state="proposed", is_hidden=True, author_id=1, forum=PHASES["announced"]
    ),
    "accepted": Recommendation(state="accepted", author_id=1, forum=PHASES["announced"]),
    "accepted, hidden": Recommendation(
        state="accepted", is_hidden=True, author_id=1, forum=PHASES["announced"]
    ),
    "refused": Recommendation(state="refused", author_id=1, forum=PHASES["announced"]),
    "merged": Recommendation(state="merged", survivor_id=5, author_id=1, forum=PHASES["announced"]),
}
EVERY = set(STATES)
LIVE = {"proposed", "proposed, forum over", "accepted"}
RIGHTS = [
    # who, may_edit, may_merge, may_separate, may_choose_for_ballot
    ("its author", Actor(CITIZEN), {"proposed"}, set(), set(), set()),
    ("someone else", Actor(ANOTHER), set(), set(), set(), set()),
    ("inactive", Actor(INACTIVE), set(), set(), set(), set()),
    ("day team", HELPER, {"accepted"}, {"accepted"}, {"merged"}, {"accepted"}),
    ("staff", Actor(STAFF), EVERY, LIVE, {"merged"}, {"accepted"}),
]


@pytest.mark.parametrize(("who", "by", "edit", "merge", "separate", "choose"), RIGHTS)
def test_who_may_do_what_in_each_state(who, by, edit, merge, separate, choose):
    assert {name for name, row in STATES.items() if rules.may_edit(by, row, NOW)} == edit
    assert {name for name, row in STATES.items() if rules.may_merge(by, row)} == merge
    assert {name for name, row in STATES.items() if rules.may_separate(by, row)} == separate
    assert {name for name, row in STATES.items() if rules.may_choose_for_ballot(by, row)} == choose
    assert rules.may_review(by) is (who == "staff")


def test_board_takes_what_the_team_and_the_day_team_type():
    with_them, without = PHASES["over"], PHASES["without participation"]
    assert [rules.may_add_accepted(by, with_them) for by in (Actor(CITIZEN), HELPER, Actor(STAFF))] == [
        False,
        True,
        True,
    ]
    assert not rules.may_add_accepted(Actor(STAFF), without)
    assert not rules.may_add_accepted(HELPER, without)


def test_forum_that_will_be_cancelled_takes_proposals_until_then():
    later = forum(cancelled_at=NOW + SECOND)
    assert [rules.accepts_proposals(later, NOW + wait) for wait in (0 * SECOND, SECOND)] == [True, False]


def test_portal_itself_is_the_team_and_an_inactive_author_is_nobody():
    assert Actor().is_team
    mine = Recommendation(forum=forum(), author=INACTIVE, state="proposed")
    assert not rules.may_edit(Actor(INACTIVE), mine, NOW)
    mine.author = CITIZEN
    assert rules.may_edit(Actor(CITIZEN), mine, NOW)
