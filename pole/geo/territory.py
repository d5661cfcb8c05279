"""The territory: what a list of municipalities changes in it, and which of them the hub chose.

The whole list is kept, for an enterprise that has its seat elsewhere; forms, facets, map and « Près de » keep to the
chosen ones (ADR 17). A municipality is known by its code. A code that vanishes has to say which one takes its place:
the rows of every package that point to it then point there, and its name stays as a former name.

Locks: rows that point to a vanished municipality, then the territory's own rows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import DataError, IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from pole.geo.gazetteer import municipality_name_key
from pole.geo.territory_file import TerritoryFile, TerritoryFileError, TerritoryRow, read_file
from pole.geo.territory_plan import (
    TerritoryChanges,
    find_changes,
    foreign_keys_to_municipality,
    kind_of_rows,
    refuse,
)
from pole.hooks.journal import note
from pole.models import FormerMunicipality, Mrc, Municipality, MunicipalityBoundary
from pole.search import unaccented

__all__ = [
    "TerritoryChanges", "TerritoryFile", "TerritoryFileError", "TerritoryRow", "apply_changes", "choose", "find_changes",
    "read_file",
]  # fmt: skip


def apply_changes(changes: TerritoryChanges, *, is_in_territory: bool | None = None, by: Any = None) -> None:
    """Writes the changes, whole or not at all. Raises `TerritoryFileError`.

    `is_in_territory`: whether the new ones are the hub's; None: those of an MRC that it has already.
    """
    refuse(changes)
    try:
        with transaction.atomic():
            _write(changes, is_in_territory)
            note(action="imported", kind="territory", key=1, by=by)
    except (DataError, IntegrityError) as error:
        raise TerritoryFileError(
            _("The database refuses this list, of which nothing was written: %(reason)s")
            % {"reason": str(error).partition("\n")[0]}
        ) from error


def _write(changes: TerritoryChanges, is_in_territory: bool | None) -> None:
    chosen = set(Municipality.objects.filter(is_in_territory=True).values_list("mrc_id", flat=True)) - {None}
    mrcs = {row.mrc_code: (row.mrc_name, row.mrc_kind) for row in changes.rows.values() if row.mrc_code}
    Mrc.objects.bulk_create(
        [Mrc(code=code, name=name, kind=kind) for code, (name, kind) in mrcs.items()],
        update_conflicts=True, unique_fields=["code"], update_fields=["name", "kind"],
    )  # fmt: skip
    # A new one may take the name of one that vanishes, and two may exchange theirs.
    leaving = [*changes.vanished, *(town.code for town, _row in changes.changed)]
    for code in leaving:
        Municipality.objects.filter(code=code).update(designation=f"*{code}")
    for _town, row in changes.changed:
        Municipality.objects.filter(code=row.code).update(**_values_of(row))
    Municipality.objects.bulk_create(
        Municipality(
            code=row.code, **_values_of(row),
            is_in_territory=row.mrc_code in chosen if is_in_territory is None else is_in_territory,
        )
        for row in changes.new
    )  # fmt: skip
    _write_boundaries(changes)
    for town, row in changes.changed:
        _save_former_name(town.name, row.code, instead_of=row.name)
    for code, (town, successor) in changes.vanished.items():
        _replace_municipality(town, code, successor)
    for name, successor in changes.former_names:
        _save_former_name(name, successor)
    _mark_homonyms()


def _write_boundaries(changes: TerritoryChanges) -> None:
    rows = [*changes.new, *(row for _town, row in changes.changed)]
    MunicipalityBoundary.objects.bulk_create(
        [MunicipalityBoundary(municipality_id=row.code, polygons=row.boundary) for row in rows if row.boundary],
        update_conflicts=True, unique_fields=["municipality"], update_fields=["polygons"],
    )  # fmt: skip


def _values_of(row: TerritoryRow) -> dict[str, object]:
    """The columns that a row says; a file without positions or regions leaves those that are known."""
    values: dict[str, object] = {
        "name": row.name, "designation": row.designation, "mrc_id": row.mrc_code or None
    }  # fmt: skip
    if row.latitude is not None:
        values |= {"latitude": row.latitude, "longitude": row.longitude}
    if row.region:
        values["region"] = row.region
    return values


def _replace_municipality(town: Municipality, code: str, successor: str) -> None:
    if successor:
        for model, name in foreign_keys_to_municipality():
            model._base_manager.filter(**{name: code}).update(**{f"{name}_id": successor})
        FormerMunicipality.objects.filter(municipality_id=code).update(municipality_id=successor)
        present = Municipality.objects.get(code=successor)
        _save_former_name(town.name, successor, instead_of=present.name)
        if town.is_in_territory:
            Municipality.objects.filter(code=successor).update(is_in_territory=True)
    Municipality.objects.filter(code=code).delete()


def _save_former_name(name: str, code: str, *, instead_of: str = "") -> None:
    """Stores `name` as a former name of the municipality, unless it only differs from `instead_of` in its writing."""
    key = municipality_name_key(name)[:80]
    if key and key != municipality_name_key(instead_of):
        values = {"name": name, "municipality_id": code}
        FormerMunicipality.objects.update_or_create(key=key, defaults=values)


def _mark_homonyms() -> None:
    names = Counter(Municipality.objects.values_list("name", flat=True))
    twice = [name for name, count in names.items() if count > 1]
    Municipality.objects.filter(name__in=twice, is_homonym=False).update(is_homonym=True)
    Municipality.objects.exclude(name__in=twice).filter(is_homonym=True).update(is_homonym=False)


# --- What the hub chose ---------------------------------------------------------------------------


def is_set() -> bool:
    """Whether the hub has chosen its territory: one query."""
    return Municipality.objects.filter(is_in_territory=True).exists()


@transaction.atomic
def choose(*, mrcs: Collection[str], towns: Collection[str], by: Any = None) -> None:
    """The territory is that of these MRCs and, of the towns without MRC, these."""
    chosen = Q(mrc_id__in=list(mrcs)) | Q(mrc_id=None, code__in=list(towns))
    list(Municipality.objects.select_for_update().order_by("code").values_list("code"))
    Municipality.objects.filter(chosen, is_in_territory=False).update(is_in_territory=True)
    Municipality.objects.filter(is_in_territory=True).exclude(chosen).update(is_in_territory=False)
    note(action="chosen", kind="territory", key=1, by=by)


@dataclass(frozen=True, slots=True)
class Choice:
    code: str
    name: str
    # Its municipalities; 1 for a town without MRC.
    count: int
    is_chosen: bool


@dataclass(slots=True)
class Region:
    """A region of the list, or all that the list puts in none (`name` is then "")."""

    name: str
    mrcs: list[Choice] = field(default_factory=list)
    # Those that no MRC holds: Kahnawake, Akwesasne.
    towns: list[Choice] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return any(choice.is_chosen for choice in (*self.mrcs, *self.towns))


def regions() -> list[Region]:
    """All that may be chosen, by name. One query.

    Of a list of one region, nothing being chosen yet, everything is proposed.
    """
    found: dict[str, Region] = {}
    members: dict[tuple[str, str, str], list[bool]] = defaultdict(list)
    for town in Municipality.objects.select_related("mrc"):
        region = found.setdefault(town.region, Region(town.region))
        if town.mrc:
            members[town.region, town.mrc.code, town.mrc.name].append(town.is_in_territory)
        else:
            region.towns.append(Choice(town.code, str(town), 1, town.is_in_territory))
    for (region_name, code, name), chosen in sorted(members.items(), key=lambda item: unaccented(item[0][2])):
        found[region_name].mrcs.append(Choice(code, name, len(chosen), any(chosen)))
    if len(found) == 1 and not any(region.is_open for region in found.values()):
        for region in found.values():
            region.mrcs = [replace(choice, is_chosen=True) for choice in region.mrcs]
    return sorted(found.values(), key=lambda region: (not region.name, unaccented(region.name)))


def in_regions(names: Collection[str]) -> tuple[set[str], set[str]]:
    """(codes of MRCs, codes of towns without MRC) of these regions: one query."""
    rows = Municipality.objects.filter(region__in=list(names)).values_list("code", "mrc_id")
    return {mrc for _code, mrc in rows if mrc}, {code for code, mrc in rows if not mrc}


def count_without_position() -> int:
    """Towns of the territory that no map can show: one query."""
    return Municipality.objects.filter(is_in_territory=True, latitude=None).count()


def rows_outside() -> dict[str, int]:
    """How many rows, by kind, belong to municipalities that are not in the territory: they stay as they are."""
    counts = {}
    for model, name in foreign_keys_to_municipality():
        if count := model._base_manager.filter(**{f"{name}__is_in_territory": False}).count():
            counts[kind_of_rows(model, count)] = count
    return counts
