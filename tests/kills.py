"""A command of the portal on a real database, killed (SIGKILL) at a chosen statement or just after a chosen commit.

`python -m tests.kills <commit|statement> <n> <arguments of manage.py>`, in a process of its own: see `killed_at`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# How many kills: 100 for a whole run.
KILLS = int(os.environ.get("POLE_TEST_KILLS", "6"))


def url_of(database: str) -> str:
    from django.db import connection

    at = connection.settings_dict
    return f"postgres://{at['USER']}:{at['PASSWORD']}@:{at['PORT']}/{database}?host={at['HOST']}"


def killed_at(database: str, kind: str, at: int, *arguments: str) -> bool:
    """Whether the command was killed; it ended well before otherwise. At 0: never killed."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.kills", kind, str(at), *arguments],
        cwd=ROOT, env=os.environ | {"DATABASE_URL": url_of(database)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, -signal.SIGKILL), done.stderr[-3000:]
    return done.returncode != 0


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _prepare(kind: str, at: int) -> None:
    import psycopg

    left = at

    def counted() -> bool:
        nonlocal left
        left -= 1
        return left == 0

    commit, execute = psycopg.Connection.commit, psycopg.Cursor.execute

    def commit_then_die(self: Any) -> None:
        commit(self)
        if kind == "commit" and counted():
            _die()

    def die_or_execute(self: Any, *arguments: Any, **options: Any) -> Any:
        if kind == "statement" and counted():
            _die()
        return execute(self, *arguments, **options)

    psycopg.Connection.commit = commit_then_die  # type: ignore[method-assign]  # in a process that dies of it
    psycopg.Cursor.execute = die_or_execute  # type: ignore[method-assign]  # likewise


if __name__ == "__main__":
    _prepare(sys.argv[1], int(sys.argv[2]))
    os.environ["DJANGO_SETTINGS_MODULE"] = "pole.settings"
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", *sys.argv[3:]])
