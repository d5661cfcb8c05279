"""`manage.py restore_drill`: proves that the newest backup can be restored."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from pole.server import backups, restoring
from pole.server.drill_record import Drill, record


class Command(BaseCommand):
    help = "Restaure la dernière sauvegarde dans une base d’essai, la compare, puis efface l’essai."

    def handle(self, *args: Any, **options: Any) -> None:
        name = ""
        try:
            dump = backups.newest_dump()
            name = dump.name
            tables, files = restoring.drill(dump)
        except backups.BackupError as error:
            _record(Drill(timezone.now(), name, problem=str(error)[:500]))
            raise CommandError(str(error)) from error
        _record(Drill(timezone.now(), name, tables, files))
        self.stdout.write(f"{name}: {tables} tables et {files} fichiers retrouvés entiers.")


def _record(drill: Drill) -> None:
    """For the page « État ». A folder that can't be written hides nothing of what the trial found."""
    with suppress(OSError):
        record(drill)
