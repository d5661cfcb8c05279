"""Names that people still write for a municipality: remembered once, understood everywhere."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import AuditEntry
from pole.geo.former_names import FormerNameRefused, remember
from pole.geo.gazetteer import load_gazetteer, municipality_name_key
from pole.models import FormerMunicipality, Municipality
from pole.refusals import Refusal

pytestmark = pytest.mark.django_db


def found(name):
    town = load_gazetteer().find(name).municipality
    return town and town.code


@pytest.fixture(autouse=True)
def no_former_names(db):
    FormerMunicipality.objects.all().delete()


@pytest.mark.parametrize(
    "written", ["Grande-Île", "GRANDE ILE", "Ville de Grande-Île", "grande\u00a0île (Québec)"]
)
def test_a_name_is_found_however_it_is_written(written):
    assert found(written) is None
    remember(name="Grande-Île", municipality="70052")
    assert found(written) == "70052"


def test_a_town_has_many_former_names():
    for name in ("Melocheville", "Maple Grove"):
        remember(name=name, municipality="70022")
    assert {found("Melocheville"), found("maple-grove")} == {"70022"}


def test_the_same_again_writes_nothing(staff, django_assert_num_queries):
    remember(name="Melocheville", municipality="70022", by=staff)
    before = list(FormerMunicipality.objects.values())
    remember(name="MELOCHEVILLE", municipality="70022", by=staff)
    assert list(FormerMunicipality.objects.values()) == before
    assert AuditEntry.objects.filter(kind="former_name").count() == 1


def test_another_answer_takes_the_place_of_the_first(staff):
    remember(name="Bellerive", municipality="70052", by=staff)
    remember(name="Bellerive", municipality="70022", by=staff)
    assert found("bellerive") == "70022"
    assert FormerMunicipality.objects.count() == 1
    entries = AuditEntry.objects.filter(kind="former_name").order_by("pk")
    assert list(entries.values_list("action", "by")) == [("add", staff.pk), ("save", staff.pk)]


@pytest.mark.parametrize(
    ("name", "code", "why", "sentence"),
    [
        ("Melocheville", "99999", "unknown_town", "99999"),
        ("Melocheville", "", "unknown_town", "municipalité"),
        ("Mercier", "70022", "present_name", "Mercier (67045)"),
        ("MERCIER (Qc)", "70022", "present_name", "67045"),
        ("Beauharnois", "70022", "own_name", "aujourd’hui"),
        ("", "70022", "unreadable", "lettre"),
        ("!!", "70022", "unreadable", "lettre"),
        ("70052", "70022", "unreadable", "lettre"),
        ("Très " * 20, "70022", "too_long", "trop long"),
    ],
)
def test_what_can_not_be_remembered_is_refused_in_a_sentence(name, code, why, sentence):
    with pytest.raises(FormerNameRefused) as refused:
        remember(name=name, municipality=code)
    assert isinstance(refused.value, Refusal)
    assert refused.value.code == why
    assert sentence in refused.value.message
    assert not FormerMunicipality.objects.exists()


def test_a_town_of_another_region_gives_way_to_the_short_name_of_one_of_the_hub():
    Municipality.objects.create(
        code="93035", name="Saint-Bruno", designation="Municipalité", is_in_territory=False
    )
    remember(name="Saint-Bruno", municipality="58037")
    assert found("St-Bruno") == "58037"
    # What belongs elsewhere gives way to nobody.
    with pytest.raises(FormerNameRefused):
        remember(name="Mercier", municipality="93035")


@settings(max_examples=150, deadline=None)
@given(name=st.text(max_size=100), code=st.sampled_from(["70022", "70052", "68015", "0"]))
@pytest.mark.usefixtures("db")
def test_whatever_is_typed_is_found_again_or_refused(name, code):
    FormerMunicipality.objects.all().delete()
    try:
        remember(name=name, municipality=code)
    except FormerNameRefused:
        return
    assert found(name) == code
    assert FormerMunicipality.objects.get().key == municipality_name_key(name)
