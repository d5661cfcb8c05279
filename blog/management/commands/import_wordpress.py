"""Brings a WordPress site in, from its export and its uploads folder."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from blog.models import SiteImport
from blog.wordpress import running
from blog.wordpress.importing import import_site
from blog.wordpress.reading import NotAnExport, read_export
from blog.wordpress.report import LEVELS, Report
from blog.wordpress.texts import Choices
from pole.files.whole import StorageUnavailable
from pole.refusals import Refusal


class Command(BaseCommand):
    help = "Imports a WordPress export; running it again adds only what is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", type=Path, nargs="?", help="the export (WXR), an XML file or a zip of some"
        )
        parser.add_argument("--uploads", type=Path, help="the folder wp-content/uploads of the old site")
        parser.add_argument("--dry-run", action="store_true", help="say what would come in; write nothing")
        parser.add_argument(
            "--language", choices=["fr", "en"], default="", help="of all the texts, whatever the site says"
        )
        parser.add_argument("--unpublished", action="store_true", help="everything comes in as a draft")
        parser.add_argument("--undo", type=int, metavar="NUMBER", help="take back the import of this number")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("fr"):
            try:
                if options["undo"]:
                    self._undo(options["undo"])
                elif options["file"] is None:
                    raise CommandError(
                        "Il faut un fichier à importer, ou --undo et le numéro d’une importation."
                    )
                else:
                    self._import(options)
            except Refusal as refusal:
                raise CommandError(refusal.message) from refusal

    def _import(self, options: dict[str, Any]) -> None:
        if options["uploads"] and not options["uploads"].is_dir():
            raise CommandError(f"Ce dossier n’existe pas : {options['uploads']}")
        try:
            export = read_export(options["file"])
        except (NotAnExport, OSError) as error:
            raise CommandError(
                f"Ce fichier ne se lit pas comme une exportation de WordPress : {error}"
            ) from error
        choices = Choices(keeps_state=not options["unpublished"], language=options["language"])
        is_dry = options["dry_run"]
        site_import = None if is_dry else running.begin_by_command(options["file"].name, export, choices)
        try:
            with running.alone():
                report = import_site(
                    export, uploads=options["uploads"], is_dry=is_dry, progress=self._print_progress,
                    choices=choices, site_import=site_import,
                )  # fmt: skip
        except StorageUnavailable as error:
            raise CommandError(
                f"Le disque ne prend plus de fichiers ({error.__cause__}). Ce texte-là n’est pas entré, ceux d’avant"
                " sont gardés : libérez de la place, puis relancez la même commande, qui ajoute ce qui manque."
            ) from error
        self.stdout.write("\nEssai à blanc : rien n’a été écrit." if is_dry else "\nImportation faite.")
        self._print_report(report, is_dry=is_dry)
        if site_import is not None:
            running.finish(site_import, report)
            if report.imported.total():
                self.stdout.write(f"  Pour la défaire : import_wordpress --undo {site_import.pk}")

    def _undo(self, number: int) -> None:
        site_import = SiteImport.objects.filter(pk=number).first()
        if site_import is None:
            raise CommandError(f"Il n’y a pas d’importation numéro {number}.")
        report = running.undo_now(site_import, progress=self._print_progress)
        self.stdout.write("\nImportation défaite.")
        self._print_report(report, is_dry=False)

    def _print_progress(self, done: int, total: int, title: str) -> None:
        self.stdout.write(f"{done}/{total}  {title[:70]}")

    def _print_report(self, report: Report, *, is_dry: bool) -> None:
        for heading, counts in (
            ("À apporter" if is_dry else "Apporté", report.imported),
            ("Déjà là", report.skipped),
            ("Retiré", report.undone),
        ):
            for kind, count in sorted(counts.items()):
                if count:
                    self.stdout.write(f"  {heading} : {count} {kind}")
        for level, heading, rows, more in report.groups():
            self.stdout.write(f"\n{heading} ({len(rows) + more})")
            for row in rows:
                self.stdout.write(f"  {LEVELS[level]} : {row.what} – {row.reason}")
            if more:
                self.stdout.write(f"  … et {more} autres")
