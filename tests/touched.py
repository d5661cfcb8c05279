"""Which functions and templates of the portal each file of tests runs, and its duration: for `make quick`.

Recorded with `--record=FILE` (`make test` does), by Python's own monitoring: each function calls back once for each
file of tests, so that it costs next to nothing. What is computed once for the whole process, and what
another process runs, is not seen.
"""

from __future__ import annotations

import inspect
import json
import os
import sys
from collections import defaultdict
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from django.test.signals import template_rendered

ROOT = Path(__file__).resolve().parents[1]
EXCLUDED_FOLDERS = tuple(f"{ROOT}/{folder}/" for folder in (".venv", "var", "tests"))
TOOL = 4  # of the six that sys.monitoring has, one that neither a debugger nor coverage takes
Touched = dict[str, set[str]]


def path() -> Path:
    return Path(os.environ["POLE_VAR"], "touched.json")


def function_id(file: str, function: str) -> str:
    """`forums/vote/casting.py:cast_ballot`; a function within another goes under the outer one's name."""
    return f"{file}:{function.partition('.<locals>')[0]}"


class Recorder:
    """One for each worker, and one that merges what they recorded."""

    def __init__(self, record: Path) -> None:
        self.record = record
        self.touched: Touched = defaultdict(set)
        self.seconds: dict[str, float] = defaultdict(float)
        self.of_file: str | None = None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        file = item.nodeid.partition("::")[0]
        if file != self.of_file:
            self.of_file = file
            sys.monitoring.restart_events()
        return (yield)

    def pytest_sessionstart(self) -> None:
        sys.monitoring.use_tool_id(TOOL, "touched")
        sys.monitoring.register_callback(TOOL, sys.monitoring.events.PY_START, self.on_function)
        sys.monitoring.set_events(TOOL, sys.monitoring.events.PY_START)
        template_rendered.connect(self.on_template)

    def on_function(self, code: CodeType, _offset: int) -> object:
        file = code.co_filename
        # What has no locals of its own is a module or a class: run once, whatever the test.
        if (
            self.of_file
            and code.co_flags & inspect.CO_OPTIMIZED
            and file.startswith(f"{ROOT}/")
            and not file.startswith(EXCLUDED_FOLDERS)
        ):
            self.touched[self.of_file].add(function_id(file[len(f"{ROOT}/") :], code.co_qualname))
        return sys.monitoring.DISABLE

    def on_template(self, template: Any, **_signal: Any) -> None:
        file = template.origin.name
        if self.of_file and file.startswith(f"{ROOT}/") and not file.startswith(EXCLUDED_FOLDERS):
            self.touched[self.of_file].add(file[len(f"{ROOT}/") :])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid.partition("::")[0]] += report.duration

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        for file, touched in getattr(node, "workeroutput", {}).get("touched", {}).items():
            self.touched[file] |= set(touched)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        sys.monitoring.free_tool_id(TOOL)
        if output := getattr(session.config, "workeroutput", None):
            output["touched"] = {file: sorted(touched) for file, touched in self.touched.items()}

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """Adds to what was recorded: one file may be run in two parts."""
        if not hasattr(config, "workerinput"):
            known = read(self.record)
            for file, seconds in self.seconds.items():
                before = known.get(file, {"seconds": 0, "touched": []})
                known[file] = {
                    "seconds": round(before["seconds"] + seconds, 1),
                    "touched": sorted(self.touched[file].union(before["touched"])),
                }
            self.record.parent.mkdir(parents=True, exist_ok=True)
            new = self.record.with_suffix(f".{os.getpid()}")
            new.write_text(json.dumps(known), encoding="utf-8")
            new.replace(self.record)


def read(record: Path | None = None) -> dict[str, dict[str, Any]]:
    """By file of tests: `seconds`, and `touched`, ids of functions and paths of templates."""
    try:
        known: dict[str, dict[str, Any]] = json.loads((record or path()).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return {file: entry for file, entry in known.items() if (ROOT / file).exists()}
