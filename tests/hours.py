"""What reads the clock, run at instants of Montréal where a day, a month or an offset changes.

`python -m tests.hours [NAME… or all] [-- ARGUMENTS OF PYTEST]`; without a name, one is drawn by lot; without arguments, every
test that `reads_the_clock`: `make test` runs them so, and those alone. Each instant has a
PostgreSQL server of its own, whose clock libfaketime sets ahead; Python’s processes set theirs in `tests/start`, and
the browser’s pages in `tests/browser/conftest.py`. All of them tick.
"""

from __future__ import annotations

import os
import re
import secrets
import shlex
import shutil
import subprocess
import sys
import time
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from pole.server import embedded_postgres

ROOT = Path(__file__).resolve().parent.parent
MONTREAL = ZoneInfo("America/Toronto")
INSTANTS = {
    "0h05": datetime(2027, 9, 15, 0, 5, tzinfo=MONTREAL),
    "8h30": datetime(2027, 9, 15, 8, 30, tzinfo=MONTREAL),
    "12h": datetime(2027, 9, 15, 12, 0, tzinfo=MONTREAL),
    # Already the next day in UTC, as on the last two lines.
    "23h55": datetime(2027, 9, 15, 23, 55, tzinfo=MONTREAL),
    # A day of 23 hours: no clock shows half past two.
    "march": datetime(2027, 3, 14, 0, 5, tzinfo=MONTREAL),
    # A day of 25 hours: half past one, for the first time.
    "november": datetime(2027, 11, 7, 1, 30, tzinfo=MONTREAL),
    "leap-day": datetime(2028, 2, 29, 20, 30, tzinfo=MONTREAL),
    "new-year": datetime(2027, 12, 31, 23, 30, tzinfo=MONTREAL),
}
# A module that names no time, makes no row and sends no request reads no clock. Others that need none are marked.
READS_THE_CLOCK = re.compile(
    r"\b(time|datetime|timezone|time_machine|factories|client|\w+_client|demonstration|live_server)\b"
)
# Pure arithmetic, and two commands of their own.
EXCLUDED = ("forums/tally", "bench", "relevance")
ALL = ["-n", "auto", "--dist", "worksteal", "-m", "reads_the_clock"]


def main(arguments: list[str]) -> int:
    end = arguments.index("--") if "--" in arguments else len(arguments)
    names, pytest = arguments[:end], arguments[end + 1 :] or ALL
    if names == ["all"]:
        names = list(INSTANTS)
    if unknown := set(names) - set(INSTANTS):
        print(
            f"Pas d’instant « {', '.join(sorted(unknown))} » ; il y a : {', '.join(INSTANTS)}.",
            file=sys.stderr,
        )
        return 2
    failed = [name for name in names or [secrets.choice(list(INSTANTS))] if run(name, pytest)]
    if failed:
        print(f"En échec : {', '.join(failed)}. Pour recommencer : AT={failed[0]} make hour", file=sys.stderr)
    return 1 if failed else 0


@cache
def reads_the_clock(file: Path) -> bool:
    """Whether a module of tests is run at an instant drawn by lot, but for its tests marked `any_hour`."""
    excluded = str(file.relative_to(ROOT / "tests")).startswith(EXCLUDED)
    return not excluded and bool(READS_THE_CLOCK.search(file.read_text(encoding="utf-8")))


def run(name: str, arguments: list[str]) -> int:
    """One instant; returns pytest's status."""
    print(f"AT={name} : il est {INSTANTS[name]:%Y-%m-%d %H:%M %Z} à Montréal", flush=True)
    folder = ROOT / "var" / "test-hour" / name
    # Also the data of a run that was killed: its server, if it still runs, has the clock of that run.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    ahead_ns = round(INSTANTS[name].timestamp()) * 1_000_000_000 - time.time_ns()
    paths = [str(ROOT / "tests" / "start"), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {
        "POLE_TEST_AHEAD_NS": str(ahead_ns),
        "POLE_VAR": str(folder),
        "PG_BINDIR": str(programs_with_clock_ahead(folder / "programs", ahead_ns)),
        "PYTHONPATH": os.pathsep.join(paths),
    }
    # Another server would have the true clock.
    environment.pop("DATABASE_URL", None)
    # The start hook imports time-machine, whose module is also a plugin of pytest.
    quiet = ["-q", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    command = [sys.executable, "-m", "pytest", *quiet, *arguments]
    return subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode


def programs_with_clock_ahead(folder: Path, ahead_ns: int) -> Path:
    """PostgreSQL's programs, of which the server alone has another clock, ahead by as much."""
    folders = ("lib/*/faketime", "lib/faketime", "lib64/faketime")
    libraries = [found for each in folders for found in Path("/usr").glob(f"{each}/libfaketime.so.1")]
    if not libraries:
        sys.exit("Il manque libfaketime : installez le paquet faketime.")
    real = embedded_postgres.programs_dir()
    folder.mkdir()
    for program in real.iterdir():
        (folder / program.name).symlink_to(program)
    clock = {
        "LD_PRELOAD": str(libraries[0]),
        "FAKETIME": f"{ahead_ns / 1_000_000_000:+.6f}",
        # What measures a wait is left true, and so are the dates of files.
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }
    server = folder / "postgres"
    server.unlink()
    settings = " ".join(f"{name}={shlex.quote(value)}" for name, value in clock.items())
    server.write_text(f'#!/bin/sh\nexec env {settings} {shlex.quote(str(real / "postgres"))} "$@"\n')
    server.chmod(0o755)
    return folder


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
