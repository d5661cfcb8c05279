"""What the directory’s pages cost to make, in calls of functions: `tests.calls`, as tests/project/test_calls.py."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.calls import calls_to_make, statements_to_make

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.counts_calls,
    pytest.mark.any_hour("always the same day: a month has more rows than another"),
]

# (address, calls, calls after a change of what it reads, statements): no more of any.
PAGES = [
    ("/repertoire/", 11_300, 14_700, 2),
    ("/repertoire/?q=garderie", 12_000, 15_700, 2),
    ("/repertoire/?q=%C3%A9rabel", 11_200, 14_400, 2),
    ("/repertoire/?mrc=67", 11_900, 15_300, 2),
    ("/repertoire/l-atelier-du-rayon-libre/", 11_000, 13_200, 9),
    ("/repertoire/carte/", 14_300, 25_700, 1),
    ("/repertoire/portrait/", 6_600, 20_000, 1),
    ("/repertoire/acheter/", 9_400, 12_900, 2),
]


@pytest.fixture
def demonstration(db):
    with Path(os.devnull).open("w") as sink:
        call_command("seed_demo", stdout=sink)


def test_pages_are_made_with_few_calls(demonstration):
    over = []
    for address, *most in PAGES:
        asked = [
            calls_to_make(address),
            calls_to_make(address, is_changed=True),
            len(statements_to_make(address)),
        ]
        if any(cost > limit for cost, limit in zip(asked, most, strict=True)):
            over.append((address, asked))
    assert over == []
