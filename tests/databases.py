"""A database for each process of the tests, cloned from a template that holds the migrations.

The template is named by the hash of all that shapes it. The first process that lacks it makes it, and drops
those of other hashes. Whoever uses a database holds a lock of its name, on a connection of its own: a lock
that is free tells that the process died, and the next one to come drops what it left.
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

from tests import rows

ROOT = Path(__file__).resolve().parents[1]
# Migrations and what they read, then the files applied after them and what applies them.
MADE_BY = (
    "*/migrations/*.py",
    "*/data/*",
    "*/sql/*.sql",
    "pole/server/database/repeatable_sql.py",
    "pole/settings.py",
    "tests/databases.py",
    "tests/rows.py",
)
TEMPLATE = "pole_template_"
OWN = "pole_test_"
# Advisory locks of two numbers: this one, then 0 for whoever makes or drops, or the hash of a name.
LOCKS = 20_261_128


def template_name() -> str:
    """The template of the migrations as they are, with the packages that are installed."""
    made_by = hashlib.sha256()
    for path in sorted({path for pattern in MADE_BY for path in ROOT.glob(pattern) if path.is_file()}):
        made_by.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    for package in sorted(f"{found.name}=={found.version}\n" for found in distributions()):
        made_by.update(package.encode())
    return TEMPLATE + made_by.hexdigest()[:16]


@contextmanager
def own_database(*, anew: bool = False) -> Iterator[str]:
    """Points Django at a database of this process alone, and drops it at the end.

    With `anew`, the template is made again whatever its name.
    """
    at_first = str(settings.DATABASES["default"]["NAME"])
    own = OWN + secrets.token_hex(4)
    with _connect() as holder:
        holder.execute("SELECT pg_advisory_lock(%s, 0)", [LOCKS])
        _drop_leftovers(holder)
        template = template_name()
        if anew:
            _drop(holder, template)
        if not _exists(holder, template):
            _make_template(holder, template)
        holder.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", [LOCKS, own])
        _execute(holder, "CREATE DATABASE {} TEMPLATE {}", own, template)
        holder.execute("SELECT pg_advisory_unlock(%s, 0)", [LOCKS])
        _point_at(own)
        try:
            yield own
        finally:
            _point_at(at_first)
            _drop(holder, own)


def _make_template(holder: psycopg.Connection[Any], template: str) -> None:
    """Under another name at first: one that a kill left half-made is never cloned."""
    half_made = TEMPLATE + "half_made"
    _drop(holder, half_made)
    _execute(holder, "CREATE DATABASE {} TEMPLATE template0", half_made)
    before = str(settings.DATABASES["default"]["NAME"])
    _point_at(half_made)
    call_command("migrate", verbosity=0, interactive=False)
    rows.keep("as_migrated")
    _point_at(before)
    # Nobody connects by mistake, nor does autovacuum: a template in use can't be cloned.
    _execute(holder, "ALTER DATABASE {} WITH ALLOW_CONNECTIONS false", half_made)
    _execute(holder, "ALTER DATABASE {} RENAME TO {}", half_made, template)
    for other in _named(holder, f"^{TEMPLATE}"):
        if other != template:
            _drop(holder, other)


def _drop_leftovers(holder: psycopg.Connection[Any]) -> None:
    """Databases of processes that died, and those whose names their tests made from it."""
    pattern = f"{OWN}[0-9a-f]{{8}}"
    for name in _named(holder, pattern):
        key = [LOCKS, *re.findall(pattern, name)[:1]]
        free = holder.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", key).fetchone()
        if free == (True,):
            _drop(holder, name)
            holder.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", key)


def _drop(holder: psycopg.Connection[Any], name: str) -> None:
    """Even if a thread, or a process that died, is still connected."""
    _execute(holder, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _exists(holder: psycopg.Connection[Any], name: str) -> bool:
    return name in _named(holder, f"^{name}$")


def _named(holder: psycopg.Connection[Any], pattern: str) -> list[str]:
    found = holder.execute("SELECT datname FROM pg_database WHERE datname ~ %s", [pattern])
    return [name for (name,) in found.fetchall()]


def _execute(holder: psycopg.Connection[Any], command: str, *names: str) -> None:
    holder.execute(sql.SQL(command).format(*map(sql.Identifier, names)))


def _connect() -> psycopg.Connection[Any]:
    """To the database that every server has."""
    parameters = connection.get_connection_params() | {"dbname": "postgres"}
    return psycopg.connect(**parameters, autocommit=True)


def _point_at(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
