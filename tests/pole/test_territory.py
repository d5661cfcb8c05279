from __future__ import annotations

import csv
import itertools
import random
import time

import pytest
from django.conf import settings as portal
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from pole.geo import territory
from pole.geo.gazetteer import Gazetteer, load_gazetteer, municipality_name_key
from pole.geo.place_names import mrc_name, mrc_name_key
from pole.models import FormerMunicipality, Mrc, Municipality
from tests.factories import ListingFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Châteauguay", "67050"), ("CHATEAUGUAY", "67050"), ("Ville de Châteauguay", "67050"), ("St-Rémi", "68055"),
        ("Ste-Martine", "70012"), ("Saint Isidore", "67040"), ("Saint-Etienne-de-Beauharnois", "70030"),
        ("L'Île-Perrot (Québec)", "71060"), ("N.-D.-de-l’Île-Perrot", "71065"), ("Salaberry-de-Valleyfield, QC", "70052"),
        ("Valleyfield", "70052"), ("Saint-Hubert", "58227"), ("Melocheville", "70022"), ("Hemmingford (canton)", "68015"),
        ("Canton de Hemmingford", "68015"), ("67050", "67050"), ("Saint-Édouard", "68045"), ("Mercier (QC) Canada", "67045"),
    ],
)  # fmt: skip
def test_names_as_people_write_them(written, code):
    place = load_gazetteer().find(written)
    assert place.municipality is not None, place
    assert place.municipality.code == code


@pytest.mark.parametrize(
    ("written", "codes"),
    [("Hemmingford", ["68010", "68015"]), ("Chateaugay", ["67050"]), ("Rimouski", []), ("", []), ("!!", [])],
)
def test_doubts_are_asked(written, codes):
    place = load_gazetteer().find(written)
    assert place.municipality is None
    assert [town.code for town in place.candidates] == codes


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("BEAUHARNOIS (QUÉBEC)", "70022"), ("Ste-Barbe", "69065"), ("STE. BARBE", "69065"), ("Chateauguay", "67050"),
        ("St-Etienne de Beauharnois", "70030"), ("St Etienne Beauharnois", "70030"), ("Beauharnois, QC J6N 1L7", "70022"),
        ("Beauharnois J6N-1L7 Canada", "70022"), ("beauharnois qc j6n1l7", "70022"), ("JOS 1YO Ste-Barbe", "69065"),
        ("Salaberry-de-Valleyfield (secteur Grande-Île)", "70052"), ("Grande-Île (Salaberry-de-Valleyfield)", "70052"),
        ("Salaberry de Valleyfield/Grande-Île", "70052"), ("Saint Remi", "68055"), ("Ville de La Prairie", "67015"),
        ("Laprairie", "67015"), ("Prairie (La)", "67015"), ("Coteaux (Les)", "71033"), ("Coteau du lac", "71040"),
        ("Île-Perrot", "71060"), ("l'Ile Perrot", "71060"), ("ND-de-l'Île-Perrot", "71065"), ("Municipalité du canton de Havelock", "69005"),
        ("Municipalité de la paroisse de Saint-Isidore", "67040"), ("Town of Hudson", "71100"), ("Hudson, Québec, Canada", "71100"),
        ("Hemmingford, village", "68010"), ("Hemmingford Township", "68015"), ("Village Hemmingford", "68010"),
        ("Township of Hemmingford", "68015"), ("12, rue Principale, Mercier, QC  J6R 2B4", "67045"), ("67045 Mercier", "67045"),
        ("Mercier (siège social)", "67045"), ("Mercier - Qc", "67045"), ("Saint-Lambert (Agglomération de Longueuil)", "58012"),
        ("Kahnawà:ke", "67802"), ("KAHNAWAKE, QC J0L 1B0", "67802"), (" 67050 ", "67050"), ("Mercier\u200b", "67045"),
        ("Saint\u2011Constant", "67035"), ("Saint–Constant", "67035"), ("ＭＥＲＣＩＥＲ", "67045"), ("Saint-Re\u0301mi", "68055"),
    ],
)  # fmt: skip
def test_real_writings_of_towns_are_understood(written, code):
    place = load_gazetteer().find(written)
    assert place.municipality is not None, place
    assert place.municipality.code == code


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("Hemmingford", {"68010", "68015"}), ("Hemmingford (Québec) J0L 1H0", {"68010", "68015"}),
        ("Châteauguay / Mercier", {"67050", "67045"}), ("Sainte-Justine", {"71115"}), ("Sherington", {"68025"}),
        ("Saint-Lambert (MRC Roussillon)", {"58012"}), ("Beauharnois centre-ville nord", {"70022"}),
    ],
)  # fmt: skip
def test_what_may_be_one_town_or_another_is_asked(written, codes):
    place = load_gazetteer().find(written)
    assert place.municipality is None
    assert {town.code for town in place.candidates} >= codes


def test_a_town_of_elsewhere_is_not_one_of_the_hub_that_has_its_name():
    mrc = Mrc.objects.create(code="87", name="Abitibi-Ouest")
    elsewhere = Municipality.objects.create(
        code="87120", name="Saint-Lambert", designation="Paroisse", mrc=mrc, region="Abitibi-Témiscamingue", is_in_territory=False
    )  # fmt: skip
    gazetteer = load_gazetteer()
    assert gazetteer.find("St-Lambert").municipality.code == "58012"
    for written in (
        "Saint-Lambert (Abitibi-Ouest)",
        "St-Lambert, Abitibi-Témiscamingue",
        "Saint-Lambert (paroisse)",
    ):
        assert gazetteer.find(written).municipality == elsewhere, written
    assert gazetteer.find("Saint-Lambert", mrc="87").municipality == elsewhere
    # Of elsewhere, and of no town that is known.
    assert gazetteer.find("Mercier (MRC d’Abitibi-Ouest)").municipality is None


def test_short_name_of_a_long_one_is_proposed():
    FormerMunicipality.objects.all().delete()
    assert [town.code for town in load_gazetteer().find("Valleyfield").candidates] == ["70052"]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("MRC Vaudreuil-Soulanges", "Vaudreuil-Soulanges"), ("Vaudreuil-Soulanges (MRC)", "Vaudreuil-Soulanges"),
        ("MRC de Roussillon", "Roussillon"), ("M.R.C. de Roussillon", "Roussillon"), ("Roussillon, MRC", "Roussillon"),
        ("MRC du Haut-Saint-Laurent", "Le Haut-Saint-Laurent"), ("MRC des Jardins-de-Napierville", "Les Jardins-de-Napierville"),
        ("MRC de La Jacques-Cartier", "La Jacques-Cartier"), ("MRC de L’Érable", "L’Érable"), ("MRC d’Abitibi", "Abitibi"),
        ("Haut-Saint-Laurent (Le)", "Le Haut-Saint-Laurent"), ("Municipalité régionale de comté de Beauharnois-Salaberry", "Beauharnois-Salaberry"),
        ("Agglomération de Longueuil", "Agglomération de Longueuil"), ("MRC", "MRC"), ("", ""),
    ],
)  # fmt: skip
def test_name_of_an_mrc_is_read_in_each_of_its_writings(written, name):
    assert mrc_name(written) == name
    assert mrc_name_key(written) == mrc_name_key(name)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.text(alphabet="JOoS0 1YyQqCc(),-/’'éÉ", max_size=40))
@pytest.mark.usefixtures("db")
def test_whatever_is_written_the_gazetteer_answers_and_keys_are_stable(written):
    key = municipality_name_key(written)
    assert municipality_name_key(key) == key
    mrc_name_key(written)
    place = load_gazetteer(only=["67045", "68010", "68015"]).find(written)
    assert place.municipality is None or not place.candidates


@settings(max_examples=200, deadline=None)
@given(
    town=st.sampled_from(["Mercier", "Sainte-Barbe", "Saint-Rémi", "L'Île-Perrot", "Notre-Dame-de-l'Île-Perrot", "Les Cèdres"]),
    before=st.sampled_from(["", "Ville de ", "Municipalité de ", "VILLE DE ", "Mun. de ", "  "]),
    after=st.sampled_from(["", " (Québec)", ", QC", " J6N 1L7", ", Qc, J0S-1Y0", " Québec Canada", " (Qc) j0s1y0"]),
    change=st.sampled_from([str, str.upper, str.lower, lambda text: text.replace("-", " "), lambda text: text.replace("Saint", "St")]),
)  # fmt: skip
@pytest.mark.usefixtures("db")
def test_a_town_is_found_however_it_is_dressed(town, before, after, change):
    name = f"{before}{change(town)}{after}"
    assert str(load_gazetteer().find(name).municipality).replace("’", "'") == town, name


def test_thousands_of_unknown_names_are_answered_at_once():
    towns = {f"{at:05}": Municipality(code=f"{at:05}", name=f"Saint-{word}-de-{other}", designation="Ville")
             for at, (word, other) in enumerate(itertools.product(_words(60), _words(60)))}  # fmt: skip
    gazetteer = Gazetteer(towns)
    for town in towns.values():
        gazetteer.by_key[municipality_name_key(town.name)].append(town)
    started = time.process_time()
    for at in range(100):
        for _again in range(20):
            gazetteer.find(f"Saint-Zabulon-des-Monts {at}")
    assert time.process_time() - started < 10


def _words(count):
    rng = random.Random(1)
    return ["".join(rng.choices("abcdefghilmnoprstuv", k=rng.randint(4, 9))).title() for _ in range(count)]


def edition(tmp_path, *rows, header="code,name,designation,MRC"):
    path = tmp_path / "territoire.csv"
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    return path


def as_rows(*, mrc="69"):
    return {
        town.code: f"{town.code},{town.name},{town.designation},{town.mrc.name}"
        for town in Municipality.objects.filter(mrc_id=mrc).select_related("mrc")
    }


def test_the_same_edition_changes_nothing(tmp_path, capsys):
    before = list(Municipality.objects.values())
    call_command("import_territory", edition(tmp_path, *as_rows().values()))
    assert list(Municipality.objects.values()) == before
    assert "Rien ne change" in capsys.readouterr().out


def test_a_merger_takes_what_belonged_to_the_vanished_town(tmp_path, capsys):
    listing = ListingFactory(municipality=Municipality.objects.get(code="69005"))
    rows = as_rows()
    del rows["69005"]
    path = edition(tmp_path, *rows.values())
    with pytest.raises(CommandError, match="69005"):
        call_command("import_territory", path)
    call_command("import_territory", path, "--dry-run", "--merge", "69005=69010")
    assert "Havelock → 69010 Franklin (1 fiche)" in capsys.readouterr().out
    assert Municipality.objects.filter(code="69005").exists()
    call_command("import_territory", path, "--merge", "69005=69010")
    listing.refresh_from_db()
    assert listing.municipality_id == "69010"
    assert not Municipality.objects.filter(code="69005").exists()
    assert load_gazetteer().find("havelock").municipality.code == "69010"


def test_a_successor_in_the_file_is_followed_too(tmp_path):
    rows = [f"{row}," for row in as_rows().values() if not row.startswith("69005")]
    path = edition(tmp_path, *rows, "69005,Havelock,Canton,Le Haut-Saint-Laurent,69010",
                   header="code,name,designation,MRC,successor")  # fmt: skip
    call_command("import_territory", path)
    assert FormerMunicipality.objects.get(key="havelock").municipality_id == "69010"


def test_a_renamed_town_is_found_under_both_names(tmp_path):
    listing = ListingFactory(municipality=Municipality.objects.get(code="69010"))
    rows = as_rows() | {"69010": "69010,Franklin-des-Vergers,Ville,Le Haut-Saint-Laurent"}
    call_command("import_territory", edition(tmp_path, *rows.values()))
    town = Municipality.objects.get(code="69010")
    assert (town.name, town.designation) == ("Franklin-des-Vergers", "Ville")
    assert load_gazetteer().find("Franklin").municipality == town
    listing.refresh_from_db()
    assert listing.municipality == town


def test_another_region_comes_without_positions(tmp_path):
    call_command("import_territory", edition(
        tmp_path, "10043,Rimouski,Ville,Rimouski-Neigette (10)", "10010,Saint-Fabien,Paroisse,Rimouski-Neigette (10)"))  # fmt: skip
    assert Mrc.objects.get(code="10").name == "Rimouski-Neigette"
    assert Municipality.objects.get(code="10043").latitude is None
    assert Municipality.objects.filter(mrc_id="69").count() == 13


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (["x,A,Ville,B"], "« X » n’est pas le code d’une municipalité"),
        (["69005,,Ville,B"], "le nom manque"),
        (["69005,A,Ville,B", "69005,C,Ville,B"], "le code 69005 est déjà plus haut"),
        ([], "ne nomme aucune municipalité"),
    ],
)
def test_a_wrong_file_changes_nothing_and_says_why(tmp_path, rows, why):
    before = Municipality.objects.count()
    with pytest.raises(CommandError, match=why):
        call_command("import_territory", edition(tmp_path, *rows))
    assert Municipality.objects.count() == before


def test_homonyms_are_marked_anew(tmp_path):
    rows = as_rows(mrc="68") | {"68015": "68015,Hemmingford-Canton,Canton,Les Jardins-de-Napierville"}
    call_command("import_territory", edition(tmp_path, *rows.values()))
    assert list(Municipality.objects.filter(code="68010").values_list("is_homonym", flat=True)) == [False]


def test_former_towns_have_the_keys_that_the_gazetteer_looks_for():
    towns = portal.BASE_DIR / "pole" / "data" / "former_towns.csv"
    with towns.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["key"] for row in rows] == [municipality_name_key(row["name"]) for row in rows]


def test_key_of_a_key_is_itself():
    keys = {municipality_name_key(town.name) for town in Municipality.objects.all()}
    assert "mercier" in keys
    assert {municipality_name_key(key) for key in keys} == keys


def test_plan_says_who_is_used():
    ListingFactory(municipality=Municipality.objects.get(code="69005"))
    file = territory.read_file(
        "code;nom;désignation;mrc\n69010;Franklin;Municipalité;Le Haut-Saint-Laurent".encode()
    )
    assert territory.find_changes(file).used["69005"] == {"fiche": 1}
