"""What the bench says of its measures: percentiles, verdicts and the table. Plain values in and out."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

COLUMNS = ("page", "conn.", "bare", "portal", "p50 ms", "p95 ms", "p99 ms", "measured", "goal", "")


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound on what a line measures, in `unit`; `is_ratio` when it holds whatever the machine."""

    bound: float
    unit: str
    is_most: bool = False
    is_ratio: bool = False

    def is_met(self, measured: float) -> bool:
        return measured <= self.bound if self.is_most else measured >= self.bound

    def written(self, amount: float) -> str:
        return f"{amount:.2f}" if self.is_ratio else f"{_amount(amount)} {self.unit}"

    def __str__(self) -> str:
        return f"{'≤' if self.is_most else '≥'} {self.written(self.bound)}"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table; without a goal it only informs."""

    page: str
    connections: int
    measured: float
    goal: Goal | None = None
    # Requests a second.
    bare: float | None = None
    portal: float | None = None
    # Of the portal, in milliseconds: the 50th, 95th and 99th percentiles.
    percentiles: tuple[float, float, float] | None = None

    @property
    def is_met(self) -> bool:
        return self.goal is None or self.goal.is_met(self.measured)

    @property
    def is_failure(self) -> bool:
        """A ratio that does not hold. What depends on the machine is shown, and fails nothing."""
        return bool(self.goal and self.goal.is_ratio and not self.is_met)


def percentile(values: Sequence[float], share: int) -> float:
    """The nearest-rank percentile: the least value that `share` % of all values do not exceed."""
    if not values:
        raise ValueError("no value to take a percentile of")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered) / 100) - 1)]


def percentiles(latencies_ms: Sequence[float]) -> tuple[float, float, float]:
    return percentile(latencies_ms, 50), percentile(latencies_ms, 95), percentile(latencies_ms, 99)


def ratio(bare: Sequence[float], portal: Sequence[float]) -> float:
    """The median of the ratios of neighbouring rounds: noise that lasts a few rounds strikes both alike."""
    return median(ours / theirs for theirs, ours in zip(bare, portal, strict=True))


def table(lines: Sequence[Line]) -> str:
    cells = [list(COLUMNS), *(_cells(line) for line in lines)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    cells.insert(1, ["─" * width for width in widths])
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width) for place, (cell, width) in row
        ).rstrip()
        for row in (enumerate(zip(row, widths, strict=True)) for row in cells)
    )


def _cells(line: Line) -> list[str]:
    goal = line.goal
    return [
        line.page,
        str(line.connections or ""),
        *("" if value is None else _amount(value) for value in (line.bare, line.portal)),
        *([f"{value:.1f}" for value in line.percentiles] if line.percentiles else [""] * 3),
        goal.written(line.measured) if goal else _amount(line.measured),
        str(goal) if goal else "",
        _verdict(line),
    ]


def _verdict(line: Line) -> str:
    if line.goal is None:
        return ""
    if line.is_met:
        return "pass"
    return "FAIL" if line.is_failure else "slow"


def _amount(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def write(folder: Path, lines: Sequence[Line], at: datetime, **about: Any) -> Path:
    """All that was measured, for those who compare runs: `<folder>/<UTC time>.json`."""
    path = folder / f"{at:%Y%m%dT%H%M%SZ}.json"
    rows = [asdict(line) | {"is_met": line.is_met} for line in lines]
    path.write_text(
        json.dumps({"at": at.isoformat(), **about, "lines": rows}, ensure_ascii=False, indent=1) + "\n"
    )
    return path
