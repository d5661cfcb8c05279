"""A select of municipalities, written by a function, is the one that Django writes."""

from __future__ import annotations

import pytest
from django import forms
from django.test.html import parse_html
from django.utils import translation

from enterprises.forms.mentions import MentionForm
from pole.geo.town_choices import TownChoiceField, TownField, TownSelect, former_choices
from pole.models import FormerMunicipality, Hub, Municipality
from tests.calls import calls_to_make

CHOICES = [
    ("", "Choisir…"),
    ("67050", "Châteauguay"),
    ('1"><script>', "L’Île & <b>Cie</b> {x} %s"),
    ('Anciens "noms"', [("ancien-1", "Melocheville → Beauharnois"), ("ancien-2", "<i>")]),
]  # fmt: skip


@pytest.mark.parametrize("value", [None, "", "67050", "ancien-2", '1"><script>', "absent"])
@pytest.mark.parametrize(
    "attributes", [{"id": "id_ville", "required": True, "aria-invalid": "true"}, {"disabled": False}, None]
)
def test_select_is_that_of_django(value, attributes):
    own = TownSelect(attrs={"class": "x"}, choices=CHOICES).render("ville", value, attributes)
    theirs = forms.Select(attrs={"class": "x"}, choices=CHOICES).render("ville", value, attributes)
    assert parse_html(own) == parse_html(theirs)


@pytest.mark.django_db
def test_label_of_no_choice_follows_the_language():
    """What is remembered of an option is its text, never the promise of one."""
    label = translation.gettext_lazy("Choose…")
    found = []
    for language in ("fr", "en"):
        with translation.override(language):
            field = TownField(queryset=Municipality.objects.none(), empty_label=label)
            found.append(field.widget.render("ville", None))
    assert "Choisissez…" in found[0]
    assert "Choose…" in found[1]


@pytest.mark.django_db
def test_forms_offer_the_same_towns():
    Municipality.objects.filter(code="67050").update(is_in_territory=False)
    assert FormerMunicipality.objects.filter(municipality__is_in_territory=True).exists()
    towns = Municipality.objects.in_territory()
    expected = [(row.code, str(row)) for row in towns]
    assert "67050" not in dict(expected)
    assert any("(" in name for _code, name in expected), "homonyms are told apart"
    field = TownChoiceField(queryset=towns)
    assert list(field.choices) == [("", str(field.empty_label)), *expected, *former_choices(towns)]
    form = MentionForm(hub=Hub(), hub_version=1)
    assert [*form.fields["municipality"].widget.towns[1:]] == expected


@pytest.mark.django_db
def test_mentioning_an_enterprise_costs_little_in_a_region_of_any_size():
    Municipality.objects.bulk_create(
        Municipality(code=f"9{number:04}", name=f"Saint-Nombre-{number}", designation="Municipalité")
        for number in range(1_030)
    )
    assert calls_to_make("/repertoire/mentionner/") <= 15_000


@pytest.mark.django_db
def test_a_town_that_is_renamed_is_offered_at_once(client):
    assert ">Châteauguay</option>" in client.get("/repertoire/mentionner/").content.decode()
    Municipality.objects.filter(code="67050").update(name="Châteaugai")
    page = client.get("/repertoire/mentionner/").content.decode()
    assert ">Châteaugai</option>" in page
    assert ">Châteauguay</option>" not in page
    assert (
        '<option value="" selected>Choose…</option>'
        in client.get("/en/repertoire/mentionner/").content.decode()
    )
