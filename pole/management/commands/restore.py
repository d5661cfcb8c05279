"""`manage.py restore BACKUP`: the whole of a restore, into an empty database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from pole.server import backups, restoring


class Command(BaseCommand):
    help = "Restaure une sauvegarde dans la base du portail, qui doit être vide, avec ses fichiers; puis annule les votes qui ne peuvent plus compter, et efface de nouveau ce qui l’a été depuis."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("backup", type=Path, help="Le fichier .dump, à côté de ses deux autres parties.")
        parser.add_argument(
            "--despite-unknown-erasures",
            action="store_true",
            help="Même si l’on ne sait pas qui s’est fait effacer depuis: ces personnes reviennent.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for done in restoring.restore(
                options["backup"], despite_unknown_erasures=options["despite_unknown_erasures"]
            ):
                self.stdout.write(done)
        except backups.BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            "Restauré. L’équipe est celle de la sauvegarde: relisez la page « Personnes » avant d’ouvrir le portail."
        )
