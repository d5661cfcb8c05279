"""What every template may use."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from pole.caching.public_pages import get_public_state
from pole.hub.identity import get_identity
from pole.text.bilingual import ENGLISH, current_language


def portal(request: HttpRequest) -> dict[str, Any]:
    state = get_public_state(request)
    identity = get_identity(state.version_of("hub"))
    public_pages = state.page_slugs()
    waiting = identity.entries_that_wait(public_pages)
    language = current_language()
    path = request.get_full_path()
    french_path = path.removeprefix("/en") if language == ENGLISH else path
    return {
        "hub": identity.hub,
        "menu": [item for item in identity.header if item.pk not in waiting],
        "footer_menu": [item for item in identity.footer if item.pk not in waiting],
        "partners": identity.partners,
        # What a fragment that shows a menu, or a link to a page, depends on beside the hub.
        "waiting_entries": waiting,
        "public_pages": public_pages,
        "is_described": identity.is_described,
        "language": language,
        "other_language_url": french_path if language == ENGLISH else f"/en{path}",
        "sections": identity.sections_of(getattr(request, "menu_path", french_path)),
        "cached_fragments": identity.cached_fragments,
    }
