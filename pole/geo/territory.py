"""The territory from a file: another region's, or next year's edition of this one.

A municipality is known by its geographic code. A code that vanishes has to say which one takes its
place: the rows of every package that point to it then point there, and its name stays as a former name.

Locks: rows that point to a vanished municipality, then the territory's own rows.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.db import models, transaction

from pole.geo.gazetteer import municipality_name_key
from pole.models import FormerMunicipality, Mrc, Municipality
from pole.search import unaccented

_COLUMNS = {
    "code": "code codegeographique mcode codegeo codemunicipal",
    "name": "name nom munnom municipalite nommunicipalite",
    "designation": "designation mdes type desg",
    "mrc": "mrc mrcname nommrc munmrc",
    "mrc_code": "mrccode codemrc",
    "mrc_kind": "mrckind",
    "latitude": "latitude lat",
    "longitude": "longitude lon lng long",
    "successor": "successor remplaceepar remplacepar fusionneeavec successeur",
}


class TerritoryFileError(Exception):
    """The file is refused: one sentence in French for each reason."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class TerritoryRow:
    code: str
    name: str
    designation: str
    mrc_code: str
    mrc_name: str
    mrc_kind: str
    latitude: Decimal | None
    longitude: Decimal | None


@dataclass(slots=True)
class TerritoryChanges:
    """What a file changes. Vanished municipalities map to the code that takes their place, or ""."""

    rows: dict[str, TerritoryRow]
    new: list[TerritoryRow] = field(default_factory=list)
    # (municipality as stored, what the file says), when a name, designation, MRC or position differs.
    changed: list[tuple[Municipality, TerritoryRow]] = field(default_factory=list)
    vanished: dict[str, tuple[Municipality, str]] = field(default_factory=dict)
    # How many rows, by kind, belong to each vanished municipality.
    used: dict[str, dict[str, int]] = field(default_factory=dict)

    def is_empty(self) -> bool:
        return not (self.new or self.changed or self.vanished)


def read_rows(content: bytes) -> tuple[dict[str, TerritoryRow], dict[str, str]]:
    """(rows by code, successors by vanished code) of a CSV file. Raises `TerritoryFileError`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    dialect = max(";,\t", key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=dialect)
    try:
        header, *lines = [line for line in reader if any(cell.strip() for cell in line)]
    except (ValueError, csv.Error) as error:
        raise TerritoryFileError("Ce fichier est vide ou illisible.") from error
    indexes = {_column_field(name): at for at, name in reversed(list(enumerate(header)))}
    if missing := [name for name in ("code", "name", "designation", "mrc") if name not in indexes]:
        raise TerritoryFileError(
            f"Il manque une colonne : {', '.join(missing)} (attendu : code, name, designation, MRC)."
        )
    return _parse_rows(lines, indexes)


def _column_field(name: str) -> str:
    """The field of a column's heading; the heading itself, in letters, when it is unknown."""
    key = re.sub(r"[^a-z]", "", unaccented(name))
    return next((field for field, names in _COLUMNS.items() if key in names.split()), key)


def _parse_rows(
    lines: list[list[str]], indexes: dict[str, int]
) -> tuple[dict[str, TerritoryRow], dict[str, str]]:
    rows: dict[str, TerritoryRow] = {}
    successors: dict[str, str] = {}
    problems = []
    for number, line in enumerate(lines, start=2):
        cells = {name: line[at].strip() if at < len(line) else "" for name, at in indexes.items()}
        code = cells["code"]
        if not re.fullmatch(r"\d{5}", code):
            problems.append(f"Ligne {number} : « {code} » n’est pas un code de cinq chiffres.")
        elif code in rows or code in successors:
            problems.append(f"Ligne {number} : le code {code} est déjà plus haut.")
        elif successor := cells.get("successor", ""):
            successors[code] = successor
        elif not cells["name"] or len(cells["name"]) > 80 or len(cells["designation"]) > 40:
            problems.append(f"Ligne {number} : le nom ou la désignation manque ou est trop long.")
        else:
            rows[code] = _parse_row(code, cells)
    if problems:
        raise TerritoryFileError(*problems[:50])
    if not rows:
        raise TerritoryFileError("Ce fichier ne nomme aucune municipalité.")
    return rows, successors


def _parse_row(code: str, cells: Mapping[str, str]) -> TerritoryRow:
    found = re.fullmatch(r"(.*?)\s*\((\d{2,3})\)", cells["mrc"])
    mrc_name = re.sub(r"^MRC (?:de |du |des |d’|d')?", "", found[1] if found else cells["mrc"]).strip()
    # The first two digits of a municipality's code are those of its MRC.
    mrc_code = cells.get("mrc_code") or (found[2] if found else code[:2]) if mrc_name else ""
    kind = Mrc.Kind.AGGLOMERATION if "agglom" in unaccented(mrc_name) else Mrc.Kind.MRC
    position = _parse_degrees(cells.get("latitude", "")), _parse_degrees(cells.get("longitude", ""))
    if None in position:
        position = None, None
    return TerritoryRow(code, cells["name"], cells["designation"].capitalize(), mrc_code, mrc_name,
               cells.get("mrc_kind") or str(kind), *position)  # fmt: skip


def _parse_degrees(text: str) -> Decimal | None:
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    return round(value, 3) if value.is_finite() and abs(value) <= 180 else None


def find_changes(rows: dict[str, TerritoryRow], successors: Mapping[str, str]) -> TerritoryChanges:
    """What the file would change in the territory.

    A missing municipality vanishes only if its MRC is in the file, or if it has a successor.
    """
    changes = TerritoryChanges(rows)
    stored = {town.code: town for town in Municipality.objects.select_related("mrc")}
    for code, row in rows.items():
        if code not in stored:
            changes.new.append(row)
        elif _differs(stored[code], row):
            changes.changed.append((stored[code], row))
    covered = {row.mrc_code for row in rows.values()}
    for code, town in stored.items():
        if code not in rows and (town.mrc_id in covered or code in successors):
            changes.vanished[code] = (town, successors.get(code, ""))
            changes.used[code] = {
                str(model._meta.verbose_name_plural): count
                for model, name in _foreign_keys_to_municipality()
                if (count := model._base_manager.filter(**{name: code}).count())
            }
    return changes


def _differs(town: Municipality, row: TerritoryRow) -> bool:
    is_renamed = (town.name, town.designation, town.mrc_id or "") != (row.name, row.designation, row.mrc_code)
    moved = row.latitude is not None and (town.latitude, town.longitude) != (row.latitude, row.longitude)
    return is_renamed or moved


def _foreign_keys_to_municipality() -> list[tuple[type[models.Model], str]]:
    """(model, field) of every foreign key to a municipality, but those of its former names."""
    return [
        (relation.related_model, relation.field.name)
        for relation in Municipality._meta.related_objects
        if relation.one_to_many and relation.related_model is not FormerMunicipality
    ]


@transaction.atomic
def apply_changes(changes: TerritoryChanges) -> None:
    """Writes the changes. Raises `TerritoryFileError` when a vanished municipality that is in use has no successor."""
    lost = [
        f"{town} ({code}) n’est plus dans le fichier mais sert encore ({', '.join(f'{n} {kind}' for kind, n in changes.used[code].items())}) :"
        f" dites laquelle la remplace (--merge {code}=CODE)."
        for code, (town, successor) in changes.vanished.items()
        if changes.used[code] and not successor
    ]
    wrong = [
        f"{successor} ne peut pas remplacer {code} : ce code n’est pas dans le fichier."
        for code, (_town, successor) in changes.vanished.items()
        if successor and successor not in changes.rows
    ]
    if lost or wrong:
        raise TerritoryFileError(*lost, *wrong)
    mrcs = {row.mrc_code: (row.mrc_name, row.mrc_kind) for row in changes.rows.values() if row.mrc_code}
    for code, (name, kind) in mrcs.items():
        Mrc.objects.update_or_create(code=code, defaults={"name": name, "kind": kind})
    # A new one may take the name of one that vanishes.
    renamed = {code: f"{town.name}"[:60] for code, (town, _successor) in changes.vanished.items()}
    for code in renamed:
        Municipality.objects.filter(code=code).update(designation=f"*{code}")
    for row in [*changes.new, *(row for _town, row in changes.changed)]:
        _save_municipality(row)
    for town, row in changes.changed:
        _save_former_name(town.name, row.code, instead_of=row.name)
    for code, (town, successor) in changes.vanished.items():
        _replace_municipality(town, code, successor)
    _mark_homonyms()


def _save_municipality(row: TerritoryRow) -> None:
    values = {"name": row.name, "designation": row.designation, "mrc_id": row.mrc_code or None}
    if row.latitude is not None:
        values |= {"latitude": row.latitude, "longitude": row.longitude}  # type: ignore[dict-item]  # decimals
    Municipality.objects.update_or_create(code=row.code, defaults=values)


def _replace_municipality(town: Municipality, code: str, successor: str) -> None:
    if successor:
        for model, name in _foreign_keys_to_municipality():
            model._base_manager.filter(**{name: code}).update(**{f"{name}_id": successor})
        FormerMunicipality.objects.filter(municipality_id=code).update(municipality_id=successor)
        _save_former_name(town.name, successor)
    Municipality.objects.filter(code=code).delete()


def _save_former_name(name: str, code: str, *, instead_of: str = "") -> None:
    """Stores `name` as a former name of the municipality, unless it only differs from `instead_of` in its writing."""
    if municipality_name_key(name) != municipality_name_key(instead_of):
        values = {"name": name, "municipality_id": code}
        FormerMunicipality.objects.update_or_create(key=municipality_name_key(name), defaults=values)


def _mark_homonyms() -> None:
    names = Counter(Municipality.objects.values_list("name", flat=True))
    twice = [name for name, count in names.items() if count > 1]
    Municipality.objects.filter(name__in=twice, is_homonym=False).update(is_homonym=True)
    Municipality.objects.exclude(name__in=twice).filter(is_homonym=True).update(is_homonym=False)
