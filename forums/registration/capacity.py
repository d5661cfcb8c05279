"""Places of a forum: who has one, who waits, and what happens when one comes free.

Every function here runs under `lock_forum`, in the caller's transaction.

Locks, in order: the advisory locks of the forum's rounds that may be open, shared, so that opening a
round and confirming someone see each other; the forum row (FOR NO KEY UPDATE), under which places are
counted; then registration rows. Mail is written in the same transaction.

While the forum has not begun, the waitlist is empty or no place is left: whoever frees a place gives
it, in order, before committing.
"""

from __future__ import annotations

from datetime import datetime

from forums.mail import notices
from forums.models import Forum, NoticeKind, Registration, Round
from forums.vote.locks import lock_round_shared
from forums.vote.roll import add_latecomers

State = Registration.State


class RegistrationRefused(Exception):
    """`code` is "closed", "over", "cancelled" (the registration), "arrived" or "taken" (the address)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def lock_forum(forum_id: int) -> Forum:
    """The forum, under the first two locks."""
    rounds = Round.objects.filter(forum_id=forum_id, closed_at=None, annulled_at=None, sealed_at=None)
    for round_id in rounds.order_by("pk").values_list("pk", flat=True):
        lock_round_shared(round_id)
    return Forum.objects.select_for_update(no_key=True).get(pk=forum_id)


def can_still_come(forum: Forum, now: datetime) -> bool:
    return forum.is_public(now) and forum.cancelled_at is None and now < forum.starts_at


def free_places(forum: Forum) -> int | None:
    """How many places are left, never below zero; None without a limit. One query."""
    if forum.capacity is None:
        return None
    return max(0, forum.capacity - Registration.objects.filter(forum=forum).holding_a_place().count())


def place(forum: Forum, row: Registration, now: datetime, *, even_if_full: bool = False) -> None:
    """A place when there is one and nobody waits; else the end of the line. Says which by mail."""
    if not even_if_full and forum.capacity is not None:
        # The capacity may have been raised a moment ago: those who wait come first.
        give_free_places(forum, now)
    if not even_if_full and free_places(forum) == 0:
        row.state, row.waitlisted_at = State.WAITLISTED, now
        row.save()
        notices.send(row, NoticeKind.WAITLISTED, now=now)
        return
    take(row, now)
    notices.send(row, NoticeKind.CONFIRMATION, now=now)
    note_full(forum)


def take(row: Registration, now: datetime) -> None:
    """A place for this person, whoever else has one; and an entry on the roll of an open round, with its link by mail."""
    row.state, row.confirmed_at = State.CONFIRMED, now
    row.save()
    for round in add_latecomers(forum_id=row.forum_id, registration=row):
        notices.tell_open_vote(round, row, now=now)


def give_free_places(forum: Forum, now: datetime) -> int:
    """Promotes the first of the waitlist to the places left, until the forum begins; says how many."""
    promoted = 0
    if can_still_come(forum, now):
        left = free_places(forum)
        line = Registration.objects.filter(forum=forum).waiting().select_related("user")
        for row in line.select_for_update(of=("self",))[:left]:
            row.forum = forum
            take(row, now)
            notices.send(row, NoticeKind.PROMOTION, now=now)
            promoted += 1
    note_full(forum)
    return promoted


def note_full(forum: Forum) -> None:
    """Keeps `Forum.is_full`, without touching the row's version nor its date of change."""
    is_full = free_places(forum) == 0
    if is_full != forum.is_full:
        Forum.objects.filter(pk=forum.pk).update(is_full=is_full)
        forum.is_full = is_full
