"""Bar charts drawn by the server, each with the same numbers as a table."""

from __future__ import annotations

from dataclasses import dataclass

from pole.text.typography import NBSP

# The drawing's units.
ROW_HEIGHT, BAR_HEIGHT, LABELS_WIDTH, MAX_BAR_LENGTH = 34, 20, 330, 560


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    count: int
    # The list that shows these listings, when there is one.
    address: str = ""


@dataclass(frozen=True, slots=True)
class DrawnBar:
    bar: Bar
    # The label, cut to fit.
    text: str
    length: str
    y: int
    text_y: int
    count_x: str


@dataclass(frozen=True, slots=True)
class Chart:
    name: str
    title: str
    rows: list[DrawnBar]
    height: int
    total: int


def bar_chart(name: str, title: str, found: list[Bar], *, is_ranked: bool = False) -> Chart:
    """A chart of these bars, the empty ones left out; `is_ranked` puts the longest first."""
    shown = [bar for bar in found if bar.count]
    if is_ranked:
        shown.sort(key=lambda bar: -bar.count)
    most = max((bar.count for bar in shown), default=1)
    rows = []
    for row, bar in enumerate(shown):
        length = MAX_BAR_LENGTH * bar.count / most
        rows.append(
            DrawnBar(
                bar,
                _shorten(bar.label),
                f"{length:.1f}",
                row * ROW_HEIGHT + (ROW_HEIGHT - BAR_HEIGHT) // 2,
                row * ROW_HEIGHT + ROW_HEIGHT // 2 + 5,
                f"{LABELS_WIDTH + length + 10:.0f}",
            )
        )
    return Chart(name, title, rows, len(shown) * ROW_HEIGHT, sum(bar.count for bar in shown))


def _shorten(label: str, most: int = 40) -> str:
    return label if len(label) <= most else f"{label[: most - 1].rstrip()}…".replace(" ", NBSP)
