"""The coverage of each package by the tests just run, and its minimum: `python -m tests.cover`, after them.

Branches count where they were measured: `make cover`, or a Python (3.14) that measures them at no cost.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from coverage import Coverage

ROOT = Path(__file__).resolve().parent.parent
MIN_PERCENT = 95
# What decides a ballot or counts it: every line and every branch.
FULLY_COVERED = (
    "forums/tally/",
    "forums/event/open_and_seal.py",
    "forums/mail/ballot_links.py",
    "forums/vote/slips.py",
    "forums/vote/codes.py",
    "forums/vote/locks.py",
    "forums/models/ballot.py",
    "forums/models/round.py",
    "forums/vote/paper_issue.py",
    "forums/vote/paper_entry.py",
    "forums/registration/capacity.py",
    "forums/vote/receipts.py",
    "forums/vote/reconciliation.py",
    "forums/vote/roll.py",
    "forums/vote/rounds.py",
    "forums/vote/sealing.py",
    "forums/vote/casting.py",
    "forums/vote/methods/",
    "forums/vote/rules.py",
)
SUMMARY_KEYS = ("num_statements", "covered_lines", "num_branches", "covered_branches")


def main() -> int:
    measured = _measure()
    packages: dict[str, Counter[str]] = {}
    for path, about in measured.items():
        packages.setdefault(_package(path), Counter()).update(_totals(about))
    print(f"{'package':24} {'lines':>13} {'branches':>13}     %")
    for name, totals in sorted(packages.items()):
        print(_line(name, totals))
    counted = sum((totals for name, totals in packages.items() if "demo" not in name), Counter())
    print(_line("all but demo", counted))
    faults = []
    if _percent(counted) < MIN_PERCENT:
        faults.append(f"{_percent(counted):.2f} % is less than {MIN_PERCENT} %: see `coverage report`.")
    faults += _missed(measured)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def _measure() -> dict[str, dict[str, Any]]:
    """By path: what `coverage json` says of each file."""
    cover = Coverage(config_file=str(ROOT / "pyproject.toml"))
    cover.combine(keep=False)
    cover.save()
    report = ROOT / "var" / "coverage" / "report.json"
    cover.json_report(outfile=str(report))
    files: dict[str, dict[str, Any]] = json.loads(report.read_text("utf-8"))["files"]
    return files


def _package(path: str) -> str:
    package, *within = Path(path).parts
    return f"{package}/demo" if "demo" in within else package


def _totals(about: dict[str, Any]) -> Counter[str]:
    return Counter({part: about["summary"].get(part, 0) for part in SUMMARY_KEYS})


def _percent(totals: Counter[str]) -> float:
    whole = totals["num_statements"] + totals["num_branches"]
    return 100 * (totals["covered_lines"] + totals["covered_branches"]) / whole if whole else 100.0


def _line(name: str, totals: Counter[str]) -> str:
    lines = f"{totals['covered_lines']}/{totals['num_statements']}"
    branches = f"{totals['covered_branches']}/{totals['num_branches']}"
    return f"{name:24} {lines:>13} {branches:>13} {_percent(totals):5.1f}"


def _missed(measured: dict[str, dict[str, Any]]) -> Iterable[str]:
    for path, about in sorted(measured.items()):
        if path.startswith(FULLY_COVERED) and _percent(_totals(about)) < 100:
            missed = f"lines {about['missing_lines']}, branches {about.get('missing_branches', [])}"
            yield f"{path} decides ballots or counts them, and no test runs {missed}."
    for part in FULLY_COVERED:
        if not any(path.startswith(part) for path in measured):
            yield f"{part} is nowhere: it was renamed, or no test was run."


if __name__ == "__main__":
    sys.exit(main())
