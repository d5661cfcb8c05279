"""Kept answers: their speed beside an empty view, alone and on a forum's day, and the memory that they take."""

from __future__ import annotations

import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPConnection

from tests.bench import changes, serving, writing
from tests.bench.load import Measure
from tests.bench.report import Goal, Line
from tests.bench.rounds import CONNECTIONS, FULL, Effort, Ports, ask, line

ENCODED = {"Accept_Encoding": "gzip, deflate, br"}
# Each second of a forum's day.
CHECK_INS = 5
# Full, with the pages of the bench, plain and compressed.
BUDGET_MIB = 32


def lines(post: str, ports: Ports, own: str, environment: dict[str, str], effort: Effort) -> list[Line]:
    return [
        *_speed(post, ports, effort),
        _forum_day(ports, effort),
        *_ages(post, ports, own, effort),
        _memory(post, environment, effort),
    ]


def _speed(post: str, ports: Ports, effort: Effort) -> list[Line]:
    _print("kept answers")
    etag = serving.get(ports.kept, post)[1]["etag"]
    empty: list[Measure] = []
    kept: dict[str, list[Measure]] = {"page": [], "encoded": [], "unchanged": [], "at once": []}
    for _round in range(effort.rounds):
        empty.append(ask(ports.bare, ["/empty/"], CONNECTIONS, effort))
        kept["page"].append(ask(ports.kept, [post], CONNECTIONS, effort))
        kept["encoded"].append(ask(ports.kept, [post], CONNECTIONS, effort, **ENCODED))
        kept["unchanged"].append(
            ask(ports.kept, [post], CONNECTIONS, effort, status="304", If_None_Match=etag)
        )
        kept["at once"].append(ask(ports.kept_at_once, [post], CONNECTIONS, effort))
    page = line("kept page, to an empty view", CONNECTIONS, empty, kept["page"], _at_least(1.5))
    p99 = page.percentiles[2] if page.percentiles else 0.0
    return [
        page,
        Line("  its 99th percentile", CONNECTIONS, p99, Goal(30, "ms", is_most=True)),
        line("  … compressed", CONNECTIONS, empty, kept["encoded"], _at_least(1.5)),
        line("  … unchanged, 304", CONNECTIONS, empty, kept["unchanged"], _at_least(1.5)),
        line("  … with POLE_FRESHNESS_MS=0", CONNECTIONS, empty, kept["at once"], _at_least(0.7)),
    ]


def _at_least(ratio: float) -> Goal:
    return Goal(ratio, "", is_ratio=True)


def _forum_day(ports: Ports, effort: Effort) -> Line:
    """Pages of the other rooms while a forum goes on: the directory and the list of posts."""
    from enterprises.models import Listing

    _print("a forum's day")
    listing = Listing.objects.filter(state="published").order_by("pk")[0].get_absolute_url()
    empty, kept = [], []
    with _forum_goes_on(ports.kept) as done:
        for _round in range(effort.rounds):
            empty.append(ask(ports.bare, ["/empty/"], CONNECTIONS, effort))
            kept.append(ask(ports.kept, [listing, "/billets/"], CONNECTIONS, effort))
    name = f"pages of other rooms on a forum's day ({sum(done)} writes), to an empty view"
    return line(name, CONNECTIONS, empty, kept, _at_least(0.5))


@contextmanager
def _forum_goes_on(port: int) -> Iterator[list[int]]:
    """Each second, arrivals at the door, a comment and a sign-up, by the portal's own functions; how many writes, by second."""
    from django.db import connection
    from django.utils import timezone

    from accounts.models import User
    from comments.models import Thread
    from comments.posting import post_comment
    from forums.models import Forum, Registration
    from forums.registration.check_in import check_in

    now, over, done = timezone.now(), threading.Event(), list[int]()
    forum = Forum.objects.create(
        slug=f"jour-{time.time_ns()}",
        title="Banc d’essai",
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=6),
        announced_at=now - timedelta(days=9),
    )
    thread = Thread.objects.create()
    failures: list[BaseException] = []

    def second(number: int) -> None:
        arrived = [
            Registration.objects.create(
                forum=forum,
                name=f"Personne {number}-{each}",
                email=f"p{number}-{each}-{forum.pk}@exemple.example",
                state=Registration.State.CONFIRMED,
            )
            for each in range(CHECK_INS)
        ]
        for registration in arrived:
            check_in(registration=registration, now=timezone.now())
            over.wait(1 / (CHECK_INS + 2))
        user = User.objects.create_user(f"u{number}-{forum.pk}@exemple.example", name="Banc d’essai")
        post_comment(
            thread=thread, author=user, text="Bien dit.", parent=None, idempotency_key=uuid.uuid4(), now=timezone.now()
        )  # fmt: skip
        done.append(CHECK_INS + 2)

    def go_on() -> None:
        try:
            for number in range(10_000):
                start = time.monotonic()
                second(number)
                if over.wait(max(0.0, 1 - (time.monotonic() - start))):
                    break
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    writer = threading.Thread(target=go_on)
    writer.start()
    try:
        yield done
    finally:
        over.set()
        writer.join()
    if failures:
        raise failures[0]


def _ages(post: str, ports: Ports, own: str, effort: Effort) -> list[Line]:
    writes = changes.WRITES if effort == FULL else changes.WRITES // 50
    _print(f"{writes:,} writes under load")
    seen = changes.watch(post, {ports.kept: 0.02, ports.kept_at_once: 0.0}, own, writes)
    return [
        Line(
            f"{name}: older than the bound in {count:,} answers",
            changes.READERS,
            late,
            Goal(0, "", is_most=True, is_ratio=True),
        )
        for name, (count, late) in seen.items()
    ]


def _memory(post: str, environment: dict[str, str], effort: Effort) -> Line:
    """What a worker grew by once as much is kept as may be: a port of the Host makes another address of the same page."""
    _print("a worker that keeps as much as it may")
    with serving.served(serving.PORTAL, environment | {"POLE_KEPT_MIB": str(BUDGET_MIB)}, workers=1) as port:
        # The other is what starts it.
        worker = max(writing.worker_processes(port), key=lambda pid: writing.memory(pid, "VmRSS"))
        _ask_of_many_hosts(port, post, range(1))
        for _time in range(200):
            # Made, never kept.
            _ask_of_many_hosts(port, f"{post}?x=1", range(1), Cookie="inconnu=1")
        before = writing.memory(worker, "VmRSS")
        _ask_of_many_hosts(port, post, range(1, 1600 if effort == FULL else 100))
        grown = writing.memory(worker, "VmRSS") - before
    return Line(
        f"what {BUDGET_MIB} MiB of kept answers add to a worker, MiB",
        1,
        grown,
        Goal(1.5 * BUDGET_MIB, "MiB", is_most=True),
    )


def _ask_of_many_hosts(port: int, path: str, numbers: range, **headers: str) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    for number in numbers:
        for coding in ("", "gzip", "br"):
            named = {"Host": f"localhost:{1 + number}", "Accept-Encoding": coding} | headers
            connection.request("GET", path, headers=named)
            connection.getresponse().read()
    connection.close()


def _print(text: str) -> None:
    print(f"… {text}", file=sys.stderr, flush=True)
