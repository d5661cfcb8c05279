"""A database for each process of the tests, cloned from a template that has been migrated.

The template is named by the hash of the files that determine it. The first process that lacks it creates it, and
drops those of other hashes. A process holds an advisory lock on the name of its database, on a separate
connection: when the lock is free, the process has died, and the next one drops its database.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from pole.demo import load_territory
from tests import rows

ROOT = Path(__file__).resolve().parents[1]
# Migrations and what they read, then the files applied after them and what applies them.
TEMPLATE_INPUTS = (
    "*/migrations/*.py",
    "*/data/*",
    "pole/demo/__init__.py",
    "pole/geo/territory*.py",
    "*/sql/*.sql",
    "pole/server/database/repeatable_sql.py",
    "pole/settings.py",
    "tests/databases.py",
    "tests/rows.py",
)
TEMPLATE_PREFIX = "pole_template_"
DATABASE_PREFIX = "pole_test_"
# Advisory locks have two keys: this one, then 0 to create or drop, or the hash of a database's name.
LOCK_CLASS = 20_261_128


def template_name() -> str:
    """The template of the migrations as they are, with the packages that are installed."""
    digest = hashlib.sha256()
    for path in sorted(
        {path for pattern in TEMPLATE_INPUTS for path in ROOT.glob(pattern) if path.is_file()}
    ):
        digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    for package in sorted(f"{found.name}=={found.version}\n" for found in distributions()):
        digest.update(package.encode())
    return TEMPLATE_PREFIX + digest.hexdigest()[:16]


@contextmanager
def own_database(*, rebuild_template: bool = False) -> Iterator[str]:
    """Points Django at a database of this process alone, and drops it at the end.

    With `rebuild_template`, the template is made again even if it is up to date.
    """
    original = str(settings.DATABASES["default"]["NAME"])
    own = DATABASE_PREFIX + secrets.token_hex(4)
    with _connect() as server:
        server.execute("SELECT pg_advisory_lock(%s, 0)", [LOCK_CLASS])
        _drop_leftovers(server)
        template = template_name()
        if rebuild_template:
            _drop(server, template)
        if not _exists(server, template):
            _make_template(server, template)
        server.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", [LOCK_CLASS, own])
        _execute(server, "CREATE DATABASE {} TEMPLATE {}", own, template)
        server.execute("SELECT pg_advisory_unlock(%s, 0)", [LOCK_CLASS])
        _use_database(own)
        try:
            yield own
        finally:
            _use_database(original)
            _drop(server, own)


def _make_template(server: psycopg.Connection[Any], template: str) -> None:
    """Under another name at first: one that a kill left incomplete is never cloned."""
    incomplete = TEMPLATE_PREFIX + "incomplete"
    _drop(server, incomplete)
    _execute(server, "CREATE DATABASE {} TEMPLATE template0", incomplete)
    before = str(settings.DATABASES["default"]["NAME"])
    _use_database(incomplete)
    call_command("migrate", verbosity=0, interactive=False)
    # Tests need towns; a new installation has none (tests/pole/test_empty_territory.py).
    load_territory()
    rows.save_rows("as_migrated")
    _use_database(before)
    # Nobody connects by mistake, nor does autovacuum: a template in use can't be cloned.
    _execute(server, "ALTER DATABASE {} WITH ALLOW_CONNECTIONS false", incomplete)
    _execute(server, "ALTER DATABASE {} RENAME TO {}", incomplete, template)
    for other in _named(server, f"^{TEMPLATE_PREFIX}"):
        if other != template:
            _drop(server, other)


def _drop_leftovers(server: psycopg.Connection[Any]) -> None:
    """Databases of processes that died, and those that their tests named after theirs."""
    pattern = f"{DATABASE_PREFIX}[0-9a-f]{{8}}"
    for name in _named(server, pattern):
        key = [LOCK_CLASS, *re.findall(pattern, name)[:1]]
        free = server.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", key).fetchone()
        if free == (True,):
            _drop(server, name)
            server.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", key)


def _drop(server: psycopg.Connection[Any], name: str) -> None:
    """Even if a thread, or a process that died, is still connected."""
    _execute(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _exists(server: psycopg.Connection[Any], name: str) -> bool:
    return name in _named(server, f"^{name}$")


def _named(server: psycopg.Connection[Any], pattern: str) -> list[str]:
    found = server.execute("SELECT datname FROM pg_database WHERE datname ~ %s", [pattern])
    return [name for (name,) in found.fetchall()]


def _execute(server: psycopg.Connection[Any], command: str, *names: str) -> None:
    server.execute(sql.SQL(command).format(*map(sql.Identifier, names)))


def _connect() -> psycopg.Connection[Any]:
    """To the database that every server has."""
    parameters = connection.get_connection_params() | {"dbname": "postgres"}
    return psycopg.connect(**parameters, autocommit=True)


def _use_database(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
