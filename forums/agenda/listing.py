"""What is in the agenda, in order: by prepared queries where nothing narrows it.

An *occurrence* is an activity at one of its dates: its own, or that of one of its sessions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce

from forums.agenda.filters import AgendaFilters
from forums.agenda.months import Month, first_day, month_of
from forums.models import Forum, Session
from forums.models.event import NEVER
from forums.models.reading import MUNICIPALITY
from forums.models.spans import span
from pole.caching.in_process import BoundedCache, process_cache
from pole.caching.public_pages import PublicState
from pole.server.database.instances import Instances
from pole.server.database.prepared import prepared
from pole.server.long_lists import MAX_COUNTED, bounded_count

ACTIVITIES_A_PAGE = 20
# Of a month: beyond, filters say what is looked for.
MOST_OF_A_MONTH = 300

_COLUMNS = ("activity", "session", "begins", "ends", "venue_of_session", "is_dropped")


class Occurrence(NamedTuple):
    activity: int
    # 0: the dates of the activity itself.
    session: int
    begins: datetime
    ends: datetime
    # Of the session, where it has its own.
    venue: str
    # The session is cancelled, whatever becomes of the others.
    is_dropped: bool


CARD = Instances(
    Forum,
    *("id", "slug", "title", "title_en", "summary", "summary_en", "kind", "mode", "starts_at", "ends_at", "venue"),
    *("municipality_id", "price", "announced_at", "cancelled_at", "is_full"),
    *("registration_opens_at", "registration_closes_at", "registration_link", "sessions_held", "sessions_dropped"),
    "chooses_sessions",
    municipality=MUNICIPALITY,
)  # fmt: skip


class Instant(NamedTuple):
    at: datetime


_bounds: BoundedCache[tuple[object, ...], tuple[Month | None, Month | None]] = process_cache(limit=1)


@dataclass(frozen=True, slots=True)
class Coming:
    """What is not over, each activity once, at its next date; a cancelled one until then. A slice of it is read."""

    filters: AgendaFilters
    now: datetime

    def count(self) -> int:
        return bounded_count(self._found(MAX_COUNTED + 1)[: MAX_COUNTED + 1])

    def __getitem__(self, part: slice) -> list[Occurrence]:
        if not self.filters.narrows and part.stop <= ACTIVITIES_A_PAGE:
            return _next_ones(self.now)[part]
        # Of nothing, no query can be put in order.
        return [Occurrence(*row) for row in self._found(part.stop)[part]] if part.stop else []

    def _found(self, most: int) -> QuerySet[Any, Any]:
        return _coming(self.now, most, self.filters.of_activity(), self.filters.of_activity("forum__"))


@dataclass(frozen=True, slots=True)
class Past:
    """What is over and took place, the latest first. A slice of it is read."""

    filters: AgendaFilters
    now: datetime

    def count(self) -> int:
        return bounded_count(self._found())

    def __getitem__(self, part: slice) -> list[Occurrence]:
        return [Occurrence(*row) for row in _as_occurrences(self._found())[part]]

    def _found(self) -> QuerySet[Forum, Any]:
        over = Forum.objects.announced(self.now).filter(
            starts_at__lt=self.now, ends_at__lte=self.now, cancelled_at=None
        )
        return over.filter(self.filters.of_activity()).order_by("-starts_at", "-id")


def of_month(month: Month, filters: AgendaFilters, now: datetime) -> list[Occurrence]:
    """Each date that touches the month, in order; of what is cancelled, those to come. One more than a month may have says that there are more."""
    if not filters.narrows:
        return _month(month.starts_at, month.ends_at, now)
    found = _touching(
        month.starts_at, month.ends_at, now, filters.of_activity(), filters.of_activity("forum__")
    )
    return [Occurrence(*row) for row in found]


def once_each(
    occurrences: Iterable[Occurrence], now: datetime, *, is_past: bool, is_over: bool
) -> list[Occurrence]:
    """Each activity of a month once, at the next of its dates there, or at the first where all are over.

    `is_over`: the month; `is_past`: only what is over is asked for.
    """
    shown = [each for each in occurrences if is_over or (each.ends <= now) == is_past]
    found: dict[int, Occurrence] = {}
    for each in shown:
        before = found.setdefault(each.activity, each)
        # A session that takes place, before those that don't.
        if before.is_dropped and not each.is_dropped:
            found[each.activity] = each
    return sorted(found.values(), key=lambda each: (each.begins, each.activity))


def first_and_last(state: PublicState, now: datetime) -> tuple[Month | None, Month | None]:
    """The months between which the agenda has something: a query for each state of it."""

    def read() -> tuple[Month | None, Month | None]:
        found = sorted(each.at for each in _ends_of_agenda(now))
        return (_month_at(found[0]), _month_at(found[-1])) if found else (None, None)

    return _bounds.get_or_make(state.key_of("forums"), read)


def _month_at(moment: datetime) -> Month:
    return month_of(first_day(moment))


def cards_of(occurrences: Iterable[Occurrence]) -> dict[int, Forum]:
    """The activities, by key: one query."""
    keys = list({each.activity for each in occurrences})
    return {card.pk: card for card in _cards(keys)} if keys else {}


def _coming(now: datetime, most: int, of_activity: Q, of_session: Q) -> QuerySet[Any, Any]:
    """Each part is cut before all are put in order: none is read further than what is shown."""
    whole = Forum.objects.announced(now).filter(~_held("pk"), of_activity)
    sessions = Session.objects.filter(_is_announced(now), of_session, cancelled_at=None)
    earlier = Session.objects.filter(forum=OuterRef("forum"), cancelled_at=None, ends_at__gt=now).filter(
        Q(starts_at__lt=OuterRef("starts_at")) | Q(starts_at=OuterRef("starts_at"), pk__lt=OuterRef("pk"))
    )
    nearest = sessions.filter(~Exists(earlier))
    parts = [
        _as_occurrences(_first(part, most))
        for rows in (whole, nearest)
        for part in (
            rows.annotate(span=span()).filter(Q(span__contains=now)),
            rows.filter(starts_at__gt=now, starts_at__lt=NEVER),
        )
    ]
    together: QuerySet[Any, Any] = parts[0].union(*parts[1:], all=True).order_by("begins", "activity")
    return together


def _touching(
    start: datetime, end: datetime, now: datetime, of_activity: Q, of_session: Q
) -> QuerySet[Any, Any]:
    is_shown = Q(cancelled_at=None) | Q(ends_at__gt=now)
    any_session = Session.objects.filter(forum=OuterRef("pk"))
    whole = Forum.objects.announced(now).filter(~Exists(any_session), is_shown, of_activity)
    # An activity that is cancelled is so at each of its dates.
    is_kept = Q(forum__cancelled_at=None) | Q(ends_at__gt=now)
    sessions = Session.objects.filter(_is_announced(now), is_shown, is_kept, of_session)
    parts = [
        _as_occurrences(_first(_meeting(rows, start, end), MOST_OF_A_MONTH + 1)) for rows in (whole, sessions)
    ]
    together: QuerySet[Any, Any] = (
        parts[0].union(parts[1], all=True).order_by("begins", "activity", "session")
    )
    return together[: MOST_OF_A_MONTH + 1]


def _meeting(rows: QuerySet[Any, Any], start: datetime, end: datetime) -> QuerySet[Any, Any]:
    found: QuerySet[Any, Any] = rows.annotate(span=span())
    return found.filter(span__overlap=span(Value(start), Value(end)))


def _first(rows: QuerySet[Any, Any], most: int) -> QuerySet[Any, Any]:
    return rows.order_by("starts_at", "pk")[:most]


def _as_occurrences(rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """Of activities or of sessions, in the columns of `Occurrence`."""
    if rows.model is Forum:
        made = {
            "activity": F("pk"), "session": Value(0), "venue_of_session": Value(""),
            "is_dropped": Value(False, output_field=BooleanField()),
        }  # fmt: skip
    else:
        made = {
            "activity": F("forum_id"), "session": F("pk"), "venue_of_session": F("venue"),
            "is_dropped": ExpressionWrapper(Q(cancelled_at__isnull=False), BooleanField()),
        }  # fmt: skip
    found: QuerySet[Any, Any] = rows.annotate(begins=F("starts_at"), ends=F("ends_at"), **made)
    return found.values_list(*_COLUMNS)


def _held(outer: str) -> Exists:
    """Whether the activity has a session that takes place."""
    return Exists(Session.objects.filter(forum=OuterRef(outer), cancelled_at=None))


def _is_announced(now: datetime) -> Q:
    return Q(forum__announced_at__lte=now)


def _how_many_sessions(*, is_dropped: bool) -> Coalesce:
    own = Session.objects.filter(forum=OuterRef("pk"), cancelled_at__isnull=not is_dropped).order_by()
    counted = own.values("forum").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)


@prepared(Occurrence)
def _next_ones(now: datetime) -> QuerySet[Any, Any]:
    return _coming(now, ACTIVITIES_A_PAGE, Q(), Q())[:ACTIVITIES_A_PAGE]


@prepared(Occurrence)
def _month(start: datetime, end: datetime, now: datetime) -> QuerySet[Any, Any]:
    return _touching(start, end, now, Q(), Q())


@prepared(Instant)
def _ends_of_agenda(now: datetime) -> QuerySet[Any, Any]:
    public = Forum.objects.announced(now)
    earliest = public.order_by("starts_at", "id").values_list("starts_at")[:1]
    return earliest.union(public.order_by("-ends_at").values_list("ends_at")[:1], all=True)


@prepared(CARD)
def _cards(keys: list[int]) -> QuerySet[Forum, Any]:
    cards = Forum.objects.filter(pk__any=keys).annotate(
        sessions_held=_how_many_sessions(is_dropped=False),
        sessions_dropped=_how_many_sessions(is_dropped=True),
    )
    return cards.order_by().values_list(*CARD.columns)
