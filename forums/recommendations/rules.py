"""Permissions on the recommendations of a forum: pure predicates, without queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from forums.models import Forum, Recommendation

# Rate limit: proposals of one account within `PROPOSALS_PERIOD`, in all forums.
MAX_PROPOSALS = 10
PROPOSALS_PERIOD = timedelta(days=1)
# Recommendations that one merge may bring together.
MAX_MERGED = 40

PROPOSED, ACCEPTED = Recommendation.State.PROPOSED, Recommendation.State.ACCEPTED
REFUSED, MERGED = Recommendation.State.REFUSED, Recommendation.State.MERGED


@dataclass(frozen=True, slots=True)
class Actor:
    """Who writes: an account, or a member of the forum's day team (`helper_id`). Neither: the portal itself."""

    user: User | None = None
    helper_id: int | None = None

    @property
    def is_team(self) -> bool:
        """Staff, or the portal itself."""
        return self.helper_id is None and (self.user is None or self.user.has_role("forums"))


def accepts_proposals(forum: Forum, now: datetime) -> bool:
    """From the announcement to the end of an event with recommendations, unless it is cancelled."""
    return (
        forum.has_participation
        and forum.is_public(now)
        and not (forum.cancelled_at and forum.cancelled_at <= now)
        and now < forum.ends_at
    )


def may_propose(user: User | AnonymousUser, forum: Forum, now: datetime) -> bool:
    """Anyone signed in, while the forum accepts proposals; staff always."""
    return (
        user.is_authenticated
        and user.is_active
        and (accepts_proposals(forum, now) or (user.has_role("forums") and forum.has_participation))
    )


def may_add_accepted(by: Actor, forum: Forum) -> bool:
    """Staff, and the day team (`forums.views.day.day_access` checks that their access is valid)."""
    return forum.has_participation and (by.is_team or by.helper_id is not None)


def may_review(by: Actor) -> bool:
    """Accept, refuse, hide: the team alone."""
    return by.is_team


def may_edit(by: Actor, recommendation: Recommendation, now: datetime) -> bool:
    """The team always; the day team what is accepted; its author until somebody has reviewed it.

    Reads `recommendation.forum`.
    """
    if by.is_team:
        return True
    if by.helper_id is not None:
        return recommendation.state == ACCEPTED and not recommendation.is_hidden
    return (
        by.user is not None
        and by.user.is_active
        and recommendation.author_id == by.user.pk
        and recommendation.state == PROPOSED
        and not recommendation.is_hidden
        and accepts_proposals(recommendation.forum, now)
    )


def may_merge(by: Actor, recommendation: Recommendation) -> bool:
    """Before and after the vote. The team: what is neither refused, hidden nor merged. The day team: what is accepted."""
    states = {PROPOSED, ACCEPTED} if by.is_team else {ACCEPTED} if by.helper_id is not None else set()
    return recommendation.state in states and not recommendation.is_hidden


def may_separate(by: Actor, recommendation: Recommendation) -> bool:
    return recommendation.state == MERGED and (by.is_team or by.helper_id is not None)


def may_choose_for_ballot(by: Actor, recommendation: Recommendation) -> bool:
    return (
        recommendation.state == ACCEPTED
        and not recommendation.is_hidden
        and (by.is_team or by.helper_id is not None)
    )
