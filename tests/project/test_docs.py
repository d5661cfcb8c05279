"""What the guides name is there: a path that moved, or a name that changed, is found here first."""

from __future__ import annotations

import re
import subprocess

import pytest
from babel.messages.pofile import read_po
from django.conf import settings

GUIDES = (
    "README.md",
    "docs/architecture.md",
    "docs/contributing.md",
    "docs/glossary.md",
    "docs/operating.md",
)
PACKAGES = "pole|accounts|comments|desk|blog|enterprises|forums|release|templates|static|locale|tests|docs"
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


# --- The guides of the team, in French -----------------------------------------------------------------

TEAM_GUIDES = (
    "docs/guide-agenda.md",
    "docs/guide-forum.md",
    "docs/guide-premiers-pas.md",
    "docs/guide-redaction.md",
    "docs/guide-repertoire.md",
)
LABEL = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
PICTURE = re.compile(r"!\[[^\]]+\]\((pictures/[^)]+)\)")
PLACEHOLDER = re.compile(r"%\\\(\w+\\\)[sd]")
MOST_BYTES = 120_000


def as_read(text):
    """Of a label: without the capital that a form gives it, and whatever its spaces are."""
    return re.sub(r"\s+", " ", text).strip().casefold()


@pytest.fixture(scope="module")
def labels():
    """Every French text of the pages, as an expression where something is put into it."""
    with (settings.BASE_DIR / "locale/fr/LC_MESSAGES/django.po").open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    texts = {as_read(text) for each in messages for text in forms_of(each.string) if text}
    return texts, [re.compile(PLACEHOLDER.sub(".+", re.escape(text))) for text in texts if "%(" in text]


def forms_of(string):
    """The one form, or the singular and the plural."""
    return [string] if isinstance(string, str) else list(string)


@pytest.mark.parametrize("guide", TEAM_GUIDES)
def test_labels_of_a_guide_are_those_of_the_pages(guide, labels):
    texts, patterns = labels
    named = map(as_read, LABEL.findall((settings.BASE_DIR / guide).read_text(encoding="utf-8")))
    unknown = [
        label for label in named if label not in texts and not any(each.fullmatch(label) for each in patterns)
    ]
    assert unknown == []


@pytest.mark.parametrize("guide", TEAM_GUIDES)
def test_pictures_of_a_guide_are_there_and_small(guide):
    folder = settings.BASE_DIR / "docs"
    shown = PICTURE.findall((folder / guide.removeprefix("docs/")).read_text(encoding="utf-8"))
    prefix = guide.removeprefix("docs/guide-").removesuffix(".md")
    assert sorted(shown) == sorted(f"pictures/{path.name}" for path in folder.glob(f"pictures/{prefix}-*"))
    assert [name for name in shown if (folder / name).stat().st_size > MOST_BYTES] == []
