"""Numéro d'entreprise du Québec (NEQ)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from pole.identifiers.cleaning import clean_input, dashes_as_hyphens, digits_of_spreadsheet

# The Registraire des entreprises gives ten digits; the first two tell the kind of registration.
NEQ_PREFIXES = {
    "11": _("legal person"),
    "22": _("natural person in business"),
    "33": _("partnership, association or other group"),
    "88": _("public body"),
}
# What a social economy enterprise has: a cooperative, a non-profit or a mutual is a legal person
# or a group.
USUAL_NEQ_PREFIXES = frozenset({"11", "33"})


@dataclass(frozen=True, slots=True)
class Neq:
    """A well-formed NEQ: ten digits, the first two being a key of `NEQ_PREFIXES`."""

    digits: str

    @property
    def prefix(self) -> str:
        return self.digits[:2]

    @property
    def has_usual_prefix(self) -> bool:
        return self.prefix in USUAL_NEQ_PREFIXES

    @property
    def passes_luhn(self) -> bool:
        """Whether the last eight digits end with their Luhn check digit.

        Every one of the 2,243 real numbers examined does, but no document says that all must.
        """
        return _luhn_sum(self.digits[2:]) % 10 == 0

    def __str__(self) -> str:
        return self.digits


def _luhn_sum(digits: str) -> int:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return sum(doubled) + sum(int(digit) for digit in digits[-1::-2])


def parse_neq(raw: str) -> Neq:
    """The NEQ written in `raw`, with or without spaces, hyphens, dots or "NEQ" before it.

    Raises `ValidationError` with code "neq_characters", "neq_length", "neq_prefix" or "digits_lost".
    """
    text = re.sub(r"^NEQ\s*:?\s*", "", dashes_as_hyphens(clean_input(raw)), flags=re.IGNORECASE)
    digits = re.sub(r"[\s.-]", "", digits_of_spreadsheet(text))
    if other := re.search("[^0-9]", digits):
        raise ValidationError(
            _("The NEQ has digits only: remove “%(character)s”."),
            code="neq_characters",
            params={"character": other[0]},
        )
    if len(digits) != 10:
        raise ValidationError(
            _("The NEQ has 10 digits; this one has %(count)d."),
            code="neq_length",
            params={"count": len(digits)},
        )
    if digits[:2] not in NEQ_PREFIXES:
        raise ValidationError(
            _("The NEQ begins with 11, 22, 33 or 88, not with %(prefix)s."),
            code="neq_prefix",
            params={"prefix": digits[:2]},
        )
    return Neq(digits)


def clean_neq(raw: str) -> str:
    """The ten digits of the NEQ written in `raw`; errors as `parse_neq`."""
    return parse_neq(raw).digits


def neq_warning(neq: str) -> str | None:
    """What looks wrong in a well-formed NEQ, for a person to check; never a reason to refuse it.

    Raises `ValidationError` when `neq` is not well formed.
    """
    parsed = parse_neq(neq)
    if not parsed.has_usual_prefix:
        return str(_("A social economy enterprise usually has an NEQ that begins with 11 or 33. Check it."))
    if not parsed.passes_luhn:
        return str(_("The last digits of this NEQ do not agree with each other. Check for a typo."))
    return None
