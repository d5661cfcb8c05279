"""What stays in sight of a picture that is cut: a point of it, to the nearest tenth of its width and of its height."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

_CLASSES = re.compile(r"focus-x-(?:10|[0-9]) focus-y-(?:10|[0-9])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Focus:
    """Tenths, so that a stylesheet has few of them: the security policy admits no style of a picture's own."""

    x: int = 5
    y: int = 5

    @classmethod
    def nearest(cls, x_percent: int, y_percent: int) -> Self:
        return cls(*(min(10, max(0, (percent + 5) // 10)) for percent in (x_percent, y_percent)))

    @property
    def is_default(self) -> bool:
        return (self.x, self.y) == (5, 5)

    @property
    def classes(self) -> str:
        """Those of `components.css` that show it; none for the middle."""
        return "" if self.is_default else f"focus-x-{self.x} focus-y-{self.y}"

    def box(self, size: tuple[int, int], proportions: tuple[int, int]) -> tuple[int, int, int, int]:
        """The largest part of a picture of `size` in these proportions, as near the point as it may be."""
        width = min(size[0], max(1, round(size[1] * proportions[0] / proportions[1])))
        height = min(size[1], max(1, round(size[0] * proportions[1] / proportions[0])))
        left = _start(size[0], width, self.x)
        top = _start(size[1], height, self.y)
        return left, top, left + width, top + height


def _start(whole: int, part: int, tenths: int) -> int:
    """As `object-position` does."""
    return (whole - part) * tenths // 10


def focus_classes(value: str) -> str | None:
    """The classes of a picture in prose, else None."""
    return value if _CLASSES.fullmatch(value) else None
