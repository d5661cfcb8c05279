"""What a process loads before its first page: nothing heavy that few pages need."""

from __future__ import annotations

import subprocess
import sys

from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.module_loading import import_string

from pole.server.lazy_views import LazyView

# Each takes more than twenty milliseconds.
HEAVY = ("openpyxl", "fido2", "cryptography", "segno", "hypothesis")
START = """
import sys
import django

django.setup()
from django.test import Client
from django.urls import resolve

resolve("/")
Client(headers={"host": "localhost"}).get("/healthz")
print(*(name for name in %r if name in sys.modules))
"""


def test_a_process_starts_without_what_few_pages_need():
    command = [sys.executable, "-c", START % (HEAVY,)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split() == []


def patterns(resolver: URLResolver | None = None):
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            yield from patterns(each)
        else:
            yield each


def _inside(view):
    """The view that others wrap."""
    while hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    return view


def test_lazy_views_are_there():
    lazy = [
        view
        for pattern in patterns()
        if isinstance(pattern, URLPattern)
        if isinstance(view := _inside(pattern.callback), LazyView)
    ]
    assert len(lazy) >= 12
    assert all(callable(import_string(view.path)) for view in lazy)
