"""What the map’s page draws, read out of it."""

from __future__ import annotations

import re


def counts_of_discs(page: str, scale: str) -> list[int]:
    """Of the drawing for narrow or wide maps: what its discs say."""
    drawings = re.findall(rf'<svg class="region__over region__over--{scale}".*?</svg>', page, re.DOTALL)
    return [
        int(count)
        for each in drawings
        for count in re.findall(r'<text x="[\d.]+%" y="[\d.]+%">(\d+)</text></a>', each)
    ]
