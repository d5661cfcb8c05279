"""What every template may use."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from pole.caching.freshness import freshness_of
from pole.hub.identity import identity_at
from pole.text.bilingual import ENGLISH, current


def portal(request: HttpRequest) -> dict[str, Any]:
    identity = identity_at(freshness_of(request).version_of("hub"))
    language = current()
    path = request.get_full_path()
    french_path = path.removeprefix("/en") if language == ENGLISH else path
    return {
        "hub": identity.hub,
        "menu": identity.header,
        "footer_menu": identity.footer,
        "language": language,
        "other_language_url": french_path if language == ENGLISH else f"/en{path}",
        "sections": identity.under(french_path),
        "parts": identity.parts,
    }
