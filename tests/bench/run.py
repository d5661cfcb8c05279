"""`make bench`: the portal's speed, as ratios to a bare Django page with the same rows, in one run.

Everything happens on this machine: PostgreSQL, the web servers with as many workers as cores, and the
client. Rounds alternate between the two servers, so that what disturbs one disturbs the other.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from tests.bench import crowd, data, kept, plain_search, queries, report, searching, serving, votes, writing
from tests.bench.load import measure
from tests.bench.report import Goal, Line
from tests.bench.rounds import CONNECTIONS, FEW, FULL, QUICK, Effort, Ports, alternately, ask, line

SCALE, QUICK_SCALE = 100_000, 500
VOTERS, POLLERS = 64, 500
# More than can be cast, so that each measure ends by its time.
BALLOTS_A_SECOND = 1500
# Of an empty view on the machine for which the goals in requests a second were set.
REFERENCE_PER_SECOND = 6_790


def main() -> int:
    given = _arguments()
    folder = serving.ROOT / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    scale = given.scale or (QUICK_SCALE if given.quick else SCALE)
    started = time.monotonic()
    with data.server(folder) as (existing, own):
        served_with = environment(own, folder)
        os.environ |= served_with
        prepare(existing, own, scale)
        with (
            serving.served(serving.FLOOR, served_with) as floor,
            serving.served(serving.BARE, served_with) as bare,
            serving.served(serving.PORTAL, served_with | {"POLE_KEPT_MIB": "0"}) as portal,
            serving.served(serving.PORTAL, served_with) as kept_port,
            serving.served(serving.PORTAL, served_with | {"POLE_FRESHNESS_MS": "0"}) as kept_at_once,
        ):
            lines = _measure_all(
                Ports(floor, bare, portal, kept_port, kept_at_once),
                own,
                scale,
                QUICK if given.quick else FULL,
                folder,
                served_with,
            )
    took = time.monotonic() - started
    path = report.write(
        folder, lines, datetime.now(UTC), scale=scale, cores=serving.cores(), seconds=round(took)
    )
    print(f"\n{report.table(lines)}\n")
    print(f"Requests a second unless said otherwise; {serving.cores()} workers, {took:.0f} s in all; {path}")
    return 1 if any(line.is_failure for line in lines) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the portal against a bare Django page.")
    parser.add_argument("--scale", type=int, help=f"listings in the directory ({SCALE})")
    parser.add_argument("--quick", action="store_true", help="a few seconds, to see that the bench works")
    return parser.parse_args()


def environment(own: str, folder: Path) -> dict[str, str]:
    """Settings as in production, but for TLS, which nginx adds."""
    return {
        "DATABASE_URL": own,
        "POLE_VAR": str(folder),
        "DJANGO_SETTINGS_MODULE": "pole.settings",
        "DEBUG": "0",
        "POLE_PRODUCTION": "0",
    }


def prepare(existing: str, own: str, scale: int) -> None:
    import django

    is_ready = data.is_ready(existing, own, scale)
    django.setup()
    if not is_ready:
        _print(f"Making a data set of {scale:,} listings, kept for the next runs…")
        data.fill(own, scale)


def _measure_all(
    ports: Ports, own: str, scale: int, effort: Effort, folder: Path, served_with: dict[str, str]
) -> list[Line]:
    post = f"/billets/{data.POST_SLUG}/"
    half = Goal(0.5, "", is_ratio=True)
    return [
        _yardstick(ports, effort),
        _compared("post with 20 comments", post, ports, effort, Goal(2, "", is_ratio=True)),
        _beside_its_floor(post, ports, effort),
        _compared("list of posts", "/billets/", ports, effort, half),
        _compared("home", "/", ports, effort, half),
        *_directory(ports, own, scale, effort),
        _unchanged(post, ports, effort),
        *kept.lines(post, ports, own, served_with, effort),
        *_desk(ports.portal),
        *_votes(ports, folder, effort),
    ]


def _yardstick(ports: Ports, effort: Effort) -> Line:
    """How fast this machine is now: an empty Django view."""
    _print("an empty view")
    seen = ask(ports.bare, ["/empty/"], CONNECTIONS, effort)
    name = f"empty Django view ({REFERENCE_PER_SECOND:,} where the goals were set)"
    return Line(name, CONNECTIONS, seen.per_second, bare=seen.per_second)


def _compared(page: str, path: str, ports: Ports, effort: Effort, goal: Goal | None) -> Line:
    _print(page)
    bare, portal = alternately(ports, [path], [path], CONNECTIONS, effort)
    return line(page, CONNECTIONS, bare, portal, goal)


def _beside_its_floor(path: str, ports: Ports, effort: Effort) -> Line:
    """The same page by raw statements and f-strings, in turn with the portal's."""
    _print("a post's floor")
    floor, portal = alternately(ports, [path], [path], CONNECTIONS, effort, beside=ports.floor)
    return line(
        "  … to raw statements and f-strings", CONNECTIONS, floor, portal, Goal(0.2, "", is_ratio=True)
    )


def _directory(ports: Ports, own: str, scale: int, effort: Effort) -> list[Line]:
    """The written searches, beside a bare page of the same listings, and beside SQL alone."""
    page = f"directory search, {scale:,} listings"
    _print("directory: its SQL")
    paths = queries.paths()
    asked = searching.record(paths)
    sql = [[each.statements for each in asked], [plain_search.statements(path) for path in paths]]
    replayed, plain = (
        report.percentile(searching.replay(own, each, connections=FEW, seconds=3 * effort.seconds), 95)
        for each in sql
    )
    bare_paths = ["/repertoire/?" + urlencode({"keys": ",".join(map(str, each.keys))}) for each in asked]
    # Every worker meets every word.
    measure(ports.portal, paths, connections=CONNECTIONS, seconds=2, warm=5 * effort.rounds)
    shown = []
    for connections in (FEW, CONNECTIONS):
        _print(f"{page}, {connections} connections")
        bare, portal = alternately(ports, bare_paths, paths, connections, effort)
        shown.append(line(page, connections, bare, portal, None))
    p95 = shown[0].percentiles[1] if shown[0].percentiles else 0.0
    cold = report.percentile([each.cold_ms for each in asked], 95)
    return [
        *shown,
        Line("  95th percentile of the search", FEW, p95, Goal(60, "ms", is_most=True)),
        Line(
            "  … to that of the same search in SQL",
            FEW,
            p95 / plain,
            Goal(2, "", is_most=True, is_ratio=True),
        ),
        Line("  … to that of the page's own statements", FEW, p95 / replayed),
        Line("  95th percentile of a word's first search, ms", 1, cold),
    ]


def _unchanged(path: str, ports: Ports, effort: Effort) -> Line:
    _print("unchanged page")
    etag = serving.get(ports.portal, path)[1]["etag"]
    seen = ask(ports.portal, [path], CONNECTIONS, effort, status="304", If_None_Match=etag)
    return Line(
        page="unchanged page, If-None-Match, not kept",
        connections=CONNECTIONS,
        measured=seen.per_second,
        goal=Goal(1000, "/s"),
        portal=seen.per_second,
        percentiles=report.percentiles(seen.latencies_ms),
    )


def _desk(port: int) -> list[Line]:
    _print("autosaves, then hostile pictures")
    saved = report.percentiles(writing.autosave_ms(port))
    return [
        Line("95th percentile of an autosave", writing.WRITERS, saved[1], Goal(200, "ms", is_most=True)),
        Line(
            "what hostile pictures add to a worker, MiB",
            1,
            writing.upload_mebibytes(port),
            Goal(150, "MiB", is_most=True),
        ),
    ]


def _votes(ports: Ports, folder: Path, effort: Effort) -> list[Line]:
    """A crowd that votes, a crowd that polls the screen of results, and the sealing of a large box."""
    seconds = 2 * effort.seconds
    a_time = int(BALLOTS_A_SECOND * seconds)
    round = votes.open_round(f"banc-{time.time_ns()}", people=a_time * effort.rounds)
    try:
        asked = votes.casts(round, ports.portal)
        shares = [asked[start : start + a_time] for start in range(0, len(asked), a_time)]
        cast = _casting(ports, shares, folder, seconds, effort)
        polled = _polling(ports.portal, votes.screen_of(round), effort)
    finally:
        votes.annul(round)
    _print(f"{crowd.PEOPLE} people behind one address")
    entered = _crowd(ports.portal)
    _print(f"a box of {votes.PEOPLE:,} ballots")
    sealed = votes.sealed()
    _print(f"{votes.ROOM:,} ballots, from the closing to the published page")
    seconds_to_publish = votes.published(ports.portal, people=votes.ROOM)
    name = f"close, seal and count {votes.PEOPLE:,} ballots"
    return [
        *cast,
        Line(
            f"{crowd.PEOPLE} people vote by code behind one address, seconds",
            crowd.AT_ONCE,
            entered,
            Goal(60, "s", is_most=True),
        ),
        polled,
        Line(f"{name}, seconds", 1, sealed["seconds"], Goal(5, "s", is_most=True)),
        Line(
            f"{votes.ROOM:,} ballots, from closing to page, PDF and data, seconds",
            1,
            seconds_to_publish,
            Goal(10, "s", is_most=True),
        ),
        Line("  … its memory, MiB", 1, sealed["mebibytes"], Goal(500, "MiB", is_most=True)),
    ]


def _casting(
    ports: Ports, shares: Sequence[Sequence[votes.Cast]], folder: Path, seconds: float, effort: Effort
) -> list[Line]:
    """A crowd that votes, several times, each between two looks at how fast the machine is then."""
    asked = folder / "casts.json"
    rates, percentiles, scaled = [], [], []
    for number, share in enumerate(shares, start=1):
        _print(f"votes, {number} of {len(shares)}")
        asked.write_text(json.dumps([cast.request for cast in share]))
        before = ask(ports.bare, ["/empty/"], CONNECTIONS, effort)
        seen = measure(ports.portal, [], connections=VOTERS, seconds=seconds, warm=0.5, requests=asked)
        after = ask(ports.bare, ["/empty/"], CONNECTIONS, effort)
        if set(seen.statuses) - {"200"}:
            raise data.BenchError(f"ballots are not all accepted: {seen.statuses}")
        rates.append(seen.per_second)
        percentiles.append(report.percentiles(seen.latencies_ms))
        speed = (before.per_second + after.per_second) / 2 / REFERENCE_PER_SECOND
        scaled.append(percentiles[-1][2] * speed)
    p50, p95, p99 = (median(each) for each in zip(*percentiles, strict=True))
    rate = median(rates)
    return [
        Line("cast a ballot", VOTERS, rate, Goal(1200, "/s"), None, rate, (p50, p95, p99)),
        Line("  99th percentile of casting", VOTERS, p99, Goal(90, "ms", is_most=True)),
        Line("  … at the speed for which it was set", VOTERS, median(scaled), Goal(90, "ms", is_most=True)),
    ]


def _polling(port: int, screen: str, effort: Effort) -> Line:
    _print("the screen of a vote")
    etag = {"If-None-Match": serving.get(port, screen)[1]["etag"]}
    polled = measure(port, [screen], connections=POLLERS, seconds=effort.seconds, warm=1, headers=etag)
    return Line(
        "screen of a vote, unchanged",
        POLLERS,
        polled.per_second,
        percentiles=report.percentiles(polled.latencies_ms),
    )


def _crowd(port: int) -> float:
    round = votes.open_round(f"salle-{time.time_ns()}", people=crowd.PEOPLE)
    try:
        return crowd.seconds_to_vote(port, round, crowd.codes_of(round))
    finally:
        votes.annul(round)


def _print(text: str) -> None:
    print(f"… {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except data.BenchError as error:
        sys.exit(str(error))
