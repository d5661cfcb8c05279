"""The suite itself: any file alone, from anywhere, beside anything."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run_pytest(*arguments, cwd=ROOT, **variables):
    """As someone whose shell says nothing of Django nor of this run."""
    ours = ("POLE_", "DJANGO_", "PYTEST_", "DATABASE_URL", "PG_BINDIR")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=cwd, env=environment | variables, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def test_one_file_alone_needs_nothing_set():
    done = run_pytest("test_threads.py", cwd=ROOT / "tests" / "pole")
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout


def test_server_that_cannot_be_used_is_said_in_a_sentence(tmp_path):
    (tmp_path / "postgres").mkdir()
    done = run_pytest("tests/pole/test_addresses.py", POLE_VAR=str(tmp_path))
    said = done.stdout + done.stderr
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "ce n’est pas une base PostgreSQL" in said
    assert "Traceback" not in said
    assert len(said.splitlines()) < 10, said
