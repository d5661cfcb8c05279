"""What was typed, without what nobody sees, and numbers as spreadsheets write them."""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from pole.text.plaintext import clean_line

CANADA = "CA"
_POWER = re.compile(r"([0-9])[.,]?([0-9]*)E[+]?([0-9]{1,2})", re.IGNORECASE)
_WITHOUT_VALUE = re.compile(r"([0-9]{6,})[.,]0+")
_GROUPED = re.compile(r"([0-9]{1,3}(?P<mark>[ ,.'’])[0-9]{3}(?:(?P=mark)[0-9]{3})+)(?:(?!(?P=mark))[.,]0+)?")


def clean_input(raw: str) -> str:
    """`raw` without invisible characters; full-width digits and letters become ordinary ones (NFKC)."""
    return clean_line(unicodedata.normalize("NFKC", raw))


def dashes_as_hyphens(text: str) -> str:
    return re.sub("[\u2010-\u2015\u2212]", "-", text)


def digits_of_spreadsheet(text: str) -> str:
    """ "1148207609.0", "1,148,207,609" and "1.148207609E+09" as their digits; any other text as it is.

    Raises `ValidationError` with code "digits_lost" for "1,14821E+09": the spreadsheet kept six digits of ten.
    """
    bare = text.strip().lstrip("'")
    if found := _WITHOUT_VALUE.fullmatch(bare):
        return found[1]
    if found := _GROUPED.fullmatch(bare):
        return found[1].replace(found["mark"], "")
    if not (found := _POWER.fullmatch(bare.replace(" ", ""))):
        return text
    decimals, power = found[2].rstrip("0"), int(found[3])
    if power < 6:
        return text
    if len(decimals) < power:
        message = _(
            "A spreadsheet shortened this number to “%(text)s” and its last digits are lost: format the column as text, and copy the numbers from their source."
        )
        raise ValidationError(message, code="digits_lost", params={"text": bare})
    return found[1] + decimals if len(decimals) == power else text
