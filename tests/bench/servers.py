"""Which web server, with how many workers and threads: `python -m tests.bench.servers`, for docs/adr/0005-server.md.

All of them serve the portal from the data set of `make bench`, and are asked in turn.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from tests.bench import data, report, run, serving
from tests.bench.load import Measure, measure

CHOICES: list[tuple[str, Callable[..., list[str]], int, int]] = [
    (name, program, workers, threads)
    for name, program in (("granian", serving.granian), ("gunicorn gthread", serving.gunicorn))
    for workers in (1, 2)
    for threads in (4, 8)
]
ROUNDS, SECONDS = 5, 2.0


def main() -> None:
    folder = serving.ROOT / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    with data.server(folder) as (existing, own), ExitStack() as servers:
        environment = run.environment(own, folder)
        os.environ |= environment
        run.prepare(existing, own, run.SCALE)
        path = f"/billets/{data.POST_SLUG}/"
        ports = []
        for _name, program, workers, threads in CHOICES:
            before = _children()
            served = serving.served(
                serving.PORTAL, environment, program=program, workers=workers, threads=threads
            )
            ports.append((servers.enter_context(served), _children() - before))
        pages: list[list[Measure]] = [[] for _choice in CHOICES]
        unchanged: list[list[Measure]] = [[] for _choice in CHOICES]
        etag = {"If-None-Match": serving.get(ports[0][0], path)[1]["etag"]}
        for _round in range(ROUNDS):
            for place, (port, _leaders) in enumerate(ports):
                asked = {"connections": run.CONNECTIONS, "seconds": SECONDS}
                pages[place].append(measure(port, [path], **asked))
                unchanged[place].append(measure(port, [path], **asked, headers=etag))
        print(f"{'server':18} workers threads  post/s  p50 ms  p99 ms   304/s  MiB")
        for (name, _program, workers, threads), (_port, leaders), seen, same in zip(
            CHOICES, ports, pages, unchanged, strict=True
        ):
            p50, _p95, p99 = report.percentiles([each for one in seen for each in one.latencies_ms])
            print(
                f"{name:18} {workers:7} {threads:7} {median(one.per_second for one in seen):7.0f} {p50:7.1f} {p99:7.1f}"
                f" {median(one.per_second for one in same):7.0f} {_mebibytes(leaders):4.0f}"
            )


def _children() -> set[int]:
    here = os.getpid()
    return {int(pid) for pid in Path(f"/proc/{here}/task/{here}/children").read_text().split()}


def _mebibytes(leaders: set[int]) -> float:
    """Memory of the sessions that these processes lead; what several share is counted once (PSS)."""
    total = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            session = int((process / "stat").read_text().rpartition(")")[2].split()[3])
            if session in leaders:
                rollup = (process / "smaps_rollup").read_text().split("Pss:", 1)[1]
                total += int(rollup.split()[0])
        except (FileNotFoundError, ProcessLookupError, IndexError):
            continue
    return total / 1024


if __name__ == "__main__":
    main()
