"""What the database enforces, as a page: read from its catalogue, with the purposes that SQL comments say."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import BaseConstraint
from django.utils.translation import override

from pole.server.database.repeatable_sql import PACKAGES

HEAD = """\
# What the database enforces

Generated from the catalogue of a migrated database by `manage.py database_doc`: do not edit. A test compares it.

Of each table: the constraints, with their purpose, or what people are told (between « »), and their definition; the triggers. Then the
functions of each package. Purposes are SQL comments, in `<package>/sql/`. What a field alone says is in the models: keys, NOT NULL,
the sign of numbers; one unique field, or pair of a link, has no purpose of its own here.
"""
TABLES = """
SELECT relname::text FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname ~ %s ORDER BY relname COLLATE "C"
"""
# A conditional or functional unique constraint of Django is an index to PostgreSQL.
CONSTRAINTS = """
SELECT conrelid::regclass::text, conname::text, pg_get_constraintdef(oid), obj_description(oid, 'pg_constraint')
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'u', 'x')
UNION ALL
SELECT indrelid::regclass::text, relname::text,
    regexp_replace(pg_get_indexdef(indexrelid), '^CREATE UNIQUE INDEX \\S+ ON \\S+ USING btree', 'UNIQUE'),
    obj_description(indexrelid, 'pg_class')
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE indisunique AND relnamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
ORDER BY 1, 2
"""
TRIGGERS = """
SELECT tgrelid::regclass::text, tgname::text, pg_get_triggerdef(pg_trigger.oid), obj_description(pg_trigger.oid, 'pg_trigger')
FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE NOT tgisinternal AND relnamespace = 'public'::regnamespace ORDER BY 1, 2
"""
FUNCTIONS = """
SELECT proname::text, format('%%s(%%s)', proname, pg_get_function_identity_arguments(oid)), obj_description(oid, 'pg_proc')
FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname ~ %s ORDER BY 1, 2
"""


def page() -> str:
    """The text of `docs/database.md` for this database."""
    tables = _by_first(_fetch_all(TABLES, _ours(PACKAGES)))
    constraints, triggers = _by_first(_fetch_all(CONSTRAINTS)), _by_first(_fetch_all(TRIGGERS))
    purposes, messages = _purposes_of_tables(), _messages()
    parts = [HEAD]
    for package in PACKAGES:
        parts.append(f"## {package}\n")
        for table in tables:
            if not table.startswith(f"{package}_") or not (constraints[table] or triggers[table]):
                continue
            lines = [
                *(
                    f"- `{name}`: {_about(purpose or messages.get(name))}`{' '.join(definition.split())}`"
                    for name, definition, purpose in constraints[table]
                    if not _is_of_a_field(table, name)
                ),
                *(
                    f"- trigger `{name}`, {_when(definition)}: {purpose}"
                    for name, definition, purpose in triggers[table]
                ),
            ]
            if lines:
                about = f"{purposes[table]}\n\n" if table in purposes else ""
                parts.append(f"### {table}\n\n{about}" + "\n".join(lines) + "\n")
        functions = _fetch_all(FUNCTIONS, _ours([package]))
        if functions:
            lines = [f"- `{signature}`: {purpose}" for _name, signature, purpose in functions]
            parts.append(f"### Functions of {package}\n\n" + "\n".join(lines) + "\n")
    return "\n".join(parts)


def _fetch_all(statement: str, *params: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params or None)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _ours(packages: Iterable[str]) -> str:
    return f"^({'|'.join(packages)})_"


def _by_first(rows: Iterable[tuple[Any, ...]]) -> dict[str, list[tuple[Any, ...]]]:
    found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for first, *others in rows:
        found[first].append(tuple(others))
    return found


def _about(purpose: str | None) -> str:
    return f"{purpose} " if purpose else ""


def _is_of_a_field(table: str, name: str) -> bool:
    """Whether Django made it for an unsigned number."""
    return name.startswith(f"{table}_") and name.endswith("_check")


def _when(definition: str) -> str:
    """« after update of name, each row », from CREATE TRIGGER."""
    found = re.search(r" (BEFORE|AFTER) (.+?) ON .*? FOR EACH (ROW|STATEMENT)", definition)
    assert found is not None, definition  # noqa: S101 - as PostgreSQL writes it
    time, events, each = found.groups()
    return f"{time.lower()} {events.replace(' OR ', ' or ').lower()}, each {each.lower()}"


def _purposes_of_tables() -> dict[str, str]:
    """The first sentence of the model."""
    return {
        model._meta.db_table: model.__doc__.strip().splitlines()[0]
        for model in apps.get_models()
        if model.__doc__ and not model.__doc__.startswith(f"{model.__name__}(")
    }


def _messages() -> dict[str, str]:
    """What people are told, in French, by those constraints that have words of their own."""
    with override("fr"):
        return {
            constraint.name: f"« {constraint.violation_error_message} »"
            for model in apps.get_models()
            for constraint in model._meta.constraints
            if constraint.violation_error_message != BaseConstraint.default_violation_error_message
        }
