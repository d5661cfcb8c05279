"""The domain of forums knows nothing of HTTP: requests and responses belong to its views.

import-linter can forbid the whole of an external package, not one of its modules.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

FORUMS = Path(__file__).resolve().parents[2] / "forums"
DOMAIN = ("registration", "event", "results", "mail", "recommendations", "dossier", "printing", "models")
HTTP = ("django.http", "django.shortcuts", "django.middleware", "django.contrib.messages")


def imported_by(path: Path) -> set[str]:
    """Modules, and names taken from them, as dotted paths."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return found


@pytest.mark.parametrize("package", DOMAIN)
def test_package_imports_nothing_of_http(package):
    modules = list((FORUMS / package).rglob("*.py"))
    assert modules
    for path in modules:
        assert not {
            name for name in imported_by(path) if f"{name}.".startswith(tuple(f"{each}." for each in HTTP))
        }, path
