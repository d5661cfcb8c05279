"""What is installed, and how it is set: versions, migrations, settings, clock, the hub's own description."""

from __future__ import annotations

import platform
from datetime import UTC, datetime

import django
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from pole.hooks.diagnostics import DiagnosticError, DiagnosticWarning, Said, Sentence, check
from pole.models import Hub
from pole.server.database import repeatable_sql
from pole.text.amounts import span

MIN_POSTGRES_VERSION = 150000
EXTENSIONS = frozenset({"unaccent", "pg_trgm", "btree_gist"})
MAX_CLOCK_DRIFT_SECONDS = 5
MIGRATE = "manage.py migrate"


@check(_("Database"))
def check_database() -> Sentence:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), (SELECT array_agg(extname::text) FROM pg_extension)"
        )
        version, extensions = cursor.fetchone()
    if connection.pg_version < MIN_POSTGRES_VERSION:  # type: ignore[attr-defined]  # PostgreSQL has it
        raise DiagnosticError(
            Said("PostgreSQL %(version)s.", version=version),
            to_do=_("Upgrade PostgreSQL to version 15, or a newer one."),
        )
    if missing := EXTENSIONS - set(extensions):
        raise DiagnosticError(
            Said(_("Extensions are missing: %(names)s."), names=", ".join(sorted(missing))),
            to_do=_("Apply the migrations."),
            command=MIGRATE,
        )
    return Said("PostgreSQL %(version)s.", version=version)


@check(_("Versions"))
def check_versions() -> Sentence:
    return Said(
        _("Portal %(portal)s, Python %(python)s, Django %(django)s."),
        portal=settings.RELEASE,
        python=platform.python_version(),
        django=django.get_version(),
    )


@check(_("Migrations"), is_kept=True)
def check_migrations() -> Sentence:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        waiting = ngettext_lazy(
            "%(count)d migration is to be applied.", "%(count)d migrations are to be applied.", "count"
        )
        raise DiagnosticError(Said(waiting, count=len(plan)), to_do=_("Apply them."), command=MIGRATE)
    sql = repeatable_sql.difference(repeatable_sql.read_files())
    if sql.orphaned:
        raise DiagnosticError(
            Said(_("Nothing makes these functions or triggers: %(names)s."), names=", ".join(sql.orphaned)),
            to_do=_("Delete them, or take back the code that made them."),
        )
    if sql:
        paths = ", ".join([*(file.path for file in sql.outdated), *sql.removed_files])
        raise DiagnosticError(
            Said(_("SQL is to be applied: %(paths)s."), paths=paths), to_do=_("Apply it."), command=MIGRATE
        )
    return _("All are applied.")


@check(_("Clock"))
def check_clock() -> Sentence:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        gap = abs(cursor.fetchone()[0] - datetime.now(UTC))
    if gap.total_seconds() > MAX_CLOCK_DRIFT_SECONDS:
        raise DiagnosticError(
            Said(_("The clocks of the portal and of its database are %(span)s apart."), span=span(gap)),
            to_do=_("Set the clocks, by systemd-timesyncd for example."),
            command="timedatectl",
        )
    return Said(
        _("Within %(count)d seconds of the database; time zone %(zone)s."),
        count=int(gap.total_seconds()) + 1,
        zone=settings.TIME_ZONE,
    )


@check(_("Settings"), is_kept=True)
def check_production_settings() -> Sentence:
    if not settings.PRODUCTION:
        raise DiagnosticWarning(
            _("Demonstration mode."), to_do=_("On a real server, set POLE_PRODUCTION=1 in its environment.")
        )
    try:
        call_command("check", deploy=True, fail_level="WARNING", databases=[DEFAULT_DB_ALIAS], verbosity=0)
    except CommandError as error:
        raise DiagnosticError(
            Said("%(problem)s", problem=" ".join(str(error).split())[:400]),
            to_do=_("Mend these settings, in the environment file of the server."),
            command="manage.py check --deploy",
        ) from error
    return Said(_("Production, %(address)s."), address=settings.BASE_URL)


@check(_("The hub"))
def check_hub() -> Sentence:
    found = Hub.objects.first()
    if found is None:
        raise DiagnosticError(_("The hub is not described yet."), to_do=_("Describe it."), page="staff:hub")
    if not found.privacy_email:
        raise DiagnosticError(
            _("The address of the person in charge of personal information is missing."),
            to_do=_("Write it on the page of the hub."),
            page="staff:hub",
        )
    return Said("%(name)s", name=found.name)
