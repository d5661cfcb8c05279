"""The domain knows nothing of HTTP: views translate requests into its arguments.

import-linter can forbid the whole of an external package, not one of its modules.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

FORUMS = (
    "vote",
    "tally",
    "registration",
    "event",
    "results",
    "mail",
    "recommendations",
    "dossier",
    "printing",
    "models",
)
ENTERPRISES = ("listing", "importing", "duplicates", "models")
HTTP = ("django.http", "django.shortcuts", "django.middleware", "django.views", "django.contrib.messages")


def imported_names(path: Path) -> set[str]:
    """Modules, and names taken from them, as dotted paths."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize(
    "package", [f"forums/{name}" for name in FORUMS] + [f"enterprises/{name}" for name in ENTERPRISES]
)
def test_domain_imports_nothing_of_http(settings, package):
    modules = sorted((settings.BASE_DIR / package).rglob("*.py"))
    assert modules
    of_http = {
        (path.name, name)
        for path in modules
        for name in imported_names(path)
        if f"{name}.".startswith(tuple(f"{each}." for each in HTTP))
    }
    assert of_http == set()
