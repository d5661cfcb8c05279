"""What the guides name is there: a path that moved, or a name that changed, is found here first."""

from __future__ import annotations

import re
import subprocess

import pytest
from django.conf import settings

GUIDES = (
    "README.md",
    "docs/architecture.md",
    "docs/contributing.md",
    "docs/glossary.md",
    "docs/operating.md",
)
PACKAGES = "pole|accounts|comments|desk|blog|enterprises|forums|templates|static|locale|tests|docs"
PATH = re.compile(rf"`((?:{PACKAGES})/[\w./-]+)`")
NAME = re.compile(r"`([A-Za-z_][\w.]*)`")


@pytest.fixture(scope="module")
def code():
    files = subprocess.check_output(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py", "*.html", "docs/database.md"],
        cwd=settings.BASE_DIR, text=True,
    ).splitlines()  # fmt: skip
    files = [settings.BASE_DIR / name for name in files]
    return set(
        re.findall(r"\w+", " ".join(path.read_text(encoding="utf-8") for path in files if path.is_file()))
    )


@pytest.mark.parametrize("guide", GUIDES)
def test_paths_of_a_guide_exist(guide):
    text = (settings.BASE_DIR / guide).read_text(encoding="utf-8")
    missing = {path for path in PATH.findall(text) if not (settings.BASE_DIR / path).exists()}
    assert missing == set()


@pytest.mark.parametrize("guide", ["docs/architecture.md", "docs/glossary.md"])
def test_names_of_a_guide_are_those_of_the_code(guide, code):
    text = (settings.BASE_DIR / guide).read_text(encoding="utf-8")
    unknown = {name for name in NAME.findall(text) if not set(name.split(".")) - {"md"} <= code}
    assert unknown == set()
