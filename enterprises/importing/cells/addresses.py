"""Streets, postal codes and positions as registers and people write them."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from enterprises.duplicates.similarity import WORDS
from pole import identifiers
from pole.geo.gazetteer import municipality_name_key
from pole.identifiers import CANADA
from pole.search import unaccented
from pole.text.plaintext import clean_line

_POSTAL_CODE = re.compile(
    r"(?:\bC\.?\s?P\.?\s*:?\s*)?\b([A-Za-z][\dOoIl][A-Za-z])[\s-]?([\dOoIl][A-Za-z][\dOoIl])\b"
)
_UNIT = re.compile(
    r",?\s*\b(?:APP|APPT|APT|BUREAU|BUR|SUITE|LOCAL|UNITE|UNITÉ)\b\.?\s*:?\s*#?\s*([\w-]*\d[\w-]*|[A-Za-z]\b)",
    re.IGNORECASE,
)
_BOX = re.compile(r",?\s*\b(?:C\.?\s?P\.?|CASE POSTALE|CASIER POSTAL)\s*:?\s*(\d+)", re.IGNORECASE)
_PROVINCE = re.compile(r",?\s*\(?\b(?:Québec|Quebec|QC|P\.?\s?Q\.?)\b\)?\.?\s*$", re.IGNORECASE)
# Of a country: the latitudes and longitudes between which it lies.
_BOUNDS = {CANADA: ((41, 84), (-142, -52))}


def split_address(cell: str) -> tuple[str, str]:
    """(street, postal code or "") of an address as registers write it.

    "1200 RUE PRINCIPALE APP: 204 CP: 45" is "1200, rue Principale, app. 204, C. P. 45"; a postal
    code or a whole "CP: J0S 1Y0" is removed.
    """
    text, postal_code = split_postal_code(clean_line(cell.replace("\n", ", ")))
    text = _lower_case_street(text)
    text = _UNIT.sub(lambda found: f", {_unit_word(found[0])} {found[1]}", text)
    text = _BOX.sub(r", C. P. \1", text)
    text = _PROVINCE.sub("", text) if re.search(r"[,(]", text) else text
    text = re.sub(r"\s*,[\s,]*", ", ", text).strip(" ,")
    return re.sub(r"^(\d+[A-Za-z]?(?:-\d+)?)\s+(?=[^\W\d_]{2}|[A-Z]\b)", r"\1, ", text), postal_code


def split_postal_code(text: str) -> tuple[str, str]:
    """(The text without it, a Canadian postal code that it holds or "")."""
    if found := _POSTAL_CODE.search(text):
        try:
            postal_code = identifiers.clean_postal_code(identifiers.mend_postal_code(found[1] + found[2]))
        except ValidationError:
            return text, ""
        return (text[: found.start()] + text[found.end() :]).strip(" ,"), postal_code
    return text, ""


def without_town(street: str, town: str) -> str:
    """« 12, rue Principale, Beauharnois » without the town, which has a column of its own."""
    head, comma, last = street.rpartition(", ")
    is_town = bool(comma) and municipality_name_key(last) == municipality_name_key(town)
    return head if is_town else street


def _unit_word(written: str) -> str:
    word = unaccented(written).strip(" ,")
    return "bureau" if word.startswith("bur") else "local" if word.startswith("local") else "app."


def _lower_case_street(text: str) -> str:
    """Words in capitals as a sentence has them; those of an address that is half so too, but letters alone and initials."""
    is_whole = text == text.upper() and bool(re.search("[A-Z]{3}", text))

    def word(found: re.Match[str]) -> str:
        lower = found[0].lower()
        if not is_whole and (found[0] != found[0].upper() or len(lower) < 3):
            return found[0]
        if unaccented(lower) in WORDS["street"]:
            return lower
        return lower.capitalize() if is_whole or len(lower) > 4 else found[0]

    return re.sub(r"[^\W\d_]+", word, text)


def mended_postal_code(cell: str, country: str) -> tuple[str, bool]:
    """(The code, whether it was written otherwise: letters for digits, words around it). Raises `ValidationError`."""
    written = cell.split("\n", maxsplit=1)[0]
    if country != CANADA:
        return identifiers.clean_postal_code(written, country=country), False
    mended = identifiers.mend_postal_code(written)
    try:
        return identifiers.clean_postal_code(mended), mended != written
    except ValidationError:
        # Among other words: "J6N 1L7 Canada".
        rest, code = split_postal_code(clean_line(written))
        if not code or re.search("[0-9]", rest):
            raise
        return code, True


# --- Position -------------------------------------------------------------------------------------


def parse_position(latitude: str, longitude: str, country: str) -> tuple[Decimal, Decimal, str]:
    """(latitude, longitude, what was corrected or ""). Raises `ValidationError` for what is no place of the country."""
    north, east = _degrees(latitude), _degrees(longitude)
    bounds = _BOUNDS.get(country, ((-90, 90), (-180, 180)))
    for corrected, note in (
        ((north, east), ""),
        ((east, north), _("latitude and longitude were exchanged.")),
        ((north, -east), _("the longitude is west: its sign was missing.")),
        ((east, -north), _("latitude and longitude were exchanged.")),
    ):
        if all(least <= each <= most for each, (least, most) in zip(corrected, bounds, strict=True)):
            return (*corrected, note)
    raise ValidationError(_("this position is not in the country."))


def _degrees(cell: str) -> Decimal:
    text = re.sub(r"\s|°|º", "", cell.replace(",", ".").replace("\u2212", "-"))
    west_or_south = text[-1:].upper() in {"O", "W", "S"}
    text = re.sub(r"[NSEWO]$", "", text, flags=re.IGNORECASE)
    if not re.fullmatch(r"[+-]?[0-9]{1,3}(?:\.[0-9]{1,20})?", text):
        raise ValidationError(_("a position is written in degrees, such as 45.3123 and -73.8765."))
    try:
        degrees = Decimal(text).quantize(Decimal("0.00001"))
    except InvalidOperation as error:  # pragma: no cover - the pattern bounds it
        raise ValidationError(_("a position is written in degrees, such as 45.3123 and -73.8765.")) from error
    return -abs(degrees) if west_or_south else degrees
