"""The domain knows nothing of HTTP: views translate requests into its arguments."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

HTTP = ("django.http", "django.shortcuts", "django.urls", "django.views", "django.contrib.messages")


def imported_modules(path: Path) -> set[str]:
    """Every module that a file imports, with the names that it takes from it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("package", ["forums/vote", "forums/tally"])
def test_domain_imports_nothing_of_http(settings, package):
    files = sorted((settings.BASE_DIR / package).rglob("*.py"))
    assert files
    of_http = {
        (path.name, module)
        for path in files
        for module in imported_modules(path)
        if f"{module}.".startswith(tuple(f"{name}." for name in HTTP))
    }
    assert of_http == set()
