"""Which kept answers are shown while the database is away, and for how long. Real servers freeze in test_kept_served."""

from __future__ import annotations

import logging
from dataclasses import replace
from time import monotonic

import pytest
from django.db import OperationalError, connections

from pole.caching import kept_answers
from tests.pole import kept_site
from tests.pole.kept_site import Site, made, raise_version

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.pole.kept_site")]


@pytest.fixture
def site():
    with kept_site.opened() as site:
        yield site


@pytest.fixture
def away(silent):
    """Makes the database refuse connections, to the reader and to what Django makes."""

    def unavailable():
        raise OperationalError("away")

    with pytest.MonkeyPatch.context() as patch:

        def go_away(site: Site) -> None:
            site.kept.reader.close()
            mine = connections["default"]
            refused = mine.get_connection_params() | {"port": 1}
            patch.setattr(mine, "get_connection_params", lambda: refused)
            patch.setattr(kept_site, "read_numbers", unavailable)

        yield go_away


@pytest.fixture
def silent(monkeypatch):
    """What goes wrong on purpose is not in the log of the tests."""
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)


def shift(site: Site, *, read: float = 0, failed: float = 0) -> None:
    """As if the last reading, or the first failure, were so many seconds older."""
    reader = site.kept.reader
    assert reader.latest
    reader.latest = replace(reader.latest, began_at=reader.latest.began_at - read)
    if reader.failed_at is not None:
        reader.failed_at -= failed


def test_answer_that_was_right_a_moment_before_is_shown_with_its_age(site, away):
    site.ask()
    assert site.ask()[1]["x-accel-expires"] == "@1"
    away(site)
    for _time in range(2):
        status, headers, body = site.ask()
        assert (status, headers["age"]) == (200, "0")
        # nginx would store it anew, for ten minutes more.
        assert "x-accel-expires" not in headers
        assert body.decode().startswith(kept_site.TEXT)
    shift(site, read=5)
    assert site.ask()[1]["age"] == "5"
    status, headers, body = site.ask(if_none_match=headers["etag"])
    assert (status, headers["age"], body) == (304, "5", b"")
    assert len(made.paths) == 1


@pytest.mark.parametrize(
    ("read", "failed", "status"), [(59, 0, 200), (61, 0, 503), (599, 598, 200), (602, 601, 503)]
)
def test_bounds_of_what_is_shown(site, away, read, failed, status):
    site.ask()
    site.ask()
    away(site)
    site.ask()
    shift(site, read=read, failed=failed)
    answered, headers, _body = site.ask()
    assert (answered, "age" in headers) == (status, status == 200)


def test_page_that_may_not_be_shown_is_a_503(site, away):
    made.freshness = {"when_away": False}
    site.ask()
    assert site.is_kept()
    away(site)
    status, headers, _body = site.ask()
    assert (status, "age" in headers) == (503, False)
    assert headers["retry-after"] == "30"


def test_what_has_changed_since_is_not_shown(site, away):
    site.ask()
    site.ask()
    raise_version()
    # Read for another page, by this process.
    assert site.kept.reader.read(monotonic())
    away(site)
    assert site.ask()[0] == 503


def test_nothing_is_shown_that_no_reading_ever_confirmed(site, away):
    site.ask()
    away(site)
    assert site.ask()[0] == 503


def test_django_that_finds_the_database_away_lets_the_kept_answer_be_shown(site, away, monkeypatch):
    """The reader waited for its turn, and knows nothing yet."""
    site.ask()
    site.ask()
    away(site)
    monkeypatch.setattr(site.kept.reader, "read", lambda asked_at: None)
    assert site.kept.reader.failed_at is None
    status, headers, _body = site.ask()
    assert (status, "age" in headers) == (200, True)
    shift(site, read=kept_answers.SEEN_WITHIN + 1)
    assert site.ask()[0] == 503


def test_other_errors_of_a_page_are_shown_as_they_are(site, monkeypatch, silent):
    site.ask()
    site.ask()

    def fail():
        raise ValueError("a mistake")

    monkeypatch.setattr(kept_site, "read_numbers", fail)
    monkeypatch.setattr(site.kept.reader, "read", lambda asked_at: None)
    assert site.ask()[0] == 500
