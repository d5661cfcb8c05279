"""With what those whom opening puts on the roll can vote online, and who holds nothing."""

from __future__ import annotations

from dataclasses import dataclass

from forums.models import Registration, Round, Slip


@dataclass(frozen=True, slots=True)
class VotingMeans:
    """Each person is counted once: with a slip, else by a personal link or an account, else with nothing."""

    by_slip: int
    by_link_or_account: int
    nothing: list[Registration]


def voting_means(round: Round) -> VotingMeans | None:
    """None for a consultation, where everybody has an account. Two queries."""
    if round.is_consultation:
        return None
    rows = Registration.objects.filter(forum_id=round.forum_id)
    is_for_arrived = round.public == Round.Public.CHECKED_IN
    rows = rows.checked_in() if is_for_arrived else rows.counted_on_rolls()
    active = Slip.objects.filter(forum=round.forum_id, registration__isnull=False, voided_at=None)
    holders = set(active.values_list("registration_id", flat=True))
    by_slip = by_link_or_account = 0
    nothing = []
    for row in rows.order_by("name", "pk"):
        if row.pk in holders:
            by_slip += 1
        elif row.user_id is not None or _gets_link(round, row):
            by_link_or_account += 1
        else:
            nothing.append(row)
    return VotingMeans(by_slip, by_link_or_account, nothing)


def _gets_link(round: Round, row: Registration) -> bool:
    """By the mail that a vote is open; a trial sends none, and a walk-in has no other mail to find their page by."""
    return bool(row.email) and not (round.is_trial and row.is_walk_in)
