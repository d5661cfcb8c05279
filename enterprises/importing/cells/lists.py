"""Cells that hold several things or a number of people, and the keys under which things are looked up."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from enterprises.models import Listing
from pole.search import unaccented
from pole.text.plaintext import clean_line


def split_cell(cell: str, also: str = "") -> list[str]:
    marks = r"[;|•\n]" if re.search(r"[;|•\n]", cell) else r","
    parts = re.split(f"{marks}|{also}" if also else marks, cell)
    return list(dict.fromkeys(part for part in (clean_line(each).strip("-– ") for each in parts) if part))


def short_parts(cell: str, *, most: int, length: int) -> list[str]:
    parts = (part[:length].strip() for part in split_cell(cell))
    return list(dict.fromkeys(part for part in parts if part))[:most]


def look_up_parts(
    cell: str, known: dict[str, Any], key: Callable[[str], str], also: str = ""
) -> tuple[list[Any], list[str]]:
    """(The sorted values of the parts of a cell, the parts that are not among `known`)."""
    found, unknown = [], []
    for part in split_cell(cell, also):
        if (value := known.get(key(part))) is not None:
            found.append(value)
        else:
            unknown.append(part)
    return sorted(set(found)), unknown


def lookup_key(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", unaccented(text)))


def mrc_key(text: str) -> str:
    key = re.sub(
        r"^(?:mrc|municipalite regionale de comte)\s+(?:(?:de|du|des|d)\s+)?(?:(?:la|l)\s+)?",
        "",
        lookup_key(text),
    )
    return re.sub(r"^(?:agglomeration (?:de|d) )?(?:les )?(?:le )?(?:la )?", "", key)


_BANDS = ((0, "0"), (4, "1-4"), (9, "5-9"), (24, "10-24"), (49, "25-49"), (99, "50-99"))


def workforce_band(cell: str) -> str:
    """The band of the first number that a cell gives, or ""."""
    # Excel makes a date of "1-4", in the order of its country.
    if day := re.fullmatch(r"[0-9]{4}-([0-9]{2})-([0-9]{2})", cell):
        one, other = int(day[1]), int(day[2])
        bands = (f"{one}-{other}", f"{other}-{one}")
        return next((band for band in bands if band in Listing.Workforce.values), "")
    together = re.sub(r"(?<=[0-9])[ ,\u00a0\u202f](?=[0-9]{3}(?![0-9]))", "", cell)
    found = re.search(r"[0-9]+", together)
    if not found:
        return ""
    number = int(found[0][:9])
    if re.search(
        r"(?:<(?!\s*=)|\bmoins de|\bless than|\bunder)\s*$", together[: found.start()], re.IGNORECASE
    ):
        number = max(number - 1, 0)
    return next((band for most, band in _BANDS if number <= most), "100+")
