"""`manage.py replay_erasures BACKUP`: after a restore that was made by hand, erases again what was erased since."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from pole.server import backups, restoring


class Command(BaseCommand):
    help = "Efface de nouveau, dans une base restaurée, ce qui a été effacé ou retiré depuis la sauvegarde; « restore » le fait."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("backup", type=Path, help="La sauvegarde qui a été restaurée.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(restoring.replay_erasures(options["backup"]))
        except backups.BackupError as error:
            raise CommandError(str(error)) from error
