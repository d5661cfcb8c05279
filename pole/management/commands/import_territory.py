"""Loads a territory, or the next edition of this one: what the page of the territory does, without a page."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from pole.geo import territory, territory_upload
from pole.geo.mrc_codes import plain_code
from pole.geo.place_names import mrc_name_key
from pole.models import Municipality


class Command(BaseCommand):
    help = "Charge un territoire (code, name, designation, MRC), son édition suivante, ou ses positions (CSV, XLSX, GeoJSON)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="dit ce qui changerait, sans rien écrire")
        parser.add_argument(
            "--merge", action="append", default=[], metavar="ANCIEN=NOUVEAU",
            help="la municipalité qui remplace un code disparu",
        )  # fmt: skip
        parser.add_argument(
            "--mrc", action="append", default=[], metavar="CODE",
            help="une MRC du territoire du pôle, par son code ou son nom; sans elle, toutes celles du premier fichier en sont",
        )  # fmt: skip
        parser.add_argument(
            "--renamed-mrc", action="append", default=[], metavar="CODE",
            help="une MRC dont le nom a changé",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            file = territory_upload.read_for_hub(options["file"].read_bytes())
            mrcs = _mrcs_named(options["mrc"], file)
            successors = dict(_pairs(options["merge"]))
            if strange := successors.keys() & file.rows.keys():
                raise CommandError(
                    f"Ces codes sont dans le fichier, et n’ont pas disparu : {', '.join(sorted(strange))}."
                )
            changes = territory.find_changes(
                file, successors, renamed_mrcs=[plain_code(code) for code in options["renamed_mrc"]]
            )
            self._show(changes)
            self._write(changes, mrcs, is_dry=options["dry_run"])
        except OSError as error:
            raise CommandError(f"Ce fichier ne se lit pas : {error}") from error
        except territory.TerritoryFileError as error:
            raise CommandError("\n".join(error.reasons)) from error

    def _write(self, changes: territory.TerritoryChanges, mrcs: set[str], *, is_dry: bool) -> None:
        """A dry run does all of it, then takes it back: it says no less than the run."""
        # Of a hub that has chosen its territory, another region stays another region.
        is_in_territory = False if mrcs else None if territory.is_set() else True
        with transaction.atomic():
            territory.apply_changes(changes, is_in_territory=is_in_territory)
            if mrcs:
                territory.choose(mrcs=mrcs, towns=())
            if is_dry:
                connection.check_constraints()
                transaction.set_rollback(True)

    def _show(self, changes: territory.TerritoryChanges) -> None:
        say = self.stdout.write
        names = dict(Municipality.objects.values_list("code", "name")) | {
            code: row.name for code, row in changes.rows.items()
        }
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
                f"→ {successor} {names.get(successor, '')}".rstrip() if successor else "sans remplaçante"
            )
            say(f"disparue   {code} {town.name} {instead} ({used})")
        for name, successor in changes.former_names:
            say(f"ancien nom {name} → {successor} {names.get(successor, '')}")
        for code, (stored, written) in changes.renamed_mrcs.items():
            say(f"renommée   {code} {stored} → {written}")
        for each in changes.notes:
            say(each)
        if changes.is_empty():
            say("Rien ne change.")
        say(f"{len(changes.rows)} municipalités dans le fichier.")


def _pairs(written: Iterable[str]) -> Iterator[tuple[str, str]]:
    for pair in written:
        old, equals, new = (part.strip() for part in pair.partition("="))
        if not (old and equals and new):
            raise CommandError(f"Écrivez --merge ANCIEN=NOUVEAU, avec deux codes : « {pair} » n’en est pas.")
        yield old.upper(), new


def _mrcs_named(written: Iterable[str], file: territory.TerritoryFile) -> set[str]:
    """The codes of the MRCs of the file, each named by its code or by its name."""
    codes = {row.mrc_code for row in file.rows.values()} - {""}
    by_name = {mrc_name_key(row.mrc_name): row.mrc_code for row in file.rows.values() if row.mrc_code}
    found, unknown = set(), []
    for text in written:
        code = next(
            (code for code in (text, plain_code(text)) if code in codes), by_name.get(mrc_name_key(text))
        )
        if code:
            found.add(code)
        else:
            unknown.append(text)
    if unknown:
        raise CommandError(f"Ces MRC ne sont pas dans le fichier : {', '.join(sorted(unknown))}.")
    return found
