"""The agenda in people's own calendars: the feeds, and the page that says how to subscribe."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from forums.agenda.feeds import FeedOf, feed, mrc_word
from forums.agenda.kinds import KIND_OF_WORD
from forums.models import Kind, Season
from pole.caching.public_pages import get_public_state, reading_page
from pole.files.downloads import as_file
from pole.geo.levels import levels_of
from pole.hub.identity import get_identity
from pole.hub.page_head import PageHead
from pole.models import Mrc

# As the filters of the agenda.
PARAMETERS = ("gratuit", "en-ligne")


@reading_page(reads=("forums",), parameters=PARAMETERS)
def agenda_feed(request: HttpRequest, word: str = "", mrc: str = "") -> HttpResponse:
    """`word`: a kind, else a season; `mrc`: the word of its name, or its code. Whatever else is asked is nothing here."""
    kind, season = KIND_OF_WORD.get(word), None
    if word and kind is None:
        season = None if mrc else Season.objects.filter(slug=word).first()
        if season is None:
            raise Http404
    flags = [request.GET.get(name, "") for name in PARAMETERS]
    if not {*flags} <= {"", "1"}:
        raise Http404
    is_free, is_online = map(bool, flags)
    of = FeedOf(kind=kind, mrc=_mrc(mrc), season=season, is_free=is_free, is_online=is_online)
    hub = get_identity(get_public_state(request).version_of("hub")).hub
    name = "-".join(part for part in ("agenda", mrc, word) if part)
    # In the browser, as for who reads it; a program of calendars takes no notice.
    return as_file(HttpResponse(feed(of, hub, timezone.now())), f"{name}.ics", is_inline=True)


def _mrc(word: str) -> tuple[str, str] | None:
    """Of the territory: `territory` reads few of them."""
    if not word:
        return None
    for code, name in _territory():
        if word in {mrc_word(code, name), code}:
            return code, name
    raise Http404


def _territory() -> list[tuple[str, str]]:
    return list(Mrc.objects.in_territory().order_by("name", "code").values_list("code", "name"))


@reading_page(reads=("forums",))
def subscribe(request: HttpRequest) -> HttpResponse:
    hub = get_identity(get_public_state(request).version_of("hub")).hub
    context = {
        "whole": FeedOf(),
        "by_kind": [FeedOf(kind=kind) for kind in Kind],
        "by_mrc": [FeedOf(mrc=mrc) for mrc in _territory()],
        "middle": levels_of(hub).middle_heading,
        "page_head": PageHead(),
    }
    return render(request, "forums/subscribe_page.html", context)
