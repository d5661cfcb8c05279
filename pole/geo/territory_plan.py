"""What a file changes in the territory, and why it may not: read by the page, by the dry run and by whoever writes it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.db import models
from django.utils.translation import gettext as _

from pole.geo.gazetteer import Gazetteer, load_gazetteer, municipality_name_key
from pole.geo.place_names import mrc_name_key
from pole.geo.territory_rows import TerritoryFile, TerritoryFileError, TerritoryRow
from pole.models import FormerMunicipality, Mrc, Municipality, MunicipalityBoundary

# Of codes that one sentence names.
MAX_NAMED = 20


@dataclass(slots=True)
class TerritoryChanges:
    """What a file changes. Vanished municipalities map to the code that takes their place, or ""."""

    rows: dict[str, TerritoryRow]
    new: list[TerritoryRow] = field(default_factory=list)
    # (municipality as stored, what the file says), when a name, designation, MRC, position or outline differs.
    changed: list[tuple[Municipality, TerritoryRow]] = field(default_factory=list)
    vanished: dict[str, tuple[Municipality, str]] = field(default_factory=dict)
    # How many rows, by kind, belong to each vanished municipality.
    used: dict[str, dict[str, int]] = field(default_factory=dict)
    # (name, code of the municipality that it leads to): of codes that were never stored.
    former_names: list[tuple[str, str]] = field(default_factory=list)
    # By code, (name as stored, name in the file): of an MRC that has another name, once someone confirmed it.
    renamed_mrcs: dict[str, tuple[str, str]] = field(default_factory=dict)
    # The others: one code for two names, until someone confirms it.
    mrc_conflicts: dict[str, tuple[str, str]] = field(default_factory=dict)
    # Why nothing can be written, whatever is answered.
    problems: list[str] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    # Of every municipality that there will be, by code.
    names: dict[str, str] = field(default_factory=dict)

    def is_empty(self) -> bool:
        return not (self.new or self.changed or self.vanished or self.former_names or self.renamed_mrcs
                    or self.mrc_conflicts)  # fmt: skip


def find_changes(
    file: TerritoryFile,
    answers: Mapping[str, str] | None = None,
    *,
    renamed_mrcs: Collection[str] = (),
) -> TerritoryChanges:
    """What the file would change in the territory.

    `answers`: the code or the name of what takes the place of a code, as people typed it; they win over the file's.
    `renamed_mrcs`: codes of MRCs that someone said have another name now. A missing municipality vanishes only if its
    MRC is in the file, or if it has a successor.
    """
    gazetteer = load_gazetteer()
    outlines = dict(MunicipalityBoundary.objects.values_list("municipality_id", "polygons"))
    changes = TerritoryChanges(file.rows, notes=file.notes)
    for code, row in file.rows.items():
        if (town := gazetteer.by_code.get(code)) is None:
            changes.new.append(row)
        elif _differs(town, row) or (row.boundary is not None and row.boundary != outlines.get(code)):
            changes.changed.append((town, row))
    typed = file.successors | {code: text for code, text in (answers or {}).items() if text.strip()}
    _find_vanished(changes, gazetteer, typed)
    _find_former_names(changes, gazetteer, typed, file.names)
    _find_renamed(changes, renamed_mrcs)
    changes.problems += _homonyms_of_one_mrc(changes, gazetteer)
    return changes


def refuse(changes: TerritoryChanges) -> None:
    """Raises `TerritoryFileError` unless the changes can be written."""
    reasons = [*changes.problems, *(_conflict(code, *names) for code, names in changes.mrc_conflicts.items())]
    reasons += [
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
    if reasons:
        raise TerritoryFileError(*reasons)


def _conflict(code: str, stored: str, written: str) -> str:
    return _(
        "The code %(code)s is that of %(stored)s in the portal, and of %(written)s in the file. Correct the code, or"
        " confirm that the name has changed."
    ) % {"code": code, "stored": stored, "written": written}


def _differs(town: Municipality, row: TerritoryRow) -> bool:
    is_renamed = (town.name, town.designation, town.mrc_id or "") != (row.name, row.designation, row.mrc_code)
    moved = row.latitude is not None and (town.latitude, town.longitude) != (row.latitude, row.longitude)
    return is_renamed or moved or bool(row.region and row.region != town.region)


# --- What is no longer in the list ----------------------------------------------------------------


def _find_vanished(changes: TerritoryChanges, gazetteer: Gazetteer, typed: Mapping[str, str]) -> None:
    covered = {row.mrc_code for row in changes.rows.values()} - {""}
    gone = [
        town
        for code, town in gazetteer.by_code.items()
        if code not in changes.rows and ((town.mrc_id or "") in covered or code in typed)
    ]
    gone_codes = {town.code for town in gone}
    changes.names = {code: town.name for code, town in gazetteer.by_code.items() if code not in gone_codes}
    changes.names |= {code: row.name for code, row in changes.rows.items()}
    counts = count_rows([town.code for town in gone])
    for town in gone:
        successor = _followed(town.code, typed, changes) if town.code in typed else ""
        changes.vanished[town.code] = (town, successor)
        changes.used[town.code] = counts.get(town.code, {})


def _find_former_names(
    changes: TerritoryChanges, gazetteer: Gazetteer, typed: Mapping[str, str], names: Mapping[str, str]
) -> None:
    """What the file calls the codes that it replaces: of one that was never stored, only that name is left."""
    stored = {row.key: row.municipality_id for row in FormerMunicipality.objects.all()}
    present = {municipality_name_key(name) for name in changes.names.values()}
    present |= {municipality_name_key(town.name) for town, _successor in changes.vanished.values()}
    nameless = []
    for code in typed:
        if code in changes.rows:
            continue
        key = municipality_name_key(names.get(code, ""))[:80]
        successor = changes.vanished[code][1] if code in changes.vanished else _followed(code, typed, changes)
        if not key and code not in gazetteer.by_code:
            nameless.append(code)
        elif key and successor and key not in present and stored.get(key) != successor:
            changes.former_names.append((names[code], successor))
    if nameless:
        unknown = _("Neither the territory nor the file says the name of %(codes)s: nothing of it is kept.")
        changes.notes += (unknown % {"codes": ", ".join(nameless[:MAX_NAMED])},)


def _followed(code: str, typed: Mapping[str, str], changes: TerritoryChanges) -> str:
    """The municipality that takes the place of `code` in the end, through those that vanish too; "" with a problem."""
    seen = [code]
    while True:
        written = typed[seen[-1]].strip()
        found = code_typed(written, changes.names) or written.upper()
        if found in changes.names:
            return found
        if found in seen or found not in typed:
            reason = (
                _("%(code)s leads back to itself: say which municipality takes its place.")
                if found in seen
                else _(
                    "%(successor)s can’t take the place of %(code)s: no municipality has this code or this name."
                )
            )
            changes.problems.append(reason % {"code": code, "successor": written[:80]})
            return ""
        seen.append(found)


def code_typed(typed: str, names: Mapping[str, str]) -> str:
    """The code of "69010", "69010 Franklin" or "Franklin"; "" when none or several are meant. `names`, by code."""
    words = typed.split(maxsplit=1)
    if words and (code := words[0].upper()) in names:
        return code
    key = municipality_name_key(typed)
    named = [code for code, name in names.items() if municipality_name_key(name) == key]
    return named[0] if key and len(named) == 1 else ""


# --- Names and codes that can't be two ------------------------------------------------------------


def _find_renamed(changes: TerritoryChanges, confirmed: Collection[str]) -> None:
    """MRCs whose code has another name in the file: a mistake, unless someone confirms it."""
    written = {row.mrc_code: row.mrc_name for row in changes.rows.values() if row.mrc_code}
    for code, stored in Mrc.objects.filter(code__in=written).values_list("code", "name"):
        if stored == written[code]:
            continue
        names = (stored, written[code])
        is_same = mrc_name_key(stored) == mrc_name_key(written[code])
        (changes.renamed_mrcs if is_same or code in confirmed else changes.mrc_conflicts)[code] = names


def _homonyms_of_one_mrc(changes: TerritoryChanges, gazetteer: Gazetteer) -> list[str]:
    """Two municipalities of one MRC that nothing would tell apart, in the file or beside it."""
    after = {
        code: (town.name, town.designation, town.mrc_id)
        for code, town in gazetteer.by_code.items()
        if code not in changes.vanished
    } | {code: (row.name, row.designation, row.mrc_code or None) for code, row in changes.rows.items()}
    first: dict[tuple[str, str, str | None], str] = {}
    return [
        _(
            "%(code)s and %(other)s are both %(name)s (%(designation)s), in the same place: one of the two is wrong."
        )
        % {"code": code, "other": first[key], "name": key[0], "designation": key[1].lower()}
        for code, key in after.items()
        if key[2] and first.setdefault(key, code) != code
    ]


# --- What belongs to municipalities ---------------------------------------------------------------


def count_rows(codes: Collection[str]) -> dict[str, dict[str, int]]:
    """By code, how many rows of each kind ("fiche", "fiches") belong to a municipality: a query a kind."""
    counts: dict[str, dict[str, int]] = {}
    former: tuple[type[models.Model], str] = (FormerMunicipality, "municipality")
    for model, name in (*foreign_keys_to_municipality(), former):
        rows = model._base_manager.filter(**{f"{name}__in": list(codes)}).order_by()
        for code, count in rows.values_list(name).annotate(models.Count("pk")):
            counts.setdefault(code, {})[kind_of_rows(model, count)] = count
    return counts


def kind_of_rows(model: type[models.Model], count: int) -> str:
    return str(model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural)


def foreign_keys_to_municipality() -> list[tuple[type[models.Model], str]]:
    """(model, field) of every foreign key to a municipality, but those of its former names and of its boundary."""
    own = {FormerMunicipality, MunicipalityBoundary}
    return [
        (relation.related_model, relation.field.name)
        # Hidden ones too: the hub and the forums are not reached from a municipality.
        for relation in Municipality._meta.get_fields(include_hidden=True)
        if isinstance(relation, models.ManyToOneRel) and relation.related_model not in own
    ]
