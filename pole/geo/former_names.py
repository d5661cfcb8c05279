"""Every write to the names that people still use for a municipality: « Melocheville » for Beauharnois.

An import, the territory and addresses find a municipality under them (`pole.geo.gazetteer`).
Locks: the row of the former name.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from pole.geo.gazetteer import municipality_name_key
from pole.hooks.journal import note
from pole.models import FormerMunicipality, Municipality
from pole.refusals import Refusal
from pole.text.plaintext import clean_line

MAX_NAME_LENGTH = FormerMunicipality._meta.get_field("name").max_length or 80


class FormerNameRefused(Refusal):
    messages = {
        "unreadable": _("“%(name)s” has no letter by which it could be found. Write the name as people write it."),
        "too_long": _("“%(start)s…” is too long for a name: it has at most %(most)d characters."),
        "unknown_town": _("No municipality has the code %(town_code)s."),
        "present_name": _(
            "“%(name)s” is the name of a municipality today: %(town)s (%(town_code)s). It can’t be the former name of another one."
        ),
        "own_name": _("“%(name)s” is the name of this municipality today: there is nothing to remember."),
    }  # fmt: skip


def remember(*, name: str, municipality: str, by: Any = None) -> None:
    """Stores that `name` leads to the municipality of this code, instead of another one if it did.

    The same again changes nothing. Raises `FormerNameRefused`.
    """
    save(name=name, municipality=municipality, by=by)


@transaction.atomic
def save(
    *, name: str, municipality: str, instead_of: FormerMunicipality | None = None, by: Any = None
) -> FormerMunicipality:
    """As `remember`; `instead_of`: the one that this corrects. Raises `FormerNameRefused`."""
    written = clean_line(name)
    key = _checked_key(written, municipality)
    stored = FormerMunicipality.objects.select_for_update().filter(key=key).first()
    if stored and instead_of and stored.pk != instead_of.pk:
        # Corrected into a name that was there already: one of the two is left.
        FormerMunicipality.objects.filter(pk=instead_of.pk).delete()
    row = stored or instead_of or FormerMunicipality()
    if (row.key, row.name, row.municipality_id) == (key, written, municipality):
        return row
    # The import of a file does not undo how staff wrote a name.
    if stored and not instead_of and stored.municipality_id == municipality:
        return stored
    action = "save" if row.pk else "add"
    row.key, row.name, row.municipality_id = key, written, municipality
    row.save()
    note(action=action, kind="former_name", key=row.pk, by=by)
    return row


@transaction.atomic
def forget(former: FormerMunicipality, *, by: Any = None) -> None:
    key = former.pk
    former.delete()
    note(action="delete", kind="former_name", key=key, by=by)


def _checked_key(name: str, code: str) -> str:
    """The key of a name that may lead to a municipality. Raises `FormerNameRefused`."""
    key = municipality_name_key(name)
    if not any(character.isalpha() for character in key):
        raise FormerNameRefused("unreadable", name=name[:40])
    if max(len(name), len(key)) > MAX_NAME_LENGTH:
        raise FormerNameRefused("too_long", start=name[:30], most=MAX_NAME_LENGTH)
    town = Municipality.objects.filter(code=code).first()
    if town is None:
        raise FormerNameRefused("unknown_town", town_code=code[:40])
    if municipality_name_key(town.name) == key:
        raise FormerNameRefused("own_name", name=name)
    if present := present_town(key, instead_of=town):
        raise FormerNameRefused("present_name", name=name, town=str(present), town_code=present.code)
    return key


def present_town(key: str, *, instead_of: Municipality) -> Municipality | None:
    """A municipality that has this name today, and that the gazetteer would prefer to `instead_of`: one query.

    « Saint-Bruno » is a village of the Lac-Saint-Jean; for the hub that serves Saint-Bruno-de-Montarville, it is this one.
    """
    towns = Municipality.objects.all()
    if instead_of.is_in_territory:
        towns = towns.filter(is_in_territory=True)
    return next((town for town in towns if municipality_name_key(town.name) == key), None)
