"""`manage.py backup`: the database and the media files, into the folder of backups."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pole.hooks.team_alerts import tell_team
from pole.server import backups


class Command(BaseCommand):
    help = "Sauvegarde la base de données et les fichiers, et garde les quatorze dernières sauvegardes."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            dump, media = backups.create_backup()
        except backups.BackupError as error:
            # The database may be what fails.
            with suppress(Exception):
                tell_team("backup_failed", values={"problem": str(error)})
            raise CommandError(str(error)) from error
        for path in (dump, media):
            self.stdout.write(f"{path} ({path.stat().st_size / 1024**2:.1f} Mo)")
