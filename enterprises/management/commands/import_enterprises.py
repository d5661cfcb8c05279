"""Imports listings from a CSV or XLSX file, by the rules of the browser: what would be asked there is left out, and said."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from enterprises.duplicates import merging
from enterprises.importing import running, trial
from enterprises.importing.columns import known_headings
from enterprises.models import Import
from enterprises.views.import_rows import LABELS
from pole.files.tables import Table, read_table
from pole.spreadsheets import csv_bytes


class Command(BaseCommand):
    help = (
        "Importe des fiches à partir d’un fichier CSV ou XLSX, selon les mêmes règles que la page d’importation : les réponses"
        " retenues servent, et les lignes refusées, douteuses ou en double sont laissées de côté. En cas d’erreur, aucune fiche"
        " n’est écrite."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--dry-run", action="store_true", help="dit ce que ferait chaque ligne, sans rien écrire"
        )
        parser.add_argument(
            "--replace", action="store_true", help="remplace ce que disent les fiches existantes"
        )
        parser.add_argument(
            "--publish",
            action="store_true",
            help="publie les nouvelles fiches; sans cela, elles restent à relire",
        )
        parser.add_argument(
            "--guess",
            action="store_true",
            help="donne aux nouvelles fiches les secteurs et les formes proposés",
        )
        parser.add_argument("--sheet", default="", help="feuille à lire, si le classeur en a plusieurs")
        parser.add_argument("--refused", type=Path, help="fichier CSV où écrire les lignes à corriger")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("fr"):
            table = self._read(options)
            spreadsheet_import = self._open(table, options)
            if options["dry_run"]:
                self._report(spreadsheet_import, options)
                spreadsheet_import.delete()
                return
            total = spreadsheet_import.rows_total
            spreadsheet_import = running.run(
                import_id=spreadsheet_import.pk,
                progress=lambda count: self.stderr.write(f"\r{count} / {total}", ending=""),
            )
            merging.find_pairs()
            self.stderr.write("")
            self._report(spreadsheet_import, options)
            self.stdout.write(
                f"Importation n° {spreadsheet_import.pk} : la page d’importation permet de la défaire."
            )

    def _read(self, options: dict[str, Any]) -> Table:
        try:
            with options["file"].open("rb") as file:
                table = read_table(File(file), sheet=options["sheet"], is_known=known_headings())
        except OSError as error:
            raise CommandError(f"Ce fichier ne se lit pas : {error}") from error
        except ValidationError as error:
            raise CommandError(error.messages[0]) from error
        if options["sheet"] and options["sheet"] != table.sheet:
            names = ", ".join(table.sheets) or "ce n’est pas un classeur"
            raise CommandError(f"Il n’y a pas de feuille « {options['sheet']} » : {names}.")
        return table

    def _open(self, table: Table, options: dict[str, Any]) -> Import:
        spreadsheet_import = trial.open_import(table=table, file_name=options["file"].name, by=None)
        if not spreadsheet_import.is_ready:
            spreadsheet_import.delete()
            raise CommandError("Il faut au moins une colonne pour le nom et une pour la municipalité.")
        Import.objects.filter(pk=spreadsheet_import.pk).update(
            only_fills=not options["replace"],
            publishes=options["publish"],
            applies_guesses=options["guess"],
            state=Import.State.TRYING if options["dry_run"] else Import.State.OPEN,
        )
        if options["dry_run"]:
            trial.try_import(import_id=spreadsheet_import.pk)
        spreadsheet_import.refresh_from_db()
        return spreadsheet_import

    def _report(self, spreadsheet_import: Import, options: dict[str, Any]) -> None:
        for note in spreadsheet_import.file_notes:
            self.stdout.write(note)
        for row in spreadsheet_import.rows.only("number", "kind", "name", "reasons"):
            if options["dry_run"] or row.reasons:
                verdict = str(LABELS[row.kind] % 1)
                self.stdout.write(
                    f"{row.number:>6}  {verdict:<22} {row.name}  {' '.join(row.reasons)}".rstrip()
                )
        if options["refused"]:
            options["refused"].write_bytes(csv_bytes(trial.rows_to_correct(spreadsheet_import)))
        counts = spreadsheet_import.counts()
        said = ", ".join(
            f"{counts[kind]} {label % counts[kind]}" for kind, label in LABELS.items() if counts.get(kind)
        )
        self.stdout.write(f"{spreadsheet_import.rows_total} lignes : {said}")
