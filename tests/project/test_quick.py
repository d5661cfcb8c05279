"""`make quick`: what a change leads to, in a small project."""

from __future__ import annotations

import json

import pytest

from tests import quick, touched

PROJECT_FILES = {
    "pole/texts.py": "LIMIT = 3\n\n\ndef short(text):\n    return text[:LIMIT]\n\n\ndef long(text):\n    return text\n",
    "pole/units.py": 'UNITS = "units.csv"\n',
    "pole/data/units.csv": "m\n",
    "blog/sql/01_one.sql": "SELECT 1;\n",
    "templates/home.html": "<h1>\n",
    "tests/helpers.py": "",
    "tests/pole/conftest.py": "",
    "tests/pole/test_texts.py": "",
    "tests/pole/test_pages.py": "",
    "tests/pole/test_units.py": "from pole import units\n",
    "tests/blog/test_lists.py": "from tests import helpers\n",
    "tests/blog/test_feed.py": "from pole.texts import long\n",
}
RECORD = {
    "tests/pole/test_pages.py": {"seconds": 2, "touched": ["pole/texts.py:short", "templates/home.html"]},
    "tests/blog/test_lists.py": {"seconds": 1, "touched": ["pole/texts.py:short"]},
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    for name, text in PROJECT_FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(quick, "ROOT", tmp_path)
    monkeypatch.setattr(touched, "ROOT", tmp_path)
    monkeypatch.setenv("POLE_VAR", str(tmp_path / ".git"))
    for variable in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(variable, raising=False)
    quick.git("init", "-q")
    touched.path().write_text(json.dumps(RECORD))
    commit()
    return tmp_path


def commit():
    quick.git("add", "-A")
    quick.git("-c", "user.name=a", "-c", "user.email=a@b.example", "commit", "-q", "--allow-empty", "-m", "a")


def led_to(since=None):
    selection = quick.Selection()
    for change in quick.changes(since):
        selection.follow(change)
    return selection.distance


def test_changed_trigger_leads_to_the_tests_of_its_package(project):
    (project / "blog/sql/01_one.sql").write_text("SELECT 2;\n")
    assert led_to() == {"tests/blog/test_feed.py": 4, "tests/blog/test_lists.py": 4}


def test_changed_function_leads_to_what_ran_it_nearest_first(project):
    (project / "pole/texts.py").write_text(PROJECT_FILES["pole/texts.py"].replace("[:LIMIT]", "[:9]"))
    (change,) = quick.changes(None)
    assert (change.functions, change.is_whole) == ({"short"}, False)
    assert led_to() == {
        "tests/pole/test_texts.py": 1,
        "tests/pole/test_pages.py": 2,
        "tests/blog/test_lists.py": 3,
        "tests/blog/test_feed.py": 4,
    }


def test_line_outside_functions_is_a_change_of_the_whole_module(project):
    (project / "pole/texts.py").write_text(PROJECT_FILES["pole/texts.py"].replace("LIMIT = 3", "LIMIT = 4"))
    assert led_to() == {
        "tests/pole/test_texts.py": 1,
        "tests/blog/test_feed.py": 2,
        "tests/pole/test_pages.py": 3,
        "tests/blog/test_lists.py": 4,
    }


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("templates/home.html", {"tests/pole/test_pages.py": 2}),
        ("pole/data/units.csv", {"tests/pole/test_units.py": 1}),
        ("tests/helpers.py", {"tests/blog/test_lists.py": 1}),
        ("tests/blog/test_feed.py", {"tests/blog/test_feed.py": 0}),
        (
            "tests/pole/conftest.py",
            {f"tests/pole/test_{name}.py": 1 for name in ("pages", "texts", "units")},
        ),
    ],
)
def test_other_files_lead_to_tests_too(project, file, expected):
    (project / file).write_text("changed\n" if not file.endswith(".py") else "changed = 1\n")
    assert led_to() == expected


def test_new_file_is_seen_and_a_clean_tree_shows_its_last_commit(project):
    (project / "tests/blog/test_new.py").write_text("")
    expected = {"tests/blog/test_new.py": 0}
    assert led_to() == expected
    commit()
    assert led_to() == expected
    commit()
    assert led_to() == {}
    assert led_to("HEAD~2") == expected
