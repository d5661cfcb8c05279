"""Merging recommendations into one with a joint text, and separating them again.

One of them stays, with the joint text; the others keep their page, which points to it. Only
recommendations that are not merged themselves are merged, so `survivor` draws trees: what had sources
of its own keeps them when it is merged in turn, and gets its place back with them when it is separated.

Locks: the recommendation rows (FOR NO KEY UPDATE) in the order of their ids, whatever the order in which
they were ticked: merges of overlapping sets wait for each other, and the second reads states anew.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from forums.models import Forum, Recommendation, RecommendationEvent
from forums.recommendations import rules
from forums.recommendations.editing import RecommendationRefused, Words, record, reword, save, tell_author
from forums.recommendations.rules import Actor

Action, State = RecommendationEvent.Action, Recommendation.State


@transaction.atomic
def merge(*, forum: Forum, ids: Collection[int], words: Words, by: Actor, now: datetime) -> Recommendation:
    """Makes one of two or more; returns the one that stays, with the joint `words`.

    It is on the ballot as soon as one of them was. Raises `RecommendationRefused`: "too_few" of them, or
    "changed" when one was merged, refused or hidden in between.
    """
    if not 2 <= len(set(ids)) <= rules.MOST_MERGED:
        raise RecommendationRefused("too_few")
    rows = _lock(forum.pk, ids)
    if len(rows) != len(set(ids)) or not all(rules.may_merge(by, row) for row in rows):
        raise RecommendationRefused("changed")
    survivor = choose_survivor(rows)
    was_public = survivor.state != State.PROPOSED
    survivor.is_on_ballot = any(row.is_on_ballot for row in rows)
    survivor.state = State.ACCEPTED
    before = reword(survivor, words)
    save(survivor)
    if not was_public:
        record(survivor, Action.ACCEPTED, by=by, at=now)
        tell_author(survivor, "accepted", by)
    if before:
        record(survivor, Action.EDITED, by=by, at=now, before=before, shows_before=was_public)
    for row in rows:
        if row != survivor:
            _join(row, survivor, by, now)
    return survivor


def _lock(forum_id: int, ids: Collection[int]) -> list[Recommendation]:
    rows = Recommendation.objects.select_for_update(no_key=True, of=("self",)).filter(
        forum=forum_id, pk__in=ids
    )
    return list(rows.select_related("forum", "track", "author").order_by("pk"))


def choose_survivor(rows: Collection[Recommendation]) -> Recommendation:
    """What already has sources, else what is on the ballot, else what is accepted, else the oldest. One query."""
    gathering = set(
        Recommendation.objects.filter(survivor__in=[row.pk for row in rows]).values_list(
            "survivor", flat=True
        )
    )
    return min(
        rows,
        key=lambda row: (
            row.pk not in gathering,
            not row.is_on_ballot,
            row.state != State.ACCEPTED,
            row.created_at,
            row.pk,
        ),
    )


def _join(row: Recommendation, survivor: Recommendation, by: Actor, now: datetime) -> None:
    state, was_on_ballot = row.state, row.is_on_ballot
    row.state, row.survivor, row.is_on_ballot = State.MERGED, survivor, False
    save(row)
    record(
        row,
        Action.MERGED,
        by=by,
        at=now,
        other=survivor,
        state_before=state,
        was_on_ballot=was_on_ballot,
    )
    record(survivor, Action.GATHERED, by=by, at=now, other=row)
    tell_author(row, "merged", by)


@transaction.atomic
def separate(
    *, recommendation: Recommendation, by: Actor, now: datetime, restores_words: bool = False
) -> Recommendation:
    """Undoes a merge for one source, which gets back its state and place on the ballot.

    With `restores_words`, what it was merged into gets back its words of before, where `words_before`
    says that they can be. Raises `RecommendationRefused("changed")` when it is not merged any more.
    """
    survivor_id = Recommendation.objects.values_list("survivor", flat=True).get(pk=recommendation.pk)
    if survivor_id is None:
        raise RecommendationRefused("changed")
    rows = {row.pk: row for row in _lock(recommendation.forum_id, [recommendation.pk, survivor_id])}
    row, survivor = rows[recommendation.pk], rows[survivor_id]
    if row.survivor_id != survivor_id or not rules.may_separate(by, row):
        raise RecommendationRefused("changed")
    joined = _joining(row)
    restored = words_before(row) if restores_words else None
    row.survivor, row.state = None, joined.state_before
    row.is_on_ballot = joined.was_on_ballot and not row.is_hidden
    save(row)
    record(row, Action.UNMERGED, by=by, at=now, other=survivor)
    if restored:
        before = reword(survivor, restored)
        save(survivor)
        record(survivor, Action.EDITED, by=by, at=now, before=before)
    record(survivor, Action.RELEASED, by=by, at=now, other=row)
    return row


def _joining(source: Recommendation) -> RecommendationEvent:
    """The latest merge of a merged recommendation. One query."""
    event = source.events.filter(action=Action.MERGED).order_by("-at", "-id").first()
    if event is None:  # rows written by hand
        return RecommendationEvent(recommendation=source, state_before=State.ACCEPTED)
    return event


def words_before(source: Recommendation) -> Words | None:
    """What the survivor said before `source` joined it; None where that would undo more than this merge.

    That is: it was reworded since, or another that joined at the same moment is still there. Up to five
    queries.
    """
    joined = _joining(source)
    if source.survivor_id is None or joined.pk is None:
        return None
    survivor = Recommendation.objects.select_related("track").get(pk=source.survivor_id)
    history = survivor.events.filter(at__gte=joined.at)
    reworded = list(history.filter(action=Action.EDITED).order_by("at", "id")[:2])
    together = history.filter(action=Action.GATHERED, at=joined.at).exclude(other=source)
    if (
        len(reworded) != 1
        or reworded[0].at != joined.at
        or together.filter(other__survivor=survivor).exists()
    ):
        return None
    said = {field: getattr(survivor, field) for field in (*Recommendation.TEXTS, "kind")}
    before = {field: text for field, text in reworded[0].before.items() if field in said}
    return Words(**{**said, **before}, track=survivor.track)
