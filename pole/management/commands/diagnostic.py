"""`manage.py diagnostic`: one line for each thing that a small installation must have right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.mail import mailers
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import translation
from django.utils.module_loading import import_string
from procrastinate.contrib.django.models import ProcrastinateJob

from pole.files import disks
from pole.hooks.diagnostics import DiagnosticError, DiagnosticWarning
from pole.hub.first_steps import first_steps
from pole.mail.queue import ReadableConsoleBackend
from pole.models import Hub, OutgoingMail
from pole.server import work_queue
from pole.server.database import repeatable_sql

MIN_POSTGRES_VERSION = 150000
MAX_CLOCK_DRIFT_SECONDS = 5


class Command(BaseCommand):
    help = "Vérifie la base de données, les migrations, le courriel, l’horloge, le disque, les sauvegardes et les réglages."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        checks: list[tuple[str, Callable[[], str]]] = [
            ("Base de données", check_database),
            ("Migrations", check_migrations),
            ("File de travail", check_queue),
            ("Courriel", check_mail),
            ("Horloge", check_clock),
            ("Disque", disks.check_disk),
            ("Fichiers", disks.check_media),
            ("Fichiers perdus", disks.check_stored_files),
            ("Sauvegarde", disks.check_backup),
            ("Réglages", check_production_settings),
            ("Pôle", check_hub),
            *_first_step_checks(),
            *((name, import_string(path)) for name, path in settings.DIAGNOSTICS),
        ]
        problems = 0
        for name, check in checks:
            try:
                status, text = "bien", check()
            except DiagnosticWarning as warning:
                status, text = "note", str(warning)
            except DiagnosticError as problem:
                status, text = "À VOIR", str(problem)
                problems += 1
            except Exception as error:  # noqa: BLE001 - each check must have its line
                status, text = "À VOIR", f"{type(error).__name__}: {error}".splitlines()[0]
                problems += 1
            self.stdout.write(f"{status:<7} {name:<16} {text}")
        if problems:
            raise CommandError(f"{problems} point(s) à voir.")


def _first_step_checks() -> list[tuple[str, Callable[[], str]]]:
    """A line for each step of « Premiers pas » that is not done: a note, since the portal works without."""

    def said(text: str) -> Callable[[], str]:
        def check() -> str:
            raise DiagnosticWarning(text)

        return check

    with translation.override("fr"):
        try:
            left = [step for step in first_steps() if not step.is_done]
        except DatabaseError:
            # The checks of the database and of the migrations say why.
            return []
        texts = [f"{step.title}: {' '.join(map(str, step.missing))}" for step in left]
    return [("Premiers pas", said(text)) for text in texts]


def check_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0]
        cursor.execute("SELECT extname FROM pg_extension")
        extensions = {row[0] for row in cursor.fetchall()}
    if connection.pg_version < MIN_POSTGRES_VERSION:  # type: ignore[attr-defined]  # PostgreSQL has it
        raise DiagnosticError(f"PostgreSQL {version}: il faut la version 15 ou une plus récente.")
    if missing := {"unaccent", "pg_trgm", "btree_gist"} - extensions:
        raise DiagnosticError(
            f"extensions absentes: {', '.join(sorted(missing))}; lancez « manage.py migrate »."
        )
    return f"PostgreSQL {version}"


def check_migrations() -> str:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        raise DiagnosticError(
            f"{len(plan)} migration(s) à appliquer: lancez « deploy/upgrade », ou « manage.py migrate »."
        )
    sql = repeatable_sql.difference(repeatable_sql.read_files())
    if sql.orphaned:
        raise DiagnosticError(f"fonctions ou déclencheurs que rien ne crée: {', '.join(sql.orphaned)}.")
    if sql:
        paths = ", ".join([*(file.path for file in sql.outdated), *sql.removed_files])
        raise DiagnosticError(f"SQL à appliquer ({paths}): lancez « manage.py migrate ».")
    return "toutes appliquées"


def check_queue() -> str:
    count = {
        status: ProcrastinateJob.objects.filter(status=status).count()
        for status in ("todo", "doing", "failed")
    }
    stalled, late = work_queue.stalled_jobs().count(), work_queue.late_jobs().count()
    if stalled or late:
        raise DiagnosticError(
            f"{stalled} tâche(s) dont le traitement est mort, {late} qui attendent depuis plus de"
            f" {work_queue.LATE.seconds // 60} min: « systemctl status pole-worker », puis « restart »."
        )
    if count["failed"]:
        raise DiagnosticError(
            f"{count['failed']} tâche(s) en échec; voyez le journal du service « pole-worker »."
        )
    if not work_queue.living_workers().exists():
        raise (DiagnosticError if settings.PRODUCTION else DiagnosticWarning)(
            "personne ne traite les tâches: « systemctl start pole-worker »."
        )
    return f"{count['todo']} tâche(s) en attente, {count['doing']} en cours"


def check_mail() -> str:
    waiting = OutgoingMail.objects.filter(state=OutgoingMail.State.WAITING).count()
    failed = OutgoingMail.objects.filter(state=OutgoingMail.State.FAILED).count()
    backend = mailers["delivery"]
    if isinstance(backend, ReadableConsoleBackend):
        raise DiagnosticWarning(
            "les courriels s’affichent dans la console: donnez EMAIL_URL pour les envoyer."
        )
    try:
        opened = backend.open()
    except OSError as error:
        raise DiagnosticError(f"le relais ne répond pas ({error}); vérifiez EMAIL_URL.") from error
    if opened:
        backend.close()
    return f"le relais répond; {waiting} courriel(s) en attente, {failed} refusé(s) depuis un mois"


def check_clock() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        gap = abs((cursor.fetchone()[0] - datetime.now(UTC)).total_seconds())
    if gap > MAX_CLOCK_DRIFT_SECONDS:
        raise DiagnosticError(f"{gap:.0f} s d’écart avec la base de données: réglez NTP (systemd-timesyncd).")
    return f"à {gap:.1f} s de la base de données, fuseau {settings.TIME_ZONE}"


def check_production_settings() -> str:
    if not settings.PRODUCTION:
        raise DiagnosticWarning("mode démonstration: POLE_PRODUCTION=1 sur un vrai serveur.")
    call_command("check", deploy=True, fail_level="WARNING", databases=[DEFAULT_DB_ALIAS], verbosity=0)
    return f"production, {settings.BASE_URL}"


def check_hub() -> str:
    found = Hub.objects.first()
    if found is None:
        raise DiagnosticError("le pôle n’est pas encore décrit: Gestion › Pôle.")
    if not found.privacy_email:
        raise DiagnosticError(
            "il manque l’adresse de la personne responsable de la protection des renseignements."
        )
    return found.name
