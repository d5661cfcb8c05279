"""Commands killed at any instant: what they leave is consistent, and the same command finishes it."""

from __future__ import annotations

import os
import random
import secrets
import subprocess
import sys

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from tests import kills

MIGRATE = ("migrate", "--verbosity", "0")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def empty_database():
    """Named after the test's own, so that it is dropped even if this process is killed."""
    name = f"{connection.settings_dict['NAME']}_{secrets.token_hex(3)}"
    parameters = connection.get_connection_params() | {"dbname": "postgres"}
    with psycopg.connect(**parameters, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        yield name
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def catalogue(name: str) -> dict[str, list[tuple[object, ...]]]:
    """Tables, indexes, constraints, functions and triggers; the migrations applied, each once."""
    questions = {
        "columns": "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns"
        " WHERE table_schema = 'public'",
        "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace",
        "triggers": "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal",
        "functions": "SELECT proname, md5(prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
        "migrations": "SELECT app, name FROM django_migrations",
        "files": "SELECT path, sha256 FROM pole_sql_file",
        "permissions": "SELECT count(*) FROM auth_permission",
    }
    parameters = connection.get_connection_params() | {"dbname": name}
    with psycopg.connect(**parameters) as database:
        return {
            kind: sorted(database.execute(question).fetchall(), key=str)
            for kind, question in questions.items()
        }


def test_migration_is_finished_after_kills(empty_database):
    """From an empty database, by two at once; the instants are drawn by lot, most of them just after a commit."""
    drawn = random.Random(14)
    step = max(1, 120 // kills.KILLS)
    killed = 0
    for _ in range(kills.KILLS):
        kind = drawn.choice(["commit", "commit", "statement"])
        at = drawn.randint(1, step if kind == "commit" else 10 * step)
        killed += kills.killed_at(empty_database, kind, at, *MIGRATE)
    assert killed
    command = [sys.executable, "-m", "tests.kills", "commit", "0", *MIGRATE]
    environment = os.environ | {"DATABASE_URL": kills.url_of(empty_database)}
    both = [
        subprocess.Popen(command, cwd=kills.ROOT, env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    errors = [process.communicate()[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], errors
    assert catalogue(empty_database) == catalogue(connection.settings_dict["NAME"])
