"""What the templates of forums use, and what the home page shows of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django import template
from django.template.context import Context
from django.utils import timezone
from django.utils.safestring import SafeString

from forums.agenda import pieces as agenda_pieces
from forums.agenda.calendar import Cell
from forums.agenda.coming import activities_html
from forums.agenda.feeds import FeedOf
from forums.agenda.filters import AgendaFilters
from forums.agenda.listing import Occurrence
from forums.agenda.season_reading import coming_activities, nearest_season
from forums.agenda.words import price_words, stage_words
from forums.mail.registration_links import page_path
from forums.models import Forum, Kind, Priority, PriorityUpdate, Registration, Results, Season
from forums.results.drawings import drawing_of, past_drawing, season_drawing
from forums.results.pieces import past_forum_html, progress_html, retained_html
from forums.results.report import PriorityLine
from forums.results.top_priorities import top_priorities as top_priorities_of
from forums.vote.open_rounds import open_votes
from pole.caching.in_process import BoundedCache, process_cache
from pole.caching.public_pages import PublicState, get_public_state
from pole.text.bilingual import FRENCH, current_language
from pole.text.dates import ENGLISH_DAYS, FRENCH_DAYS

register = template.Library()


@register.filter
def stage_at(forum: Forum, now: datetime) -> Forum.Stage:
    return forum.stage_at(now)


register.filter("season_drawing", season_drawing)
register.filter("past_drawing", past_drawing)


register.filter("price_words", price_words)
register.filter("stage_words", stage_words)


@register.filter
def weekday(day: date) -> str:
    """ "samedi"; "Saturday"."""
    return (FRENCH_DAYS if current_language() == FRENCH else ENGLISH_DAYS)[day.weekday()]


@register.simple_tag
def agenda_kinds(filters: AgendaFilters) -> SafeString:
    """The filter by kind."""
    return agenda_pieces.kinds_html(filters.kinds())


@register.simple_tag
def agenda_list(
    occurrences: Iterable[Occurrence], cards: Mapping[int, Forum], now: datetime, *, is_past: bool
) -> SafeString:
    """Activities under the months and the days when they begin."""
    return agenda_pieces.list_html(occurrences, cards, now, is_past=is_past)


@register.simple_tag
def agenda_weeks(grid: Iterable[Iterable[Cell]], cards: Mapping[int, Forum], list_address: str) -> SafeString:
    """The rows of a month."""
    return agenda_pieces.grid_html(grid, cards, list_address)


@register.filter
def progress(priorities: Iterable[Priority], level: int) -> SafeString:
    """Where they stand, each under a heading of this level."""
    return progress_html(priorities, level)


@register.simple_tag
def retained_priorities(
    lines: Iterable[PriorityLine],
    group: str,
    latest: Mapping[int, PriorityUpdate] | None,
    followup: str,
) -> SafeString:
    """Cards of what a question retained, `group` being its title if it has one."""
    return retained_html(lines, 4 if group else 3, latest or {}, followup)


@register.filter
def past_entry(forum: Forum, now: datetime) -> SafeString:
    """A past forum in its list."""
    return past_forum_html(forum, forum.stage_at(now))


@register.inclusion_tag("forums/now_card.html", takes_context=True)
def now_card(context: Context) -> dict[str, Any]:
    """What to do now: an open vote, else a forum with open registration, else another activity that has, else the next
    one, else the latest results.

    One query, or two when nothing is to come; none during a vote.
    """
    request = context.get("request")
    votes = open_votes(get_public_state(request)) if request else ()
    if votes:
        return {"vote": votes[0], "votes": votes, "language": current_language()}
    now = timezone.now()
    upcoming = _coming_of(get_public_state(request)) if request else coming_activities(now)
    open_ones = [each for each in upcoming if each.stage_at(now) is Forum.Stage.REGISTRATION]
    forums = [each for each in open_ones if each.kind == Kind.FORUM]
    forum = next(iter((*forums, *open_ones, *upcoming)), None)
    results = None if forum else Results.objects.readable(now).for_cards().first()
    return {
        "forum": forum,
        "stage": forum.stage_at(now) if forum else None,
        "results": results,
        "language": current_language(),
    }


# The nearest of those to come, once for each state of them; then as the home page lists them, in each language.
_coming: BoundedCache[tuple[object, ...], list[Forum]] = process_cache(limit=2)
_nearest: BoundedCache[tuple[object, ...], SafeString] = process_cache(limit=4)
NEAREST = 4


def _coming_of(state: PublicState) -> list[Forum]:
    key = (*state.key_of("forums"), *state.versions_of(["hub"]))
    return _coming.get_or_make(key, lambda: coming_activities(state.now))


@register.simple_tag(takes_context=True)
def nearest_activities(context: Context) -> SafeString:
    """The four nearest of those to come, of any kind, as items of a list: a query for each state of them."""
    state = get_public_state(context["request"])

    def make() -> SafeString:
        return activities_html(_coming_of(state)[:NEAREST], state.now)

    key = (*state.key_of("forums"), *state.versions_of(["hub"]), current_language())
    return _nearest.get_or_make(key, make)


class NearSeason(NamedTuple):
    season: Season
    drawing: str


# By state and day, and by how far one looks.
_seasons: BoundedCache[tuple[object, ...], Season | None] = process_cache(limit=4)
SEASON_AHEAD = timedelta(weeks=6)


@register.simple_tag(takes_context=True)
def season_of_the_moment(context: Context, is_under_way: bool = False) -> NearSeason | None:
    """The season that is under way, or begins within six weeks: a query for each state of them and each day."""
    state = get_public_state(context["request"])
    today: date = timezone.localdate(state.now)
    latest = today if is_under_way else today + SEASON_AHEAD
    key = (*state.key_of("forums"), today, latest)
    season = _seasons.get_or_make(key, lambda: nearest_season(today, latest))
    return NearSeason(season, drawing_of(season.first_day)) if season else None


@register.simple_tag(takes_context=True)
def has_forums(context: Context) -> bool:
    """Whether visitors have any activity to read about: a query for each public state, if none is to come."""
    state = get_public_state(context["request"])

    def count() -> int:
        return int(Forum.objects.announced(timezone.now()).exists())

    return bool(_coming_of(state)) or bool(state.cached_count("forums", "has forums", count))


@register.simple_tag
def subscription(filters: Any = None) -> FeedOf:
    """The feed of what the filters of the agenda choose, but for a month: all, without any."""
    if not filters:
        return FeedOf()
    mrc = (filters.zone.code, filters.zone.name) if filters.zone else None
    return FeedOf(kind=filters.kind, mrc=mrc, is_free=filters.is_free, is_online=filters.is_online)


@register.simple_tag
def top_priorities() -> SafeString:
    """The first priorities of the latest results, and where they stand: one query."""
    return top_priorities_of(timezone.now())


@register.inclusion_tag("forums/my_registrations.html")
def my_registrations(user: Any) -> dict[str, Any]:
    """The registrations of a person for forums that are not over, for the profile: one query."""
    rows = Registration.objects.filter(user=user, forum__ends_at__gt=timezone.now())
    rows = rows.filter(state__in=["confirmed", "waitlisted"], forum__cancelled_at=None)
    rows = rows.select_related("forum").defer("forum__document", "forum__body", "forum__body_en")
    found = rows.order_by("forum__starts_at", "pk")
    return {"registrations": [(row, page_path(row)) for row in found]}
