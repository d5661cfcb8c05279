"""What the tests just ran of each package, and the least that they must: `python -m tests.cover`, after them.

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
LEAST_PERCENT = 95
# What decides a ballot or counts it: every line and every branch.
WHOLE = (
    "forums/tally/",
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
)
PARTS = ("num_statements", "covered_lines", "num_branches", "covered_branches")


def main() -> int:
    measured = _measured()
    packages: dict[str, Counter[str]] = {}
    for path, about in measured.items():
        packages.setdefault(_package(path), Counter()).update(_sums(about))
    print(f"{'package':24} {'lines':>13} {'branches':>13}     %")
    for name, sums in sorted(packages.items()):
        print(_line(name, sums))
    counted = sum((sums for name, sums in packages.items() if "demo" not in name), Counter())
    print(_line("all but demo", counted))
    faults = []
    if _percent(counted) < LEAST_PERCENT:
        faults.append(f"{_percent(counted):.2f} % is less than {LEAST_PERCENT} %: see `coverage report`.")
    faults += _missed(measured)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def _measured() -> dict[str, dict[str, Any]]:
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


def _sums(about: dict[str, Any]) -> Counter[str]:
    return Counter({part: about["summary"].get(part, 0) for part in PARTS})


def _percent(sums: Counter[str]) -> float:
    whole = sums["num_statements"] + sums["num_branches"]
    return 100 * (sums["covered_lines"] + sums["covered_branches"]) / whole if whole else 100.0


def _line(name: str, sums: Counter[str]) -> str:
    lines = f"{sums['covered_lines']}/{sums['num_statements']}"
    branches = f"{sums['covered_branches']}/{sums['num_branches']}"
    return f"{name:24} {lines:>13} {branches:>13} {_percent(sums):5.1f}"


def _missed(measured: dict[str, dict[str, Any]]) -> Iterable[str]:
    for path, about in sorted(measured.items()):
        if path.startswith(WHOLE) and _percent(_sums(about)) < 100:
            missed = f"lines {about['missing_lines']}, branches {about.get('missing_branches', [])}"
            yield f"{path} decides ballots or counts them, and no test runs {missed}."
    for part in WHOLE:
        if not any(path.startswith(part) for path in measured):
            yield f"{part} is nowhere: it was renamed, or no test was run."


if __name__ == "__main__":
    sys.exit(main())
