"""Every write to activities that enterprises propose: proposing, changing, taking back, answering, erasing old ones.

Locks, in order: the account row of who proposes (the limit holds against parallel proposals); the row of the listing, of
a new proposal alone; the forum row (FOR UPDATE), which protects its sessions too; then the proposal's.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import journal, mailing
from accounts.models import User
from accounts.suspending import check_not_suspended
from forums.models import ActivityProposal, Forum, Session
from pole.hooks.moderation import ChangedMeanwhile
from pole.hooks.speaking import SpokenFor, spoken_for
from pole.refusals import Refusal
from pole.text.slugs import unused_slug

State = ActivityProposal.State
# Proposals of one account within `PERIOD`, for all its listings.
MAX_PROPOSALS, PERIOD = 5, timedelta(days=1)
# A proposal that came to nothing goes, with its activity, this long after the answer.
KEPT_FOR = timedelta(days=365)
# More are for the team to write.
MAX_DATES = 3

type Dates = Sequence[tuple[datetime, datetime]]


class ProposalRefused(Refusal):
    messages = {
        "listing_hidden": _("The listing is hidden from visitors: no activity can be proposed in its name."),
        "too_many_activities": _(
            "You have proposed many activities in one day. What you wrote is kept below: send it again tomorrow."
        ),
        "activity_form_reused": _("This form was already used. What you wrote is kept below: send it again."),
        "activity_answered": _("The team has answered meanwhile: this proposal can’t be changed any more."),
        "activity_not_announced": _(
            "There is nothing to ask any more: this activity is over, or is not in the agenda."
        ),
    }


class AlreadyAnswered(Refusal):
    """Someone of the team was faster."""

    messages = {"activity_decided": _("Someone has decided already.")}


@transaction.atomic
def propose(
    *, forum: Forum, dates: Dates, listing_id: int, key: uuid.UUID, by: User, now: datetime
) -> ActivityProposal:
    """Stores a new activity that visitors do not see, and puts it in the team's queue; the same `key` again makes no other.

    Raises `ProposalRefused`, `WritingSuspended`, and `ActivityProposal.DoesNotExist` for a listing that is not theirs.
    """
    check_not_suspended(User.objects.select_for_update(no_key=True).get(pk=by.pk), now)
    _lock_listing(listing_id)
    listing = _listing_of(by, listing_id)
    own = ActivityProposal.objects.filter(proposed_by=by)
    if already := own.filter(key=key, listing=listing_id).first():
        return already
    if not listing.is_public:
        raise ProposalRefused("listing_hidden")
    if own.filter(proposed_at__gt=now - PERIOD).count() >= MAX_PROPOSALS:
        raise ProposalRefused("too_many_activities")
    if ActivityProposal.objects.filter(key=key).exists():
        raise ProposalRefused("activity_form_reused")
    forum.slug = unused_slug(forum.title, Forum.objects.all(), fallback="activite")
    forum.has_participation = False
    _save_with_dates(forum, dates)
    return ActivityProposal.objects.create(
        forum=forum, listing_id=listing_id, proposed_by=by, proposed_at=now, key=key
    )


def lock_own(*, proposal_id: int, by: User, now: datetime) -> ActivityProposal:
    """A proposal that awaits its answer, locked with its activity for a manager of its listing to change it.

    Raises `ProposalRefused`, `WritingSuspended`, `ActivityProposal.DoesNotExist`.
    """
    check_not_suspended(by, now)
    proposal = _lock(proposal_id)
    _listing_of(by, proposal.listing_id)
    if proposal.state != State.AWAITING:
        raise ProposalRefused("activity_answered")
    return proposal


@transaction.atomic
def save_change(*, forum: Forum, dates: Dates) -> None:
    """Of a proposal that the caller has from `lock_own`."""
    _save_with_dates(forum, dates)


def _save_with_dates(forum: Forum, dates: Dates) -> None:
    """One date is that of the activity; of several, each is a session, and one that the team completed keeps its words."""
    forum.starts_at, forum.ends_at = dates[0][0], max(ends_at for _starts_at, ends_at in dates)
    forum.save()
    stored = list(forum.sessions.order_by("position")[:MAX_DATES])
    wanted = dates if len(dates) > 1 else []
    for position, (known, date) in enumerate(zip_longest(stored, wanted), start=1):
        if date is None:
            known.delete()
            continue
        session = known or Session(forum=forum, position=position)
        session.starts_at, session.ends_at = date
        session.save()


@transaction.atomic
def withdraw(*, proposal_id: int, by: User, now: datetime) -> None:
    """A manager takes back what awaits its answer. Raises `ProposalRefused`, `ActivityProposal.DoesNotExist`."""
    proposal = _lock(proposal_id)
    _listing_of(by, proposal.listing_id)
    if proposal.state != State.AWAITING:
        raise ProposalRefused("activity_answered")
    proposal.state, proposal.answered_at = State.WITHDRAWN, now
    proposal.save(update_fields=["state", "answered_at"])


@transaction.atomic
def ask_change(*, proposal_id: int, asked: str, by: User, now: datetime) -> None:
    """Asks the team for another date, or to call it off: an activity that people know of changes by the team alone.

    Asked again, it replaces what awaits its answer. Raises `ProposalRefused`, `WritingSuspended`,
    `ActivityProposal.DoesNotExist`.
    """
    check_not_suspended(by, now)
    proposal = _lock(proposal_id)
    _listing_of(by, proposal.listing_id)
    if not may_ask_change(proposal, now):
        raise ProposalRefused("activity_not_announced")
    proposal.asked, proposal.asked_by, proposal.asked_at = asked, by, now
    proposal.save(update_fields=["asked", "asked_by", "asked_at"])


def may_ask_change(proposal: ActivityProposal, now: datetime) -> bool:
    """Of an accepted activity that is still to come. Reads `proposal.forum`."""
    forum = proposal.forum
    return proposal.state == State.ACCEPTED and forum.cancelled_at is None and now < forum.ends_at


# --- What the team answers. `seen` is the `shown_version` of what was read. -----------------------------------------


@transaction.atomic
def accept(*, proposal_id: int, at: datetime, seen: str, by: User, now: datetime) -> ActivityProposal:
    """Announces the activity from `at` on, and mails who proposed it. One that was refused may be accepted after all.

    With a link to take part online, which nobody else reads, it takes registrations from then on, unless they are taken elsewhere.

    Raises `ProposalRefused`, `AlreadyAnswered`, `ChangedMeanwhile`.
    """
    proposal = _lock_to_answer(proposal_id, seen, {State.AWAITING, State.REFUSED})
    if proposal.listing.state != "published":
        raise ProposalRefused("listing_hidden")
    forum = proposal.forum
    forum.announced_at = at
    has_link = bool(forum.online_link) or forum.sessions.exclude(online_link="").exists()
    if has_link and forum.registration_opens_at is None and not forum.registration_link:
        forum.registration_opens_at = at
    forum.save(update_fields=["announced_at", "registration_opens_at", "changed_at"])
    _answer(proposal, State.ACCEPTED, reason="", by=by, now=now)
    return proposal


@transaction.atomic
def refuse(*, proposal_id: int, reason: str, seen: str, by: User, now: datetime) -> ActivityProposal:
    """Says why to who proposed it. Raises `AlreadyAnswered`, `ChangedMeanwhile`."""
    proposal = _lock_to_answer(proposal_id, seen, {State.AWAITING})
    _answer(proposal, State.REFUSED, reason=reason, by=by, now=now)
    return proposal


def _lock_to_answer(proposal_id: int, seen: str, states: set[State]) -> ActivityProposal:
    proposal = _lock(proposal_id)
    if proposal.state not in states:
        raise AlreadyAnswered
    if seen != proposal.shown_version:
        raise ChangedMeanwhile
    return proposal


def _answer(proposal: ActivityProposal, state: State, *, reason: str, by: User, now: datetime) -> None:
    proposal.state, proposal.reason, proposal.answered_at = state, reason, now
    proposal.save(update_fields=["state", "reason", "answered_at"])
    _record(proposal, f"proposal_{state}", proposal.proposed_by_id, reason, by=by, now=now)
    _mail(proposal, proposal.proposed_by, f"activity_{state}", is_later=_is_later(proposal, now))


@transaction.atomic
def answer_change(*, proposal_id: int, answer: str, seen: str, by: User, now: datetime) -> ActivityProposal:
    """Ends what was asked of an accepted activity, and mails `answer` to who asked.

    Raises `AlreadyAnswered`, `ChangedMeanwhile`.
    """
    proposal = _lock(proposal_id)
    if not proposal.asked:
        raise AlreadyAnswered
    if seen != proposal.shown_version:
        raise ChangedMeanwhile
    asker, asked = proposal.asked_by, proposal.asked
    proposal.asked, proposal.asked_by, proposal.asked_at = "", None, None
    proposal.save(update_fields=["asked", "asked_by", "asked_at"])
    _record(proposal, "proposal_answered", asker.pk if asker else None, answer, by=by, now=now)
    _mail(proposal, asker, "activity_answered", asked=asked, answer=answer)
    return proposal


def _is_later(proposal: ActivityProposal, now: datetime) -> bool:
    return not proposal.forum.is_public(now)


def _record(
    proposal: ActivityProposal, action: str, person_id: int | None, reason: str, *, by: User, now: datetime
) -> None:
    journal.record(
        action=action, kind="forum", key=proposal.forum_id, by=by, person_id=person_id, reason=reason, at=now
    )


def _mail(proposal: ActivityProposal, person: User | None, template: str, **also: object) -> None:
    if person is None or not person.is_active:
        return
    context = {"user": person, "has_account": True, "proposal": proposal, "forum": proposal.forum, **also}
    mailing.send(prefix=f"forums/email/{template}", to=person.email, context=context)


# --- Old ones ---------------------------------------------------------------------------------------


@transaction.atomic
def delete_old(now: datetime) -> int:
    """Deletes what came to nothing, with its activity, `KEPT_FOR` after the answer; returns how many."""
    old = Q(proposal__answered_at__lte=now - KEPT_FOR, proposal__state__in=[State.REFUSED, State.WITHDRAWN])
    keys = (
        Forum.objects.filter(old, announced_at=None)
        .select_for_update(of=("self",))
        .values_list("pk", flat=True)
    )
    return Forum.objects.filter(pk__in=list(keys)).delete()[1].get("forums.ActivityProposal", 0)


# --- Rows -------------------------------------------------------------------------------------------


def _lock(proposal_id: int) -> ActivityProposal:
    """Locked after its activity, with its listing. Raises `ActivityProposal.DoesNotExist`."""
    forum = Forum.objects.select_for_update().filter(proposal=proposal_id).first()
    rows = ActivityProposal.objects.select_for_update(of=("self",))
    proposal = rows.select_related("listing", "proposed_by", "asked_by").get(pk=proposal_id)
    if forum is None:
        raise ActivityProposal.DoesNotExist
    proposal.forum = forum
    return proposal


def _lock_listing(key: int) -> None:
    """Before anything is written: at commit, the foreign key would wait for a merge that waits for the content versions."""
    listings: Any = ActivityProposal._meta.get_field("listing").related_model
    list(listings._default_manager.select_for_update(no_key=True).filter(pk=key).order_by().values_list("pk"))


def _listing_of(person: User, listing_id: int) -> SpokenFor:
    """Raises `ActivityProposal.DoesNotExist` when the person does not speak for it."""
    for listing in spoken_for(person):
        if listing.key == listing_id:
            return listing
    raise ActivityProposal.DoesNotExist
