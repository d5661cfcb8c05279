"""A price is read as people of Québec type it, and shown as they would."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from forums.forms.fields import MAX_PRICE, PriceField

pytestmark = pytest.mark.any_hour("prices")
field = PriceField(required=False)


@pytest.mark.parametrize(
    ("typed", "price"),
    [
        ("", None), ("   ", None), ("25", "25"), ("25,50", "25.50"), ("25.50", "25.50"), ("25,5", "25.5"),
        ("25 $", "25"), ("25\u00a0$", "25"), ("25\u202f$", "25"), ("25$", "25"), ("$25", "25"), ("$ 25.00", "25"),
        ("25,50 $ CA", "25.50"), ("CAD 25", "25"), ("25 CAD", "25"), ("25 dollars", "25"), ("1 dollar", "1"),
        ("1 250", "1250"), ("1\u202f250,75 $", "1250.75"), ("1,250.00", "1250"), ("0", "0"), ("0,00 $", "0"),
        ("gratuit", "0"), ("Gratuit", "0"), ("GRATUITE", "0"), ("free", "0"), ("sans frais", "0"), ("25,-", "25"),
        ("99999,99", "99999.99"), ("007", "7"),
    ],
)  # fmt: skip
def test_what_people_type_is_a_price(typed, price):
    assert field.clean(typed) == (None if price is None else Decimal(price))


@pytest.mark.parametrize(
    "typed",
    ["-5", "25,555", "1,250", "1.250", "25 à 40", "25-40", "12,50,00", "gratuit pour les membres", "à la carte",
     "1e3", "NaN", "Infinity", "٢٥", "²", "100000", "25 €", "1 25", "$", "9" * 39, "25 $ $"],
)  # fmt: skip
def test_what_is_no_price_is_refused_in_words(typed):
    with pytest.raises(ValidationError):
        field.clean(typed)


@pytest.mark.parametrize(
    ("language", "price", "shown"),
    [("fr", "25.50", "25,50"), ("en", "25.50", "25.50"), ("fr", "25.00", "25"), ("fr", "0", "gratuit"), ("en", "0.00", "free")],
)  # fmt: skip
def test_a_stored_price_is_shown_as_one_writes_it(language, price, shown):
    with translation.override(language):
        assert field.prepare_value(Decimal(price)) == shown


@given(st.integers(0, int(MAX_PRICE * 100)), st.sampled_from(["fr", "en"]))
def test_any_price_is_read_again_as_it_is_shown(cents, language):
    price = Decimal(cents) / 100
    with translation.override(language):
        assert field.clean(field.prepare_value(price)) == price
        assert not field.has_changed(price, field.prepare_value(price))


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_price_or_is_refused(typed):
    try:
        price = field.clean(typed)
    except ValidationError:
        return
    assert price is None or 0 <= price <= MAX_PRICE
