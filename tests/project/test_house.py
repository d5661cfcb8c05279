"""Whether a folder still reads like a table of contents."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

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
        "STAFF_HOME_CARDS",
        "STAFF_PLANNED_EVENTS",
        "STAFF_RECENT_EVENTS",
    ),
    *("MODERATION_QUEUES", "PERSONAL_DATA", "ERASURES", "EMAIL_CONFIRMED_HANDLERS"),
)


@pytest.mark.parametrize("package", MOST_ENTRIES)
def test_a_package_reads_like_a_table_of_contents(package):
    entries = [path.name for path in (settings.BASE_DIR / package).iterdir() if path.name != "__pycache__"]
    assert len(entries) <= MOST_ENTRIES[package], sorted(entries)


def test_what_settings_name_lives_in_hooks():
    named = [path for name in LISTS_OF_HOOKS for path in getattr(settings, name)]
    named += [
        *settings.JOURNAL.values(),
        *(path for _name, path in settings.DIAGNOSTICS),
        settings.PAGE_EXISTS,
    ]
    assert {path: path.split(".")[1] for path in named} == dict.fromkeys(named, "hooks")
    assert all(import_string(path) for path in named)
