"""Loads a territory, or the next edition of this one, from a CSV file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pole.geo import territory
from pole.geo.levels import current_country
from pole.models import Hub


class Command(BaseCommand):
    help = "Charge un territoire (code, name, designation, MRC) ou son édition suivante."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="dit ce qui changerait, sans rien écrire")
        parser.add_argument(
            "--merge", action="append", default=[], metavar="ANCIEN=NOUVEAU",
            help="la municipalité qui remplace un code disparu",
        )  # fmt: skip
        parser.add_argument(
            "--mrc", action="append", default=[], metavar="CODE",
            help="une MRC du territoire du pôle; sans elle, toutes celles d’un nouveau fichier en sont",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            rows, successors = territory.read_rows(
                options["file"].read_bytes(), is_quebec=current_country() == Hub.Country.CANADA
            )
            successors |= dict(pair.split("=", 1) for pair in options["merge"] if "=" in pair)
            if unknown := set(options["mrc"]) - {row.mrc_code for row in rows.values()}:
                raise CommandError(f"Ces MRC ne sont pas dans le fichier : {', '.join(sorted(unknown))}.")
            changes = territory.find_changes(rows, successors)
            self._show(changes)
            if not options["dry_run"]:
                territory.apply_changes(changes, is_in_territory=not options["mrc"])
                if options["mrc"]:
                    territory.choose(mrcs=options["mrc"], towns=())
        except OSError as error:
            raise CommandError(f"Ce fichier ne se lit pas : {error}") from error
        except territory.TerritoryFileError as error:
            raise CommandError("\n".join(error.reasons)) from error

    def _show(self, changes: territory.TerritoryChanges) -> None:
        say = self.stdout.write
        for row in changes.new:
            say(f"nouvelle   {row.code} {row.name} ({row.designation})")
        for town, row in changes.changed:
            say(
                f"changée    {town.code} {town.name} ({town.designation}) → {row.name} ({row.designation}), {row.mrc_name}"
            )
        for code, (town, successor) in changes.vanished.items():
            used = (
                ", ".join(f"{count} {kind}" for kind, count in changes.used[code].items())
                or "rien ne s’y rattache"
            )
            instead = (
                f"→ {successor} {changes.rows[successor].name}"
                if successor in changes.rows
                else "sans remplaçante"
            )
            say(f"disparue   {code} {town.name} {instead} ({used})")
        if changes.is_empty():
            say("Rien ne change.")
        say(f"{len(changes.rows)} municipalités dans le fichier.")
