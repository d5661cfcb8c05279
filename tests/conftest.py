"""Fixtures for the whole suite, and the database server that it runs on."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Any

import pytest

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
    ("tests/forums/tally/test_properties.py", "slow"),
    ("tests/pole/test_backups.py", "slow"),
    ("tests/project/test_suite.py", "slow"),
    ("tests/project/test_demonstration.py", "slow"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="note what each file of tests runs: tests.touched")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("record"):
        from tests.touched import Recorder

        config.pluginmanager.register(Recorder())
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
    from django.test import TransactionTestCase

    from tests import databases, rows

    with (
        django_db_blocker.unblock(),
        databases.own_database(rebuild_template=request.config.getoption("create_db")),
        django_db_blocker.block(),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda test: rows.restore_rows("as_migrated"))
        yield


@pytest.fixture(autouse=True)
def _fresh_process(settings, tmp_path, tmp_path_factory):
    """The caches of a process, emptied; files written where they vanish.

    Those of POLE_VAR, such as the accounts of the demonstration, are each worker's own.

    Factories number from one again: a list in order of name must not depend on the tests run before.
    """
    from pole.caching.in_process import clear_caches
    from tests.factories import DjangoModelFactory

    settings.MEDIA_ROOT = tmp_path / "media"
    settings.VAR_DIR = tmp_path_factory.getbasetemp()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    for made in DjangoModelFactory.__subclasses__():
        made.reset_sequence(force=True)
    clear_caches()
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
