"""Telephone numbers and their extensions."""

from __future__ import annotations

import re

import phonenumbers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from pole.identifiers.cleaning import CANADA, clean_input, digits_of_spreadsheet

_EXTENSION = re.compile(
    r"[\s,;(/-]*(?:\b(?:postes?|post|local|loc|extension|extn|ext|p)(?![^\W\d_])\.?|x|#)\s*[:#=]?\s*(?:n[o°]\.?)?\s*([0-9]{1,7})\s*\)?$",
    re.IGNORECASE,
)


def parse_phone(raw: str, *, country: str = CANADA) -> tuple[str, str]:
    """(E.164 number, extension or "") of what was typed: "450 555-0123, poste 25".

    A number without "+" is one of `country`. Raises `ValidationError` with code "phone_characters",
    "phone_length", "phone_invalid" or "digits_lost".
    """
    text, extension = _split_extension(digits_of_spreadsheet(clean_input(raw)))
    # phonenumbers would read the letters as keys of a dial, and "poste 25" as part of the number.
    if letter := re.search(r"[^\W\d_]", text):
        raise ValidationError(
            _("This telephone number contains “%(character)s”; write digits, then “ext. 25” if needed."),
            code="phone_characters",
            params={"character": letter[0]},
        )
    return _to_e164(text, country), extension


def _split_extension(text: str) -> tuple[str, str]:
    if found := _EXTENSION.search(text):
        return text[: found.start()], found[1]
    return text, ""


def _to_e164(text: str, country: str) -> str:
    too_short_or_long = ValidationError(
        _("Write the telephone number with its area code, such as 450 555-0123.")
        if country == CANADA
        else _("Write the whole telephone number; one of another country begins with + and its code."),
        code="phone_length",
    )
    try:
        # Of a country that we don't know, only whole numbers are understood: +33 1 44 55 66 77.
        parsed = phonenumbers.parse(text, country if country in phonenumbers.SUPPORTED_REGIONS else None)
    except phonenumbers.NumberParseException as error:
        raise too_short_or_long from error
    # A local number without its area code is another answer than "possible".
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise too_short_or_long
    if not phonenumbers.is_valid_number(parsed):
        message = _("No telephone can have this number: check its area code and its digits.")
        raise ValidationError(message, code="phone_invalid")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
