"""Merging recommendations into one with a joint text, and separating them again.

One of them, the survivor, gets the joint text; the others keep their page, which points to it. Only
recommendations that are not merged already can be merged, so `survivor` forms trees: one that has sources
keeps them when it is merged in turn, and when it is separated again.

Locks: the recommendation rows (FOR NO KEY UPDATE), always in the order of their ids: merges of overlapping
sets wait for each other without deadlock, and the second reads the new states.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from forums.models import Forum, Recommendation, RecommendationEvent
from forums.recommendations import rules
from forums.recommendations.editing import (
    RecommendationContent,
    RecommendationRefused,
    mail_author,
    record_event,
    save_next_version,
    set_content,
)
from forums.recommendations.rules import Actor
from pole.hooks.moderation import ChangedMeanwhile, seen_version

Action, State = RecommendationEvent.Action, Recommendation.State


def version_of_merge(rows: Collection[Recommendation]) -> str:
    """The fingerprint of what is shown before these are merged."""
    return seen_version("merge", [row.shown_version for row in sorted(rows, key=lambda row: row.pk)])


def version_of_separation(source: Recommendation) -> str:
    """The fingerprint of what is shown before `source`, which is merged, is separated. Up to six queries."""
    before = content_before_merge(source)
    texts = before and [before.title, before.title_en, before.description, before.description_en, before.kind]
    rows = Recommendation.objects.select_related("track", "author")
    survivor = rows.get(pk=source.survivor_id) if source.survivor_id else None
    return seen_version("separate", source.shown_version, survivor and survivor.shown_version, texts)


@transaction.atomic
def merge(
    *,
    forum: Forum,
    ids: Collection[int],
    content: RecommendationContent,
    seen: str,
    by: Actor,
    now: datetime,
) -> Recommendation:
    """Merges two or more into one; returns the survivor, with the joint `content`. `seen` is `version_of_merge`.

    It is on the ballot as soon as one of them was. Raises `RecommendationRefused` for too few
    of them, or when one was merged, refused or hidden in between, and `ChangedMeanwhile`.
    """
    if not 2 <= len(set(ids)) <= rules.MAX_MERGED:
        raise RecommendationRefused("too_few_to_merge")
    rows = _lock_recommendations(forum.pk, ids)
    if len(rows) != len(set(ids)) or not all(rules.may_merge(by, row) for row in rows):
        raise RecommendationRefused("recommendation_changed")
    if seen != version_of_merge(rows):
        raise ChangedMeanwhile
    survivor = choose_survivor(rows)
    was_public = survivor.state != State.PROPOSED
    survivor.is_on_ballot = any(row.is_on_ballot for row in rows)
    survivor.state = State.ACCEPTED
    before = set_content(survivor, content)
    save_next_version(survivor)
    if not was_public:
        record_event(survivor, Action.ACCEPTED, by=by, at=now)
        mail_author(survivor, "accepted", by)
    if before:
        record_event(survivor, Action.EDITED, by=by, at=now, before=before, shows_before=was_public)
    for row in rows:
        if row != survivor:
            _merge_into(row, survivor, by, now)
    return survivor


def _lock_recommendations(forum_id: int, ids: Collection[int]) -> list[Recommendation]:
    rows = Recommendation.objects.select_for_update(no_key=True, of=("self",)).filter(
        forum=forum_id, pk__in=ids
    )
    return list(rows.select_related("forum", "track", "author").order_by("pk"))


def choose_survivor(rows: Collection[Recommendation]) -> Recommendation:
    """The one that has sources, else is on the ballot, else is accepted; of equals, the oldest. One query."""
    with_sources = set(
        Recommendation.objects.filter(survivor__in=[row.pk for row in rows]).values_list(
            "survivor", flat=True
        )
    )
    return min(
        rows,
        key=lambda row: (
            row.pk not in with_sources,
            not row.is_on_ballot,
            row.state != State.ACCEPTED,
            row.created_at,
            row.pk,
        ),
    )


def _merge_into(row: Recommendation, survivor: Recommendation, by: Actor, now: datetime) -> None:
    state, was_on_ballot = row.state, row.is_on_ballot
    row.state, row.survivor, row.is_on_ballot = State.MERGED, survivor, False
    save_next_version(row)
    record_event(
        row,
        Action.MERGED,
        by=by,
        at=now,
        other=survivor,
        state_before=state,
        was_on_ballot=was_on_ballot,
    )
    record_event(survivor, Action.GATHERED, by=by, at=now, other=row)
    mail_author(row, "merged", by)


@transaction.atomic
def separate(
    *, recommendation: Recommendation, seen: str, by: Actor, now: datetime, restores_content: bool = False
) -> Recommendation:
    """Undoes a merge for one source, which gets back its state, and whether it is on the ballot.

    With `restores_content`, the survivor gets back its content from before the merge, if `content_before_merge`
    returns it. `seen` is `version_of_separation`. Raises `RecommendationRefused("recommendation_changed")` when the
    source is not merged any more, and `ChangedMeanwhile`.
    """
    survivor_id = Recommendation.objects.values_list("survivor", flat=True).get(pk=recommendation.pk)
    if survivor_id is None:
        raise RecommendationRefused("recommendation_changed")
    rows = {
        row.pk: row
        for row in _lock_recommendations(recommendation.forum_id, [recommendation.pk, survivor_id])
    }
    row, survivor = rows[recommendation.pk], rows[survivor_id]
    if row.survivor_id != survivor_id or not rules.may_separate(by, row):
        raise RecommendationRefused("recommendation_changed")
    if seen != version_of_separation(row):
        raise ChangedMeanwhile
    merge_event = _latest_merge(row)
    restored = content_before_merge(row) if restores_content else None
    row.survivor, row.state = None, merge_event.state_before
    row.is_on_ballot = merge_event.was_on_ballot and not row.is_hidden
    save_next_version(row)
    record_event(row, Action.UNMERGED, by=by, at=now, other=survivor)
    if restored:
        before = set_content(survivor, restored)
        save_next_version(survivor)
        record_event(survivor, Action.EDITED, by=by, at=now, before=before)
    record_event(survivor, Action.RELEASED, by=by, at=now, other=row)
    return row


def _latest_merge(source: Recommendation) -> RecommendationEvent:
    """The latest merge of a merged recommendation. One query."""
    event = source.events.filter(action=Action.MERGED).order_by("-at", "-id").first()
    if event is None:  # rows written by hand
        return RecommendationEvent(recommendation=source, state_before=State.ACCEPTED)
    return event


def content_before_merge(source: Recommendation) -> RecommendationContent | None:
    """The content of the survivor before `source` was merged into it; None if restoring it would undo more than that.

    That is the case when it was edited since, or when another source of the same merge is still merged. Up to
    five queries.
    """
    merge_event = _latest_merge(source)
    if source.survivor_id is None or merge_event.pk is None:
        return None
    survivor = Recommendation.objects.select_related("track").get(pk=source.survivor_id)
    history = survivor.events.filter(at__gte=merge_event.at)
    reworded = list(history.filter(action=Action.EDITED).order_by("at", "id")[:2])
    together = history.filter(action=Action.GATHERED, at=merge_event.at).exclude(other=source)
    if (
        len(reworded) != 1
        or reworded[0].at != merge_event.at
        or together.filter(other__survivor=survivor).exists()
    ):
        return None
    fields = {field: getattr(survivor, field) for field in (*Recommendation.TEXTS, "kind")}
    before = {field: text for field, text in reworded[0].before.items() if field in fields}
    return RecommendationContent(**{**fields, **before}, track=survivor.track)
