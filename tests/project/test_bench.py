"""The bench's own arithmetic and table; its load is for `make bench`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from tests.bench import data, queries, report, search
from tests.bench.changes import Fact
from tests.bench.load import answer_size
from tests.bench.report import Goal, Line

HALF = Goal(0.5, "", is_ratio=True)
P95 = Goal(60, "ms", is_most=True)


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([7.0], 50, 7.0),
        ([4.0, 1.0, 3.0, 2.0], 50, 2.0),
        ([4.0, 1.0, 3.0, 2.0], 51, 3.0),
        ([4.0, 1.0, 3.0, 2.0], 0, 1.0),
        ([4.0, 1.0, 3.0, 2.0], 100, 4.0),
        (list(range(1, 101)), 95, 95),
        (list(range(1, 101)), 99, 99),
        (list(range(1, 102)), 99, 100),
    ],
)
def test_percentile_is_the_nearest_rank(values, share, expected):
    assert report.percentile(values, share) == expected


def test_percentile_of_nothing_is_refused():
    with pytest.raises(ValueError, match="no value"):
        report.percentile([], 50)


def test_ratio_is_of_neighbouring_rounds():
    # The second round was disturbed, for both alike.
    assert report.ratio([100, 10, 100], [60, 6, 70]) == pytest.approx(0.6)


@pytest.mark.parametrize(("measured", "met"), [(0.499, False), (0.5, True), (0.501, True)])
def test_goal_of_at_least(measured, met):
    assert HALF.is_met(measured) is met


@pytest.mark.parametrize(("measured", "met"), [(59.9, True), (60.0, True), (60.1, False)])
def test_goal_of_at_most(measured, met):
    assert P95.is_met(measured) is met


def test_only_a_ratio_fails_the_bench():
    lines = [
        Line("home", 16, 0.4, HALF),
        Line("home", 16, 0.5, HALF),
        Line("search", 2, 90.0, P95),
        Line("for information", 2, 0.1),
    ]
    assert [line.is_failure for line in lines] == [True, False, False, False]


def test_table_is_aligned():
    lines = [
        Line("post", 16, 0.634, HALF, bare=1234.4, portal=782.6, percentiles=(12.34, 56.7, 89.0)),
        Line("search, slow", 2, 90.04, P95),
        Line("home", 16, 0.4, HALF, bare=99.94, portal=40.0),
        Line("for information", 0, 3.14),
    ]
    assert report.table(lines).splitlines() == [
        "page             conn.   bare  portal  p50 ms  p95 ms  p99 ms  measured       goal",
        "───────────────  ─────  ─────  ──────  ──────  ──────  ──────  ────────  ─────────  ────",
        "post                16  1,234     783    12.3    56.7    89.0      0.63     ≥ 0.50  pass",
        "search, slow         2                                          90.0 ms  ≤ 60.0 ms  slow",
        "home                16   99.9    40.0                              0.40     ≥ 0.50  FAIL",
        "for information                                                    3.14",
    ]


def test_report_is_written_under_its_time(tmp_path):
    at = datetime(2026, 11, 7, 9, 5, 1, tzinfo=UTC)
    path = report.write(tmp_path, [Line("home", 16, 0.4, HALF)], at, scale=500)
    written = json.loads(path.read_text())
    assert path.name == "20261107T090501Z.json"
    assert (written["scale"], written["lines"][0]["page"], written["lines"][0]["is_met"]) == (
        500,
        "home",
        False,
    )


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", (38, 3)),
        (b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n", (38, 0)),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", None),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", (47, 12)),
    ],
)
def test_answer_is_whole_or_awaited(received, expected):
    assert answer_size(received) == expected


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("postgres://u:p@h:5432/portail", "postgres://u:p@h:5432/essai"),
        ("postgres://u@/postgres?host=/tmp/postgres&port=1", "postgres://u@/essai?host=/tmp/postgres&port=1"),
    ],
)
def test_bench_has_a_database_of_its_own(url, own):
    assert data._named(url, "essai") == own


def test_data_set_is_marked_by_its_size():
    marks = [data.fingerprint(scale) for scale in (500, 500, 501)]
    assert marks[0] == marks[1] != marks[2]


def test_searches_are_thirty_at_least_with_and_without_filters():
    paths = queries.paths()
    assert len(set(paths)) == len(paths) >= 30
    assert 5 <= sum("&" in path for path in paths) <= len(paths) - 5


def test_bare_server_loads_what_its_pages_need():
    """It takes the portal's models but not all its applications: an import of theirs that it lacks is a 500."""
    code = "import django; django.setup(); from django.template import engines; engines['django']; import tests.bench.bare"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.bench.bare_settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, check=False, encoding="utf-8"
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("asked", "answered", "state", "late"),
    [
        (0.5, 0.6, "a", 0),
        # While it was being committed, and within the bound after it.
        (1.05, 1.15, "a", 0), (1.05, 1.15, "b", 0), (1.11, 1.14, "a", 0),
        (1.21, 1.22, "a", 1), (1.21, 1.22, "b", 0), (1.9, 1.95, "c", 1), (1.9, 2.05, "c", 0),
        # By the clock: no bound.
        (3.0, 3.1, "c", 1), (3.0, 3.1, "d", 0), (2.95, 3.05, "d", 0), (2.95, 3.05, "c", 0), (2.9, 2.95, "d", 1),
    ],
)  # fmt: skip
def test_late_answer_is_told_from_one_that_could_be_right(asked, answered, state, late):
    fact = Fact("", "/", str)
    for begun, ended, shown in ((0.0, 0.1, "a"), (1.0, 1.1, "b"), (2.0, 2.1, "c")):
        fact.note(begun, ended, shown)
    fact.note_instant(3.0, "d")
    fact.seen.append((0.1, asked, answered, state))
    assert fact.late() == late


def test_searches_of_the_bench_are_many_and_of_each_kind():
    asked = search.SEARCHES["queries"]
    assert set(asked) == {
        *("common", "rare", "words", "words and facets", "no words", "slips", "identifiers"),
    }
    everything = search.paths([query for kind in asked.values() for query in kind])
    assert len(set(everything)) == len(everything) >= 60
    assert all(path.isascii() and " " not in path for path in everything)
    cold = search.SEARCHES["cold"]["words"]
    assert len(set(cold)) == len(cold) >= 60


def test_searches_are_told_as_a_table_for_the_documentation():
    rows = [("warm", search.milliseconds([1.0, 2.0, 3.0])), ("memory", "90 / 80 MiB")]
    assert search.as_table(rows).splitlines() == [
        "| measure | value |",
        "|---|---:|",
        "| warm | 2.0 / 3.0 / 3.0 ms |",
        "| memory | 90 / 80 MiB |",
    ]
