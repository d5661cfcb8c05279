"""The portal's own illustrations, `static/drawings/<name>.svg`: what a page shows where nobody gave a picture.

They say nothing that the text beside them does not say, so they have no alternative text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.templatetags.static import static
from django.utils.safestring import SafeString

from pole.caching.in_process import BoundedCache, process_cache
from pole.text.markup import EMPTY, Markup

# For a sector or a kind that has none of its own.
GENERAL = "collectif"
_VIEW_BOX = re.compile(r'viewBox="0 0 (\d+) (\d+)"')
_IMAGE = Markup('<img class="{css}" src="{url}" width="{width}" height="{height}" alt=""{loading}>')
_LAZY = SafeString(' loading="lazy"')


class Size(NamedTuple):
    width_px: int
    height_px: int


@cache
def drawings() -> Mapping[str, Size]:
    """Each drawing's size, by name, as its `viewBox` says it."""
    found = {}
    for path in sorted((Path(settings.BASE_DIR) / "static" / "drawings").glob("*.svg")):
        box = _VIEW_BOX.search(path.read_text(encoding="utf-8"))
        if box is None:
            raise ValueError(f"{path.name} has no viewBox that begins at 0 0")
        found[path.stem] = Size(int(box[1]), int(box[2]))
    return found


_made: BoundedCache[tuple[str, str, bool], SafeString] = process_cache(limit=1_000)


def drawing_html(name: str, css: str = "drawing", *, is_eager: bool = False) -> SafeString:
    """The `<img>` of a drawing; of the general one where there is none of that name."""
    key = (name, css, is_eager)
    if (made := _made.get(key)) is None:
        known = name if name in drawings() else GENERAL
        size = drawings()[known]
        made = _made[key] = _IMAGE(
            css=css, url=static(f"drawings/{known}.svg"), width=size.width_px, height=size.height_px,
            loading=EMPTY if is_eager else _LAZY,
        )  # fmt: skip
    return made
