"""Names that people still write for a municipality: remembered once, understood everywhere."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import AuditEntry
from enterprises.models import Listing
from pole.geo.former_names import FormerNameRefused, remember
from pole.geo.gazetteer import load_gazetteer, municipality_name_key
from pole.geo.town_choices import TownChoiceField
from pole.models import FormerMunicipality, Municipality
from pole.refusals import Refusal
from tests.factories import ListingFactory, SectorFactory

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


# --- The pages of the team ------------------------------------------------------------------------

LIST = "staff:former_name_list"


def test_staff_add_change_and_forget_a_name(staff_client, staff):
    page = staff_client.get(reverse(LIST)).content.decode()
    assert "Aucun ancien nom" in page
    page = staff_client.post(
        reverse("staff:former_name_new"), {"name": " Bellerive ", "town": "Valleyfield"}
    ).content.decode()
    # A short name is not sure.
    assert "70052" in page
    assert not FormerMunicipality.objects.exists()
    page = staff_client.post(
        reverse("staff:former_name_new"),
        {"name": " Bellerive ", "town": "70052 Salaberry-de-Valleyfield"},
        follow=True,
    ).content.decode()
    assert "«\u00a0Bellerive\u00a0» mène maintenant à Salaberry-de-Valleyfield" in page
    assert str(staff.name) in page
    row = FormerMunicipality.objects.get()
    edit = reverse("staff:former_name_edit", args=[row.pk])
    page = staff_client.get(edit).content.decode()
    assert 'value="70052 Salaberry-de-Valleyfield"' in page
    staff_client.post(edit, {"name": "Bellerive-sur-Mer", "town": "beauharnois (qc)"})
    row.refresh_from_db()
    assert (row.name, row.key, row.municipality_id) == ("Bellerive-sur-Mer", "bellerive sur mer", "70022")
    page = staff_client.post(edit, {"action": "delete"}, follow=True).content.decode()
    assert "oublié" in page
    assert not FormerMunicipality.objects.exists()
    # Someone else has just forgotten it.
    assert staff_client.post(edit, {"action": "delete"}).status_code == 302
    assert staff_client.get(edit).status_code == 404
    assert staff_client.post(edit, {"name": "Bellerive", "town": "70052"}).status_code == 302
    actions = list(
        AuditEntry.objects.filter(kind="former_name").order_by("pk").values_list("action", flat=True)
    )
    assert actions == ["add", "save", "delete"]


@pytest.mark.parametrize(
    ("name", "town", "why"),
    [
        ("Mercier", "70022", "Mercier (67045)"), ("Bellerive", "Hemmingford", "68010 Hemmingford (village), 68015 Hemmingford (canton)"),
        ("Bellerive", "Nulle part", "n’est pas une municipalité de la liste"), ("", "", "Remplissez"), ("!!", "70022", "aucune lettre"),
        ("Bellerive", "\x00", "Remplissez"), ("B" * 81, "70022", "80"), ("<b>", "x" * 101, "100"),
    ],
)  # fmt: skip
def test_what_is_refused_is_said_and_kept_in_the_form(staff_client, name, town, why):
    answer = staff_client.post(reverse("staff:former_name_new"), {"name": name, "town": town})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert why in page
    assert "error-summary" in page
    assert not FormerMunicipality.objects.exists()


def test_correcting_a_name_into_one_that_is_there_leaves_one(staff_client):
    for name, code in (("Bellerive", "70052"), ("Belle-Rive", "70022")):
        remember(name=f"{name} {code}", municipality=code)
    row = FormerMunicipality.objects.get(municipality_id="70022")
    staff_client.post(
        reverse("staff:former_name_edit", args=[row.pk]), {"name": "Bellerive 70052", "town": "70022"}
    )
    assert list(FormerMunicipality.objects.values_list("name", "municipality")) == [
        ("Bellerive 70052", "70022")
    ]


def test_the_list_is_of_constant_cost(staff_client):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert "Hameau" in staff_client.get(reverse(LIST)).content.decode()
        return len(captured)

    remember(name="Hameau", municipality="70022")
    queries()
    before = queries()
    for at in range(60):
        remember(name=f"Hameau {chr(97 + at % 26)}{chr(97 + at // 26)}", municipality="70022")
    # What every page shows around it is read again, since the territory changed.
    queries()
    assert queries() == before
    assert "Hameau" in staff_client.get(f"{reverse(LIST)}?page=2").content.decode()


def test_the_pages_are_linked_from_the_directory_and_from_the_territory(staff_client):
    for name in ("listing_list", "territory"):
        assert reverse(LIST) in staff_client.get(reverse(f"staff:{name}")).content.decode()


# --- Where a town is chosen or typed --------------------------------------------------------------


def test_forms_offer_a_town_under_its_former_names(staff_client):
    remember(name="Melocheville", municipality="70022")
    Municipality.objects.create(code="10043", name="Rimouski", designation="Ville", is_in_territory=False)
    remember(name="Pointe-au-Père", municipality="10043")
    former = FormerMunicipality.objects.get(key="melocheville")
    for name, query in (("listing_new", ""), ("forum_new", "?genre=formations"), ("hub", "")):
        page = staff_client.get(reverse(f"staff:{name}") + query).content.decode()
        assert f'<option value="ancien-{former.pk}">Melocheville → Beauharnois</option>' in page, name
        # Elsewhere than in the territory, neither the town nor its names are offered.
        assert "Pointe-au-Père" not in page


@pytest.mark.parametrize("value", ["ancien-0", "ancien-", "ancien-x", "ancien-" + "9" * 30, "ancien-١"])
def test_a_choice_that_was_never_offered_is_refused(value):
    field = TownChoiceField(queryset=Municipality.objects.all())
    with pytest.raises(ValidationError):
        field.clean(value)


def test_a_listing_is_in_the_town_of_the_former_name_that_was_chosen(staff_client):
    remember(name="Melocheville", municipality="70022")
    former = FormerMunicipality.objects.get()
    data = {"name": "La Criée", "legal_form": "npo", "mission": "Vendre.", "sectors": [SectorFactory().pk], "version": "1",
            "municipality": f"ancien-{former.pk}"}  # fmt: skip
    answer = staff_client.post(reverse("staff:listing_new"), data)
    assert answer.status_code == 302, answer.context["form"].errors
    assert Listing.objects.get(name="La Criée").municipality_id == "70022"


def test_a_search_near_a_former_name_is_near_its_town(client):
    remember(name="Melocheville", municipality="70022")
    ListingFactory(name="La Criée", municipality=Municipality.objects.get(code="70022"))
    page = client.get("/repertoire/?pres=Melocheville%2C+QC&rayon=5").content.decode()
    assert "La Criée" in page
    assert "Beauharnois" in page
