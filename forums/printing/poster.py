"""The poster of a forum: how to vote while a vote is prepared or open, else how to register."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from forums import printing
from forums.models import Forum, Round
from forums.printing.documents import venue_and_municipality
from forums.printing.slips import qr
from forums.vote.casting import questions_of
from pole.templatetags.typography import date_range, day_time, long_date
from pole.text.bilingual import current_language
from pole.text.typography import one_stop


def poster_pdf(forum: Forum) -> bytes:
    """One page, in the language of the page that asks for it."""
    now = timezone.now()
    running = (Round.State.OPEN, Round.State.PLANNED)
    rounds = Round.objects.filter(forum=forum).order_by("is_trial", "opens_at")
    round = min(
        (each for each in rounds if each.state_at(now) in running),
        key=lambda each: running.index(each.state_at(now)),
        default=None,
    )
    content = _vote_data(forum, round) if round else _event_data(forum)
    address = settings.BASE_URL + content.pop("path")
    shown = address.partition("://")[2].rstrip("/")
    data = {
        "title": content["call"],
        "name": forum.shown_title,
        "address": shown,
        "qr": qr(address),
        "scan": _("Code to scan, which opens %(address)s") % {"address": shown},
        **content,
    }
    return printing.compile("poster", data, current_language())


def _vote_data(forum: Forum, round: Round) -> dict[str, Any]:
    closes = {"day": long_date(round.closes_at), "time": day_time(round.closes_at)}
    return {
        "call": pgettext("poster", "Vote"),
        "lines": [question.shown_title for question in questions_of(round)],
        "how": _("Scan this code, then the code of your voting slip."),
        "until": one_stop(_("Until %(day)s, %(time)s.") % closes),
        "path": reverse("forums:forum_vote", args=[forum.slug]),
    }


def _event_data(forum: Forum) -> dict[str, Any]:
    return {
        "call": pgettext("poster", "Register"),
        "lines": [str(forum.shown_summary)] if forum.shown_summary else [],
        "how": venue_and_municipality(forum),
        "until": date_range(forum.starts_at, forum.ends_at),
        "path": forum.get_absolute_url(),
    }
