"""Checks of the state of the portal on votes: open, overdue, forgotten, or broken by a restore."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from forums.models import KeyCopy, Round
from forums.vote.round_keys import count_keys_everywhere, machine_name, read_key
from pole.hooks.diagnostics import DiagnosticError, DiagnosticWarning, Said, Sentence, check
from pole.server.backups import backup_folder
from pole.server.in_time import in_time

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


@check(_("Votes"), is_kept=True)
def check_votes() -> Sentence:
    """Raises `DiagnosticError` or `DiagnosticWarning`."""
    now = timezone.now()
    unsealed = list(Round.objects.unsealed().select_related("forum").order_by("pk"))
    names = {round.pk: f"{round.forum.title}, scrutin {round.number}" for round in unsealed}

    def named(pks: Iterable[int]) -> str:
        return "; ".join(names[pk] for pk in pks)

    if broken := [round.pk for round in unsealed if not hasattr(round, "secret")]:
        raise DiagnosticError(
            Said(_("The secret is gone, after a restoration: %(votes)s."), votes=named(broken)),
            to_do=_("Annul these votes: they can’t be counted."),
            command="manage.py annul_open_rounds",
        )
    if suspended := in_time(
        "keys of open votes", lambda: [row.pk for row in unsealed if read_key(row.key_hash) is None]
    ):
        raise DiagnosticError(
            Said(_("Vote suspended, its key is not on this machine: %(votes)s."), votes=named(suspended)),
            to_do=Said(_("Copy the key back into %(folder)s, or annul the vote."), folder=settings.KEYS_DIR),
        )
    late = [r.pk for r in unsealed if not r.closed_at and now >= r.closes_at + LATE_AFTER]
    if late:
        raise DiagnosticError(
            Said(_("The time of closing is past: %(votes)s."), votes=named(late)),
            to_do=_("See whether the worker runs."),
            command="systemctl status pole-worker",
        )
    if forgotten := [r.pk for r in unsealed if now >= r.closes_at + FORGOTTEN_AFTER]:
        raise DiagnosticError(
            Said(_("Box never sealed: %(votes)s."), votes=named(forgotten)),
            to_do=_("Finish the reconciliation."),
            page="staff:forum_list",
        )
    if unsealed:
        raise DiagnosticWarning(
            Said(_("Under way: %(votes)s."), votes=named(names)),
            to_do=_("Upgrade nothing before the seal."),
        )
    return _("None is under way.")


@check(_("Keys of votes"), is_kept=True)
def check_vote_keys() -> Sentence:
    """On the second secret of votes. Raises `DiagnosticError` or `DiagnosticWarning`."""
    folder = Path(settings.KEYS_DIR)
    in_time("folder of keys", lambda: _check_folder(folder))
    over = Round.objects.exclude(key_hash="").exclude(sealed_at=None, annulled_at=None)
    left = KeyCopy.objects.filter(key_hash__in=over.values("key_hash")).order_by("machine")
    if machines := sorted(set(left.values_list("machine", flat=True))):
        raise DiagnosticError(
            Said(_("Keys of votes that are over are left on: %(machines)s."), machines=", ".join(machines)),
            to_do=_("Run this there; for a machine that is no more, with “--forget” and its name."),
            command="manage.py vote_keys",
        )
    here, others = machine_name(), KeyCopy.objects.exclude(machine=machine_name())
    ready = count_keys_everywhere()
    if not ready and others.exists():
        elsewhere = ", ".join(sorted(set(others.values_list("machine", flat=True))))
        raise DiagnosticError(
            Said(
                _("No key is both on %(here)s and on %(others)s: no vote opens."), here=here, others=elsewhere
            ),
            to_do=Said(_("Copy %(folder)s from one to the other."), folder=folder),
        )
    if ready < FEW_KEYS:
        raise DiagnosticWarning(
            Said(_("%(count)d in reserve."), count=ready),
            to_do=_("The worker makes some each minute: see whether it runs."),
            command="systemctl status pole-worker",
        )
    return Said(_("%(count)d in reserve."), count=ready)


def _check_folder(folder: Path) -> None:
    for other in (Path(settings.VAR_DIR), backup_folder()):
        if folder.resolve().is_relative_to(other.resolve()):
            raise DiagnosticError(
                Said(_("%(folder)s is within %(other)s."), folder=folder, other=other),
                to_do=_("Set POLE_KEYS elsewhere."),
            )
    if folder.exists() and not (folder.is_dir() and os.access(folder, os.R_OK | os.W_OK | os.X_OK)):
        raise DiagnosticError(
            Said(_("This account can’t read and write in %(folder)s."), folder=folder),
            to_do=_("Give this folder to the account of the services, and run “diagnostic” from it."),
        )
    if folder.exists() and folder.stat().st_mode & 0o077:
        raise DiagnosticError(
            Said(_("%(folder)s is open to other accounts."), folder=folder),
            to_do=_("Close it to them."),
            command=f"chmod 700 {folder}",
        )


@check(_("PostgreSQL’s log"))
def check_statement_logging() -> Sentence:
    """On PostgreSQL's log, which must not store bind parameters: they hold choices. Raises `DiagnosticWarning`."""
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
            _("It keeps the values of statements, hence ballots beside people."),
            to_do=_("Set log_parameter_max_length and log_parameter_max_length_on_error to 0 in PostgreSQL."),
        )
    return _("No value is written there.")
