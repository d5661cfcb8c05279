"""`manage.py restore_drill`: proves that the newest backup can be restored."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pole.server import backups, restoring


class Command(BaseCommand):
    help = "Restaure la dernière sauvegarde dans une base d’essai, la compare, puis efface l’essai."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            dump = backups.newest_dump()
            tables, files = restoring.drill(dump)
        except backups.BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{dump.name}: {tables} tables et {files} fichiers retrouvés entiers.")
