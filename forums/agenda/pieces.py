"""Activities in the lists and the tables of the agenda, as HTML (pole.text.markup)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import groupby

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from forums.agenda.calendar import Cell
from forums.agenda.filters import View
from forums.agenda.kinds import KINDS
from forums.agenda.listing import Occurrence
from forums.agenda.months import first_day, last_day, month_of
from forums.agenda.words import hours_words, is_cancelled, price_words
from forums.models import Forum, Kind
from forums.models.kinds import Mode
from pole.files.drawings import drawing_html
from pole.server.routes import Route
from pole.templatetags.typography import (
    capfirst,
    date_range,
    day_time,
    is_whole_day,
    long_date,
    number,
    ordinals,
)
from pole.text.bilingual import current_language
from pole.text.markup import EMPTY, Markup, escaped, joined

_ACTIVITY = Route("forums:forum")

# --- The filter by kind ----------------------------------------------------------------------------------

_KIND = Markup('<li><a class="tags__link" href="{address}"{current}>{name}</a></li>')
_CURRENT_PAGE = SafeString(' aria-current="page"')


def kinds_html(kinds: Iterable[View]) -> SafeString:
    return joined(
        _KIND(address=each.address, current=_CURRENT_PAGE if each.is_current else EMPTY, name=each.name)
        for each in kinds
    )


# --- The list ------------------------------------------------------------------------------------------

_MONTH = Markup(
    '<section class="agenda-month"> <h2 class="agenda-month__name">{name}</h2> {days} </section> '
)
_DAY = Markup(
    '<div class="agenda-day"> <h3 class="agenda-day__name"><time datetime="{machines}">{day}</time>{today}</h3>'
    ' <ul class="agenda-day__list" data-results> {entries} </ul> </div> '
)
_TODAY = Markup(' <span class="badge badge--strong">{words}</span>')
_ENTRY = Markup(
    '<li class="activity{modifier}">{drawing} <div class="activity__words">'
    ' <p class="activity__kind">{kind}{marks}</p>'
    ' <h4 class="activity__title"><a href="{address}"{lang}>{title}</a></h4>'
    ' <p class="entry__meta"><time datetime="{machines}">{when}</time>{place}</p>'
    " {facts} {summary} </div> </li> "
)
_MARK = Markup(' <span class="badge{style}">{words}</span>')
_PLACE = Markup("<br>{place}")
_FACTS = Markup('<p class="activity__facts">{facts}</p>')
_SUMMARY = Markup("<p{lang}>{text}</p>")
_STRUCK = Markup("<s>{title}</s>")


def list_html(
    occurrences: Iterable[Occurrence], cards: Mapping[int, Forum], now: datetime, *, is_past: bool
) -> SafeString:
    """By months, then by days. What is under way stands on the day of today."""
    today = timezone.localdate(now)

    def day_of(each: Occurrence) -> date:
        began = first_day(each.begins)
        return began if is_past or each.ends <= now else max(began, today)

    known = [each for each in occurrences if each.activity in cards]
    return joined(
        _MONTH(
            name=capfirst(month.name),
            days=joined(
                _day(day, [_entry(each, cards[each.activity]) for each in of_day], today)
                for day, of_day in groupby(of_month, day_of)
            ),
        )
        for month, of_month in groupby(known, lambda each: month_of(day_of(each)))
    )


def _day(day: date, entries: list[SafeString], today: date) -> SafeString:
    return _DAY(
        machines=day.isoformat(),
        day=capfirst(long_date(day)),
        today=_TODAY(words=_("today")) if day == today else EMPTY,
        entries=joined(entries),
    )


def _entry(occurrence: Occurrence, card: Forum) -> SafeString:
    title, summary = card.shown_title, card.shown_summary
    has_stopped = occurrence.is_dropped or is_cancelled(card)
    written = SafeString(ordinals(title))
    place = _place(card, occurrence.venue)
    return _ENTRY(
        modifier=" activity--cancelled" if has_stopped else "",
        drawing=drawing_html(KINDS[Kind(card.kind)].drawing, "thumb activity__drawing"),
        kind=card.get_kind_display(),
        marks=_marks(card, has_stopped=has_stopped),
        address=_ACTIVITY(current_language(), card.slug),
        lang=title.lang_attr,
        title=_STRUCK(title=written) if has_stopped else written,
        machines=_for_machines(occurrence),
        when=_when(occurrence),
        place=_PLACE(place=place) if place else EMPTY,
        facts=_facts(card),
        summary=_SUMMARY(lang=summary.lang_attr, text=summary) if summary else EMPTY,
    )


def _when(occurrence: Occurrence) -> str:
    """The day stands above, unless it lasts for several."""
    if first_day(occurrence.begins) == last_day(occurrence.ends):
        return hours_words(occurrence.begins, occurrence.ends)
    return capfirst(date_range(occurrence.begins, occurrence.ends))


def _marks(card: Forum, *, has_stopped: bool) -> SafeString:
    if has_stopped:
        return _MARK(style=" badge--warm", words=pgettext("activity", "Cancelled"))
    return _MARK(style="", words=pgettext("activity", "Full")) if card.is_full else EMPTY


def _place(card: Forum, venue_of_session: str) -> str:
    """Where, of what one goes to; else that it is online."""
    if card.mode == Mode.ONLINE:
        return _("Online")
    parts = [venue_of_session or card.venue, str(card.municipality) if card.municipality else ""]
    where = ", ".join(filter(None, parts))
    if card.mode != Mode.BOTH:
        return where
    return _("%(place)s, or online") % {"place": where} if where else _("In person or online")


def _facts(card: Forum) -> SafeString:
    sessions: int = card.sessions_held  # type: ignore[attr-defined]  # of `listing.CARD`
    told = [price_words(card.price)]
    if sessions > 1:
        count = ngettext("%(count)s session", "%(count)s sessions", sessions) % {"count": number(sessions)}
        told.insert(0, f"{count}, {date_range(card.starts_at, card.ends_at)}")
    known = [escaped(each) for each in told if each]
    return _FACTS(facts=SafeString(" · ".join(known))) if known else EMPTY


def _for_machines(occurrence: Occurrence) -> str:
    begins = timezone.localtime(occurrence.begins)
    is_day = is_whole_day(occurrence.begins, occurrence.ends)
    return begins.date().isoformat() if is_day else begins.isoformat()


# --- The table of a month ----------------------------------------------------------------------------------

_WEEK = Markup('<tr role="row">{cells}</tr> ')
_OUTSIDE = SafeString('<td class="month__day month__day--outside" role="cell"></td>')
_CELL = Markup(
    '<td class="month__day{modifier}" role="cell"{current}> <p class="month__date"><time datetime="{machines}">'
    '<span class="month__whole">{whole}</span><span class="month__number" aria-hidden="true">{number}</span></time>{today}</p>{list} </td> '
)
_CURRENT = SafeString(' aria-current="date"')
_LIST = Markup('<ul class="month__list">{items}{others}</ul>')
_ITEM = Markup('<li class="month__item">{hour}<a href="{address}"{lang}>{title}</a>{days}{mark}</li>')
# The same words stand on each of its days.
_DAYS = Markup('<span class="visually-hidden"> ({days})</span>')
_HOUR = Markup('<span class="month__hour">{hour}</span> ')
_OTHERS = Markup('<li class="month__item"><a href="{address}">{words}</a></li>')
_SMALL_MARK = Markup(' <span class="month__mark">{words}</span>')


def grid_html(grid: Iterable[Iterable[Cell]], cards: Mapping[int, Forum], list_address: str) -> SafeString:
    """The rows; `list_address`: the list of the month, which has what a cell has no room for."""
    return joined(_WEEK(cells=joined(_cell(cell, cards, list_address) for cell in week)) for week in grid)


def _cell(cell: Cell, cards: Mapping[int, Forum], list_address: str) -> SafeString:
    if cell.is_outside:
        return _OUTSIDE
    found = [each for each in cell.occurrences if each.activity in cards]
    modifier = " month__day--over" if cell.is_over else ""
    return _CELL(
        modifier=modifier if found else f"{modifier} month__day--empty",
        current=_CURRENT if cell.is_today else EMPTY,
        machines=cell.day.isoformat(),
        whole=capfirst(long_date(cell.day)),
        number=cell.day.day,
        today=_TODAY(words=_("today")) if cell.is_today else EMPTY,
        list=_list_of(cell, found, cards, list_address) if found else EMPTY,
    )


def _list_of(
    cell: Cell, found: list[Occurrence], cards: Mapping[int, Forum], list_address: str
) -> SafeString:
    others = EMPTY
    if cell.others:
        words = ngettext("and %(count)s other", "and %(count)s others", cell.others)
        others = _OTHERS(address=list_address, words=words % {"count": number(cell.others)})
    return _LIST(items=joined(_item(each, cards[each.activity], cell.day) for each in found), others=others)


def _item(occurrence: Occurrence, card: Forum, day: date) -> SafeString:
    title = card.shown_title
    has_stopped = occurrence.is_dropped or is_cancelled(card)
    is_one_day = first_day(occurrence.begins) == last_day(occurrence.ends)
    begins_here = first_day(occurrence.begins) == day and not is_whole_day(occurrence.begins, occurrence.ends)
    written = SafeString(ordinals(title))
    return _ITEM(
        hour=_HOUR(hour=day_time(occurrence.begins)) if begins_here else EMPTY,
        address=_ACTIVITY(current_language(), card.slug),
        lang=title.lang_attr,
        title=_STRUCK(title=written) if has_stopped else written,
        days=EMPTY if is_one_day else _DAYS(days=date_range(occurrence.begins, occurrence.ends)),
        mark=_SMALL_MARK(words=pgettext("activity", "Cancelled")) if has_stopped else EMPTY,
    )
