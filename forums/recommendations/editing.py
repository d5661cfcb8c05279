"""Every write to recommendations: proposing, adding, editing, reviewing, choosing for the ballot.

Merging and separating are in `forums.recommendations.merging`. Each write adds a `RecommendationEvent`, in the same
transaction.

Locks, in order: the author's account row (limits hold against parallel proposals); the forum row (FOR
NO KEY UPDATE, when something is typed: one idempotency_key makes one row); the recommendation rows (FOR NO
KEY UPDATE, by id), under which states and versions are read again.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import journal, mailing
from accounts.models import User
from accounts.suspending import check_not_suspended
from comments.models import Thread
from forums.models import Forum, Recommendation, RecommendationEvent, Track
from forums.recommendations import rules
from forums.recommendations.rules import Actor
from pole.hooks.moderation import ChangedMeanwhile
from pole.refusals import Refusal

Action, State = RecommendationEvent.Action, Recommendation.State
# What the journal of the team's decisions holds too.
DECISIONS = (Action.ACCEPTED, Action.REFUSED, Action.MERGED, Action.UNMERGED, Action.HIDDEN, Action.SHOWN)


class RecommendationRefused(Refusal):
    messages = {
        "proposals_closed": _("This forum does not take recommendations any more. Your text is kept below."),
        "too_many_proposals": _(
            "You have proposed a lot in one day. Your text is kept below: send it again tomorrow."
        ),
        "proposal_form_reused": _("This form was already used. Your text is kept below: send it again."),
        "table_board_closed": _("This event has no recommendations."),
        "recommendation_reviewed": _(
            "Somebody has reviewed it in between: it can’t be changed any more. Copy your text."
        ),
        "recommendation_changed": _("Someone else did otherwise in between: look at the list again."),
        "recommendation_decided": _("Someone has decided already."),
        "too_few_to_merge": _("Tick two recommendations or more, then bring them together."),
    }


class RecommendationChanged(Refusal):
    """Optimistic concurrency: someone saved since the version that was read; `stored` is the row as they left it."""

    messages = {"recommendation_saved_since": ""}

    def __init__(self, stored: Recommendation) -> None:
        super().__init__()
        self.stored = stored


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendationContent:
    """What is typed of a recommendation. `track` belongs to its forum."""

    kind: str
    title: str
    description: str = ""
    title_en: str = ""
    description_en: str = ""
    track: Track | None = None


@transaction.atomic
def propose(
    *,
    forum: Forum,
    author: User,
    content: RecommendationContent,
    author_name: str,
    is_person_named: bool,
    idempotency_key: uuid.UUID,
    now: datetime,
) -> Recommendation:
    """A recommendation that awaits review; the same `idempotency_key` again returns the one that it made.

    Raises `RecommendationRefused` and `WritingSuspended`.
    """
    check_not_suspended(User.objects.select_for_update(no_key=True).get(pk=author.pk), now)
    own = Recommendation.objects.filter(author=author)
    if already := own.filter(idempotency_key=idempotency_key).first():
        return already
    if not rules.may_propose(author, forum, now):
        raise RecommendationRefused("proposals_closed")
    if own.filter(created_at__gt=now - rules.PROPOSALS_PERIOD).count() >= rules.MAX_PROPOSALS:
        raise RecommendationRefused("too_many_proposals")
    if Recommendation.objects.filter(idempotency_key=idempotency_key).exists():
        raise RecommendationRefused("proposal_form_reused")
    row = _create(
        forum,
        content,
        author=author,
        author_name=author_name,
        is_person_named=is_person_named,
        idempotency_key=idempotency_key,
        created_at=now,
    )
    record_event(row, Action.PROPOSED, by=Actor(author), at=now)
    return row


@transaction.atomic
def add_accepted(
    *,
    forum: Forum,
    by: Actor,
    content: RecommendationContent,
    idempotency_key: uuid.UUID,
    now: datetime,
    table_number: int | None = None,
    author_name: str = "",
) -> Recommendation:
    """A recommendation that staff or the day team type, accepted at once. The same `idempotency_key` makes one.

    Raises `RecommendationRefused`.
    """
    Forum.objects.select_for_update(no_key=True).get(pk=forum.pk)
    if not rules.may_add_accepted(by, forum):
        raise RecommendationRefused("table_board_closed")
    if already := Recommendation.objects.filter(idempotency_key=idempotency_key).first():
        if already.forum_id != forum.pk or already.author_id is not None:
            raise RecommendationRefused("recommendation_changed")
        return already
    row = _create(
        forum,
        content,
        table_number=table_number,
        author_name=author_name,
        state=State.ACCEPTED,
        idempotency_key=idempotency_key,
        created_at=now,
    )
    record_event(row, Action.PROPOSED, by=by, at=now)
    return row


def _create(forum: Forum, content: RecommendationContent, **fields: Any) -> Recommendation:
    _check_track(forum.pk, content.track)
    return Recommendation.objects.create(
        forum=forum,
        thread=Thread.objects.create(),
        kind=content.kind,
        track=content.track,
        **text_fields(content),
        **fields,
    )


@transaction.atomic
def edit(
    *,
    recommendation: Recommendation,
    content: RecommendationContent,
    seen_version: int,
    by: Actor,
    now: datetime,
    withholds_before: bool = False,
    signature: Mapping[str, Any] | None = None,
) -> Recommendation:
    """Replaces the content; the event stores the former one, for the team alone with `withholds_before`.

    `signature` may change `author_name`, `is_person_named` and `table_number`; the event does not store those,
    since a person may ask not to be named. Raises `RecommendationChanged` when someone saved since
    `seen_version`, `RecommendationRefused` when `by` may not edit it any more, `WritingSuspended`.
    """
    if by.user:
        check_not_suspended(by.user, now)
    row = lock_recommendation(recommendation.pk)
    if not rules.may_edit(by, row, now):
        raise RecommendationRefused("recommendation_reviewed")
    if row.version != seen_version:
        raise RecommendationChanged(row)
    for name, value in (signature or {}).items():
        setattr(row, name, value)
    before = set_content(row, content)
    save_next_version(row, *(signature or {}))
    if before:
        is_shown = row.state != State.PROPOSED and not withholds_before
        record_event(row, Action.EDITED, by=by, at=now, before=before, shows_before=is_shown)
    return row


# Each decision takes what was `seen`, the `shown_version` of the row, and is refused when another text, state or
# choice is stored now (`ChangedMeanwhile`), or when somebody has decided the same.


@transaction.atomic
def accept(*, recommendation: Recommendation, seen: str, by: Actor, now: datetime) -> Recommendation:
    """Makes a proposal public, or undoes a refusal, and mails its author.

    Raises `RecommendationRefused("recommendation_changed")` when it was merged or hidden in between.
    """
    row = lock_recommendation(recommendation.pk)
    if not rules.may_review(by) or row.is_hidden or row.state == State.MERGED:
        raise RecommendationRefused("recommendation_changed")
    _check_seen(row, seen, is_decided=row.state == State.ACCEPTED)
    row.state, row.refusal_reason = State.ACCEPTED, ""
    save_next_version(row)
    record_event(row, Action.ACCEPTED, by=by, at=now)
    mail_author(row, "accepted", by)
    return row


def _check_seen(row: Recommendation, seen: str, *, is_decided: bool) -> None:
    if is_decided:
        raise RecommendationRefused("recommendation_decided")
    if seen != row.shown_version:
        raise ChangedMeanwhile


@transaction.atomic
def refuse(
    *, recommendation: Recommendation, reason: str, seen: str, by: Actor, now: datetime
) -> Recommendation:
    """Refuses with a public reason, mails its author, and takes it off the ballot.

    Raises `RecommendationRefused("recommendation_changed")` when it was merged, hidden or refused in between.
    """
    row = lock_recommendation(recommendation.pk)
    if not rules.may_review(by) or row.is_hidden or row.state not in {State.PROPOSED, State.ACCEPTED}:
        raise RecommendationRefused("recommendation_changed")
    _check_seen(row, seen, is_decided=False)
    row.state, row.refusal_reason, row.is_on_ballot = State.REFUSED, reason, False
    save_next_version(row)
    record_event(row, Action.REFUSED, by=by, at=now, reason=reason)
    mail_author(row, "refused", by)
    return row


@transaction.atomic
def set_hidden(
    *, recommendation: Recommendation, is_hidden: bool, seen: str, by: Actor, now: datetime
) -> Recommendation:
    """Hides it from readers, which takes it off the ballot too, or shows it again."""
    row = lock_recommendation(recommendation.pk)
    if not rules.may_review(by):
        raise RecommendationRefused("recommendation_changed")
    _check_seen(row, seen, is_decided=row.is_hidden == is_hidden)
    row.is_hidden = is_hidden
    row.is_on_ballot = row.is_on_ballot and not is_hidden
    save_next_version(row)
    record_event(row, Action.HIDDEN if is_hidden else Action.SHOWN, by=by, at=now)
    return row


@transaction.atomic
def set_on_ballot(
    *, recommendation: Recommendation, is_on_ballot: bool, seen: str, by: Actor, now: datetime
) -> Recommendation:
    """Chooses it for the ballot of the next round, or not; the options of a round already opened don't change.

    Raises `RecommendationRefused("recommendation_changed")` unless it is accepted.
    """
    row = lock_recommendation(recommendation.pk)
    if not rules.may_choose_for_ballot(by, row):
        raise RecommendationRefused("recommendation_changed")
    _check_seen(row, seen, is_decided=row.is_on_ballot == is_on_ballot)
    row.is_on_ballot = is_on_ballot
    save_next_version(row)
    record_event(row, Action.ON_BALLOT if is_on_ballot else Action.OFF_BALLOT, by=by, at=now)
    return row


# --- What every write does ----------------------------------------------------------------------


def lock_recommendation(pk: int) -> Recommendation:
    """One row, locked until commit, with its forum. Raises `Recommendation.DoesNotExist`."""
    return (
        Recommendation.objects.select_for_update(no_key=True, of=("self",))
        .select_related("forum", "track", "author")
        .get(pk=pk)
    )


def text_fields(content: RecommendationContent) -> dict[str, str]:
    return {field: getattr(content, field) for field in Recommendation.TEXTS}


def set_content(row: Recommendation, content: RecommendationContent) -> dict[str, str]:
    """Sets the content of a locked row, without saving; returns the former values of the fields that change."""
    _check_track(row.forum_id, content.track)
    texts = {**text_fields(content), "kind": content.kind}
    before = {field: getattr(row, field) for field, text in texts.items() if getattr(row, field) != text}
    if row.track != content.track:
        before["track"] = row.track.title if row.track else ""
        row.track = content.track
    for field, text in texts.items():
        setattr(row, field, text)
    return before


def _check_track(forum_id: int, track: Track | None) -> None:
    if track is not None and track.forum_id != forum_id:
        raise ValueError("this track belongs to another forum")


def save_next_version(row: Recommendation, *also: str) -> None:
    """Saves a locked row with its version incremented; `also` names fields beside those of `RecommendationContent`."""
    row.version += 1
    fields = ("kind", "track", "state", "refusal_reason", "survivor", "is_on_ballot", "is_hidden", "version")
    row.save(update_fields=[*Recommendation.TEXTS, *fields, *also])


def record_event(
    row: Recommendation, action: RecommendationEvent.Action, *, by: Actor, at: datetime, **fields: Any
) -> None:
    RecommendationEvent.objects.create(
        recommendation=row, action=action, by=by.user, helper_id=by.helper_id, at=at, **fields
    )
    if action in DECISIONS and by.is_team:
        journal.record(
            action=action, kind="recommendation", key=row.pk, by=by.user, person_id=row.author_id,
            reason=fields.get("reason", ""), at=at,
        )  # fmt: skip


def mail_author(row: Recommendation, what: str, by: Actor) -> None:
    """Mails the author, unless they are `by`; `what` is the end of the template's name."""
    author = row.author
    if author is None or not author.is_active or author == by.user:
        return
    mailing.send(
        prefix=f"forums/email/recommendation_{what}",
        to=author.email,
        context={"user": author, "has_account": True, "recommendation": row, "forum": row.forum},
    )
