"""Checks of `manage.py diagnostic` on votes: open, overdue, forgotten, or broken by a restore."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from forums.models import KeyCopy, Round
from forums.vote.round_keys import count_keys_everywhere, machine_name, read_key
from pole.hooks.diagnostics import DiagnosticError, DiagnosticWarning
from pole.server.backups import backup_folder

# The worker closes a round within a minute of its time.
LATE_AFTER = timedelta(minutes=3)
# After the evening and the next day, nobody is typing papers any more.
FORGOTTEN_AFTER = timedelta(days=2)
# Fewer keys in advance than a forum can use up in a day.
FEW_KEYS = 5


def names_of_unsealed_rounds() -> list[str]:
    """ "<forum>, scrutin <number>" of rounds opened, neither sealed nor annulled.

    By plain SQL, on the columns that never change: this is asked before migrations.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('forums_round'), to_regclass('forums_forum')")
        if None in cursor.fetchone():
            return []
        cursor.execute(
            "SELECT forums_forum.title, forums_round.number"
            " FROM forums_round JOIN forums_forum ON forums_forum.id = forums_round.forum_id"
            " WHERE opened_at IS NOT NULL AND sealed_at IS NULL AND annulled_at IS NULL ORDER BY forums_round.id"
        )
        return [f"{title}, scrutin {number}" for title, number in cursor.fetchall()]


def check_votes() -> str:
    """The line of `manage.py diagnostic`. Raises `DiagnosticError` or `DiagnosticWarning`."""
    now = timezone.now()
    unsealed = list(Round.objects.unsealed().select_related("forum").order_by("pk"))
    names = {round.pk: f"{round.forum.title}, scrutin {round.number}" for round in unsealed}
    if broken := [names[round.pk] for round in unsealed if not hasattr(round, "secret")]:
        raise DiagnosticError(
            f"secret absent, après une restauration: {'; '.join(broken)}; lancez « annul_open_rounds »."
        )
    if suspended := [names[round.pk] for round in unsealed if read_key(round.key_hash) is None]:
        raise DiagnosticError(
            f"vote suspendu, la clé n’est pas sur cette machine: {'; '.join(suspended)}; recopiez-la dans"
            f" {settings.KEYS_DIR}, ou annulez le scrutin."
        )
    late = [names[r.pk] for r in unsealed if not r.closed_at and now >= r.closes_at + LATE_AFTER]
    if late:
        raise DiagnosticError(
            f"l’heure est passée: {'; '.join(late)}; le service « pole-worker » roule-t-il?"
        )
    if forgotten := [names[r.pk] for r in unsealed if now >= r.closes_at + FORGOTTEN_AFTER]:
        raise DiagnosticError(f"urne jamais scellée: {'; '.join(forgotten)}; terminez la conciliation.")
    if unsealed:
        raise DiagnosticWarning(
            f"en cours: {'; '.join(names.values())}; ne mettez rien à jour avant le sceau."
        )
    return "aucun en cours"


def check_vote_keys() -> str:
    """The line of `manage.py diagnostic` on the second secret of votes. Raises `DiagnosticError` or `DiagnosticWarning`."""
    folder = Path(settings.KEYS_DIR)
    for other in (Path(settings.VAR_DIR), backup_folder()):
        if folder.resolve().is_relative_to(other.resolve()):
            raise DiagnosticError(f"{folder} est dans {other}: réglez POLE_KEYS ailleurs.")
    if folder.exists() and not (folder.is_dir() and os.access(folder, os.R_OK | os.W_OK | os.X_OK)):
        raise DiagnosticError(
            f"ce compte ne peut pas lire et écrire dans {folder}: donnez ce dossier au compte des services, et lancez"
            " « diagnostic » de ce compte."
        )
    if folder.exists() and folder.stat().st_mode & 0o077:
        raise DiagnosticError(f"{folder} est ouvert à d’autres comptes: chmod 700 {folder}")
    over = Round.objects.exclude(key_hash="").exclude(sealed_at=None, annulled_at=None)
    left = KeyCopy.objects.filter(key_hash__in=over.values("key_hash")).order_by("machine")
    if machines := sorted(set(left.values_list("machine", flat=True))):
        raise DiagnosticError(
            f"des clés de votes terminés restent sur: {', '.join(machines)}; lancez-y « vote_keys », ou"
            " « vote_keys --forget MACHINE » si elle n’existe plus."
        )
    here, others = machine_name(), KeyCopy.objects.exclude(machine=machine_name())
    ready = count_keys_everywhere()
    if not ready and others.exists():
        raise DiagnosticError(
            f"aucune clé n’est à la fois sur {here} et sur {', '.join(sorted(set(others.values_list('machine', flat=True))))}:"
            f" recopiez {folder} de l’une à l’autre; aucun vote ne s’ouvrira d’ici là."
        )
    if ready < FEW_KEYS:
        raise DiagnosticWarning(f"{ready} en réserve; le service « pole-worker » en prépare chaque minute.")
    return f"{ready} en réserve"


def check_statement_logging() -> str:
    """The line of `manage.py diagnostic` on PostgreSQL's log, which must not store bind parameters: they hold choices.

    Raises `DiagnosticWarning`.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name LIKE 'log\\_%'")
        settings = dict(cursor.fetchall())
    logs_statements = settings["log_statement"] == "all" or any(
        settings[name] != "-1" for name in ("log_min_duration_statement", "log_min_duration_sample")
    )
    if (logs_statements and settings["log_parameter_max_length"] != "0") or settings[
        "log_parameter_max_length_on_error"
    ] != "0":
        raise DiagnosticWarning(
            "il garde les valeurs des requêtes, donc des bulletins à côté de personnes; réglez"
            " log_parameter_max_length et log_parameter_max_length_on_error à 0."
        )
    return "aucune valeur n’y est inscrite"
