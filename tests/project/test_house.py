"""Whether a folder still reads like a table of contents."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.utils.module_loading import import_string
from procrastinate.contrib.django import app

# Entries at the top of a package, `__init__.py` among them.
MOST_ENTRIES = {
    "pole": 35,
    "accounts": 25,
    "desk": 25,
    "comments": 25,
    "blog": 25,
    "enterprises": 25,
    "forums": 25,
}
LISTS_OF_HOOKS = (
    *(
        "NEXT_SCHEDULED_CHANGES",
        "SEARCHES",
        "SITEMAPS",
        "OLD_ADDRESSES",
        "STAFF_RECENT_EVENTS",
    ),
    *("PERSONAL_DATA", "ERASURES", "EMAIL_CONFIRMED_HANDLERS"),
)


@pytest.mark.parametrize("package", MOST_ENTRIES)
def test_a_package_reads_like_a_table_of_contents(package):
    entries = [path.name for path in (settings.BASE_DIR / package).iterdir() if path.name != "__pycache__"]
    assert len(entries) <= MOST_ENTRIES[package], sorted(entries)


def test_what_settings_name_lives_in_hooks():
    named = [path for name in LISTS_OF_HOOKS for path in getattr(settings, name)]
    named += [
        *settings.JOURNAL.values(),
        *settings.FIRST_STEPS.values(),
        *settings.DIAGNOSTICS,
        *(
            path
            for _role, path in [
                *settings.STAFF_HOME_CARDS,
                *settings.MODERATION_QUEUES,
                *settings.STAFF_PLANNED_EVENTS,
            ]
        ),
        settings.PAGE_EXISTS,
        settings.PUBLIC_PAGE_SLUGS,
    ]
    assert {path: path.split(".")[1] for path in named} == dict.fromkeys(named, "hooks")
    assert all(import_string(path) for path in named)


def test_views_hold_no_transaction_nor_lock():
    """What must be written together is one act, in a module named after it."""
    views = [path for package in MOST_ENTRIES for path in (settings.BASE_DIR / package).glob("views/**/*.py")]
    held = re.compile(r"\b(transaction|atomic\w*|select_for_update|on_commit)\b")
    found = {
        f"{path.relative_to(settings.BASE_DIR)}: {line.strip()}"
        for path in views
        for line in path.read_text(encoding="utf-8").splitlines()
        if held.search(line) and not line.strip().startswith(('"""', "#"))
    }
    assert len(views) > 50
    assert found == set()


def test_tasks_are_queued_in_one_place():
    """Elsewhere, a worker's task would queue another before its transaction is committed."""
    names = "|".join(name for name in app.tasks if ":" not in name)
    queues = re.compile(rf"\b(configure_task|defer_async|({names})\.(defer|configure))\(")
    paths = [path for package in MOST_ENTRIES for path in (settings.BASE_DIR / package).rglob("*.py")]
    found = [
        str(path.relative_to(settings.BASE_DIR)) for path in paths if queues.search(path.read_text("utf-8"))
    ]
    assert found == ["pole/server/work_queue.py"]
