"""With `POLE_PICTURES=1`, browser tests take the pictures of the guides in docs/."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

from django.conf import settings
from PIL import Image

# Of a picture, by the width of the window.
TALLEST = {1440: 1100, 1280: 1100, 360: 1000}


# Above the element that a picture begins with.
MARGIN = 8
# What people read in place of the test's own server.
SHOWN_HOST = "pole.example"
RENAME_HOST = """(host) => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) walker.currentNode.data = walker.currentNode.data.replaceAll(location.host, host);
}"""


def picture(page, name, *, start=None, tallest=0):
    """A picture of the page at the width of its window, from its top or from the element `start`."""
    if not os.environ.get("POLE_PICTURES"):
        return
    width = page.viewport_size["width"]
    page.evaluate(RENAME_HOST, SHOWN_HOST)
    top = max(0, int(start.bounding_box()["y"] + page.evaluate("scrollY")) - MARGIN) if start else 0
    shot = Image.open(BytesIO(page.screenshot(full_page=True)))
    target = Path(settings.BASE_DIR) / "docs" / "pictures" / f"{name}-{width}.webp"
    bottom = min(shot.height, top + (tallest or TALLEST[width]))
    shot.crop((0, top, shot.width, bottom)).save(target, quality=70)


def narrow_picture(page, name, *, start=None):
    page.set_viewport_size({"width": 360, "height": 800})
    picture(page, name, start=start)
    page.set_viewport_size({"width": 1280, "height": 800})
