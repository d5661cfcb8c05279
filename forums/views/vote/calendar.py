"""The times of a vote, for people's own calendars."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from forums.mail.calendar import vote_calendar
from forums.views.vote.pages import get_round_or_404
from pole.caching.public_pages import get_public_state, reading_page
from pole.files.downloads import as_file


@reading_page(reads=("forums", "results"))
def round_calendar(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Whoever may read the page of the vote has it, whatever its state: a calendar also learns that it is cancelled."""
    round = get_round_or_404(slug, number)
    content = vote_calendar(round, get_public_state(request))
    return as_file(HttpResponse(content), f"vote-{slug}-{number}.ics")
