"""Every write to recommendations: proposed, typed, reworded, reviewed, put on the ballot.

Merging and separating are in `forums.recommendations.merging`. Each act leaves a row of history, in the same transaction.

Locks, in order: the author's account row (limits hold against parallel proposals); the forum row (FOR
NO KEY UPDATE, when something is typed: one submission makes one row); the recommendation rows (FOR NO
KEY UPDATE, by id), under which states and versions are read again.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import audit, mailing
from accounts.models import User
from comments.models import Thread
from forums.models import Forum, Recommendation, RecommendationEvent, Track
from forums.recommendations import rules
from forums.recommendations.rules import Actor

Action, State = RecommendationEvent.Action, Recommendation.State
# What the journal of the team's decisions holds too.
DECISIONS = (Action.ACCEPTED, Action.REFUSED, Action.MERGED, Action.UNMERGED, Action.HIDDEN, Action.SHOWN)


class RecommendationRefused(Exception):
    """`code` is "closed", "too_many", "changed" (someone did otherwise in between) or "too_few"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class RecommendationChanged(Exception):
    """Someone saved since the version seen; `stored` is what they wrote."""

    def __init__(self, stored: Recommendation) -> None:
        super().__init__(stored.pk)
        self.stored = stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a recommendation says. `track` is one of its forum's."""

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
    words: Words,
    author_name: str,
    is_person_named: bool,
    submission: uuid.UUID,
    now: datetime,
) -> Recommendation:
    """A recommendation that awaits review; the same `submission` again returns the one that it made.

    Raises `RecommendationRefused`: "closed", or "too_many" in a day.
    """
    User.objects.select_for_update(no_key=True).get(pk=author.pk)
    mine = Recommendation.objects.filter(author=author)
    if already := mine.filter(submission=submission).first():
        return already
    if not rules.may_propose(author, forum, now):
        raise RecommendationRefused("closed")
    if mine.filter(created_at__gt=now - rules.LIMIT_SPAN).count() >= rules.PROPOSALS_ALLOWED:
        raise RecommendationRefused("too_many")
    if Recommendation.objects.filter(submission=submission).exists():
        raise RecommendationRefused("changed")
    row = _create(
        forum,
        words,
        author=author,
        author_name=author_name,
        is_person_named=is_person_named,
        submission=submission,
        created_at=now,
    )
    record(row, Action.PROPOSED, by=Actor(author), at=now)
    return row


@transaction.atomic
def type_in(
    *,
    forum: Forum,
    by: Actor,
    words: Words,
    submission: uuid.UUID,
    now: datetime,
    table_number: int | None = None,
    author_name: str = "",
) -> Recommendation:
    """A recommendation typed on the room board: accepted at once. The same `submission` makes one.

    Raises `RecommendationRefused`: "closed", or "changed" when another forum has this submission.
    """
    Forum.objects.select_for_update(no_key=True).get(pk=forum.pk)
    if not rules.may_type(by, forum):
        raise RecommendationRefused("closed")
    if already := Recommendation.objects.filter(submission=submission).first():
        if already.forum_id != forum.pk or already.author_id is not None:
            raise RecommendationRefused("changed")
        return already
    row = _create(
        forum,
        words,
        table_number=table_number,
        author_name=author_name,
        state=State.ACCEPTED,
        submission=submission,
        created_at=now,
    )
    record(row, Action.PROPOSED, by=by, at=now)
    return row


def _create(forum: Forum, words: Words, **fields: Any) -> Recommendation:
    _require_track_of(forum.pk, words.track)
    return Recommendation.objects.create(
        forum=forum,
        thread=Thread.objects.create(),
        kind=words.kind,
        track=words.track,
        **texts_of(words),
        **fields,
    )


@transaction.atomic
def edit(
    *,
    recommendation: Recommendation,
    words: Words,
    seen_version: int,
    by: Actor,
    now: datetime,
    withholds_before: bool = False,
    signature: Mapping[str, Any] | None = None,
) -> Recommendation:
    """Rewords; history keeps the words before, for the team alone with `withholds_before`.

    `signature` may change `author_name`, `is_person_named` and `table_number`; no history keeps those,
    since a person may ask not to be named. Raises `RecommendationChanged` when someone saved since
    `seen_version`, `RecommendationRefused("changed")` when it can't be edited any more.
    """
    row = lock_one(recommendation.pk)
    if not rules.may_edit(by, row, now):
        raise RecommendationRefused("changed")
    if row.version != seen_version:
        raise RecommendationChanged(row)
    for name, value in (signature or {}).items():
        setattr(row, name, value)
    before = reword(row, words)
    save(row, *(signature or {}))
    if before:
        is_shown = row.state != State.PROPOSED and not withholds_before
        record(row, Action.EDITED, by=by, at=now, before=before, shows_before=is_shown)
    return row


@transaction.atomic
def accept(*, recommendation: Recommendation, by: Actor, now: datetime) -> Recommendation:
    """Makes a proposal public, or takes a refusal back; its author is told. Twice is once.

    Raises `RecommendationRefused("changed")` when it was merged or hidden in between.
    """
    row = lock_one(recommendation.pk)
    if not rules.may_review(by) or row.is_hidden or row.state == State.MERGED:
        raise RecommendationRefused("changed")
    if row.state != State.ACCEPTED:
        row.state, row.refusal_reason = State.ACCEPTED, ""
        save(row)
        record(row, Action.ACCEPTED, by=by, at=now)
        tell_author(row, "accepted", by)
    return row


@transaction.atomic
def refuse(*, recommendation: Recommendation, reason: str, by: Actor, now: datetime) -> Recommendation:
    """Refuses, publicly, with a reason that its author is told too, and takes it off the ballot.

    Raises `RecommendationRefused("changed")` when it was merged, hidden or refused in between.
    """
    row = lock_one(recommendation.pk)
    if not rules.may_review(by) or row.is_hidden or row.state not in {State.PROPOSED, State.ACCEPTED}:
        raise RecommendationRefused("changed")
    row.state, row.refusal_reason, row.is_on_ballot = State.REFUSED, reason, False
    save(row)
    record(row, Action.REFUSED, by=by, at=now, reason=reason)
    tell_author(row, "refused", by)
    return row


@transaction.atomic
def set_hidden(
    *, recommendation: Recommendation, is_hidden: bool, by: Actor, now: datetime
) -> Recommendation:
    """Takes the words from readers, or gives them back; a hidden one leaves the ballot."""
    row = lock_one(recommendation.pk)
    if not rules.may_review(by):
        raise RecommendationRefused("changed")
    if row.is_hidden != is_hidden:
        row.is_hidden = is_hidden
        row.is_on_ballot = row.is_on_ballot and not is_hidden
        save(row)
        record(row, Action.HIDDEN if is_hidden else Action.SHOWN, by=by, at=now)
    return row


@transaction.atomic
def set_on_ballot(
    *, recommendation: Recommendation, is_on_ballot: bool, by: Actor, now: datetime
) -> Recommendation:
    """Puts it among what the next round copies, or takes it off; an open round keeps what it copied.

    Raises `RecommendationRefused("changed")` unless it is accepted.
    """
    row = lock_one(recommendation.pk)
    if not rules.may_choose_for_ballot(by, row):
        raise RecommendationRefused("changed")
    if row.is_on_ballot != is_on_ballot:
        row.is_on_ballot = is_on_ballot
        save(row)
        record(row, Action.ON_BALLOT if is_on_ballot else Action.OFF_BALLOT, by=by, at=now)
    return row


# --- What every write does ----------------------------------------------------------------------


def lock_one(pk: int) -> Recommendation:
    """One row, locked until commit, with its forum. Raises `Recommendation.DoesNotExist`."""
    return (
        Recommendation.objects.select_for_update(no_key=True, of=("self",))
        .select_related("forum", "track")
        .get(pk=pk)
    )


def texts_of(words: Words) -> dict[str, str]:
    return {field: getattr(words, field) for field in Recommendation.TEXTS}


def reword(row: Recommendation, words: Words) -> dict[str, str]:
    """Sets the words of a locked row, unsaved; what they replace, by field, with kind and track."""
    _require_track_of(row.forum_id, words.track)
    now_said = {**texts_of(words), "kind": words.kind}
    before = {field: getattr(row, field) for field, text in now_said.items() if getattr(row, field) != text}
    if row.track != words.track:
        before["track"] = row.track.title if row.track else ""
        row.track = words.track
    for field, text in now_said.items():
        setattr(row, field, text)
    return before


def _require_track_of(forum_id: int, track: Track | None) -> None:
    if track is not None and track.forum_id != forum_id:
        raise ValueError("this track belongs to another forum")


def save(row: Recommendation, *also: str) -> None:
    """Saves a locked row, one version later."""
    row.version += 1
    fields = ("kind", "track", "state", "refusal_reason", "survivor", "is_on_ballot", "is_hidden", "version")
    row.save(update_fields=[*Recommendation.TEXTS, *fields, *also])


def record(
    row: Recommendation, action: RecommendationEvent.Action, *, by: Actor, at: datetime, **fields: Any
) -> None:
    RecommendationEvent.objects.create(
        recommendation=row, action=action, by=by.user, helper_id=by.helper_id, at=at, **fields
    )
    if action in DECISIONS and by.is_team:
        audit.record(
            action=action, kind="recommendation", key=row.pk, by=by.user, person_id=row.author_id,
            reason=fields.get("reason", ""), at=at,
        )  # fmt: skip


def tell_author(row: Recommendation, what: str, by: Actor) -> None:
    """Mails the author, unless they did it themselves: `what` names the mail."""
    author = row.author
    if author is None or not author.is_active or author == by.user:
        return
    mailing.send(
        prefix=f"forums/email/recommendation_{what}",
        to=author.email,
        context={"user": author, "has_account": True, "recommendation": row, "forum": row.forum},
    )
