"""Names on a map: each near the middle of what it names, where it touches no disc and no other name; else nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from enterprises.search.discs import Disc
from enterprises.search.land import Point

# In pixels, at the size of the sheet: what a letter may take at most, on average, and the height of a line.
LETTER_PX, LINE_PX = 8.0, 20.0
STEP_PX, REACH_PX = 12.0, 24.0


class Label(NamedTuple):
    # Shares of the map.
    x: str
    y: str
    text: str


# Left, top, right, bottom.
type _Box = tuple[float, float, float, float]


def labels_between(
    discs: Sequence[Disc], named: Iterable[tuple[str, list[Point]]], size: Point
) -> list[Label]:
    """Of these names, with the places that each is about, those that there is room for."""
    taken: list[_Box] = [
        (disc.x - disc.radius - 2, disc.y - disc.radius - 2, disc.x + disc.radius + 6, disc.y + disc.radius + 6)
        for disc in discs
    ]  # fmt: skip
    labels = []
    for name, places in named:
        half = len(name) * LETTER_PX / 2
        if found := _free_place(places, half, taken, size):
            x, y = found
            taken.append((x - half, y - LINE_PX / 2, x + half, y + LINE_PX / 2))
            labels.append(Label(f"{100 * x / size[0]:.1f}%", f"{100 * y / size[1]:.1f}%", name))
    return labels


def _free_place(places: Sequence[Point], half: float, taken: Sequence[_Box], size: Point) -> Point | None:
    """Of a grid over these places, what is nearest to their middle and has room. Without calls: it has hundreds of points."""
    xs, ys = zip(*places, strict=True)
    middle_x, middle_y = sum(xs) / len(xs), sum(ys) / len(ys)
    best, nearest = None, 0.0
    for y in _steps(min(ys) - REACH_PX, max(ys) + REACH_PX, LINE_PX / 2 + 2, size[1]):
        for x in _steps(min(xs) - REACH_PX, max(xs) + REACH_PX, half + 2, size[0]):
            # A name is wide: what lies above or below is nearer to the eye.
            far = (x - middle_x) ** 2 + 2 * (y - middle_y) ** 2
            if best is not None and far >= nearest:
                continue
            for left, top, right, bottom in taken:
                if (
                    left < x + half
                    and x - half < right
                    and top < y + LINE_PX / 2
                    and y - LINE_PX / 2 < bottom
                ):
                    break
            else:
                best, nearest = (x, y), far
    return best


def _steps(first: float, last: float, room: float, length: float) -> list[float]:
    """From the first to the last, as far as what takes so much room on each side stays within the length."""
    first, last = max(first, room), min(last, length - room)
    return [first + STEP_PX * at for at in range(int((last - first) / STEP_PX) + 1)] if first <= last else []
