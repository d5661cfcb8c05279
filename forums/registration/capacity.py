"""Places at a forum: confirming registrations, the waitlist, and promotion from it.

Every function here runs under `lock_forum`, in the caller's transaction.

Locks, in order: the advisory locks of the forum's rounds that may be open, shared, so that opening a
round and confirming someone see each other; the forum row (FOR NO KEY UPDATE), under which places are
counted; then registration rows. Mail is written in the same transaction.

Invariant, for as long as places are given (`Forum.places_until`): the waitlist is empty or no place is left. Code that frees a place
calls `promote_from_waitlist` before it commits.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from forums.mail import notices
from forums.models import Forum, NoticeKind, Registration, Round, SessionChoice
from forums.vote.locks import lock_round_shared
from forums.vote.roll import add_latecomers
from pole.refusals import Refusal

State = Registration.State


class RegistrationRefused(Refusal):
    messages = {
        "registration_closed": _("Registration for this activity isn’t open."),
        "registration_over": _("It is too late: this activity has begun, or is cancelled."),
        "registration_cancelled": _(
            "This registration is cancelled. You can register again while registration is open."
        ),
        "registration_arrived": _("Your arrival is confirmed: the registration can’t be cancelled any more."),
        "registration_taken": _("This person has another registration for this activity."),
        "registration_too_many": _(
            "Many people register at this moment. Wait a minute, then send the form again."
        ),
        "session_gone": _("A session that you chose is over or cancelled meanwhile: choose again."),
        "session_missing": _("Choose one session at least."),
    }
    # Where the team, who reads of someone else, has other words.
    messages_to_team = {
        "registration_over": _("This activity is over or cancelled."),
        "registration_cancelled": _("This registration is cancelled: give the person a place first."),
        "registration_arrived": _("This person has arrived: undo the arrival first."),
    }

    @property
    def message_to_team(self) -> str:
        return str(self.messages_to_team.get(self.code, self.message))


def lock_forum(forum_id: int) -> Forum:
    """The forum, its row locked, after the advisory locks of its rounds that may be open."""
    rounds = Round.objects.filter(forum_id=forum_id, closed_at=None, annulled_at=None, sealed_at=None)
    for round_id in rounds.order_by("pk").values_list("pk", flat=True):
        lock_round_shared(round_id)
    return Forum.objects.select_for_update(no_key=True).get(pk=forum_id)


def lock_registration(pk: int) -> Registration:
    rows = Registration.objects.select_for_update(of=("self",), no_key=True).select_related("forum", "user")
    return rows.get(pk=pk)


def can_still_register(forum: Forum, now: datetime) -> bool:
    return forum.is_public(now) and forum.cancelled_at is None and now < forum.places_until


def free_places(forum: Forum) -> int | None:
    """How many places are left, never below zero; None without a limit. One query."""
    if forum.capacity is None:
        return None
    return max(0, forum.capacity - Registration.objects.filter(forum=forum).confirmed().count())


def confirm_or_waitlist(
    forum: Forum, row: Registration, now: datetime, *, even_if_full: bool = False
) -> None:
    """Saves `row` confirmed if a place is left and nobody waits, else last on the waitlist; sends the mail of either."""
    if not even_if_full and forum.capacity is not None:
        # The capacity may have been raised a moment ago: those who wait come first.
        promote_from_waitlist(forum, now)
    if not even_if_full and free_places(forum) == 0:
        row.state, row.waitlisted_at = State.WAITLISTED, now
        row.save()
        notices.queue_once(row, NoticeKind.WAITLISTED, now=now)
        return
    confirm_place(row, now)
    notices.queue_once(row, NoticeKind.CONFIRMATION, now=now)
    update_is_full(forum)


def confirm_place(row: Registration, now: datetime) -> None:
    """Saves `row` confirmed, whatever the capacity; adds it to the roll of open rounds and mails the link to vote."""
    row.state, row.confirmed_at = State.CONFIRMED, now
    row.save()
    for round in add_latecomers(forum_id=row.forum_id, registration=row):
        notices.send_vote_link(round, row, now=now)


def promote_from_waitlist(forum: Forum, now: datetime) -> int:
    """Confirms the first of the waitlist, as many as places are left, while places are given; returns how many."""
    promoted = 0
    if can_still_register(forum, now):
        left = free_places(forum)
        line = Registration.objects.filter(forum=forum).waitlisted().select_related("user")
        if forum.chooses_sessions:
            line = line.filter(has_a_session_left(now))
        for row in line.select_for_update(of=("self",))[:left]:
            row.forum = forum
            confirm_place(row, now)
            notices.queue_once(row, NoticeKind.PROMOTION, now=now)
            promoted += 1
    update_is_full(forum)
    return promoted


def has_a_session_left(now: datetime) -> Q:
    """Of registrations where people choose: those who chose none, which is all, or one that is to come."""
    chosen = SessionChoice.objects.filter(registration=OuterRef("pk"))
    left = chosen.filter(session__cancelled_at=None, session__ends_at__gt=now)
    return ~Q(Exists(chosen)) | Q(Exists(left))


def update_is_full(forum: Forum) -> None:
    """Brings `Forum.is_full` up to date, without changing the row's `version` or `changed_at`."""
    is_full = free_places(forum) == 0
    if is_full != forum.is_full:
        Forum.objects.filter(pk=forum.pk).update(is_full=is_full)
        forum.is_full = is_full
