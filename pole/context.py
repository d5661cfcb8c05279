"""What every template may use."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from pole.caching.public_pages import get_public_state
from pole.hub.identity import get_identity
from pole.text.bilingual import ENGLISH, current_language


def portal(request: HttpRequest) -> dict[str, Any]:
    identity = get_identity(get_public_state(request).version_of("hub"))
    language = current_language()
    path = request.get_full_path()
    french_path = path.removeprefix("/en") if language == ENGLISH else path
    return {
        "hub": identity.hub,
        "menu": identity.header,
        "footer_menu": identity.footer,
        "language": language,
        "other_language_url": french_path if language == ENGLISH else f"/en{path}",
        "sections": identity.sections_of(french_path),
        "cached_fragments": identity.cached_fragments,
    }
