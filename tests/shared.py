"""What is long to make, and the same for every worker of a run: made by the first that asks, then copied."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pole.server import embedded_postgres

ROOT = Path(__file__).resolve().parents[1]


def copy_of(name: str, make: Callable[[Path], None], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `make` left its own, with the owners and the dates of its files; its test may spoil it.

    Nothing of it runs any more once it is made. One that failed is made again by whoever asks next.
    """
    base = tmp_path_factory.getbasetemp()
    run = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    original, made = run / f"shared-{name}", run / f"shared-{name}.made"
    with (run / f"shared-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            subprocess.run(["rm", "-rf", original], check=True)
            original.mkdir()
            make(original)
            made.touch()
    copy = tmp_path_factory.mktemp(name)
    subprocess.run(["cp", "-a", f"{original}/.", copy], check=True)
    return copy


def migrate_server(folder: Path) -> None:
    """For `copy_of`: the data of a PostgreSQL server, in `postgres`, as `manage.py migrate` makes its database."""
    with embedded_postgres.running(folder / "postgres", durable=False) as address:
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": address.url, "POLE_VAR": str(folder)},
            check=True,
        )
