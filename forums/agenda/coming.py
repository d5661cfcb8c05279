"""An activity in a list, as HTML (pole.text.markup)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from forums.agenda.words import hours_words
from forums.models import Forum, Kind, Mode
from pole.server.routes import Route
from pole.templatetags.typography import capfirst, date_range, ordinals
from pole.text.bilingual import current_language
from pole.text.markup import EMPTY, Markup, joined

_LINE = Markup(
    '<li class="coming"> <p class="coming__when"><time datetime="{machines}">{when}</time></p>'
    ' <div class="coming__words"> <p class="coming__kind">{kind}{badge}</p>'
    ' <h3 class="coming__title"><a href="{address}"{lang}>{title}</a></h3> {where}</div> </li> '
)
_WHERE = Markup('<p class="entry__meta">{words}</p> ')
_STRUCK = Markup("<s>{title}</s>")
_BADGE = Markup(' <span class="badge{tone}">{label}</span>')
_ACTIVITY = Route("forums:forum")


def activities_html(activities: Iterable[Forum], now: datetime, *, says_day: bool = True) -> SafeString:
    """Items of a list. Without its day, where a heading says it already."""
    return joined([_line(activity, now, says_day) for activity in activities])


def _line(activity: Forum, now: datetime, says_day: bool) -> SafeString:
    title, where = activity.shown_title, _where(activity)
    written = SafeString(ordinals(title))
    return _LINE(
        machines=activity.starts_for_machines,
        when=_when(activity, says_day),
        kind=str(Kind(activity.kind).label),
        badge=_badge(activity, now),
        address=_ACTIVITY(current_language(), activity.slug),
        lang=title.lang_attr,
        title=_STRUCK(title=written) if _is_cancelled(activity, now) else written,
        where=_WHERE(words=where) if where else EMPTY,
    )


def _when(activity: Forum, says_day: bool) -> str:
    if says_day or not activity.is_one_day:
        return capfirst(date_range(activity.starts_at, activity.ends_at))
    return hours_words(activity.starts_at, activity.ends_at)


def _where(activity: Forum) -> str:
    """The town, or that it is online, and that it is free."""
    town = str(activity.municipality) if activity.municipality else activity.venue
    parts = [] if activity.mode == Mode.ONLINE else [town]
    if activity.is_online:
        parts.append(pgettext("activity", "Online"))
    if activity.is_free:
        parts.append(pgettext("activity", "Free"))
    return " · ".join(part for part in parts if part)


def _is_cancelled(activity: Forum, now: datetime) -> bool:
    return bool(activity.cancelled_at and activity.cancelled_at <= now)


def _badge(activity: Forum, now: datetime) -> SafeString:
    """What a visitor must know before they follow the link; nothing of an activity that is over."""
    if _is_cancelled(activity, now):
        return _BADGE(tone=" badge--warm", label=pgettext("activity", "Cancelled"))
    if activity.ends_at <= now:
        return _BADGE(tone="", label=pgettext("activity", "Over"))
    if activity.is_full:
        return _BADGE(tone="", label=pgettext("activity", "Full"))
    stage = activity.stage_at(now)
    if stage in {Forum.Stage.REGISTRATION, Forum.Stage.UNDER_WAY}:
        return _BADGE(tone=" badge--strong", label=str(stage.label))
    return EMPTY
