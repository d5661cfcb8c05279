"""Imports listings from a CSV or XLSX file, as the staff page does."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from enterprises.importing import planning, running
from enterprises.importing.reading import read_table
from enterprises.models import Import
from pole.spreadsheets import safe_cell


class _ProgressPrinter:
    def __init__(self, command: BaseCommand, total: int) -> None:
        self.command, self.total = command, total

    def rows_done(self, count: int, /) -> None:
        self.command.stderr.write(f"\r{count} / {self.total}", ending="")


class Command(BaseCommand):
    help = "Importe des fiches d’un fichier CSV ou XLSX. Tout est écrit, ou rien."

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
            source = self._open_import(options)
            if not source.outcomes:
                source.delete()
                raise CommandError("Il faut au moins une colonne pour le nom et une pour la municipalité.")
            if options["dry_run"]:
                source.delete()
            else:
                source = running.run(key=source.pk, watch=_ProgressPrinter(self, source.rows_total))
                self.stderr.write("")
            self._report(source, options)

    def _open_import(self, options: dict[str, Any]) -> Import:
        try:
            with options["file"].open("rb") as file:
                table = read_table(File(file))
        except OSError as error:
            raise CommandError(f"Ce fichier ne se lit pas : {error}") from error
        except ValidationError as error:
            raise CommandError(error.messages[0]) from error
        source = running.open_import(table=table, file_name=options["file"].name, by=None)
        if options["replace"] or options["hidden"]:
            source = running.save_answers(
                key=source.pk, only_fills=not options["replace"], publishes=not options["hidden"]
            )
        return source

    def _report(self, source: Import, options: dict[str, Any]) -> None:
        rows = dict(zip(source.table["numbers"], source.table["rows"], strict=True))
        not_imported = []
        for outcome in source.outcomes:
            if options["dry_run"] or outcome["reasons"]:
                reasons = " ".join(outcome["reasons"])
                self.stdout.write(
                    f"{outcome['number']:>6}  {outcome['kind']:<10} {outcome['name']}  {reasons}".rstrip()
                )
            if outcome["kind"] in {planning.DUPLICATE, planning.QUESTION, planning.REFUSED}:
                not_imported.append([*rows[outcome["number"]], " ".join(outcome["reasons"])])
        if options["refused"]:
            lines = [[*source.table["header"], "Raison"], *not_imported]
            text = "\r\n".join(";".join(_quoted(cell) for cell in line) for line in lines)
            options["refused"].write_text(f"\ufeff{text}\r\n", encoding="utf-8")
        counts = ", ".join(f"{count} {kind}" for kind, count in sorted(source.counts().items()))
        self.stdout.write(f"{source.rows_total} lignes : {counts}")


def _quoted(cell: str) -> str:
    return '"' + safe_cell(cell).replace('"', '""') + '"'
