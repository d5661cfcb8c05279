"""Rounds of measures, of the portal and of the bare page in turn: what disturbs one disturbs the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from tests.bench import report
from tests.bench.data import BenchError
from tests.bench.load import Measure, measure
from tests.bench.report import Goal, Line

CONNECTIONS, FEW = 16, 2


@dataclass(frozen=True, slots=True)
class Effort:
    rounds: int
    seconds: float


FULL, QUICK = Effort(rounds=7, seconds=1.2), Effort(rounds=2, seconds=0.3)


class Ports(NamedTuple):
    # Raw statements and f-strings.
    floor: int
    bare: int
    # Keeps no answer: what is measured of it is made.
    portal: int
    # Keeps them, with the freshness by default and with none.
    kept: int
    kept_at_once: int


def alternately(
    ports: Ports,
    bare_paths: Sequence[str],
    portal_paths: Sequence[str],
    connections: int,
    effort: Effort,
    *,
    beside: int | None = None,
) -> tuple[list[Measure], list[Measure]]:
    """What the portal is measured `beside`: a port, that of the bare page if none is given."""
    others, portal = [], []
    for _round in range(effort.rounds):
        others.append(ask(beside or ports.bare, bare_paths, connections, effort))
        portal.append(ask(ports.portal, portal_paths, connections, effort))
    return others, portal


def ask(
    port: int, paths: Sequence[str], connections: int, effort: Effort, status: str = "200", **headers: str
) -> Measure:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    seen = measure(port, paths, connections=connections, seconds=effort.seconds, warm=0.3, headers=named)
    if set(seen.statuses) - {status}:
        raise BenchError(f"{paths[0]}: answers are not all {status}: {seen.statuses}")
    return seen


def line(
    page: str, connections: int, bare: Sequence[Measure], portal: Sequence[Measure], goal: Goal | None
) -> Line:
    theirs, ours = [seen.per_second for seen in bare], [seen.per_second for seen in portal]
    latencies = [latency for seen in portal for latency in seen.latencies_ms]
    return Line(
        page=page,
        connections=connections,
        measured=report.ratio(theirs, ours),
        goal=goal,
        bare=median(theirs),
        portal=median(ours),
        percentiles=report.percentiles(latencies),
    )
