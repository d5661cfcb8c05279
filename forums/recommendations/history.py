"""Where a recommendation comes from, and what became of it: its history as readers see it.

Three queries for any number of recommendations. Names are shown as agreed: an author who did not agree
is nobody, the day team is the day team, the team signs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from forums.models import Recommendation, RecommendationEvent
from forums.models.recommendation import DEFERRED_OF_FORUM

Action, State = RecommendationEvent.Action, Recommendation.State

# Deeper than any forum merges; a bound, should rows be written by hand.
DEEPEST = 50
FAMILY = """
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

SAID = {
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
FOR_THE_TEAM = {Action.HIDDEN, Action.SHOWN}
LABELS = {
    "title": gettext_lazy("Title"),
    "description": gettext_lazy("Description"),
    "title_en": gettext_lazy("Title in English"),
    "description_en": gettext_lazy("Description in English"),
    "kind": pgettext_lazy("recommendation", "Kind"),
    "track": gettext_lazy("Track"),
}


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened: what, when, by whom as shown ("" for nobody), with which others."""

    at: datetime
    action: str
    said: str
    who: str
    others: tuple[Recommendation, ...] = ()
    # (label, text, language) of the words before.
    before: tuple[tuple[str, str, str], ...] = ()
    reason: str = ""
    is_for_the_team: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """One of those that were merged, with those that had been merged into it."""

    recommendation: Recommendation
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Genealogy:
    moments: tuple[Moment, ...] = ()
    sources: tuple[Source, ...] = ()
    # What it was merged into, then what that was merged into, to the one that stays.
    survivors: tuple[Recommendation, ...] = ()
    total: int = 1

    @property
    def survivor(self) -> Recommendation | None:
        return self.survivors[-1] if self.survivors else None


@dataclass(slots=True)
class _Family:
    """Ids around one recommendation, from the nearest."""

    down: list[int] = field(default_factory=list)
    up: list[int] = field(default_factory=list)


def genealogies(recommendations: Iterable[Recommendation], *, for_team: bool = False) -> dict[int, Genealogy]:
    """By id. Readers never meet what awaits review, what is hidden, nor words that the team withheld."""
    roots = {each.pk: each for each in recommendations}
    if not roots:
        return {}
    families = _families(list(roots))
    ids = {pk for family in families.values() for pk in (*family.down, *family.up)}
    rows = Recommendation.objects.filter(pk__in=ids).select_related("forum")
    family = {row.pk: row for row in rows.defer("document", *DEFERRED_OF_FORUM)}
    histories: dict[int, list[RecommendationEvent]] = {}
    events = RecommendationEvent.objects.filter(recommendation__in=roots)
    events = events.select_related("by", "helper", "other__forum")
    for event in events.order_by("recommendation", "at", "id"):
        histories.setdefault(event.recommendation_id, []).append(event)
    return {
        pk: Genealogy(
            moments=tuple(_moments(root, histories.get(pk, []), for_team=for_team)),
            sources=_sources(pk, [family[each] for each in families[pk].down], for_team=for_team),
            survivors=tuple(family[each] for each in families[pk].up if _is_shown(family[each], for_team)),
            total=1 + sum(_is_shown(family[each], for_team) for each in families[pk].down),
        )
        for pk, root in roots.items()
    }


def _is_shown(recommendation: Recommendation, for_team: bool) -> bool:
    return for_team or (recommendation.state != State.PROPOSED and not recommendation.is_hidden)


def genealogy_of(recommendation: Recommendation, *, for_team: bool = False) -> Genealogy:
    return genealogies([recommendation], for_team=for_team)[recommendation.pk]


def origin_counts(recommendations: Sequence[Recommendation]) -> dict[int, int]:
    """How many proposals each one stands for, itself included, by id; hidden ones don't count. Two queries."""
    families = _families([each.pk for each in recommendations])
    ids = {pk for family in families.values() for pk in family.down}
    shown = set(Recommendation.objects.public().filter(pk__in=ids).values_list("pk", flat=True))
    return {pk: 1 + len(shown.intersection(family.down)) for pk, family in families.items()}


def _families(ids: Sequence[int]) -> dict[int, _Family]:
    """One query."""
    families = {pk: _Family() for pk in ids}
    with connection.cursor() as cursor:
        cursor.execute(FAMILY, {"ids": list(ids), "deepest": DEEPEST})
        for root, pk, depth in cursor.fetchall():
            if depth > 0:
                families[root].down.append(pk)
            elif depth < 0:
                families[root].up.append(pk)
    return families


def _sources(root: int, down: Sequence[Recommendation], *, for_team: bool) -> tuple[Source, ...]:
    """The tree under `root`. In the place of a source that can't be shown stands what was merged into it."""

    def under(pk: int) -> Iterator[Source]:
        for row in down:
            if row.survivor_id == pk and _is_shown(row, for_team):
                yield Source(row, tuple(under(row.pk)))
            elif row.survivor_id == pk:
                yield from under(row.pk)

    return tuple(under(root))


def _moments(
    root: Recommendation, history: Iterable[RecommendationEvent], *, for_team: bool
) -> Iterator[Moment]:
    """What happened at one instant is told as one: several that join, with their joint text."""
    for _at, together in groupby(history, key=lambda event: event.at):
        events = [event for event in together if for_team or event.action not in FOR_THE_TEAM]
        joined = [event for event in events if event.action == Action.GATHERED]
        reworded = [event for event in events if event.action == Action.EDITED and joined]
        for event in events:
            if event not in joined and event not in reworded:
                yield _moment(root, [event], event, for_team=for_team)
        if joined:
            yield _moment(root, joined, (reworded or joined)[0], for_team=for_team)


def _moment(
    root: Recommendation,
    events: Sequence[RecommendationEvent],
    wording: RecommendationEvent,
    *,
    for_team: bool,
) -> Moment:
    first = events[0]
    others = tuple(event.other for event in events if event.other and _is_shown(event.other, for_team))
    said = str(SAID[Action(first.action)])
    if first.other_id is not None and not others:
        unshown = ngettext(
            "a recommendation that is not shown", "recommendations that are not shown", len(events)
        )
        said = f"{said} {unshown}"
    return Moment(
        at=first.at,
        action=first.action,
        said=said,
        who=_who(root, first, for_team=for_team),
        others=others,
        before=_before(wording) if for_team or wording.shows_before else (),
        reason=first.reason,
        is_for_the_team=bool(wording.before) and not wording.shows_before,
    )


def _who(root: Recommendation, event: RecommendationEvent, *, for_team: bool) -> str:
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


def _before(event: RecommendationEvent) -> tuple[tuple[str, str, str], ...]:
    labels = dict(Recommendation.Kind.choices)
    return tuple(
        (
            str(LABELS[name]),
            str(labels.get(text, text)) if name == "kind" else text,
            "en" if name.endswith("_en") else "fr" if name in Recommendation.TEXTS else "",
        )
        for name, text in event.before.items()
        if name in LABELS and text
    )
