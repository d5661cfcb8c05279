"""What the settings make for themselves, and what the configuration of nginx says again."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from pole.files.upload_limit import MAX_REQUEST_BYTES
from pole.settings import _development_secret, _whole_number


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


def test_secret_that_a_full_disk_cut_short_is_made_again(tmp_path):
    path = tmp_path / "secret-key"
    for cut in ("", "abc", "x" * 49):
        path.write_text(cut)
        secret = _development_secret(path)
        assert len(secret) > 50
        assert path.read_text() == secret == _development_secret(path)


def test_nginx_lets_through_what_the_portal_takes():
    """Its own refusal is in English, and leads nowhere."""
    text = (settings.BASE_DIR / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    sizes = re.findall(r"client_max_body_size (\d+)m;", text)
    assert [int(size) * 1024 * 1024 for size in sizes] == [MAX_REQUEST_BYTES]


@pytest.mark.parametrize("name", ["POLE_FRESHNESS_MS", "POLE_KEPT_MIB"])
@pytest.mark.parametrize("value", ["beaucoup", "-1", "1.5", "99999"])
def test_bound_that_is_no_whole_number_refuses_to_start_and_says_why(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=f"{name}={value}: write a whole number"):
        _whole_number(name, 20, most=10_000, unit="units")
    monkeypatch.setenv(name, "0")
    assert _whole_number(name, 20, most=10_000, unit="units") == 0
    monkeypatch.delenv(name)
    assert _whole_number(name, 20, most=10_000, unit="units") == 20
