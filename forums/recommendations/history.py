"""The history of a recommendation as readers see it: its events, its sources, what it was merged into.

Three queries for any number of recommendations. The author is named only if they agreed to be, members of
the day team never, staff always.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from accounts.models import User
from forums.models import DayTeamMember, Forum, Recommendation, RecommendationEvent
from pole.server.database.instances import Instances
from pole.server.database.prepared import prepared

Action, State = RecommendationEvent.Action, Recommendation.State

# Deeper than any forum merges: a bound in case rows written by hand form a cycle.
MAX_DEPTH = 50
FAMILY_SQL = """
WITH RECURSIVE down(root, id, depth) AS (
    SELECT id, id, 0 FROM forums_recommendation WHERE id = ANY(%(ids)s)
    UNION ALL
    SELECT down.root, r.id, down.depth + 1 FROM forums_recommendation r JOIN down ON r.survivor_id = down.id
    WHERE down.depth < %(deepest)s
), up(root, id, depth) AS (
    SELECT id, survivor_id, -1 FROM forums_recommendation WHERE id = ANY(%(ids)s) AND survivor_id IS NOT NULL
    UNION ALL
    SELECT up.root, r.survivor_id, up.depth - 1 FROM forums_recommendation r JOIN up ON r.id = up.id
    WHERE r.survivor_id IS NOT NULL AND up.depth > -%(deepest)s
)
SELECT root, id, depth FROM down UNION ALL SELECT root, id, depth FROM up ORDER BY root, depth DESC, id
"""

ACTION_LABELS = {
    Action.PROPOSED: pgettext_lazy("history of a recommendation", "Proposed"),
    Action.EDITED: pgettext_lazy("history of a recommendation", "Reworded"),
    Action.ACCEPTED: pgettext_lazy("history of a recommendation", "Accepted for discussion"),
    Action.REFUSED: pgettext_lazy("history of a recommendation", "Refused"),
    Action.MERGED: pgettext_lazy("history of a recommendation", "Merged into:"),
    Action.UNMERGED: pgettext_lazy("history of a recommendation", "Separated from:"),
    Action.GATHERED: pgettext_lazy("history of a recommendation", "Brought together with:"),
    Action.RELEASED: pgettext_lazy("history of a recommendation", "Separated again:"),
    Action.ON_BALLOT: pgettext_lazy("history of a recommendation", "Put on the ballot"),
    Action.OFF_BALLOT: pgettext_lazy("history of a recommendation", "Taken off the ballot"),
    Action.HIDDEN: pgettext_lazy("history of a recommendation", "Hidden from readers"),
    Action.SHOWN: pgettext_lazy("history of a recommendation", "Shown to readers again"),
}
TEAM_ONLY_ACTIONS = {Action.HIDDEN, Action.SHOWN}
FIELD_LABELS = {
    "title": gettext_lazy("Title"),
    "description": gettext_lazy("Description"),
    "title_en": gettext_lazy("Title in English"),
    "description_en": gettext_lazy("Description in English"),
    "kind": pgettext_lazy("recommendation", "Kind"),
    "track": gettext_lazy("Track"),
}


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of a history. `actor` is the name to show, "" for none; `others` were merged or separated with it."""

    at: datetime
    action: str
    label: str
    actor: str
    others: tuple[Recommendation, ...] = ()
    # (label, text, language) of the former texts.
    before: tuple[tuple[str, str, str], ...] = ()
    reason: str = ""
    is_team_only: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A merged recommendation, with those that were merged into it before."""

    recommendation: Recommendation
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Genealogy:
    entries: tuple[HistoryEntry, ...] = ()
    sources: tuple[Source, ...] = ()
    # What it was merged into, then what that was merged into, up to the one that is not merged.
    survivors: tuple[Recommendation, ...] = ()
    total: int = 1

    @property
    def survivor(self) -> Recommendation | None:
        return self.survivors[-1] if self.survivors else None


@dataclass(slots=True)
class _Family:
    """Ids of the sources of one recommendation (down) and of its survivors (up), the nearest first."""

    down: list[int] = field(default_factory=list)
    up: list[int] = field(default_factory=list)


LINKED = Instances(
    Recommendation,
    *("id", "forum_id", "title", "title_en", "author_id", "author_name", "table_number", "state"),
    *("survivor_id", "is_hidden", "created_at"),
    forum=Instances(Forum, "id", "slug"),
)
EVENT = Instances(
    RecommendationEvent,
    *("id", "recommendation_id", "action", "at", "by_id", "helper_id", "before", "shows_before"),
    *("other_id", "reason"),
    by=Instances(User, "id", "name"),
    helper=Instances(DayTeamMember, "id", "name"),
    other=LINKED,
)


@prepared(LINKED)
def _linked(keys: list[int]) -> QuerySet[Recommendation, Any]:
    """As the pages of others name them and lead to them."""
    return Recommendation.objects.filter(pk__any=keys).order_by("pk").values_list(*LINKED.columns)


@prepared(EVENT)
def _events(keys: list[int]) -> QuerySet[RecommendationEvent, Any]:
    happened = RecommendationEvent.objects.filter(recommendation__pk__any=keys)
    return happened.order_by("recommendation_id", "at", "id").values_list(*EVENT.columns)


def genealogies(
    keys: Iterable[int], *, for_team: bool = False
) -> dict[int, tuple[Recommendation, Genealogy]]:
    """By id, those that exist. Unless `for_team`, without what awaits review, what is hidden, and texts that the team withheld."""
    roots = list(keys)
    if not roots:
        return {}
    families = _families(roots)
    ids = {pk for root, family in families.items() for pk in (root, *family.down, *family.up)}
    rows = {row.pk: row for row in _linked(list(ids))}
    histories: dict[int, list[RecommendationEvent]] = {}
    for event in _events(roots):
        histories.setdefault(event.recommendation_id, []).append(event)
    found = {}
    for pk in roots:
        if pk in rows:
            down, up = ([rows[each] for each in way] for way in (families[pk].down, families[pk].up))
            found[pk] = (
                rows[pk],
                Genealogy(
                    entries=tuple(_entries(rows[pk], histories.get(pk, []), for_team=for_team)),
                    sources=_sources(pk, down, for_team=for_team),
                    survivors=tuple(each for each in up if _is_shown(each, for_team)),
                    total=1 + sum(_is_shown(each, for_team) for each in down),
                ),
            )
    return found


def _is_shown(recommendation: Recommendation, for_team: bool) -> bool:
    return for_team or (recommendation.state != State.PROPOSED and not recommendation.is_hidden)


def genealogy_of(recommendation: Recommendation, *, for_team: bool = False) -> Genealogy:
    return genealogies([recommendation.pk], for_team=for_team)[recommendation.pk][1]


def origin_counts(keys: Sequence[int]) -> dict[int, int]:
    """By id, how many public recommendations were merged into each of these, itself included. Two queries."""
    families = _families(keys)
    ids = {pk for family in families.values() for pk in family.down}
    shown = {row.pk for row in _public_among(list(ids))} if ids else set()
    return {pk: 1 + len(shown.intersection(family.down)) for pk, family in families.items()}


class _Key(NamedTuple):
    pk: int


@prepared(_Key)
def _public_among(keys: list[int]) -> QuerySet[Recommendation, Any]:
    return Recommendation.objects.public().filter(pk__any=keys).order_by("pk").values_list("pk")


def _families(ids: Sequence[int]) -> dict[int, _Family]:
    """One query."""
    families = {pk: _Family() for pk in ids}
    with connection.cursor() as cursor:
        cursor.execute(FAMILY_SQL, {"ids": list(ids), "deepest": MAX_DEPTH})
        for root, pk, depth in cursor.fetchall():
            if depth > 0:
                families[root].down.append(pk)
            elif depth < 0:
                families[root].up.append(pk)
    return families


def _sources(root: int, down: Sequence[Recommendation], *, for_team: bool) -> tuple[Source, ...]:
    """The tree under `root`. A source that can't be shown is replaced by its own sources."""

    def under(pk: int) -> Iterator[Source]:
        for row in down:
            if row.survivor_id == pk and _is_shown(row, for_team):
                yield Source(row, tuple(under(row.pk)))
            elif row.survivor_id == pk:
                yield from under(row.pk)

    return tuple(under(root))


def _entries(
    root: Recommendation, history: Iterable[RecommendationEvent], *, for_team: bool
) -> Iterator[HistoryEntry]:
    """Events of one instant as one entry: a merge of several recommendations, with the joint text."""
    for _at, together in groupby(history, key=lambda event: event.at):
        events = [event for event in together if for_team or event.action not in TEAM_ONLY_ACTIONS]
        gathered = [event for event in events if event.action == Action.GATHERED]
        edited = [event for event in events if event.action == Action.EDITED and gathered]
        for event in events:
            if event not in gathered and event not in edited:
                yield _entry(root, [event], event, for_team=for_team)
        if gathered:
            yield _entry(root, gathered, (edited or gathered)[0], for_team=for_team)


def _entry(
    root: Recommendation,
    events: Sequence[RecommendationEvent],
    wording: RecommendationEvent,
    *,
    for_team: bool,
) -> HistoryEntry:
    first = events[0]
    others = tuple(event.other for event in events if event.other and _is_shown(event.other, for_team))
    label = str(ACTION_LABELS[Action(first.action)])
    if first.other_id is not None and not others:
        unshown = ngettext(
            "a recommendation that is not shown", "recommendations that are not shown", len(events)
        )
        label = f"{label} {unshown}"
    return HistoryEntry(
        at=first.at,
        action=first.action,
        label=label,
        actor=_actor_name(root, first, for_team=for_team),
        others=others,
        before=_previous_texts(wording) if for_team or wording.shows_before else (),
        reason=first.reason,
        is_team_only=bool(wording.before) and not wording.shows_before,
    )


def _actor_name(root: Recommendation, event: RecommendationEvent, *, for_team: bool) -> str:
    if event.action == Action.PROPOSED and (root.shown_author or not for_team):
        return root.shown_author
    if event.helper_id is not None and event.helper:
        day_team = _("the day team")
        return f"{event.helper.name} ({day_team})" if for_team else day_team
    if event.by is None:
        return ""
    if event.by_id == root.author_id and not for_team:
        return root.author_name
    return event.by.name


def _previous_texts(event: RecommendationEvent) -> tuple[tuple[str, str, str], ...]:
    labels = dict(Recommendation.Kind.choices)
    return tuple(
        (
            str(FIELD_LABELS[name]),
            str(labels.get(text, text)) if name == "kind" else text,
            "en" if name.endswith("_en") else "fr" if name in Recommendation.TEXTS else "",
        )
        for name, text in event.before.items()
        if name in FIELD_LABELS and text
    )
