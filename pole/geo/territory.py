"""The territory: what a list of municipalities changes in it, and which of them the hub chose.

The whole list is kept, for an enterprise that has its seat elsewhere; forms, facets, map and « Près de » keep to the
chosen ones (ADR 17). A municipality is known by its code. A code that vanishes has to say which one takes its place:
the rows of every package that point to it then point there, and its name stays as a former name.

Locks: rows that point to a vanished municipality, then the territory's own rows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from pole.geo.gazetteer import municipality_name_key
from pole.geo.territory_file import TerritoryFileError, TerritoryRow, read_rows
from pole.hooks.journal import note
from pole.models import FormerMunicipality, Mrc, Municipality
from pole.search import unaccented

__all__ = ["TerritoryFileError", "TerritoryRow", "read_rows"]


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
            changes.used[code] = _count_rows("", code)
    return changes


def _differs(town: Municipality, row: TerritoryRow) -> bool:
    is_renamed = (town.name, town.designation, town.mrc_id or "") != (row.name, row.designation, row.mrc_code)
    moved = row.latitude is not None and (town.latitude, town.longitude) != (row.latitude, row.longitude)
    return is_renamed or moved or bool(row.region and row.region != town.region)


def _count_rows(lookup: str, value: object) -> dict[str, int]:
    """How many rows, by kind ("fiche", "fiches"), belong to the municipalities that a lookup finds."""
    counts: dict[str, int] = {}
    for model, name in _foreign_keys_to_municipality():
        if count := model._base_manager.filter(**{f"{name}{lookup}": value}).count():
            names = model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural
            counts[str(names)] = count
    return counts


def _foreign_keys_to_municipality() -> list[tuple[type[models.Model], str]]:
    """(model, field) of every foreign key to a municipality, but those of its former names."""
    return [
        (relation.related_model, relation.field.name)
        # Hidden ones too: the hub and the forums are not reached from a municipality.
        for relation in Municipality._meta.get_fields(include_hidden=True)
        if isinstance(relation, models.ManyToOneRel) and relation.related_model is not FormerMunicipality
    ]


@transaction.atomic
def apply_changes(changes: TerritoryChanges, *, is_in_territory: bool | None = None, by: Any = None) -> None:
    """Writes the changes. Raises `TerritoryFileError` when a vanished municipality that is in use has no successor.

    `is_in_territory`: whether the new ones are the hub's; None: those of an MRC that it has already.
    """
    refuse_lost(changes)
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
    for town, row in changes.changed:
        _save_former_name(town.name, row.code, instead_of=row.name)
    for code, (town, successor) in changes.vanished.items():
        _replace_municipality(town, code, successor)
    _mark_homonyms()
    note(action="imported", kind="territory", key=1, by=by)


def refuse_lost(changes: TerritoryChanges) -> None:
    """Raises `TerritoryFileError`: a vanished municipality that is in use needs a successor of the file."""
    reasons = [
        _(
            "%(name)s (%(code)s) is no longer in the file but is still in use (%(used)s): say which municipality takes its place."
        )
        % {
            "name": town,
            "code": code,
            "used": ", ".join(f"{n} {kind}" for kind, n in changes.used[code].items()),
        }
        for code, (town, successor) in changes.vanished.items()
        if changes.used[code] and not successor
    ]
    reasons += [
        _("%(successor)s can’t take the place of %(code)s: this code is not in the file.")
        % {"successor": successor, "code": code}
        for code, (_town, successor) in changes.vanished.items()
        if successor and successor not in changes.rows
    ]
    if reasons:
        raise TerritoryFileError(*reasons)


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
        for model, name in _foreign_keys_to_municipality():
            model._base_manager.filter(**{name: code}).update(**{f"{name}_id": successor})
        FormerMunicipality.objects.filter(municipality_id=code).update(municipality_id=successor)
        _save_former_name(town.name, successor)
        if town.is_in_territory:
            Municipality.objects.filter(code=successor).update(is_in_territory=True)
    Municipality.objects.filter(code=code).delete()


def _save_former_name(name: str, code: str, *, instead_of: str = "") -> None:
    """Stores `name` as a former name of the municipality, unless it only differs from `instead_of` in its writing."""
    if municipality_name_key(name) != municipality_name_key(instead_of):
        values = {"name": name, "municipality_id": code}
        FormerMunicipality.objects.update_or_create(key=municipality_name_key(name)[:80], defaults=values)


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
    return _count_rows("__is_in_territory", False)
