"""Home, and one search over the whole portal."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.module_loading import import_string

from pole.caching.public_pages import get_public_state, reading_page
from pole.hub.page_head import PageHead
from pole.search import MAX_QUERY_LENGTH, Search, query_words
from pole.search.stems import tell_nothing
from pole.text.bilingual import current_language
from pole.views.moved import moved_to

# Even: they are read two by two where there is room.
HITS_PER_KIND, HITS_OF_ONE_KIND = 6, 50


@reading_page(
    reads=("blog", "desk", "enterprises", "forums", "pages", "results"),
    parameters=settings.OLD_ADDRESS_PARAMETERS,
)
def home(request: HttpRequest) -> HttpResponse:
    """With a parameter by which a former site named its texts, it leads to that text."""
    if request.GET and (address := moved_to(request)):
        return redirect(address, permanent=True)
    return render(request, "home.html")


@reading_page(
    reads=("blog", "desk", "enterprises", "forums", "recommendations", "results"), parameters=("genre", "q")
)
def search(request: HttpRequest) -> HttpResponse:
    """Posts, listings, forums and priorities; `genre` limits them to one kind."""
    query = request.GET.get("q", "").replace("\x00", "")[:MAX_QUERY_LENGTH].strip()
    chosen = request.GET.get("genre", "")
    words = query_words(query)
    results = []
    if words:
        limit = HITS_OF_ONE_KIND if chosen else HITS_PER_KIND
        asked = Search(words, query, current_language(), limit, get_public_state(request))
        results = [import_string(path)(asked) for path in settings.SEARCHES]
    context = {
        "query": query,
        "has_words": bool(words),
        "tells_nothing": tell_nothing(words, current_language()),
        "kinds": [found for found in results if found.total],
        "results": [found for found in results if found.total and chosen in {"", found.kind}],
        "chosen": chosen,
        "total": sum(found.total for found in results),
        "page_head": PageHead(is_hidden=bool(query)),
    }
    return render(request, "search.html", context)
