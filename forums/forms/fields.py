"""The language of typed fields, days, and prices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from pole.forms import DaysBetween, SingleLineField
from pole.text import plaintext
from pole.text.bilingual import ENGLISH
from pole.text.local_moments import FIRST_YEAR, LAST_YEAR


def set_languages(fields: Mapping[str, forms.Field]) -> None:
    """Fields named `…_en` are written in English."""
    for name, field in fields.items():
        if name.endswith("_en") and isinstance(field, SingleLineField):
            field.language = ENGLISH


# A year outside these is a typing error.
LIKELY_DAYS = (DaysBetween(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)),)


class CalendarDateField(forms.DateField):
    """A day."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class LinkField(forms.URLField):
    """An address, without invisible characters."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(plaintext.clean_line(str(value or ""))))


MAX_PRICE = Decimal("99999.99")
_FREE = frozenset({"gratuit", "gratuite", "gratis", "free", "sans frais", "no charge", "aucun", "nil"})
_CURRENCY = re.compile(r"^(?:\$|cad|c\$|ca\$)\s*|\s*(?:\$\s*(?:ca|cad|can)?|cad|dollars?)$", re.IGNORECASE)
# Thousands apart by spaces, or as in English by commas; cents after a comma or a point.
_AMOUNT = re.compile(r"(\d{1,3}(?:[ ’']\d{3})+|\d{1,3}(?:,\d{3})+(?=\.\d{2}$)|\d+)(?:[.,](\d{1,2}|-|—))?")


class PriceField(SingleLineField):
    """In dollars, as people write it: « 25 », « 25,50 $ », « $25 », « 1 250 », « gratuit »."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 40, **kwargs})
        self.widget.attrs |= {"autocomplete": "off"}

    def clean(self, value: Any) -> Decimal | None:
        text = self.to_python(value)
        self.validate(text)
        return self._amount(text) if text else None

    def _amount(self, text: str) -> Decimal:
        bare = _CURRENCY.sub("", " ".join(text.split())).strip()
        if bare.casefold() in _FREE:
            return Decimal(0)
        found = _AMOUNT.fullmatch(bare)
        if not found or (not bare.isascii() and "’" not in bare):
            raise ValidationError(
                _("Write a price in dollars, as 25 or 25.50, or “free”. Words go beside it."), code="price"
            )
        cents = (found[2] or "").strip("-—")
        amount = Decimal(f"{re.sub(r'\D', '', found[1])}.{cents or 0}")
        if amount > MAX_PRICE:
            raise ValidationError(_("This price is too high to be one."), code="price")
        return amount

    def prepare_value(self, value: Any) -> Any:
        """As whoever reads the form would write it."""
        if not isinstance(value, Decimal):
            return value
        if value == 0:
            return pgettext("price", "free")
        return number_format(value, 0 if value == value.to_integral_value() else 2, use_l10n=True)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.clean(data) != initial)
        except ValidationError:
            return True
