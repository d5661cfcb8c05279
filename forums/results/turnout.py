"""Who voted, as the rows of an assembly: a dot a person, those who voted first, from the left."""

from __future__ import annotations

from math import cos, pi, sin

from django.utils.safestring import SafeString

from pole.templatetags.typography import percent
from pole.text.markup import EMPTY, Markup, joined

# More people than this are a hundred dots, each a hundredth of the roll.
MOST_DOTS = 150
_WIDTH, _HEIGHT, _OUTER, _INNER = 400, 212, 188, 84
_PICTURE = Markup(
    '<svg class="assembly" viewBox="0 0 {width} {height}" width="{width}" height="{height}" aria-hidden="true">{rows}<text class="assembly__share" x="200" y="198" text-anchor="middle" font-size="{size}">{share}</text></svg>'
)
# Dashes of no length, with round ends, are dots.
_ROW = Markup('<path class="assembly__{kind}" d="{path}" stroke-width="{dot}"{dots}/>')
_DOTS = Markup(' pathLength="{length}" stroke-dasharray="0 1"')


def dots_of(voted: int, on_roll: int) -> tuple[int, int]:
    """(those that are full, all): of a hundred, none is full alone for want of one, nor empty."""
    if on_roll <= MOST_DOTS:
        return min(voted, on_roll), on_roll
    full = round(100 * voted / on_roll)
    if 0 < voted < on_roll:
        full = min(max(full, 1), 99)
    return min(full, 100), 100


def turnout_picture(voted: int, on_roll: int) -> SafeString:
    """Nothing without a roll. The sentence beside it says the same."""
    full, every = dots_of(voted, on_roll)
    if not every:
        return EMPTY
    radii = _radii(every)
    sizes = _sizes(every, radii)
    filled = _filled(full, sizes)
    dot = _dot(radii, sizes)
    rows = []
    for radius, size, row_full in zip(radii, sizes, filled, strict=True):
        rows += [
            _row("seat", radius, size, size, dot),
            _row("empty", radius, size, size, dot - 5),
            _row("voted", radius, size, row_full, dot),
        ]
    share = percent(100 * voted / on_roll)
    # Within the inner row.
    size = int(min(1.7 * (radii[-1] - dot) / (0.55 * len(share)), 60))
    return _PICTURE(width=_WIDTH, height=_HEIGHT, rows=joined(rows), size=size, share=share)


def _radii(every: int) -> list[float]:
    """Of each row, the outer one first."""
    rows = next(
        count for count, most in ((1, 12), (2, 26), (3, 50), (4, 90), (5, MOST_DOTS)) if every <= most
    )
    step = (_OUTER - _INNER) / 4
    return [_OUTER - place * step for place in range(rows)]


def _sizes(every: int, radii: list[float]) -> list[int]:
    """How many dots each row has, as its length allows; the outer one takes what is left over."""
    inner = [int(every * radius / sum(radii)) for radius in radii[1:]]
    return [every - sum(inner), *inner]


def _filled(full: int, sizes: list[int]) -> list[int]:
    """How many dots of each row are full: the first ones of all, from the left."""
    dots = sorted((place / max(size - 1, 1), row) for row, size in enumerate(sizes) for place in range(size))
    rows = [row for _at, row in dots[:full]]
    return [rows.count(row) for row in range(len(sizes))]


def _dot(radii: list[float], sizes: list[int]) -> int:
    """The width of a dot: dots of a row, and rows, are apart."""
    closest = min(pi * radius / max(size - 1, 1) for radius, size in zip(radii, sizes, strict=True))
    return int(min(0.78 * closest, 22))


def _row(kind: str, radius: float, size: int, shown: int, dot: int) -> SafeString:
    """An arc from the left, through the first `shown` dots of the `size` that its half circle has."""
    if not shown:
        return EMPTY
    start, end = _point(radius, 0), _point(radius, (shown - 1) / max(size - 1, 1))
    if shown == 1:
        return _ROW(kind=kind, path=f"M{start}h.01", dot=dot, dots=EMPTY)
    # A little more than the last dot: a dash at the very end may be left out.
    dots = _DOTS(length=f"{shown - 0.99:.2f}")
    return _ROW(kind=kind, path=f"M{start}A{radius:g} {radius:g} 0 0 1 {end}", dot=dot, dots=dots)


def _point(radius: float, share: float) -> str:
    angle = pi * (1 - share)
    return f"{_WIDTH / 2 + radius * cos(angle):.1f} {_OUTER + 11 - radius * sin(angle):.1f}"
