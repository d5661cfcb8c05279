"""Attestations of participation: one sheet a person, in the language of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from forums import printing
from forums.models import Forum, Mode, Session
from forums.printing.documents import text_value, venue_and_municipality
from forums.registration.attestations import Attested, duration_of
from forums.registration.sessions import session_name
from pole.templatetags.typography import date_range, full_date
from pole.text.bilingual import current_language
from pole.text.typography import NBSP


def attestations_pdf(forum: Forum, people: Sequence[Attested], now: datetime) -> bytes:
    """`people` is not empty. Never kept on disk: it holds names. One query."""
    languages = {each.registration.language for each in people}
    alone = people[0].registration.language if len(languages) == 1 else current_language()
    common = {language: _common(forum, now, language) for language in languages}
    with translation.override(alone):
        title = _("Attestation of participation: %(title)s") % {"title": forum.shown_title}
    data = {
        "title": title,
        "common": common,
        "people": [_sheet(forum, each) for each in people],
    }
    return printing.compile("attestation", data, alone, at=now)


def _common(forum: Forum, now: datetime, language: str) -> dict[str, Any]:
    """What all the sheets of a language say."""
    with translation.override(language):
        hub = printing.hub_data(language)["name"]
        return {
            "hub": hub,
            "kicker": str(forum.get_kind_display()),
            "heading": _("Attestation of participation"),
            "attests": _("%(hub)s attests that") % {"hub": hub},
            "took_part": _("took part in"),
            "activity": text_value(forum.shown_title),
            "place": [pgettext("where something is held", "Place"), _place(forum)],
            "columns": [pgettext("of a series", "Session"), _("Date"), _("Duration")],
            "issued": _("Issued on %(day)s") % {"day": full_date(now)},
            "sign": _("For the direction of %(hub)s") % {"hub": hub},
        }


def _place(forum: Forum) -> str:
    where = venue_and_municipality(forum)
    online = str(_("online"))
    if forum.mode == Mode.ONLINE:
        return capfirst(online)
    return _("%(place)s, or online") % {"place": where} if where and forum.mode == Mode.BOTH else where


def _sheet(forum: Forum, person: Attested) -> dict[str, Any]:
    with translation.override(person.registration.language):
        total = person.duration
        trainers = dict.fromkeys(session.trainer or forum.trainer for session in person.sessions)
        named = ", ".join(name for name in trainers if name)
        return {
            "language": person.registration.language,
            "name": person.registration.name,
            "sessions": [_row(forum, session) for session in person.sessions],
            "total": _("Total: %(hours)s") % {"hours": hours(total)} if total is not None else "",
            "trainer": [_("Trainer"), named] if named else [],
        }


def _row(forum: Forum, session: Session) -> list[Any]:
    """A session that is no row is the whole activity."""
    if session._state.adding:
        name: Any = str(forum.get_kind_display())
    else:
        name = text_value(session.shown_title) if session.shown_title else session_name(session)
    lasted = duration_of(session)
    return [name, capfirst(date_range(session.starts_at, session.ends_at)), hours(lasted) if lasted else ""]


def hours(lasted: timedelta) -> str:
    """ "2 h", "2 h 30"; "2 h 30 min", "45 minutes"."""
    whole, minutes = divmod(round(lasted.total_seconds() / 60), 60)
    if not whole:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    said = f"{whole}{NBSP}h"
    if not minutes:
        return said
    return f"{said}{NBSP}{minutes:02}" + ("" if current_language() == "fr" else f"{NBSP}min")
