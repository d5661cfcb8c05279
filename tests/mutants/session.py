"""A pytest plugin that breaks the code under test, over and over, and asks the tests what they say of it.

The tests of a group run once as they are, while it is noted which of them reach which lines. Then each mutant has
a process of its own, forked from this one: it puts the broken function in the place of the good one, and runs the
tests that reach its line, those that killed its likes first and then the quickest, until one fails.

Started by `tests.mutants.run`, which names the group and where to write what was found.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from tests.mutants import groups, sql
from tests.mutants.operators import Mutant, mutants_of

ROOT = Path(__file__).resolve().parents[2]
GROUP, RESULTS, ONLY = "POLE_MUTANTS_GROUP", "POLE_MUTANTS_RESULTS", "POLE_MUTANTS_ONLY"
# Beyond what the same tests took unbroken: a mutant that never ends is dead too.
PATIENCE_S = 20.0
SURVIVED = "survived"
# It asks for the database, and for nothing else.
FIRST = "tests/mutants/test_catalogue.py::test_every_function_of_the_vote_has_its_mutants"
# Written for the conditions that `tests.mutants.sql` takes out.
CLOSEST = "tests/forums/voting/test_conditions.py"
MONITOR = sys.monitoring.PROFILER_ID


def pytest_configure(config: pytest.Config) -> None:
    """No time for shrinking: that an example fails is enough, and the same examples are tried each time."""
    import hypothesis

    phases = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
    hypothesis.settings.register_profile(
        "mutants", phases=phases, derandomize=True, database=None, deadline=None
    )
    hypothesis.settings.load_profile("mutants")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    group = groups.GROUPS[os.environ[GROUP]]
    sources = {str(ROOT / path): (ROOT / path).read_text("utf-8") for path in group.modules}
    tests = _Tests(session)
    tests.run_once(sources)
    with Path(os.environ[RESULTS]).open("w", encoding="utf-8") as written:
        for about, outcome in _outcomes(group, sources, tests):
            written.write(json.dumps({**about, "outcome": outcome}, ensure_ascii=False) + "\n")
            written.flush()
    return True


def _outcomes(
    group: groups.Group, sources: dict[str, str], tests: _Tests
) -> Iterator[tuple[dict[str, Any], str]]:
    only = os.environ.get(ONLY, "")
    for filename, source in sources.items():
        known = _running(filename)
        for mutant in mutants_of(source, filename):
            about = {
                "module": str(Path(filename).relative_to(ROOT)),
                "function": mutant.function,
                "line": mutant.line,
                "change": mutant.change,
            }
            if only and only not in f"{about['module']}:{mutant.line}:{mutant.function} {mutant.change}":
                continue
            nearest = tests.near(filename, range(mutant.line, mutant.last_line + 1))
            functions = known.get((mutant.function, mutant.first_line), [])
            if any(len(each.__code__.co_freevars) != len(mutant.code.co_freevars) for each in functions):
                continue  # Without its `super()`, a method is put nowhere.
            is_tested = nearest and functions
            yield (
                about,
                tests.judge(mutant.function, nearest, partial(_put, mutant, functions))
                if is_tested
                else "untested",
            )
    if group.is_sql:
        for change in sql.changes(tests.ask):
            about = {"module": "sql", "function": change.function, "line": 0, "change": change.description}
            if only and only not in f"{change.function} {change.description}":
                continue
            tests.run(change.apply)
            try:
                yield about, tests.judge(change.function, tests.items, _leave)
            finally:
                tests.run(change.undo)


def _running(filename: str) -> dict[tuple[str, int], list[FunctionType]]:
    """The functions of a file that this process holds, decorated or not, by name and first line."""
    # What was set aside at the collection is not among the objects otherwise.
    gc.unfreeze()
    found = defaultdict(list)
    for each in gc.get_objects():
        if type(each) is FunctionType and each.__code__.co_filename == filename:
            found[each.__code__.co_qualname, each.__code__.co_firstlineno].append(each)
    return found


def _put(mutant: Mutant, functions: Iterable[FunctionType]) -> None:
    for function in functions:
        function.__code__ = mutant.code


def _leave() -> None:
    """The database is what is broken."""


class _Reached:
    """Which tests, by their places, reach which lines of the files to break."""

    def __init__(self, sources: Iterable[str]) -> None:
        self.sources = set(sources)
        self.tests: dict[str, set[int]] = defaultdict(set)
        self.current = -1

    @contextmanager
    def noted(self) -> Iterator[None]:
        monitoring = sys.monitoring
        monitoring.use_tool_id(MONITOR, "mutants")
        monitoring.register_callback(MONITOR, monitoring.events.LINE, self._line)
        monitoring.set_events(MONITOR, monitoring.events.LINE)
        try:
            yield
        finally:
            monitoring.set_events(MONITOR, 0)
            monitoring.free_tool_id(MONITOR)

    def of(self, place: int) -> None:
        self.current = place
        # Each line tells once, then is silent until the next test.
        sys.monitoring.restart_events()

    def _line(self, code: CodeType, line: int) -> object:
        if code.co_filename in self.sources:
            self.tests[f"{code.co_filename}:{line}"].add(self.current)
        return sys.monitoring.DISABLE


class _Tests:
    def __init__(self, session: pytest.Session) -> None:
        self.session = session
        (self.first,) = (item for item in session.items if item.nodeid == FIRST)
        self.items = [item for item in session.items if item is not self.first]
        self.took_s: dict[pytest.Item, float] = {}
        self.reached: dict[str, list[int]] = {}
        # What killed a mutant of a function, or of any, most often kills the next one too.
        self.kills: Counter[tuple[str, pytest.Item]] = Counter()
        for item in self.items:
            self.kills["", item] = item.nodeid.startswith(CLOSEST)
        # The database is made by a test that asks for it, and stays: there always is a next test.
        _passes(self.first, self.items[0])
        self._let_go()

    def run_once(self, sources: Iterable[str]) -> None:
        """Runs each test as it is. One that fails can't judge: it is told, and left out.

        In a process of its own too: the threads that some libraries begin would be missing in those forked later.
        """
        said = _forked(lambda: self._measured(sources), wait_s=3600)
        if said is None:
            pytest.exit("The tests ended the process.", 1)
        measured = json.loads(said)
        self.reached = measured["reached"]
        for item, took_s in zip(self.items, measured["took_s"], strict=True):
            if took_s is None:
                print(f"Left out, it fails unbroken: {item.nodeid}", flush=True)
            else:
                self.took_s[item] = took_s

    def _measured(self, sources: Iterable[str]) -> str:
        reached, took_s = _Reached(sources), []
        with reached.noted():
            for place, (item, following) in enumerate(self._in_turn(self.items)):
                reached.of(place)
                began = time.monotonic()
                passed = _passes(item, following)
                took_s.append(time.monotonic() - began if passed else None)
        return json.dumps(
            {"took_s": took_s, "reached": {line: sorted(places) for line, places in reached.tests.items()}}
        )

    def near(self, filename: str, lines: Iterable[int]) -> list[pytest.Item]:
        places = {place for line in lines for place in self.reached.get(f"{filename}:{line}", ())}
        return [self.items[place] for place in sorted(places)]

    def _let_go(self) -> None:
        """A process that is forked opens its own connection."""
        from django.db import connections

        connections.close_all()

    def judge(self, function: str, nearest: Iterable[pytest.Item], break_it: Callable[[], None]) -> str:
        chosen = [item for item in nearest if item in self.took_s]
        chosen.sort(key=lambda item: (-self.kills[function, item], -self.kills["", item], self.took_s[item]))
        wait_s = PATIENCE_S + 4 * sum(self.took_s[item] for item in chosen)
        killer = _forked(lambda: self._verdict(chosen, break_it), wait_s)
        if killer is None:
            self._clean()
            return "timeout"
        if killer == SURVIVED:
            return "survived"
        for of in ("", function):
            self.kills[of, chosen[int(killer)]] += 1
        return "killed"

    def _verdict(self, chosen: list[pytest.Item], break_it: Callable[[], None]) -> str:
        """The place of the test that failed."""
        break_it()
        for place, (item, following) in enumerate(self._in_turn(chosen)):
            if not _passes(item, following):
                return str(place)
        return SURVIVED

    def _in_turn(self, items: list[pytest.Item]) -> Iterator[tuple[pytest.Item, pytest.Item]]:
        return zip(items, [*items[1:], self.first], strict=True)

    def ask(self, statement: str) -> list[tuple[str, ...]]:
        """Asks the database of the tests, and leaves no connection behind for a process to inherit."""
        from django.db import connection

        with self._unblocked(), connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    run = ask

    @contextmanager
    def _unblocked(self) -> Iterator[None]:
        from django.db import connection
        from pytest_django.plugin import blocking_manager_key

        with self.session.config.stash[blocking_manager_key].unblock():
            try:
                yield
            finally:
                connection.close()

    def _clean(self) -> None:
        """After a test that was cut short: nothing of it stays, neither its locks nor its rows."""
        from tests import rows

        self.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        with self._unblocked():
            rows.restore_rows("as_migrated")


def _passes(item: pytest.Item, following: pytest.Item) -> bool:
    return all(
        report.passed or report.skipped for report in runtestprotocol(item, log=False, nextitem=following)
    )


def _forked(work: Callable[[], str], wait_s: float) -> str | None:
    """What `work` says in a process of its own; None when it takes too long, or dies."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            nowhere = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(nowhere, stream)
            with os.fdopen(write, "w") as answer:
                answer.write(work())
        finally:
            os._exit(0)
    os.close(write)
    if not select.select([read], [], [], wait_s)[0]:
        os.kill(pid, signal.SIGKILL)
    with os.fdopen(read) as answer:
        said = answer.read()
    os.waitpid(pid, 0)
    return said or None
