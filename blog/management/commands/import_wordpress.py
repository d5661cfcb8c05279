"""Brings a WordPress site in, from its export and its uploads folder."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from blog.wordpress.importing import Report, import_site
from blog.wordpress.reading import NotAnExport, read_export
from pole.files.whole import StorageUnavailable


class Command(BaseCommand):
    help = "Imports a WordPress export; running it again adds only what is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the export (WXR), an XML file")
        parser.add_argument("--uploads", type=Path, help="the folder wp-content/uploads of the old site")
        parser.add_argument("--dry-run", action="store_true", help="say what would come in; write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["uploads"] and not options["uploads"].is_dir():
            raise CommandError(f"Ce dossier n’existe pas : {options['uploads']}")
        try:
            export = read_export(options["file"])
        except (NotAnExport, OSError) as error:
            raise CommandError(
                f"Ce fichier ne se lit pas comme une exportation de WordPress : {error}"
            ) from error
        try:
            with translation.override("fr"):
                report = import_site(
                    export,
                    uploads=options["uploads"],
                    is_dry=options["dry_run"],
                    progress=self._print_progress,
                )
        except StorageUnavailable as error:
            raise CommandError(
                f"Le disque ne prend plus de fichiers ({error.__cause__}). Ce texte-là n’est pas entré, ceux d’avant"
                " sont gardés : libérez de la place, puis relancez la même commande, qui ajoute ce qui manque."
            ) from error
        self._print_report(report, is_dry=options["dry_run"])

    def _print_progress(self, done: int, total: int, title: str) -> None:
        self.stdout.write(f"{done}/{total}  {title[:70]}")

    def _print_report(self, report: Report, *, is_dry: bool) -> None:
        self.stdout.write("\nEssai à blanc : rien n’a été écrit." if is_dry else "\nImportation faite.")
        for heading, counts in (
            ("À apporter" if is_dry else "Apporté", report.imported),
            ("Déjà là", report.skipped),
        ):
            for kind, count in sorted(counts.items()):
                self.stdout.write(f"  {heading} : {count} {kind}")
        for heading, rows in (("Refusé", report.refused), ("Perdu en route", report.lost)):
            for what, why in rows:
                self.stdout.write(f"  {heading} : {what} – {why}")
