"""Where the priorities stand: those of all forums, and those of one."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from forums.models import Priority
from forums.results.progress import RESULTS_A_PAGE, RetainedByForums, progress_of_forum, states_at
from forums.views.public.forum import forum_head
from pole.caching.in_process import BoundedCache, process_cache
from pole.caching.public_pages import get_public_state, reading_page
from pole.hub.page_head import PageHead
from pole.views.paging import page_or_404


@reading_page(reads=("forums", "results"), parameters=("page",))
def priorities(request: HttpRequest) -> HttpResponse:
    """What every forum retained, the newest forum first, and what became of it since."""
    now, state = timezone.now(), get_public_state(request)
    retained = RetainedByForums(now)
    scopes = state.key_of("forums", "results")
    count, states = _of_all_forums.get_or_make(scopes, lambda: (len(retained), states_at(now)))
    page = page_or_404(retained, RESULTS_A_PAGE, request.GET.get("page"), count=count)
    context = {"page": page, "states": states, "page_head": PageHead(number=page.number)}
    return render(request, "forums/priorities.html", context)


# How many results there are and where their priorities stand, counted once for each state of the scopes.
_of_all_forums: BoundedCache[tuple[object, ...], tuple[int, list[tuple[Priority.State, int]]]] = (
    process_cache(limit=1)
)


@reading_page(reads=("forums", "results"))
def followup(request: HttpRequest, slug: str) -> HttpResponse:
    """The same, of one forum: its states, the dated updates, and the answers that the hub confirmed."""
    now = timezone.now()
    results = progress_of_forum(slug, now)
    if results is None:
        raise Http404
    context = {
        "results": results,
        "forum": results.forum,
        "states": states_at(now, results),
        "page_head": forum_head(results.forum, str(results.forum.shown_title)),
    }
    return render(request, "forums/followup.html", context)
