"""What the settings make for themselves."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from pole.settings import _development_secret


def test_processes_that_start_together_have_one_secret(tmp_path):
    """The first start of a clone: none reads the file of another while it is still empty."""
    path = tmp_path / "var" / "secret-key"
    start = threading.Barrier(8)

    def read(_number):
        start.wait()
        return _development_secret(path)

    for _attempt in range(50):
        with ThreadPoolExecutor(8) as threads:
            (secret,) = set(threads.map(read, range(8)))
        assert len(secret) > 50
        assert path.stat().st_mode & 0o077 == 0
        path.unlink()
