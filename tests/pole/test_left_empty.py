"""A field left empty is named in what the form says of it, whatever its kind."""

from __future__ import annotations

import re

import pytest
from django import forms
from django.utils.translation import override

from forums.forms.notices import DuplicateForm
from pole.files.kept_uploads import KeptFileField
from pole.templatetags.feedback import error_summary


class Form(forms.Form):
    name = forms.CharField(label="Nom de l’entreprise :")
    lead = forms.CharField(label="<strong>Titre</strong> & objet")
    kind = forms.ChoiceField(label="Genre?", choices=[("a", "A")])
    several = forms.MultipleChoiceField(label="Secteurs", choices=[("a", "A")])
    agreed = forms.BooleanField(label="J’accepte que mon nom soit affiché")
    file = KeptFileField(label="Fichier")
    unnamed = forms.CharField()
    told = forms.CharField(label="Raison", error_messages={"required": "Dites pourquoi."})


def said():
    return {name: errors[0] for name, errors in Form({}).errors.items()}


def test_field_left_empty_is_named():
    assert said() == {
        "name": "Remplissez le champ «\u00a0Nom de l’entreprise\u00a0».",
        "lead": "Remplissez le champ «\u00a0Titre & objet\u00a0».",
        "kind": "Faites un choix\u00a0: «\u00a0Genre\u00a0».",
        "several": "Faites un choix\u00a0: «\u00a0Secteurs\u00a0».",
        "agreed": "Cochez cette case pour continuer.",
        "file": "Choisissez un fichier.",
        "unnamed": "Remplissez ce champ.",
        "told": "Dites pourquoi.",
    }


def test_field_left_empty_is_named_in_the_language_of_the_page():
    with override("en"):
        assert said()["name"] == "Fill in the field “Nom de l’entreprise”."
        assert said()["unnamed"] == "Fill in this field."


def test_name_of_a_field_is_escaped_where_it_is_shown():
    class Typed(forms.Form):
        name = forms.CharField(label="a <script>")

    assert "<script>" not in str(Typed({}).errors)


def test_summary_names_each_field_once():
    lines = re.findall(r"<li>(.*?)</li>", error_summary(Form({})))
    assert lines[:2] == [
        '<a href="#id_name">Remplissez le champ «\u00a0Nom de l’entreprise\u00a0».</a>',
        '<a href="#id_lead">Remplissez le champ «\u00a0Titre &amp; objet\u00a0».</a>',
    ]
    assert lines[-1] == '<a href="#id_told">Raison</a>\xa0: Dites pourquoi.'


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "Choisissez une date entre le 1er janvier 1990 et le 31 décembre 2100."),
        ("en", "Choose a date between January 1, 1990 and December 31, 2100."),
    ],
)
@pytest.mark.parametrize("typed", ["1989-12-31", "2101-01-01"])
def test_unlikely_day_is_refused_with_long_dates(language, said, typed):
    with override(language):
        assert DuplicateForm({"on": typed}).errors["on"] == [said]
        assert DuplicateForm({"on": "1990-01-01"}).errors == {}


@pytest.mark.parametrize(("data", "expected"), [(None, "false"), ({}, "true")])
def test_box_or_button_to_choose_is_invalid_only_once_it_was_left(data, expected):
    class Choice(forms.Form):
        agreed = forms.BooleanField()
        kind = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)

    inputs = re.findall(r'<input type="(?:checkbox|radio)"[^>]*>', str(Choice(data)))
    assert [re.findall(r'aria-invalid="(\w+)"', each) for each in inputs] == [[expected]] * 3
