"""The first priorities of the latest results, for the home page: rows, and their HTML (pole.text.markup)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from forums.models import Priority
from pole.server.database.prepared import prepared
from pole.server.routes import Route
from pole.text.bilingual import current_language, localized
from pole.text.markup import Markup, joined
from pole.text.typography import raised_ordinals

TOP_PRIORITIES = 5
_LIST = Markup(
    '<ul class="priorities priorities--brief home-priorities">{priorities}</ul> <p><a href="{address}">{where}</a></p>'
)
_PRIORITY = Markup(
    '<li class="priority"> <h3 class="priority__title"><a href="{results}#priorite-{position}"{lang}>{title}</a></h3>'
    ' <p><span class="state" data-state="{kind}">{state}</span></p> </li> '
)
_NONE = Markup('<p class="quiet">{text}</p>')
_RESULTS, _PRIORITIES = Route("forums:results"), Route("forums:priorities")


class TopPriority(NamedTuple):
    position: int
    title: str
    title_en: str
    state: str
    results_id: int
    forum: str


@prepared(TopPriority)
def _top(now: datetime) -> QuerySet[Priority, Any]:
    first = Priority.objects.readable(now).latest_first()
    return first.values_list(*TopPriority._fields[:-1], "results__forum__slug")[:TOP_PRIORITIES]


def top_priorities(now: datetime) -> SafeString:
    """Where each stands. One query."""
    first = _top(now)
    if not first:
        return _NONE(text=_("No priority has been retained yet."))
    language = current_language()
    latest = [priority for priority in first if priority.results_id == first[0].results_id]
    return _LIST(
        priorities=joined([_priority(each, _RESULTS(language, each.forum)) for each in latest]),
        address=_PRIORITIES(language),
        where=_("Where do the priorities stand?"),
    )


def _priority(priority: TopPriority, results: str) -> SafeString:
    title = localized(priority.title, priority.title_en)
    return _PRIORITY(
        results=results,
        position=priority.position,
        lang=title.lang_attr,
        title=SafeString(raised_ordinals(title)),
        kind=priority.state,
        state=str(Priority.State(priority.state).label),
    )
