"""Imports listings from a CSV or XLSX file, at once: no questions to answer, no pairs of duplicates looked for."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from enterprises.importing import planning, running
from enterprises.importing.columns import is_known_heading
from enterprises.models import Import
from pole.files.tables import read_table
from pole.spreadsheets import csv_bytes


class Command(BaseCommand):
    help = "Importe des fiches à partir d’un fichier CSV ou XLSX. Les lignes refusées ou douteuses sont laissées de côté. En cas d’erreur, aucune fiche n’est écrite."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--dry-run", action="store_true", help="dit ce que ferait chaque ligne, sans rien écrire"
        )
        parser.add_argument(
            "--replace", action="store_true", help="remplace ce que disent les fiches existantes"
        )
        parser.add_argument("--hidden", action="store_true", help="laisse les nouvelles fiches masquées")
        parser.add_argument("--refused", type=Path, help="fichier CSV où écrire les lignes à corriger")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("fr"):
            spreadsheet_import = self._open_import(options)
            if not spreadsheet_import.outcomes:
                spreadsheet_import.delete()
                raise CommandError("Il faut au moins une colonne pour le nom et une pour la municipalité.")
            if options["dry_run"]:
                spreadsheet_import.delete()
            else:
                total = spreadsheet_import.rows_total
                spreadsheet_import = running.run(
                    import_id=spreadsheet_import.pk,
                    progress=lambda count: self.stderr.write(f"\r{count} / {total}", ending=""),
                )
                self.stderr.write("")
            self._report(spreadsheet_import, options)

    def _open_import(self, options: dict[str, Any]) -> Import:
        try:
            with options["file"].open("rb") as file:
                table = read_table(File(file), is_known=is_known_heading)
        except OSError as error:
            raise CommandError(f"Ce fichier ne se lit pas : {error}") from error
        except ValidationError as error:
            raise CommandError(error.messages[0]) from error
        spreadsheet_import = running.open_import(table=table, file_name=options["file"].name, by=None)
        if options["replace"] or options["hidden"]:
            spreadsheet_import = running.save_answers(
                import_id=spreadsheet_import.pk,
                only_fills=not options["replace"],
                publishes=not options["hidden"],
            )
        return spreadsheet_import

    def _report(self, spreadsheet_import: Import, options: dict[str, Any]) -> None:
        for outcome in spreadsheet_import.outcomes:
            if options["dry_run"] or outcome["reasons"]:
                reasons = " ".join(outcome["reasons"])
                self.stdout.write(
                    f"{outcome['number']:>6}  {outcome['kind']:<10} {outcome['name']}  {reasons}".rstrip()
                )
        if options["refused"]:
            options["refused"].write_bytes(csv_bytes(planning.rows_to_correct(spreadsheet_import)))
        counts = ", ".join(f"{count} {kind}" for kind, count in sorted(spreadsheet_import.counts().items()))
        self.stdout.write(f"{spreadsheet_import.rows_total} lignes : {counts}")
