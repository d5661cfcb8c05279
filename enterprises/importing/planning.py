"""What a row does, decided from what it holds, what it resembles, and what staff answered.

Nothing is searched here: `Surroundings` holds what deciding reads beside the row, so that a trial decides thousands of
rows, and an answer one of them, by the same rules. Of two rows of a file that may be one enterprise, the one that ranks
first comes in and the other is asked about; rows rank by what they hold, so their order in the file changes nothing.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from enterprises.duplicates.similarity import name_match_key
from enterprises.importing.matching import SURE
from enterprises.listing_fields import COLUMN_OF_RELATION
from enterprises.models import Import, ImportRow, Listing
from enterprises.models import RowDecision as Decision
from enterprises.models import RowKind as Kind

KINDS = tuple(Kind)
# They do not come in: they are in the file to correct.
NOT_IMPORTED = (Kind.DUPLICATE, Kind.QUESTION, Kind.REFUSED)
WRITTEN = (Kind.CREATED, Kind.CHANGED)
COMES_IN = (Kind.CREATED, Kind.CHANGED, Kind.SAME)
# Left out, refused: another row is not asked about because of it.
GONE = (Kind.SKIPPED, Kind.REFUSED)


@dataclass(slots=True)
class Surroundings:
    """What deciding some rows reads beside them."""

    spreadsheet_import: Import
    places_left_out: Collection[str] = ()
    # By key: those that the rows are, or are to change. Without their search document.
    listings: dict[int, Listing] = field(default_factory=dict)
    # By key: those that the rows resemble.
    names: dict[int, str] = field(default_factory=dict)
    managed: Collection[int] = ()
    # By number: the rows that those resemble, decided before them.
    rows: dict[int, ImportRow] = field(default_factory=dict)
    # By key of a listing, the row that is it, or completes it, without asking.
    taken: dict[int, ImportRow] = field(default_factory=dict)
    # The listing that bears a NEQ.
    neq_holders: Mapping[str, int] = field(default_factory=dict)


def rank_key(row: ImportRow) -> tuple[int, list[str], int]:
    """Rows that say more come first; of two that say as much, by what they say."""
    cells = [" ".join(cell.split()) for cell in row.cells]
    return (-sum(1 for cell in cells if cell), cells, row.number)


def decide(row: ImportRow, around: Surroundings) -> None:
    """Sets what the row does: `kind`, `reasons`, `changes`, `changed`, `listing_id`, `completes`. No query."""
    row.reasons, row.changes, row.changed, row.listing_id, row.completes = [], [], [], None, None
    row.kind = _kind_before_matching(row, around) or _match(row, around)
    if row.exact and row.kind in {Kind.CHANGED, Kind.SAME} and not row.decision:
        around.taken.setdefault(row.exact, row)


def _kind_before_matching(row: ImportRow, around: Surroundings) -> Kind | None:
    if row.left_out:
        return Kind.SKIPPED
    if row.place and row.place in around.places_left_out:
        row.reasons = [_("Rows of this municipality are left out.")]
        return Kind.SKIPPED
    row.reasons = list(row.cleaned["problems"])
    if row.cleaned["is_doubtful"]:
        question = (
            _("Which municipality is “%(name)s”?")
            if row.cleaned["towns"]
            else _("“%(name)s” is not a municipality of the territory.")
        )
        row.reasons.append(question % {"name": row.cleaned["written_municipality"]})
        return Kind.REFUSED if row.cleaned["problems"] else Kind.QUESTION
    return Kind.REFUSED if row.reasons else None


def _match(row: ImportRow, around: Surroundings) -> Kind:
    if decided := _match_as_decided(row, around):
        return decided
    if row.exact and row.exact in around.listings:
        return _update_exact(row, around, around.listings[row.exact])
    return _complete_same(row, around) or _ask(row, around) or _create(row, around)


def _match_as_decided(row: ImportRow, around: Surroundings) -> Kind | None:
    """As staff said; None when they said nothing, or that it is a row which is gone."""
    other = around.rows.get(-(row.target or 0))
    if row.target and row.target < 0 and (other is None or other.kind in GONE):
        return None
    if other and other.kind not in COMES_IN:
        return _asked(row, _("Row %(number)d does not come in.") % {"number": other.number})
    if row.decision == Decision.UPDATE and row.target:
        return _complete_row(row, around, other) if other else _update_target(row, around, row.target)
    if row.decision == Decision.BRANCH and row.target:
        return _create_branch(row, around, other.name if other else around.names.get(row.target))
    return _create_another(row, around) if row.decision == Decision.CREATE else None


# --- What it is already ---------------------------------------------------------------------------


def _update_exact(row: ImportRow, around: Surroundings, listing: Listing) -> Kind:
    kind = _update(row, around, listing)
    first = around.taken.get(listing.pk)
    if first is None or first.number == row.number or kind == Kind.SAME:
        return kind
    return _asked(row, _("Same enterprise as row %(number)d.") % {"number": first.number})


def _update_target(row: ImportRow, around: Surroundings, key: int) -> Kind:
    listing = around.listings.get(key)
    return _update(row, around, listing) if listing else _asked(row, _("This listing is gone."))


def _complete_same(row: ImportRow, around: Surroundings) -> Kind | None:
    """It says more of what a row before it brings: nobody is asked about one enterprise written twice."""
    for key, _likeness, evidence in row.matches:
        other = around.rows.get(-key)
        if SURE in evidence and other and other.kind in COMES_IN:
            return _complete_row(row, around, other)
    return None


def _complete_row(row: ImportRow, around: Surroundings, other: ImportRow) -> Kind:
    """What another row becomes takes what this one says beside."""
    known = around.listings.get(other.listing_id or 0)
    if known:
        return _update(row, around, known)
    row.completes = other.number
    filled = fills_of(other, other.cleaned["values"], row.cleaned["values"])
    row.changes = [[name, "", shorten(value)] for name, value in filled.items()]
    row.changed = list(filled)
    if filled:
        row.reasons.append(_("Completes row %(number)d.") % {"number": other.number})
        return Kind.CHANGED
    row.reasons.append(_("Same enterprise as row %(number)d.") % {"number": other.number})
    return Kind.SAME


def fills_of(first: ImportRow, values: Mapping[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
    """What the values of another row add to those of a first one: what is empty, and another name; no NEQ to a branch."""
    filled = {name: value for name, value in others.items() if value and not values.get(name)}
    known = [values["name"], *values.get("other_names", [])]
    if name_match_key(others["name"]) not in {name_match_key(name) for name in known}:
        filled["other_names"] = [*values.get("other_names", []), others["name"]]
    if first.decision == Decision.BRANCH:
        filled.pop("neq", None)
    return in_order(filled)


def in_order(values: Mapping[str, Any]) -> dict[str, Any]:
    """By name of field: stored and read again, the values of a row come in another order than from its cells."""
    return dict(sorted(values.items()))


def _update(row: ImportRow, around: Surroundings, listing: Listing) -> Kind:
    changes = changes_of(listing, row.cleaned["values"], around)
    row.listing_id = listing.pk
    row.changes = [
        [name, shorten(getattr(listing, COLUMN_OF_RELATION.get(name, name))), shorten(value)]
        for name, value in changes.items()
    ]
    row.changed = list(changes)
    changed = copy.copy(listing)
    assign(changed, changes)
    return _refusals(row, changed, changes) or (Kind.CHANGED if changes else Kind.SAME)


def changes_of(listing: Listing, values: Mapping[str, Any], around: Surroundings) -> dict[str, Any]:
    """What a row changes in a listing. Its NEQ is never replaced, nor is one given that another listing has, or to a branch."""
    values = dict(values)
    if name_match_key(values["name"]) not in {
        name_match_key(name) for name in (listing.name, *listing.other_names)
    }:
        values["other_names"] = [*listing.other_names, values["name"]][:40]
    neq = values.get("neq", "")
    if listing.neq or listing.parent_id or around.neq_holders.get(neq, listing.pk) != listing.pk:
        values.pop("neq", None)
    only_fills = around.spreadsheet_import.only_fills or listing.pk in around.managed
    changes = {}
    # As the database gives them back, whose JSON has an order of its own.
    for name, value in sorted(values.items()):
        before = getattr(listing, COLUMN_OF_RELATION.get(name, name), None)
        fills = name == "other_names" or not before or not only_fills
        # Two spellings of one name: the listing's stays.
        if name != "name" and value and value != before and fills:
            changes[name] = value
    return in_order(changes)


# --- What it may be -------------------------------------------------------------------------------


def _ask(row: ImportRow, around: Surroundings) -> Kind | None:
    """A possible duplicate of a listing, or of a row that comes before it; None when it is neither."""
    for key, _likeness, evidence in row.matches:
        if key > 0 and key in around.names:
            if "neq" in evidence:
                return _asked(
                    row, _("Same NEQ as the listing “%(name)s”, elsewhere.") % {"name": around.names[key]}
                )
            return _asked(row, _("Looks like the listing “%(name)s”.") % {"name": around.names[key]})
        other = around.rows.get(-key)
        if other is None or other.kind in GONE:
            continue
        said = {"number": other.number, "name": other.name}
        if "neq" in evidence:
            return _asked(row, _("Same NEQ as row %(number)d, “%(name)s”.") % said)
        return _asked(row, _("Looks like row %(number)d, “%(name)s”.") % said)
    return None


def _asked(row: ImportRow, reason: str) -> Kind:
    row.reasons.append(reason)
    return Kind.DUPLICATE


# --- What it becomes ------------------------------------------------------------------------------


def _create_another(row: ImportRow, around: Surroundings) -> Kind:
    """« C'est une autre entreprise » : unless it bears the NEQ of one, which names one enterprise alone."""
    neq = row.cleaned["values"].get("neq", "")
    if neq and neq in around.neq_holders:
        name = around.names.get(around.neq_holders[neq], neq)
        return _asked(
            row, _("The listing “%(name)s” has this NEQ: a NEQ names one enterprise.") % {"name": name}
        )
    for key in row.near:
        other = around.rows.get(-key)
        if neq and other and other.kind in COMES_IN and other.cleaned["values"].get("neq") == neq:
            return _asked(
                row, _("Row %(number)d has this NEQ: a NEQ names one enterprise.") % {"number": -key}
            )
    return _create(row, around)


def _create_branch(row: ImportRow, around: Surroundings, name: str | None) -> Kind:
    if name is None:
        return _asked(row, _("This listing is gone."))
    row.reasons.append(_("A branch of “%(name)s”, without a NEQ of its own.") % {"name": name})
    return _create(row, around)


def _create(row: ImportRow, around: Surroundings) -> Kind:
    values = values_to_create(row, around.spreadsheet_import)
    row.changed = sorted(values)
    listing = Listing(slug="x")
    assign(listing, values)
    return _refusals(row, listing, values) or Kind.CREATED


def values_to_create(row: ImportRow, spreadsheet_import: Import) -> dict[str, Any]:
    """What the new listing says, with what is guessed if staff take it."""
    values = {name: value for name, value in row.cleaned["values"].items() if value}
    if spreadsheet_import.applies_guesses:
        values = row.cleaned.get("guessed", {}) | values
    if row.decision == Decision.BRANCH:
        values.pop("neq", None)
    return values


def _refusals(row: ImportRow, listing: Listing, names: Collection[str]) -> Kind | None:
    """Refused, with why, when a column of the listing would not take its value."""
    columns = {each.name for each in Listing._meta.fields}
    written = {name.removesuffix("_id") for name in names}
    try:
        listing.clean_fields(exclude=columns - written - {"name"})
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            label = Listing._meta.get_field(name).verbose_name  # type: ignore[union-attr]  # a column
            row.reasons += [f"{label}: {message}" for message in messages]
        return Kind.REFUSED
    return None


def assign(listing: Listing, values: Mapping[str, Any]) -> None:
    """Sets columns; relations are written once the listing is."""
    for name, value in values.items():
        if name not in COLUMN_OF_RELATION:
            setattr(listing, name, value)


def shorten(value: Any) -> str:
    text = ", ".join(str(each) for each in value) if isinstance(value, list) else str(value or "")
    return text if len(text) <= 160 else f"{text[:159]}…"
