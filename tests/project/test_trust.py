"""docs/trust.md names tests and commands that are there: what shows a promise does not rot into a dead path."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.core.management import get_commands

pytestmark = pytest.mark.any_hour("documents alone")
GUIDES = (
    *(
        "README.md",
        "SECURITY.md",
        "docs/trust.md",
        "docs/donnees.md",
        "docs/licences.md",
        "docs/operating.md",
    ),
    *("docs/vote.md", "docs/what-happens-when.md", "docs/architecture.md", "docs/contributing.md"),
)
TESTS = re.compile(r"`(tests/[\w/.-]+?\.py)(?:::(\w+))?`")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


def text_of(guide):
    return (settings.BASE_DIR / guide).read_text(encoding="utf-8")


@pytest.mark.parametrize("guide", GUIDES)
def test_what_a_guide_names_is_there(guide):
    text = text_of(guide)
    missing = []
    for path, name in TESTS.findall(text):
        file = settings.BASE_DIR / path
        if not file.is_file() or (name and f"\ndef {name}(" not in file.read_text(encoding="utf-8")):
            missing.append(f"{path}::{name}")
    targets = set(re.findall(r"^([a-z][\w-]*(?: [a-z][\w-]*)*):", text_of("Makefile"), re.MULTILINE))
    targets = {name for line in targets for name in line.split()}
    missing += [name for name in re.findall(r"`make ([\w-]+)", text) if name not in targets]
    missing += [name for name in re.findall(r"manage\.py (\w+)", text) if name not in get_commands()]
    folder = (settings.BASE_DIR / guide).parent
    missing += [link for link in LINK.findall(text) if not (folder / link).exists()]
    assert missing == []


def test_each_check_has_a_row_with_what_shows_it_and_what_was_seen():
    rows = [
        line.strip("|").split(" | ")
        for line in text_of("docs/trust.md").splitlines()
        if re.match(r"\| (\d|–)", line)
    ]
    numbers = [int(number) for row in rows for number in re.findall(r"\d+", row[0])]
    assert numbers == [*range(1, 26), *range(1, 16)]
    for number, _promise, shown_by, seen in rows:
        assert seen.strip(), number
        shows = TESTS.search(shown_by) or "`make " in shown_by
        assert shows or "**not shown**" in seen, number


def test_a_row_shows_something_or_says_that_nothing_does():
    lines = [line for line in text_of("docs/trust.md").splitlines() if line.startswith("| ")]
    rows = [line.strip("| ").split(" | ") for line in lines if not line.startswith(("| V", "| chapter"))]
    rows = [row for row in rows if row[-1] != "last seen"]
    assert len(rows) > 50
    for *_promised, shown_by, seen in rows:
        shows = TESTS.search(shown_by) or re.search(r"`(make |manage\.py )", shown_by)
        assert shows or "**not shown**" in seen, shown_by


def test_asvs_has_each_chapter_once():
    chapters = re.findall(r"^\| V(\d+) ", text_of("docs/trust.md"), re.MULTILINE)
    assert [int(chapter) for chapter in chapters] == [*range(1, 18)]


def test_no_figure_waits_to_be_filled_in():
    assert "@" not in text_of("docs/trust.md")
