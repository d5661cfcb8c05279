"""recompter.py as a stranger runs it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from forums.tally import recompter


@pytest.fixture
def stranger(tmp_path):
    """Runs recompter.py on a text: gives the exit code, and what it said on each stream."""
    shutil.copy(Path(recompter.__file__), tmp_path)

    def run(text, *arguments, python=sys.executable):
        data = text if isinstance(text, bytes) else text.encode()
        (tmp_path / "urne.json").write_bytes(data)
        done = subprocess.run(
            [python, "-I", "-S", "-X", "utf8", "recompter.py", "urne.json", *arguments],
            cwd=tmp_path, env={"PATH": ""}, capture_output=True, check=False, encoding="utf-8",
        )  # fmt: skip
        assert "Traceback" not in done.stderr
        assert sorted(each.name for each in tmp_path.iterdir()) == ["recompter.py", "urne.json"]
        return done.returncode, done.stdout, done.stderr

    return run
