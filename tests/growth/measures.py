"""What an address costs, by counts that no noise moves: statements, calls of functions, rows that the database reads."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

# auto_explain sends the plan of each statement, those of functions and of prepared ones too, as it was executed.
_EXPLAIN = """
    LOAD 'auto_explain';
    SET auto_explain.log_min_duration = 0;
    SET auto_explain.log_analyze = on;
    SET auto_explain.log_timing = off;
    SET auto_explain.log_nested_statements = on;
    SET auto_explain.log_format = json;
    SET log_min_messages = panic;
    SET client_min_messages = log;
"""
_STOP = "SET auto_explain.log_min_duration = -1; SET client_min_messages = notice;"


@dataclass(frozen=True, slots=True)
class Cost:
    status: int
    statements: int
    calls: int
    rows: int
    # What read most of them, for whoever mends the page.
    worst: str
    # Processor time of this process and of its database session, on a machine where the yardstick takes YARDSTICK_MS.
    ms: float


def cost_of(ask: Callable[[], int]) -> Cost:
    """What later requests of a process cost: the first fills its caches, or the second what the first had begun beside it."""
    ask()
    status = ask()
    calls = _calls(ask)
    plans, statements = _plans(ask)
    return Cost(status, statements, calls, sum(map(rows_read, plans)), _worst(plans), _milliseconds(ask))


def _calls(ask: Callable[[], int]) -> int:
    count = 0

    def counted(_frame: Any, event: str, _arg: Any) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(counted)
    try:
        ask()
    finally:
        sys.setprofile(None)
    return count


def _plans(ask: Callable[[], int]) -> tuple[list[dict[str, Any]], int]:
    found: list[dict[str, Any]] = []
    statements = 0

    def count(execute: Any, *args: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(*args)

    with _explained(found.append), connection.execute_wrapper(count):
        ask()
    return found, statements


@contextmanager
def _explained(tell: Callable[[dict[str, Any]], object]) -> Iterator[None]:
    def heard(notice: Any) -> None:
        _duration, is_plan, plan = (notice.message_primary or "").partition("plan:\n")
        if is_plan:
            tell(json.loads(plan))

    with connection.cursor() as cursor:
        cursor.execute(_EXPLAIN)
    connection.connection.add_notice_handler(heard)
    try:
        yield
    finally:
        connection.connection.remove_notice_handler(heard)
        with connection.cursor() as cursor:
            cursor.execute(_STOP)


def rows_read(plan: dict[str, Any]) -> int:
    """Out of tables and indexes: those that a filter removed count as those that it kept."""
    return sum(_read_by(node) for node in nodes(plan["Plan"]))


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from nodes(below)


def _read_by(node: dict[str, Any]) -> int:
    if "Scan" not in node["Node Type"] or node["Node Type"] in _OF_WHAT_WAS_READ:
        return 0
    removed = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    rows: float = node.get("Actual Rows", 0) + sum(node.get(name, 0) for name in removed)
    loops: float = node.get("Actual Loops", 1)
    return round(rows * loops)


def _worst(plans: list[dict[str, Any]]) -> str:
    """The three nodes that read most."""
    reading = [node for plan in plans for node in nodes(plan["Plan"])]
    most = sorted((node for node in reading if _read_by(node)), key=_read_by, reverse=True)[:3]
    return " | ".join(_told(node) for node in most)


def _told(node: dict[str, Any]) -> str:
    told = (node.get(name) for name in ("Node Type", "Relation Name", "Index Name", "Index Cond", "Filter"))
    return " · ".join(str(each) for each in (_read_by(node), *told) if each)


_OF_WHAT_WAS_READ = {
    "CTE Scan",
    "Subquery Scan",
    "Function Scan",
    "Values Scan",
    "WorkTable Scan",
    "Named Tuplestore Scan",
}


def _milliseconds(ask: Callable[[], int]) -> float:
    """The least of three, each beside the yardstick of its moment: other programs slow both down."""
    return min(_processor_time(ask) / yardstick() for _time in range(3)) * YARDSTICK_MS


def _processor_time(ask: Callable[[], int]) -> float:
    of_session = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")

    def spent() -> float:
        return time.process_time() + int(of_session.read_text(encoding="ascii").split()[0]) / 1e9

    before = spent()
    ask()
    return spent() - before


# What the work below takes on the machine where the 60 ms of a page were chosen, with nothing beside it.
YARDSTICK_MS = 6.5
_WORDS = [f"mot-{number}" for number in range(400)]


def yardstick() -> float:
    """Processor seconds of work like that of a page: strings, dictionaries, calls, sorts."""
    before = time.process_time()
    for number in range(25):
        row = {word: len(word) + number for word in _WORDS}
        text = "".join(f"<li>{word}: {count}</li>" for word, count in sorted(row.items(), key=_count_of))
        json.loads(json.dumps({"text": text, **row}))
    return time.process_time() - before


def _count_of(item: tuple[str, int]) -> tuple[int, str]:
    return item[1], item[0]
