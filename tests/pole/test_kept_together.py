"""Several who ask for the same page at once, and what was made before and after a change."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Event, Thread
from time import monotonic, sleep

import pytest

from pole.caching import kept_answers
from tests.pole import kept_site
from tests.pole.kept_site import made, raise_version
from tests.waiting import PATIENCE_SECONDS, wait_for

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.pole.kept_site")]


@pytest.fixture
def warm(monkeypatch):
    """The page is kept; on a busy machine too, whoever waits for it has not waited for too long."""
    monkeypatch.setattr(kept_answers, "RENDER_SECONDS", PATIENCE_SECONDS)
    with kept_site.opened() as site:
        site.ask()
        assert site.is_kept()
        yield site


def test_page_is_made_once_for_all_who_ask_at_the_same_time(warm):
    raise_version()
    made.gate, bodies = Event(), []
    visitors = [Thread(target=lambda: bodies.append(warm.ask()[2])) for _ in range(4)]
    for visitor in visitors:
        visitor.start()
        sleep(0.1)
    wait_for(lambda: len(made.paths) == 2)
    made.gate.set()
    for visitor in visitors:
        visitor.join()
    assert len(made.paths) == 2
    assert len(set(bodies)) == 1


def test_those_who_asked_after_a_change_do_not_share_what_was_made_before(warm):
    raise_version()
    made.gate, bodies = Event(), {}

    def visit(name):
        bodies[name] = warm.ask()[2].decode()

    visitors = [Thread(target=visit, args=[name]) for name in ("before", "after")]
    visitors[0].start()
    wait_for(lambda: len(made.paths) == 2)
    raise_version()
    visitors[1].start()
    wait_for(lambda: len(made.paths) == 3)
    made.gate.set()
    for visitor in visitors:
        visitor.join()
    assert bodies["before"].endswith("1-")
    assert bodies["after"].endswith("2-")


@contextmanager
def asked_while_it_is_made(warm, visitors):
    """So many visitors ask for a page that changed; it is made until the end of the block."""
    raise_version()
    made.gate = Event()
    threads = [Thread(target=warm.ask) for _ in range(visitors)]
    for thread in threads:
        thread.start()
        sleep(0.2)
    try:
        yield
    finally:
        made.gate.set()
        for thread in threads:
            thread.join()


def test_only_so_many_wait_for_the_same_page(warm):
    with asked_while_it_is_made(warm, 5):
        # One makes it; three of five threads wait; the fifth makes it too.
        wait_for(lambda: len(made.paths) == 3)
        sleep(0.2)
        assert len(made.paths) == 3


@pytest.mark.parametrize("is_away", [True, False])
def test_nobody_waits_for_a_page_while_the_database_is_away(warm, is_away):
    """Whoever waits for the database has one of its places, so that a thread is left; whoever waits for a page has none."""
    with asked_while_it_is_made(warm, 2):
        wait_for(lambda: len(made.paths) == 2)
        if is_away:
            warm.kept.reader.failed_at = monotonic()
            wait_for(lambda: len(made.paths) == 3)
        sleep(0.5)
        assert len(made.paths) == 2 + is_away


def test_what_was_made_since_the_last_reading_is_not_refused_by_it():
    """A reading serves for ten seconds here: what newer versions made is right all the same."""
    with kept_site.opened(freshness_seconds=10) as site:
        site.ask()
        assert site.is_kept()
        raise_version()
        site.kept.keep(
            kept_site.environ_of("/page/"), kept_site.reading_response("2", versions=((kept_site.SCOPE, 1),))
        )
        assert site.is_kept()
        assert site.ask()[2] == b"2"


def test_what_is_made_late_from_older_versions_does_not_replace_what_is_newer(warm):
    environ = kept_site.environ_of("/page/")
    old, new = (kept_site.reading_response(f"{number}", versions=(("essai", number),)) for number in (1, 2))
    raise_version()
    raise_version()
    for response in (new, old):
        warm.kept.keep(environ.copy(), response)
    assert warm.ask()[2] == b"2"
