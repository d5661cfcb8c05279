"""Checks of `manage.py diagnostic` on votes: open, overdue, forgotten, or broken by a restore."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from forums.models import Round
from pole.hooks.diagnostics import DiagnosticError, DiagnosticWarning

# The worker closes a round within a minute of its time.
LATE_AFTER = timedelta(minutes=3)
# After the evening and the next day, nobody is typing papers any more.
FORGOTTEN_AFTER = timedelta(days=2)


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
