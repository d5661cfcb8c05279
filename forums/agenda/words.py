"""What the agenda says of a list, and of a price, in the language of the page."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from forums.agenda.filters import AgendaFilters
from forums.agenda.months import Month
from forums.models import Forum
from pole.templatetags.typography import capfirst, day_time, is_whole_day, number
from pole.text.bilingual import FRENCH, current_language
from pole.text.typography import NBSP


def heading(count: int, filters: AgendaFilters, *, is_over: bool) -> str:
    """ "3 activities to come in November 2026"; `is_over`: the month."""
    if filters.month is None and filters.is_past:
        words = ngettext("%(count)s past activity", "%(count)s past activities", count)
    elif filters.month is None:
        words = ngettext("%(count)s activity to come", "%(count)s activities to come", count)
    elif is_over:
        words = ngettext("%(count)s activity in %(month)s", "%(count)s activities in %(month)s", count)
    elif filters.is_past:
        words = ngettext(
            "%(count)s past activity in %(month)s", "%(count)s past activities in %(month)s", count
        )
    else:
        words = ngettext(
            "%(count)s activity to come in %(month)s", "%(count)s activities to come in %(month)s", count
        )
    return words % {"count": number(count), "month": filters.month.name if filters.month else ""}


def page_title(filters: AgendaFilters, level: str, month: Month | None) -> str:
    """Of the window: what is shown, filters included, so that no two tabs have one name. `month`: that of the table."""
    told = [capfirst(chip.phrase) for chip in filters.chips(level)]
    if filters.is_past:
        told.insert(0, _("Past activities"))
    if month:
        told.insert(0, capfirst(month.name))
    return " – ".join([_("Agenda"), *told])


def price_words(price: Decimal | None) -> str:
    """ "Free", "25 $", "12,50 $"; "" where nothing is said."""
    if price is None:
        return ""
    if price == 0:
        return _("Free")
    amount = number(int(price)) if price == int(price) else number(price, 2)
    return f"{amount}{NBSP}$" if current_language() == FRENCH else f"${amount}"


def hours_words(begins: datetime, ends: datetime) -> str:
    """ "From 9 h to 12 h", "All day": of what begins and ends on a day that a heading says already."""
    if is_whole_day(begins, ends):
        return _("All day")
    start, end = (day_time(timezone.localtime(at)) for at in (begins, ends))
    return capfirst(_("from %(start)s to %(end)s") % {"start": start, "end": end})


def stage_words(activity: Forum, stage: Forum.Stage) -> str:
    """Of a forum, "Annulé"; of another activity, "Annulée", as the agenda says of all of them."""
    if activity.is_forum:
        return str(stage.label)
    words = {
        Forum.Stage.ANNOUNCED: pgettext("activity", "Announced"),
        Forum.Stage.CANCELLED: pgettext("activity", "Cancelled"),
        Forum.Stage.PAST: pgettext("activity", "Over"),
    }
    return words.get(stage, str(stage.label))


def is_cancelled(activity: Forum) -> bool:
    """The whole of it, or each of its sessions."""
    held, dropped = activity.sessions_held, activity.sessions_dropped  # type: ignore[attr-defined]  # of `listing.CARD`
    return bool(activity.cancelled_at or (dropped and not held))
