"""`python -m tests.bench.search`: what the directory's search costs, cold, warm and after an edit, by HTTP alone.

Nothing here knows what finds the answers, so two search engines are measured by the same command. No answer is kept:
`POLE_KEPT_MIB=0`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from urllib.parse import parse_qsl, urlencode

import psycopg

from tests.bench import data, report, run, serving
from tests.bench.load import measure
from tests.bench.rounds import CONNECTIONS, FEW
from tests.bench.writing import memory, worker_processes

SEARCHES = tomllib.loads((Path(__file__).parent / "searches.toml").read_text(encoding="utf-8"))
LIST, API = "/repertoire/", "/api/v1/fiches/"
SECONDS, EDITS, FOUND_EDITS = 10.0, 50, 10
SLIPS_PATIENCE_SECONDS = 300
SHOWN = 24
# Searches by which every worker has answered.
READY_IN_A_ROW = 20

# What is measured, and what was found.
type Row = tuple[str, str]


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the directory's search over HTTP.")
    parser.add_argument("--scale", type=int, default=run.SCALE, help=f"listings ({run.SCALE})")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each measure under load")
    parser.add_argument("--edits", type=int, default=EDITS)
    given = parser.parse_args()
    folder = serving.ROOT / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    with data.server(folder) as (existing, own):
        served_with = run.environment(own, folder) | {"POLE_KEPT_MIB": "0"}
        os.environ |= served_with
        run.prepare(existing, own, given.scale)
        # At once: what is measured next takes minutes.
        print(as_table([("listings", f"{given.scale:,}"), *_one_worker(served_with, own, given.edits)]))
        print(as_table(_all_workers(served_with, given.seconds)), flush=True)
    return 0


def paths(queries: Sequence[str], under: str = LIST) -> list[str]:
    return [f"{under}?{urlencode(parse_qsl(query))}" for query in queries]


def as_table(rows: Sequence[Row]) -> str:
    return "\n".join(
        ["| measure | value |", "|---|---:|", *(f"| {name} | {value} |" for name, value in rows)]
    )


def milliseconds(values: Sequence[float]) -> str:
    """Percentiles, for a cell."""
    return " / ".join(f"{value:.1f}" for value in report.percentiles(values)) + " ms"


# --- One worker: its start, words that it meets for the first time, edits --------------------------


def _one_worker(served_with: Mapping[str, str], own: str, edits: int) -> list[Row]:
    _say("one worker, from its start")
    words = SEARCHES["cold"]["words"]
    started = time.perf_counter()
    with serving.served_process(serving.PORTAL, served_with, workers=1) as (port, _process):
        before = memory_of_largest(port)
        with _asking(port) as ask:
            ask(paths(["q=coopérative"])[0])
            first_search = time.perf_counter() - started
        slips = _seconds_until_slips_find(port, started)
        after_first = memory_of_largest(port)
        with _asking(port) as ask:
            _say("each word for the first time")
            cold = [ask(path) for path in paths([f"q={word}" for word in words])]
            again = [ask(path) for path in paths([f"q={word}" for word in words])]
            with _editing(own) as edit:
                _say("each word for the first time since an edit")
                edit()
                next_visitor = ask(LIST)
                since_edit = [ask(path) for path in paths([f"q={word}" for word in words])]
                _say(f"{edits} edits, each before a search")
                costs = _costs_of_edits(edit, ask, edits)
                _say(f"{FOUND_EDITS} edits, each until it is found")
                seen = [_milliseconds_until_an_edit_is_found(edit, port) for _edit in range(FOUND_EDITS)]
        return [
            ("from the start of a process to its first search", f"{first_search:.2f} s"),
            ("… to slips that find", "never" if slips is None else f"{slips:.2f} s"),
            ("a word's first search in a process, p50 / p95 / p99", milliseconds(cold)),
            ("the same words again", milliseconds(again)),
            ("a word's first search since an edit", milliseconds(since_edit)),
            ("the list without words, first since an edit", f"{next_visitor:.1f} ms"),
            (f"what an edit adds to the next search, median of {edits}", f"{median(costs):.1f} ms"),
            ("… p95", f"{report.percentile(costs, 95):.1f} ms"),
            (
                f"an edit is found by its own word after, median / most of {FOUND_EDITS}",
                f"{median(seen):.0f} / {max(seen):.0f} ms",
            ),
            ("memory of the worker before its first search, RSS / PSS / most", before),
            ("… after it", after_first),
            ("… after all of this", memory_of_largest(port)),
        ]


def _seconds_until_slips_find(port: int, started: float) -> float | None:
    """Until each slip shows, on its first page, a listing that the right spelling shows there; None when it never does."""
    waiting = list(SEARCHES["slips_at_start"]["pairs"])
    while waiting:
        typed, meant = waiting[0]
        if set(slugs(port, typed)) & set(slugs(port, meant)):
            waiting.pop(0)
        elif time.perf_counter() - started > SLIPS_PATIENCE_SECONDS:
            return None
        else:
            time.sleep(0.25)
    return time.perf_counter() - started


def _costs_of_edits(edit: Callable[[], str], ask: Callable[[str], float], count: int) -> list[float]:
    """Milliseconds that a search takes at once after an edit, less the same search again."""
    asked = paths([query for kind in ("words", "words and facets") for query in SEARCHES["queries"][kind]])
    costs = []
    for number in range(count):
        path = asked[number % len(asked)]
        edit()
        first = ask(path)
        costs.append(first - min(ask(path) for _again in range(3)))
    return costs


def _milliseconds_until_an_edit_is_found(edit: Callable[[], str], port: int) -> float:
    word = edit()
    start = time.perf_counter()
    while not slugs(port, word):
        if time.perf_counter() - start > SLIPS_PATIENCE_SECONDS:
            raise data.BenchError("an edit is not found by a word that it wrote")
        time.sleep(0.002)
    return 1000 * (time.perf_counter() - start)


@contextmanager
def _editing(own: str):
    """A function that writes another mission to a published listing, with a word of its own, which it returns.

    The missions are written back at the end.
    """
    rng, former = random.Random(7), {}
    with psycopg.connect(own, autocommit=True) as connection:
        keys = [key for (key,) in connection.execute(
            "SELECT id FROM enterprises_listing WHERE state = 'published' ORDER BY id LIMIT 5000"
        )]  # fmt: skip

        def edit() -> str:
            key, word = rng.choice(keys), "qzx" + "".join(rng.choices("bcdfghjklm", k=9))
            [mission] = connection.execute(
                "SELECT mission FROM enterprises_listing WHERE id = %s", [key]
            ).fetchone()
            former.setdefault(key, mission)
            connection.execute(
                "UPDATE enterprises_listing SET mission = %s WHERE id = %s",
                [f"{former[key][:200]} {word}", key],
            )
            return word

        try:
            yield edit
        finally:
            for key, mission in former.items():
                connection.execute(
                    "UPDATE enterprises_listing SET mission = %s WHERE id = %s", [mission, key]
                )


# --- As many workers as cores, under load ----------------------------------------------------------


def _all_workers(served_with: Mapping[str, str], seconds: float) -> list[Row]:
    queries = SEARCHES["queries"]
    everything = paths([query for kind in queries.values() for query in kind])
    with serving.served_process(serving.PORTAL, served_with) as (port, _process):
        before = memory_of_largest(port)
        started = time.perf_counter()
        for _in_a_row in range(READY_IN_A_ROW):
            _seconds_until_slips_find(port, started)
        _say(f"{len(everything)} queries, until every worker knows them")
        measure(port, everything, connections=CONNECTIONS, seconds=1, warm=seconds)
        rows = [
            _loaded(
                f"{len(everything)} queries, {FEW} connections, p50 / p95 / p99",
                port,
                everything,
                FEW,
                seconds,
            )
        ]
        for kind, asked in queries.items():
            rows.append(_loaded(f"… {kind} ({len(asked)})", port, paths(asked), FEW, seconds / 2))
        rows.append(
            _loaded(f"all of them, {CONNECTIONS} connections", port, everything, CONNECTIONS, seconds)
        )
        return [
            *rows,
            ("memory of the largest worker before, RSS / PSS / most", before),
            ("… after", memory_of_largest(port)),
        ]


def _loaded(name: str, port: int, asked: Sequence[str], connections: int, seconds: float) -> Row:
    _say(name)
    seen = measure(port, asked, connections=connections, seconds=seconds)
    if set(seen.statuses) - {"200"}:
        raise data.BenchError(f"{name}: answers are not all 200: {seen.statuses}")
    return name, milliseconds(seen.latencies_ms)


# --- One request at a time -------------------------------------------------------------------------


@contextmanager
def _asking(port: int):
    """A function (path) -> milliseconds of its answer, on one connection that stays open."""
    connection = HTTPConnection("127.0.0.1", port, timeout=serving.READY_SECONDS)

    def ask(path: str) -> float:
        start = time.perf_counter()
        connection.request("GET", path, headers={"Host": f"localhost:{port}", "Accept": "text/html"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise data.BenchError(f"{path}: {answer.status}")
        return 1000 * (time.perf_counter() - start)

    try:
        yield ask
    finally:
        connection.close()


def slugs(port: int, words: str) -> list[str]:
    status, _headers, body = serving.get(port, f"{API}?{urlencode({'q': words, 'par_page': SHOWN})}")
    if status != 200:
        raise data.BenchError(f"{words}: {status}")
    return [row["slug"] for row in json.loads(body)["results"]]


def memory_of_largest(port: int) -> str:
    """Resident, proportional and most resident memory of the worker that has most: the other process starts them."""
    memories = [
        (_rollup(pid, "Rss"), _rollup(pid, "Pss"), memory(pid, "VmHWM")) for pid in worker_processes(port)
    ]
    return " / ".join(f"{mebibytes:.0f}" for mebibytes in max(memories)) + " MiB"


def _rollup(pid: int, name: str) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024


def _say(text: str) -> None:
    print(f"… {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except data.BenchError as error:
        sys.exit(str(error))
