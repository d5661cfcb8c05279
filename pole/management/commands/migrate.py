"""`manage.py migrate`: one at a time, and again after a kill at any instant."""

from __future__ import annotations

from typing import Any

import psycopg
from django.core.management.commands import migrate
from django.db import connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.state import ProjectState
from django.db.models import BaseConstraint, Index

# Other than that of `repeatable_sql`, taken within.
ADVISORY_LOCK_KEY = 1_886_350_690


class AtomicExecutor(MigrationExecutor):
    """Records a migration in the transaction that applies it.

    Django records one that has deferred statements (indexes, foreign keys) after the commit: a kill in between
    leaves its tables made and not recorded, and every later `migrate` fails on them.
    """

    def apply_migration(
        self, state: ProjectState, migration: Migration, fake: bool = False, fake_initial: bool = False
    ) -> ProjectState:
        apply = migration.apply

        def apply_whole(
            project_state: ProjectState, schema_editor: BaseDatabaseSchemaEditor, collect_sql: bool = False
        ) -> ProjectState:
            made = apply(project_state, schema_editor, collect_sql)
            while migration.atomic and schema_editor.deferred_sql:
                schema_editor.execute(schema_editor.deferred_sql.pop(0), None)
            return made

        migration.apply = apply_whole  # type: ignore[method-assign]  # of this migration alone
        try:
            return super().apply_migration(state, migration, fake, fake_initial)
        finally:
            migration.apply = apply  # type: ignore[method-assign]  # as it was


def note_option(
    state: ProjectState, app_label: str, model_name: str, option_name: str, added: Index | BaseConstraint
) -> None:
    """As `ProjectState._append_option`, in place: a constraint or an index changes no field.

    Django renders the model again for each, with all those related to it: two fifths of a first migration.
    """
    options = state.models[app_label, model_name].options
    options[option_name] = [*options.get(option_name, []), added]
    if "apps" in state.__dict__:
        rendered = state.apps.get_model(app_label, model_name)._meta
        setattr(rendered, option_name, [*getattr(rendered, option_name), added])


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        # Django has no other way to either.
        migrate.MigrationExecutor = AtomicExecutor  # type: ignore[attr-defined]
        ProjectState._append_option = note_option  # type: ignore[attr-defined]  # noqa: SLF001
        # A session of its own, so that it is free as soon as the command dies.
        with psycopg.connect(**connection.get_connection_params(), autocommit=True) as session:
            session.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK_KEY])
            super().handle(*args, **options)
