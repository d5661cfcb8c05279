"""Where the priorities stand: those of all forums, and those of one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from forums.models import Priority, Results
from forums.results.followup import prefetch_followup
from forums.views.public.forum import forum_head
from pole.caching.public_pages import reading_page
from pole.hub.page_head import PageHead
from pole.views.paging import page_or_404

RESULTS_A_PAGE = 10


@reading_page(reads=("forums", "results"), parameters=("page",))
def priorities(request: HttpRequest) -> HttpResponse:
    """What every forum retained, the newest forum first, and what became of it since."""
    now = timezone.now()
    retained = prefetch_followup(Results.objects.readable(now))
    page = page_or_404(retained, RESULTS_A_PAGE, request.GET.get("page"))
    context = {
        "page": page,
        "states": Priority.objects.readable(now).by_state(),
        "page_head": PageHead(number=page.number),
    }
    return render(request, "forums/priorities.html", context)


@reading_page(reads=("forums", "results"))
def followup(request: HttpRequest, slug: str) -> HttpResponse:
    """The same, of one forum: its states, the dated updates, and the answers that the hub confirmed."""
    now = timezone.now()
    results = get_object_or_404(prefetch_followup(Results.objects.readable(now)), forum__slug=slug)
    context = {
        "results": results,
        "forum": results.forum,
        "states": Priority.objects.readable(now).filter(results=results).by_state(),
        "page_head": forum_head(results.forum, str(results.forum.shown_title)),
    }
    return render(request, "forums/followup.html", context)
