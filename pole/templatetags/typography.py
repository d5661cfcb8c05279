"""Template filters that write dates, times, numbers and telephones as French and English do.

The language is the page's. An empty or unknown value gives "".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import phonenumbers
from django import template
from django.conf import settings
from django.template.base import Parser, Token
from django.template.context import Context
from django.templatetags.i18n import do_block_translate
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from pole.server.long_lists import AtLeast
from pole.text.bilingual import FRENCH, current_language
from pole.text.dates import (
    ENGLISH_DAYS,
    FRENCH_DAYS,
    DateText,
    date_in_words,
    english_date,
    english_month_day,
    french_date,
    french_day,
    french_month_day,
)
from pole.text.typography import NBSP, one_stop, raised_ordinals

register = template.Library()

type TimeWriter = Callable[[dt.date | None], SafeString]

NORTH_AMERICA = 1  # country code
TOLL_FREE_AREA = ("800", "833", "844", "855", "866", "877", "888")


def _is_french() -> bool:
    return current_language() == FRENCH


def _local(moment: dt.datetime) -> dt.datetime:
    """In the current time zone; a naive datetime is assumed to be."""
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def _date(value: object) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return _local(value).date()
    return value if isinstance(value, dt.date) else None


def _time(value: object) -> dt.time | None:
    if isinstance(value, dt.datetime):
        return _local(value).time()
    return value if isinstance(value, dt.time) else None


# --- Sentences ----------------------------------------------------------------------------------


class SentenceNode(template.Node):
    """What `{% blocktranslate %}` makes, with one full stop where the value that it ends with brought another."""

    def __init__(self, translated: template.Node) -> None:
        self.translated = translated

    def render(self, context: Context) -> SafeString:
        name = getattr(self.translated, "asvar", None)
        # Escaped by the node.
        made = SafeString(one_stop(self.translated.render(context)))
        if name:
            context[name] = SafeString(one_stop(context[name]))
        return made


@register.tag
def blocktranslate(parser: Parser, token: Token) -> SentenceNode:
    """Django's, of which a sentence ends as it should: "at 8 p.m."."""
    return SentenceNode(do_block_translate(parser, token))


@register.simple_tag
def colon() -> str:
    """After words that a page does not translate together with their colon: only French puts a space before it."""
    return f"{NBSP}:" if _is_french() else ":"


# --- Dates and times ----------------------------------------------------------------------------


@register.filter
def long_date(value: dt.date | None) -> DateText:
    """ "vendredi 19 mai 2023", or "vendredi, 19 mai 2023" with `settings.POLE_DATE_COMMA`."""
    day = _date(value)
    return DateText() if day is None else _long_date(day, is_french=_is_french())


def _long_date(day: dt.date, *, is_french: bool) -> DateText:
    if not is_french:
        return DateText(f"{ENGLISH_DAYS[day.weekday()]}, {english_date(day)}")
    comma = "," if getattr(settings, "POLE_DATE_COMMA", False) else ""
    return DateText(f"{FRENCH_DAYS[day.weekday()]}{comma} {french_date(day)}")


@register.filter
def full_date(value: dt.date | None) -> DateText:
    """ "19 mai 2023", "1er mai 2023"; "May 19, 2023"."""
    day = _date(value)
    if day is None:
        return DateText()
    return date_in_words(day)


@register.filter
def ordinals(value: object) -> SafeString:
    """Plain text for a page, its French ordinals raised: not for a title of the window nor an attribute."""
    # Escaped there.
    return SafeString(raised_ordinals(str(value)))


@register.filter
def nth(value: object) -> str:
    """A masculine ordinal: "1er", "2e"; "1st", "22nd". "" for what is no whole number."""
    words = str(value)
    if not words.isdecimal():
        return ""
    if _is_french():
        return f"{words}{'er' if int(words) == 1 else 'e'}"
    is_teen = words[-2:-1] == "1"
    return words + ("th" if is_teen else {"1": "st", "2": "nd", "3": "rd"}.get(words[-1], "th"))


@register.filter
def capfirst(value: object) -> str:
    """As Django's, of a date too, whose ordinal stays raised."""
    text = str(value)
    begun = text[:1].upper() + text[1:]
    return DateText(begun) if isinstance(value, DateText) else begun


@register.filter
def time_element(value: dt.date | None) -> SafeString:
    """A `<time>` element with the long date of a datetime or date."""
    return time_writer()(value)


def time_writer() -> TimeWriter:
    """`time_element` for a list of dates: the language and the time zone of the page are asked once."""
    is_french, zone = _is_french(), timezone.get_current_timezone()

    def write(value: dt.date | None) -> SafeString:
        if isinstance(value, dt.datetime):
            value = value.astimezone(zone) if value.tzinfo else value
            moment = value.isoformat(timespec="seconds")
        elif isinstance(value, dt.date):
            moment = value.isoformat()
        else:
            return SafeString("")
        # Made of dates alone.
        words = _long_date(value, is_french=is_french).__html__()
        return SafeString(f'<time datetime="{moment}">{words}</time>')

    return write


@register.filter
def day_time(value: dt.datetime | dt.time | None) -> str:
    """ "14 h 30", "14 h"; "2:30 p.m.", "2 p.m.", "noon", "midnight"."""
    moment = _time(value)
    if moment is None:
        return ""
    return _french_time(moment) if _is_french() else _english_time(moment)


def _french_time(moment: dt.time) -> str:
    hour = f"{moment.hour}{NBSP}h"
    return f"{hour}{NBSP}{moment.minute:02}" if moment.minute else hour


def _english_time(moment: dt.time) -> str:
    if moment.minute == 0 and moment.hour in {0, 12}:
        return "noon" if moment.hour else "midnight"
    minutes = f":{moment.minute:02}" if moment.minute else ""
    return f"{moment.hour % 12 or 12}{minutes} {'a.m.' if moment.hour < 12 else 'p.m.'}"


@register.filter
def date_range(start: dt.date | None, end: dt.date | None = None) -> DateText:
    """ "le 7 novembre 2026, de 9 h à 16 h 30", or "du 7 au 9 novembre 2026".

    `{{ start|date_range:end }}`, with dates or moments. Hours are said within one day only; an
    `end` that is None, or not after `start`, is not said.
    """
    first, last = _date(start), _date(end)
    if first is None:
        return DateText()
    days = _french_days if _is_french() else _english_days
    if last is not None and last > first:
        return DateText(days(first, last))
    if is_whole_day(start, end):
        return DateText(days(first, first))
    hours = _french_hours if _is_french() else _english_hours
    return DateText(days(first, first) + hours(_time(start), _time(end) if first == last else None))


def is_whole_day(start: dt.date | None, end: dt.date | None) -> bool:
    """From midnight to 23:59: how an event is stored whose hours nobody knows."""
    return _time(start) == dt.time(0, 0) and _time(end) == dt.time(23, 59)


def _french_days(first: dt.date, last: dt.date) -> str:
    if first == last:
        return f"le {french_date(first)}"
    if first.year != last.year:
        beginning = french_date(first)
    elif first.month != last.month:
        beginning = french_month_day(first)
    else:
        beginning = french_day(first)
    return f"du {beginning} au {french_date(last)}"


def _english_days(first: dt.date, last: dt.date) -> str:
    if first == last:
        return english_date(first)
    if first.year != last.year:
        return f"{english_date(first)} to {english_date(last)}"
    if first.month != last.month:
        return f"{english_month_day(first)} to {english_date(last)}"
    return f"{english_month_day(first)} to {last.day}, {last.year}"


def _french_hours(start: dt.time | None, end: dt.time | None) -> str:
    if start is None:
        return ""
    if end is None or end <= start:
        return f", à {_french_time(start)}"
    return f", de {_french_time(start)} à {_french_time(end)}"


def _english_hours(start: dt.time | None, end: dt.time | None) -> str:
    if start is None:
        return ""
    if end is None or end <= start:
        return f", {_english_time(start)}"
    return f", {_english_time(start)} to {_english_time(end)}"


# --- Numbers ------------------------------------------------------------------------------------


@register.filter
def number(value: AtLeast | float | Decimal | str | None, decimals: int | None = None) -> str:
    """ "12 345,6" or "12,345.6"; with `decimals`, rounded half up to so many digits. Of rows counted no further, "more than"."""
    if isinstance(value, AtLeast):
        return gettext("more than %(number)s") % {"number": number(int(value))}
    if decimals is None and _is_count(value):
        # The counts of a list's filters, by the hundred.
        written = f"{value:,}"
    else:
        amount = _decimal(value)
        if amount is None:
            return ""
        if decimals is not None:
            amount = _rounded(amount, decimals)
        written = f"{amount:,f}"
    return written.replace(",", NBSP).replace(".", ",") if _is_french() else written


def _is_count(value: object) -> bool:
    return value.__class__ is int


def _decimal(value: object) -> Decimal | None:
    """A finite number as written: through `str`, since 0.1 is not a tenth for a float."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _rounded(amount: Decimal, decimals: int) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


@register.filter
def percent(value: float | Decimal | str | None, decimals: int = 1) -> str:
    """ "12,5 %" or "12.5%" for 12.5, with at most `decimals` digits: "50 %" for 50.0."""
    amount = _decimal(value)
    if amount is None:
        return ""
    # Adding zero makes of -0 a plain 0.
    written = number(_rounded(amount, decimals).normalize() + 0)
    return f"{written}{NBSP}%" if _is_french() else f"{written}%"


# --- Telephones ---------------------------------------------------------------------------------


@register.filter
def phone(e164: str | None, extension: str | None = "") -> str:
    """ "450 555-0123, poste 25" for `"+14505550123"|phone:"25"`; unreadable text as it is."""
    if not e164:
        return ""
    written = _written_phone(e164)
    if not extension:
        return written
    return f"{written}, {'poste' if _is_french() else 'ext.'}{NBSP}{extension}"


def _written_phone(e164: str) -> str:
    try:
        parsed = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    digits = str(parsed.national_number)
    if parsed.country_code != NORTH_AMERICA or len(digits) != 10:
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    area, exchange, line = digits[:3], digits[3:6], digits[6:]
    separator = NBSP if _is_french() else "-"
    trunk = f"1{separator}" if area in TOLL_FREE_AREA else ""
    return f"{trunk}{area}{separator}{exchange}-{line}"
