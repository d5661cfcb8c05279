"""Postal codes of Canada and of other countries."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from pole.identifiers.cleaning import CANADA, clean_input, dashes_as_hyphens

# Canada Post: letter, digit, letter, then digit, letter, digit; D, F, I, O, Q and U are never
# used, being too like other characters; no region is called W or Z.
_POSTAL_SHAPE = "ANANAN"
_UNUSED_LETTERS = "DFIOQU"
_UNUSED_FIRST_LETTERS = "WZ"


# Digits of a postal code, where it has digits only.
_POSTAL_DIGITS = {"FR": 5, "BE": 4, "CH": 4}
MAX_POSTAL_LENGTH = 7


def clean_postal_code(raw: str, *, country: str = CANADA) -> str:
    """A postal code as its country writes it; a Canadian one is "J0S 1Y0", from any spacing, hyphens and case.

    Raises `ValidationError` with code "postal_length", "postal_letter_expected",
    "postal_digit_expected" or "postal_unused_letter", naming the character at fault.
    """
    if country != CANADA:
        return _clean_foreign_postal_code(raw, country)
    code = re.sub(r"[\s.-]", "", dashes_as_hyphens(clean_input(raw))).upper()
    if len(code) != len(_POSTAL_SHAPE):
        raise ValidationError(
            _("A postal code has 6 letters and digits, such as J0S 1Y0; this one has %(count)d."),
            code="postal_length",
            params={"count": len(code)},
        )
    for position, (character, kind) in enumerate(zip(code, _POSTAL_SHAPE, strict=True), start=1):
        _check_postal_character(character, kind, position)
    return f"{code[:3]} {code[3:]}"


_TAKEN_FOR_DIGITS = {"O": "0", "I": "1", "L": "1"}


def mend_postal_code(raw: str) -> str:
    """`raw` with the digits of a Canadian code for which letters were taken: "JOS 1YO" is J0S 1Y0. Any other text as it is."""
    code = re.sub(r"[\s.-]", "", dashes_as_hyphens(clean_input(raw))).upper()
    if len(code) != len(_POSTAL_SHAPE):
        return raw
    mended = "".join(
        _TAKEN_FOR_DIGITS.get(character, character) if kind == "N" else character
        for character, kind in zip(code, _POSTAL_SHAPE, strict=True)
    )
    return raw if mended == code else f"{mended[:3]} {mended[3:]}"


def _clean_foreign_postal_code(raw: str, country: str) -> str:
    """So many digits in a country that we know; elsewhere letters, digits, spaces and hyphens, in capitals."""
    text = " ".join(dashes_as_hyphens(clean_input(raw)).upper().split())
    if expected := _POSTAL_DIGITS.get(country):
        code = re.sub(rf"^(?:{country}|[FB]|CH)-|[\s.]", "", text)
        if not re.fullmatch(rf"[0-9]{{{expected}}}", code):
            message = _("A postal code has %(count)d digits here.")
            raise ValidationError(message, code="postal_length", params={"count": expected})
        return code
    if not re.fullmatch(rf"[A-Z0-9][A-Z0-9 -]{{1,{MAX_POSTAL_LENGTH - 1}}}", text):
        message = _("A postal code has at most %(count)d letters and digits.")
        raise ValidationError(message, code="postal_length", params={"count": MAX_POSTAL_LENGTH})
    return text


def _check_postal_character(character: str, kind: str, position: int) -> None:
    params = {"character": character, "position": position}
    if kind == "N" and character not in "0123456789":
        message = _("Character %(position)d of the postal code must be a digit, not “%(character)s”.")
        raise ValidationError(message, code="postal_digit_expected", params=params)
    if kind == "A" and not ("A" <= character <= "Z"):
        message = _("Character %(position)d of the postal code must be a letter, not “%(character)s”.")
        raise ValidationError(message, code="postal_letter_expected", params=params)
    if character in _UNUSED_LETTERS:
        message = _("No Canadian postal code contains the letter “%(character)s”.")
        raise ValidationError(message, code="postal_unused_letter", params=params)
    if position == 1 and character in _UNUSED_FIRST_LETTERS:
        message = _("No Canadian postal code begins with the letter “%(character)s”.")
        raise ValidationError(message, code="postal_unused_letter", params=params)
