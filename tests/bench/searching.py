"""The SQL that each written search asks of the database, and what it costs without Django."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import psycopg

# What one search asks: statements with their parameters.
type Statements = list[tuple[Any, Any]]

LISTING = re.compile(r'href="/repertoire/([a-z0-9-]+)/"')


@dataclass(frozen=True, slots=True)
class Asked:
    """What one search asked, once the process knew its words, and the listings that it showed."""

    path: str
    statements: Statements
    keys: list[int]
    cold_ms: float


def record(paths: Sequence[str]) -> list[Asked]:
    """Ask for each page twice in this process; the second time, write down its statements."""
    from django.db import connection
    from django.test import Client

    client = Client(headers={"host": "localhost"})
    asked = []
    for path in paths:
        start = time.perf_counter()
        client.get(path)
        cold_ms = 1000 * (time.perf_counter() - start)
        statements: Statements = []

        def note(execute, statement, params, many, context, kept=statements):
            kept.append((str(statement), params))
            return execute(statement, params, many, context)

        with connection.execute_wrapper(note):
            answer = client.get(path)
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")
        asked.append(Asked(path, statements, _keys(answer.content.decode()), cold_ms))
    connection.close()
    return asked


def _keys(page: str) -> list[int]:
    from enterprises.models import Listing

    slugs = dict.fromkeys(LISTING.findall(page))
    return list(Listing.objects.filter(slug__in=slugs).order_by("pk").values_list("pk", flat=True))


def replay(url: str, searches: Sequence[Statements], *, connections: int, seconds: float) -> list[float]:
    """Milliseconds that the statements of one search take together, by psycopg alone.

    Each search is asked once at least, and again until the time is over.
    """
    share = -(-len(searches) // connections)
    parts = [cycle(searches[first : first + share]) for first in range(0, len(searches), share)]
    with ThreadPoolExecutor(connections) as pool:
        found = pool.map(lambda part: _replay(url, part, share, seconds), parts)
        return [latency for latencies in found for latency in latencies]


def _replay(url: str, searches: Iterator[Statements], at_least: int, seconds: float) -> list[float]:
    latencies: list[float] = []
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        cursor = connection.cursor()
        end = time.perf_counter() + seconds
        while (start := time.perf_counter()) < end or len(latencies) < at_least:
            for statement, params in next(searches):
                cursor.execute(statement, params)
                if cursor.description:
                    cursor.fetchall()
            latencies.append(1000 * (time.perf_counter() - start))
    return latencies
