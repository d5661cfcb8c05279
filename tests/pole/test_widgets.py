"""Fields written without templates are those of Django’s templates, byte for byte."""

from __future__ import annotations

import datetime
import sys
from decimal import Decimal

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy, override

from pole.forms import PortalFormRenderer
from pole.text import widgets

TEXTS = ("", "a", "<b> & \"'", mark_safe("<b>é</b>"), gettext_lazy("Directory"), "é\n\r\u2028", "&amp;")
VALUES = (*TEXTS, None, 0, 1, 1234567, 1.5, Decimal("1234.50"), True, False, datetime.date(2026, 3, 1))
ATTRIBUTES = (
    None,
    {"id": "id_x", "class": "c", "required": True, "disabled": False, "data-a": '<"', "rows": 4, "x": None},
    {"id": "", "class": "", "aria-label": mark_safe("&amp;"), "title": gettext_lazy("Directory")},
)
CHOICES = [
    *[(str(at), text) for at, text in enumerate(TEXTS)],
    ("n", 12), ("f", 1.5), (1, "un"), (True, "oui"), ("", "—"),
    (gettext_lazy("Directory"), [("g1", "A"), (2, "B<")]), ("<i>", []), ("", [("g3", "sans nom")]),
]  # fmt: skip
INPUTS = (
    forms.TextInput, forms.NumberInput, forms.EmailInput, forms.URLInput, forms.PasswordInput, forms.HiddenInput,
    forms.DateInput, forms.DateTimeInput, forms.TimeInput, forms.CheckboxInput, forms.SearchInput, forms.TelInput,
    forms.ColorInput, forms.Textarea,
)  # fmt: skip
LISTS = (
    *(forms.Select, forms.SelectMultiple, forms.RadioSelect, forms.CheckboxSelectMultiple),
    forms.NullBooleanSelect,
)


def both(widget: forms.Widget, value: object, attributes: object) -> tuple[str, str]:
    drawn = [
        str(widget.render("nom<", value, attributes, renderer=renderer))
        for renderer in (PortalFormRenderer(), TemplatesSetting())
    ]
    return drawn[0], drawn[1]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("attributes", ATTRIBUTES)
@pytest.mark.parametrize("kind", INPUTS)
def test_what_is_typed(kind, attributes, language):
    with override(language):
        for value in VALUES:
            for is_localized in (False, True):
                widget = kind()
                widget.is_localized = is_localized
                ours, django = both(widget, value, attributes)
                assert ours == django


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("attributes", ATTRIBUTES)
@pytest.mark.parametrize("kind", LISTS)
def test_what_is_chosen(kind, attributes, language):
    with override(language):
        several = () if kind is forms.NullBooleanSelect else (["1", "n"], [], ["g1", 2, True])
        for value in (None, "1", 1, "", True, *several):
            widget = kind(attrs=attributes)
            if kind is not forms.NullBooleanSelect:
                widget.choices = CHOICES
            ours, django = both(widget, value, attributes)
            assert ours == django


def test_what_has_a_template_of_its_own_keeps_it(monkeypatch):
    class Own(forms.Select):
        option_template_name = "django/forms/widgets/input.html"

    for widget in (forms.ClearableFileInput(), forms.SplitDateTimeWidget(), forms.SelectDateWidget()):
        ours, django = both(widget, None, {"id": "x"})
        assert ours == django
    context = Own(choices=[("a", "A")]).get_context("x", "a", {})["widget"]
    assert widgets.writer_of(context["template_name"], context) is None


def test_a_long_list_costs_little():
    """Django’s templates: 285 calls an option."""
    widget = forms.Select(choices=[(at, f"Ville {at}") for at in range(1_000)])
    renderer = PortalFormRenderer()
    calls = 0

    def count(_frame, event, _argument):
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        widget.render("ville", 5, {"id": "x"}, renderer=renderer)
    finally:
        sys.setprofile(None)
    assert calls < 60_000
