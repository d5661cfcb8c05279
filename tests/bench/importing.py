"""`python -m tests.bench.importing`: what an import costs, and what visitors see of it.

As many rows as there are listings: half are listings that exist, written otherwise; half are new. The trial and the run
are measured in a process of their own, as the worker has one, while a server answers visitors.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.bench import data, run, serving
from tests.bench.search import Row, as_table, milliseconds

SCALE = 20_000
HEADER = ["Nom", "Adresse", "Ville", "Code postal", "Téléphone", "Courriel", "Site", "Secteur", "NEQ"]
PAGES = ("/", "/repertoire/", "/repertoire/?q=coop", f"/billets/{data.POST_SLUG}/", "/repertoire/portrait/")
SECONDS_BETWEEN_VISITS = 0.2
ANSWERED = 20
WARM_UP_SECONDS, QUICK_VISITS = 90, 20


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure an import.")
    parser.add_argument("--scale", type=int, default=SCALE, help=f"listings, and rows ({SCALE})")
    parser.add_argument("--work", help="what the worker does here: try, run, undo")
    parser.add_argument("--key", type=int, default=0)
    given = parser.parse_args()
    if given.work:
        return _work(given.work, given.key)
    folder = serving.ROOT / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    with data.server(folder) as (existing, own):
        served_with = run.environment(own, folder)
        os.environ |= served_with
        run.prepare(existing, own, given.scale)
        print(as_table([("listings and rows", f"{given.scale:,}"), *_measures(served_with, given.scale)]))
    return 0


def _measures(served_with: dict[str, str], scale: int) -> Iterator[Row]:
    from enterprises.importing import trial

    key, seconds = _opened(scale)
    yield "file stored", f"{seconds:.1f} s"
    trial.Import.objects.filter(pk=key).update(state="trying")
    with serving.served_process(serving.PORTAL, served_with, workers=2) as (port, _process):
        _warm_up(port)
        for name in ("try", "run", "undo"):
            if name == "run":
                yield "an answer about a row", milliseconds(_answers(key))
            with _visits(port) as latencies:
                told = _worked(name, key)
                # Until every process has read what changed.
                time.sleep(3)
            yield f"{name}: time, processor, memory", told
            yield f"… pages meanwhile: p50 / p95 / p99 ({len(latencies)})", milliseconds(latencies)
    trial.Import.objects.filter(pk=key).delete()


def _warm_up(port: int) -> None:
    """Until both processes have the directory in memory: a start is another measure's."""
    quick, deadline = 0, time.monotonic() + WARM_UP_SECONDS
    while quick < QUICK_VISITS and time.monotonic() < deadline:
        began = time.perf_counter()
        for path in PAGES:
            serving.get(port, path)
        quick = quick + 1 if time.perf_counter() - began < SECONDS_BETWEEN_VISITS else 0
        time.sleep(SECONDS_BETWEEN_VISITS)


def _opened(scale: int) -> tuple[int, float]:
    from enterprises.importing import trial
    from pole.files.tables import Table

    rows = list(_rows(scale))
    began = time.perf_counter()
    table = Table(HEADER, rows, list(range(2, len(rows) + 2)))
    return trial.open_import(table=table, file_name="banc.csv", by=None).pk, time.perf_counter() - began


def _rows(scale: int) -> Iterator[list[str]]:
    from enterprises.models import Listing

    draw = random.Random(scale)
    listings = list(Listing.objects.select_related("municipality").order_by("pk")[: scale // 2])
    for number, listing in enumerate(listings):
        town, name = listing.municipality.name, listing.name
        told = [
            listing.street,
            town,
            listing.postal_code,
            listing.phone,
            listing.email,
            listing.website,
            "",
            listing.neq,
        ]
        yield [name.upper() if number % 3 else f"{name} inc.", *told]
        words = draw.sample(name.split(), k=min(2, len(name.split())))
        yield [
            f"{' '.join(words)} {draw.choice('ABCDEFGHIJKLMNOP')}{number}",
            f"{number} rue du Banc",
            town,
            "",
            "",
            f"a{number}@banc{number}.example",
            "",
            draw.choice(["amenagement", "alimentation", "culture", "NA"]),
            "",
        ]


def _answers(key: int) -> list[float]:
    """Milliseconds of an answer about a possible duplicate, or about a new listing when there is none."""
    from enterprises.importing import answers
    from enterprises.models import ImportRow

    rows = ImportRow.objects.filter(spreadsheet_import_id=key)
    numbers = list(rows.filter(kind="duplicate").values_list("number", flat=True)[:ANSWERED])
    numbers = numbers or list(rows.filter(kind="created").values_list("number", flat=True)[:ANSWERED])
    found = []
    for number in numbers:
        began = time.perf_counter()
        answers.answer_rows(import_id=key, answers={number: answers.RowAnswer("create")}, by=None)
        found.append((time.perf_counter() - began) * 1000)
    return found


# --- The worker -----------------------------------------------------------------------------------


def _worked(name: str, key: int) -> str:
    command = [sys.executable, "-m", "tests.bench.importing", f"--work={name}", f"--key={key}"]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout.strip()


def _work(name: str, key: int) -> int:
    import django

    django.setup()
    from enterprises.importing import running, trial, undoing

    acts: dict[str, Callable[[], object]] = {
        "try": lambda: trial.try_import(import_id=key),
        "run": lambda: running.run(import_id=key),
        "undo": lambda: undoing.undo(import_id=key, by=None),
    }
    began = time.perf_counter()
    acts[name]()
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = time.perf_counter() - began
    processor = used.ru_utime + used.ru_stime
    print(f"{seconds:.1f} s, {processor:.1f} s, {used.ru_maxrss / 1024:.0f} MiB")
    return 0


@contextmanager
def _visits(port: int) -> Iterator[list[float]]:
    """Milliseconds of each page that a visitor asks for, one after the other, until the end of the block."""
    latencies: list[float] = []
    over = threading.Event()

    def visit() -> None:
        while not over.is_set():
            for page in PAGES:
                began = time.perf_counter()
                serving.get(port, page)
                latencies.append((time.perf_counter() - began) * 1000)
                over.wait(SECONDS_BETWEEN_VISITS)

    visitor = threading.Thread(target=visit)
    visitor.start()
    try:
        yield latencies
    finally:
        over.set()
        visitor.join()


if __name__ == "__main__":
    sys.exit(main())
