"""How the hub looks, to browsers and to those to whom a page is shown: colours, icons, drawn pictures."""

from __future__ import annotations

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from pole.caching.public_pages import get_public_state
from pole.hub import cards, colours, icons
from pole.hub.identity import get_identity
from pole.models import Hub
from pole.text.bilingual import current_language

_FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
def hub_stylesheet(request: HttpRequest) -> HttpResponse:
    """The hub's colours as a stylesheet: an inline style would need a nonce on every page."""
    hub = _hub(request)
    response = HttpResponse(
        "@layer tokens{:root{"
        f"--primary:{hub.primary_colour};--primary-dark-theme:{colours.for_dark_theme(hub.primary_colour)};"
        f"--accent:{hub.accent_colour};--accent-dark-theme:{colours.for_dark_theme(hub.accent_colour)}"
        "}}\n",
        content_type="text/css",
    )
    return _kept(response, is_theirs=request.GET.get("v") == hub.colours)


@require_safe
def icon(request: HttpRequest, name: str, extension: str) -> HttpResponse:
    """An icon in the hub's colours; `v` names them."""
    hub = _hub(request)
    if extension == "svg" and name == icons.SVG:
        response = HttpResponse(icons.icon_svg(hub), content_type="image/svg+xml")
    elif extension == "png" and name in icons.PNG:
        response = HttpResponse(icons.icon_png(name, hub), content_type="image/png")
    else:
        raise Http404
    return _kept(response, is_theirs=request.GET.get("v") == hub.colours)


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """The portal as an application, in the language of the address; `v` is its version."""
    hub = _hub(request)
    said = icons.manifest(hub, current_language())
    response = HttpResponse(json.dumps(said, ensure_ascii=False), content_type="application/manifest+json")
    return _kept(response, is_theirs=request.GET.get("v") == icons.version_of(said))


@require_safe
def card(request: HttpRequest, signed: str) -> HttpResponse:
    """The drawn picture of a page, whose signed address says what is on it."""
    hub = _hub(request)
    found = cards.read_card(signed)
    if found is None:
        raise Http404
    response = HttpResponse(cards.card_png(found, hub), content_type="image/png")
    return _kept(response, is_theirs=found.edition == cards.edition_of(hub))


def _hub(request: HttpRequest) -> Hub:
    return get_identity(get_public_state(request).version_of("hub")).hub


def _kept(response: HttpResponse, *, is_theirs: bool) -> HttpResponse:
    """Pages link these with what they are made of, so such an address never changes. One that names something else
    comes from a page made before it changed, and it may come back."""
    response.headers["Cache-Control"] = _FOR_EVER if is_theirs else "private, no-store"
    return response
