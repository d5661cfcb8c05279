"""What the settings make for themselves, and what the configuration of nginx says again."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings

from pole.files.upload_limit import MAX_REQUEST_BYTES
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


def test_nginx_lets_through_what_the_portal_takes():
    """Its own refusal is in English, and leads nowhere."""
    text = (settings.BASE_DIR / "docs" / "operating" / "nginx.conf").read_text(encoding="utf-8")
    sizes = re.findall(r"client_max_body_size (\d+)m;", text)
    assert [int(size) * 1024 * 1024 for size in sizes] == [MAX_REQUEST_BYTES]
