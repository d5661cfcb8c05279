"""The icons of a browser's tab, of a telephone's home screen, and what a browser is told of the portal as an application."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.safestring import SafeString

from pole.caching.in_process import BoundedCache, process_cache
from pole.hub.cards import draw
from pole.hub.colours import NIGHT, WHITE, mixed
from pole.hub.marks import mark_svg
from pole.models import Hub

# (side in pixels, whether a system may cut it round) by the name in the address.
PNG = {
    "apple-touch-icon": (180, True),
    "icone-192": (192, False),
    "icone-512": (512, False),
    "icone-pleine-192": (192, True),
    "icone-pleine-512": (512, True),
}
SVG = "icone"
_TEMPLATE = Path(__file__).with_name("icon.typ")
_drawn: BoundedCache[str, bytes] = process_cache(limit=12)


def icon_address(hub: Hub, name: str) -> str:
    """The path of an icon: another one once the colours change."""
    extension = "svg" if name == SVG else "png"
    return f"{reverse('icon', args=[name, extension])}?v={hub.colours}"


def icon_in_page(hub: Hub) -> SafeString:
    """The icon of a tab, which no browser then asks for: within double quotes, nothing of it need be escaped."""
    return SafeString("data:image/svg+xml," + quote(icon_svg(hub).replace('"', "'"), safe="/:='"))


def icon_png(name: str, hub: Hub) -> bytes:
    size, is_maskable = PNG[name]
    mark = mark_svg(hub.primary_colour, is_maskable=is_maskable)
    data = json.dumps({"mark": mark, "size": size})
    return _drawn.get_or_make(data, lambda: draw(_TEMPLATE, data))


def icon_svg(hub: Hub) -> str:
    return mark_svg(hub.primary_colour)


def theme_colours(hub: Hub) -> tuple[str, str]:
    """(light, dark): what a browser paints around the page."""
    return hub.primary_colour, mixed(hub.primary_colour, NIGHT, 0.75)


def manifest_address(hub: Hub, language: str) -> str:
    """Another one once what it says changes."""
    return f"{reverse('manifest')}?v={version_of(manifest(hub, language))}"


def version_of(said: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:12]


def manifest(hub: Hub, language: str) -> dict[str, Any]:
    """https://www.w3.org/TR/appmanifest/ – the short name is the one that is written under an icon."""
    return {
        "id": "/",
        "name": str(hub.shown_name),
        "short_name": hub.short_name or str(hub.shown_name),
        "description": str(hub.shown_tagline),
        "lang": f"{language}-CA",
        "dir": "ltr",
        "start_url": reverse("home"),
        "scope": "/",
        # A tab of the browser: pages have no button of their own to go back.
        "display": "minimal-ui",
        "background_color": WHITE,
        "theme_color": theme_colours(hub)[0],
        "icons": [
            {"src": icon_address(hub, SVG), "sizes": "any", "type": "image/svg+xml"},
            *(
                {
                    "src": icon_address(hub, name),
                    "sizes": f"{size}x{size}",
                    "type": "image/png",
                    "purpose": "maskable" if is_maskable else "any",
                }
                for name, (size, is_maskable) in PNG.items()
                if name != "apple-touch-icon"
            ),
        ],
    }
