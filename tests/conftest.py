"""Fixtures for the whole suite, and the database server that it runs on."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings

from tests.hours import reads_the_clock

# A run says whether the code is right, and says it again: `make examples` alone draws other examples each time.
hypothesis_settings.register_profile("repeated", derandomize=True, database=None)
hypothesis_settings.register_profile("drawn")

SERVER = pytest.StashKey[Any]()
# The longest first: those that `make quick` leaves out.
LONG = (
    ("tests/project/test_places.py", "slow"),
    ("tests/browser/", "browser"),
    ("tests/pole/test_run.py", "slow"),
    ("tests/pole/test_postgres.py", "slow"),
    ("tests/forums/voting/test_races.py", "slow"),
    ("tests/forums/voting/test_machine.py", "slow"),
    ("tests/project/test_access_matrix.py", "slow"),
    ("tests/enterprises/test_facets_against_sql.py", "slow"),
    ("tests/forums/tally/test_properties.py", "slow"),
    ("tests/pole/test_backups.py", "slow"),
    ("tests/pole/test_killed.py", "slow"),
    ("tests/project/test_suite.py", "slow"),
    ("tests/project/test_demonstration.py", "slow"),
)

# What waits for programs that are not ours: a browser, servers, processes that are killed. When one is late, its test is red for no fault of
# the portal's: such a test is run once more, and the end of the run lists it, for its waiting to be mended. Never a race of votes.
REAL_PROGRAMS = (
    "tests/browser/",
    *(
        f"tests/pole/{name}.py"
        for name in (
            *("test_start", "test_run", "test_postgres", "test_killed", "test_worker_killed"),
            *("test_database_away", "test_kept_served", "test_nginx", "test_logs", "test_mail_relay"),
            "test_slow_clients",
        )
    ),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--record", type=Path, metavar="FILE", help="add what each file of tests runs: tests.touched"
    )


def pytest_configure(config: pytest.Config) -> None:
    if record := config.getoption("record"):
        from tests.touched import Recorder

        config.pluginmanager.register(Recorder(record))
    if not os.environ.get("DATABASE_URL"):
        from pole.server import embedded_postgres

        try:
            config.stash[SERVER] = embedded_postgres.acquire(
                Path(os.environ["POLE_VAR"]) / "postgres", durable=False
            )
        except embedded_postgres.PostgresError as error:
            raise pytest.UsageError(str(error)) from None


def pytest_itemcollected(item: pytest.Item) -> None:
    for start, mark in LONG:
        if item.nodeid.startswith(start):
            item.add_marker(mark)
    if item.nodeid.startswith(REAL_PROGRAMS):
        item.add_marker(pytest.mark.flaky(reruns=1))
    if reads_the_clock(item.path) and not item.get_closest_marker("any_hour"):
        item.add_marker("reads_the_clock")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, so that the workers finish together."""

    def rank(item: pytest.Item) -> int:
        ranks = (at for at, (start, _mark) in enumerate(LONG) if item.nodeid.startswith(start))
        return next(ranks, len(LONG))

    items.sort(key=rank)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """As `pole.wsgi` does: exempt what is loaded from garbage collection."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    if lease := config.stash.get(SERVER, None):
        lease.release()


@pytest.fixture(scope="session")
def django_db_setup(request, django_test_environment, django_db_blocker):
    """A database of this process; after a test that commits, the rows of the migrations are restored."""
    from django.test import TestCase, TransactionTestCase

    from tests import databases, kept_beside, reading_pages, rows

    with (
        django_db_blocker.unblock(),
        databases.own_database(rebuild_template=request.config.getoption("create_db")),
        django_db_blocker.block(),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda test: rows.restore_rows("as_migrated"))
        patch.setattr(TestCase, "_enter_atomics", rows.raise_versions_at_once(TestCase._enter_atomics))
        with reading_pages.held_to_their_scopes(), kept_beside.compared_with_django():
            yield


@pytest.fixture(autouse=True)
def _fresh_process(settings, monkeypatch, tmp_path, tmp_path_factory):
    """The caches of a process, emptied; files written where they vanish.

    Those of POLE_VAR, such as the accounts of the demonstration, are each worker's own.

    Factories number from one again: a list in order of name must not depend on the tests run before.
    """
    from pole.caching.in_process import clear_caches
    from tests import kept_beside
    from tests.factories import DjangoModelFactory

    settings.MEDIA_ROOT = tmp_path / "media"
    settings.KEPT_UPLOADS_DIR = tmp_path / "kept-uploads"
    settings.EXPORTS_DIR = tmp_path / "exports"
    settings.FORMER_SITES_DIR = tmp_path / "former-sites"
    # For the programs that tests start, too.
    settings.KEYS_DIR = tmp_path / "keys"
    monkeypatch.setenv("POLE_KEYS", str(settings.KEYS_DIR))
    settings.VAR_DIR = tmp_path_factory.getbasetemp() / "var"
    settings.VAR_DIR.mkdir(exist_ok=True)
    settings.EVEN_ANSWER_SECONDS = 0
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    for made in DjangoModelFactory.__subclasses__():
        made.reset_sequence(force=True)
    clear_caches()
    kept_beside.kept.start()
    yield
    clear_caches()


@pytest.fixture
def citizen(db):
    from tests.factories import UserFactory

    return UserFactory(name="Camille Roy")


@pytest.fixture
def staff(db):
    from tests.factories import UserFactory

    return UserFactory(name="Dominique Caron", is_staff=True)


@pytest.fixture
def superuser(db):
    from tests.factories import UserFactory

    return UserFactory(name="Ariane Proulx", is_staff=True, is_superuser=True)


@pytest.fixture
def citizen_client(citizen):
    return signed_in(citizen)


@pytest.fixture
def staff_client(staff):
    return signed_in(staff, second_factor=True)


@pytest.fixture
def superuser_client(superuser):
    return signed_in(superuser, second_factor=True)


def signed_in(user, *, second_factor: bool = False):
    """A client with a session of `user`, opened with a second factor or without."""
    import time

    from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
    from django.test import Client

    client = Client()
    client.force_login(user)
    methods = [{"method": "password", "at": time.time(), "email": user.email}]
    if second_factor:
        methods.append({"method": "mfa", "at": time.time(), "type": "totp"})
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = methods
    # allauth disregards records that another user's session left behind.
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client
