"""Whatever the file, the dry run says what the run does; no list ever breaks a rule of the database."""

from __future__ import annotations

import csv

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pole.geo import territory
from pole.geo.gazetteer import load_gazetteer
from pole.models import FormerMunicipality, Mrc, Municipality
from tests.factories import ListingFactory

pytestmark = pytest.mark.django_db
HEADER = ("code", "name", "designation", "MRC", "successor")


def write(path, rows, header=HEADER, **kwargs):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, **kwargs).writerows([header, *rows])
    return path


def stored():
    models = (Mrc, Municipality, FormerMunicipality)
    return [sorted(map(repr, model.objects.values_list())) for model in models]


def outcome(path, *options):
    """The refusal, or "" once everything was written; nothing else may be raised."""
    try:
        with transaction.atomic():
            call_command("import_territory", path, *options)
    except CommandError as refusal:
        return str(refusal)
    return ""


def of_mrc(code, notation):
    towns = Municipality.objects.filter(mrc_id=code)
    return [(town.code, town.name, town.designation, notation, "") for town in towns]


@pytest.mark.parametrize(
    ("mrc", "notation"),
    [
        ("71", "MRC Vaudreuil-Soulanges (710)"), ("71", "Vaudreuil-Soulanges (MRC)"), ("71", "MRC de Vaudreuil-Soulanges (71)"),
        ("71", "VAUDREUIL-SOULANGES (AR710)"), ("71", "MRC Vaudreuil–Soulanges (2471)"), ("67", "MRC de Roussillon (67)"),
        ("67", "MRC Roussillon (670)"), ("69", "MRC du Haut-Saint-Laurent (690)"), ("69", "Haut-Saint-Laurent (Le)"),
        ("68", "MRC des Jardins-de-Napierville (68)"), ("70", "Municipalité régionale de comté de Beauharnois-Salaberry"),
    ],
)  # fmt: skip
def test_each_notation_of_an_mrc_is_the_one_that_is_stored(tmp_path, capsys, mrc, notation):
    before = stored()
    new = ("99001", "Neuve-Ville", "Ville", notation, "")
    path = write(tmp_path / "a.csv", [*of_mrc(mrc, notation), new])
    assert outcome(path, "--dry-run") == ""
    assert stored() == before
    assert outcome(path) == ""
    assert Municipality.objects.get(code="99001").mrc_id == mrc
    assert list(Mrc.objects.values_list("code", "name")) == [
        row for row in Mrc.objects.values_list("code", "name") if row[1] != notation
    ]
    assert Mrc.objects.count() == 6
    assert "disparue" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([("99001", "Neuve", "Ville", "Autre MRC (71)", "")], "Le code 71 est celui de Vaudreuil-Soulanges dans le portail"),
        ([("99001", "Neuve", "Ville", "Roussillon (99)", "")], "Roussillon a le code 67 dans le portail et 99 dans le fichier"),
        ([("99001", "Neuve", "Ville", "Nord (98)", ""), ("99002", "Vieille", "Ville", "Nord (97)", "")], "plusieurs codes"),
        ([("99001", "Neuve", "Ville", "Nord (98)", ""), ("99002", "Vieille", "Ville", "Sud (98)", "")], "celui de plusieurs"),
        ([("99001", "Neuve", "Ville", "Nord (98)", ""), ("99002", "", "", "", "99002b")], "99002"),
        ([("99001", "Neuve", "Ville", "Nord", ""), ("99002", "Un", "", "", "99003"), ("99003", "Deux", "", "", "99002")], "lui-même"),
        ([("99001", "Neuve", "Ville", "Nord", ""), ("69005", "Havelock", "", "", "Nulle part")], "Nulle part"),
    ],
)  # fmt: skip
def test_true_conflicts_are_said_by_the_dry_run_already(tmp_path, rows, why):
    before = stored()
    path = write(tmp_path / "a.csv", rows)
    refused = outcome(path, "--dry-run")
    assert why in refused
    assert outcome(path) == refused
    assert stored() == before


def test_a_code_that_nobody_can_name_is_said_and_stops_nothing(tmp_path, capsys):
    path = write(
        tmp_path / "a.csv", [("99001", "Neuve", "Ville", "Nord", ""), ("99002", "", "", "", "99001")]
    )
    assert outcome(path, "--dry-run") == ""
    assert "99002" in capsys.readouterr().out
    assert outcome(path) == ""


def test_an_mrc_that_has_another_name_is_confirmed(tmp_path):
    path = write(tmp_path / "a.csv", of_mrc("67", "La Rive-Sud (670)"))
    assert "confirmez" in outcome(path)
    assert outcome(path, "--renamed-mrc", "67") == ""
    assert Mrc.objects.get(code="67").name == "La Rive-Sud"
    assert Municipality.objects.filter(mrc_id="67").count() == 11


def test_a_town_that_was_never_stored_leaves_its_name_to_its_successor(tmp_path, capsys):
    rows = [*of_mrc("70", "Beauharnois-Salaberry"), ("70025", "Melocheville-en-Haut", "Village", "", "70022"),
            ("70048", "Vieux-Bellerive", "Ville", "", "70049"), ("70049", "Nouveau-Bellerive", "Ville", "", "Salaberry-de-Valleyfield")]  # fmt: skip
    path = write(tmp_path / "a.csv", rows)
    assert outcome(path, "--dry-run") == ""
    assert "ancien nom Melocheville-en-Haut → 70022 Beauharnois" in capsys.readouterr().out
    assert outcome(path) == ""
    gazetteer = load_gazetteer()
    assert gazetteer.find("MELOCHEVILLE EN HAUT").municipality.code == "70022"
    assert {gazetteer.find(f"{word}-Bellerive").municipality.code for word in ("Vieux", "Nouveau")} == {
        "70052"
    }
    capsys.readouterr()
    assert outcome(path) == ""
    assert "Rien ne change" in capsys.readouterr().out


def test_a_merger_whose_new_town_takes_the_name_of_one_that_it_replaces(tmp_path):
    """As La Pocatière, whose code changed with its mergers."""
    listing = ListingFactory(municipality=Municipality.objects.get(code="69017"))
    rows = [row for row in of_mrc("69", "Le Haut-Saint-Laurent") if row[0] not in {"69017", "69025"}]
    rows += [("69018", "Saint-Chrysostome", "Ville", "Le Haut-Saint-Laurent", "")]
    rows += [(code, "", "", "", "69018") for code in ("69017", "69025")]
    assert outcome(write(tmp_path / "a.csv", rows)) == ""
    listing.refresh_from_db()
    assert listing.municipality_id == "69018"
    gazetteer = load_gazetteer()
    assert (
        gazetteer.find("Saint-Chrysostome").municipality.code
        == gazetteer.find("Howick").municipality.code
        == "69018"
    )
    assert Municipality.objects.get(code="69018").is_in_territory


def test_former_names_follow_the_town_that_they_lead_to(tmp_path):
    FormerMunicipality.objects.create(key="russeltown", name="Russeltown", municipality_id="69005")
    rows = [row for row in of_mrc("69", "Le Haut-Saint-Laurent") if row[0] != "69005"]
    path = write(tmp_path / "a.csv", rows)
    # Nothing else belongs to it, and what staff remembered is not lost.
    assert "ancienne municipalité" in outcome(path)
    assert outcome(path, "--merge", "69005=69010") == ""
    assert load_gazetteer().find("Russeltown").municipality.code == "69010"


@pytest.mark.parametrize(
    "options", [["--merge", "69005"], ["--merge", "=1"], ["--merge", "69005="], ["--mrc", "Nulle"]]
)
def test_an_option_that_says_nothing_is_refused(tmp_path, options):
    path = write(tmp_path / "a.csv", of_mrc("69", "Le Haut-Saint-Laurent"))
    assert outcome(path, *options)


def test_three_towns_of_another_region_are_not_offered(tmp_path):
    """The hub has chosen its territory: another region is known, and stays another region."""
    offered = set(Municipality.objects.in_territory().values_list("code", flat=True))
    rows = [("10043", "Rimouski", "Ville", "MRC Rimouski-Neigette (100)", ""), ("10010", "Saint-Fabien", "Paroisse", "MRC Rimouski-Neigette (100)", ""),
            ("93035", "Saint-Bruno", "Municipalité", "MRC Lac-Saint-Jean-Est (930)", "")]  # fmt: skip
    assert outcome(write(tmp_path / "a.csv", rows)) == ""
    assert set(Municipality.objects.in_territory().values_list("code", flat=True)) == offered
    assert outcome(write(tmp_path / "a.csv", rows), "--mrc", "100") == ""
    assert set(Municipality.objects.in_territory().values_list("code", flat=True)) == {"10043", "10010"}
    assert outcome(write(tmp_path / "a.csv", rows), "--mrc", "MRC de Rimouski-Neigette") == ""


# --- Any file -------------------------------------------------------------------------------------

CODES = st.sampled_from(
    [
        "69005",
        "69010",
        "69017",
        "68010",
        "67802",
        "99001",
        "99002",
        "99003",
        "1023",
        "01023",
        "2A004",
        "x",
        "",
    ]
)
NAMES = st.sampled_from(
    ["Havelock", "Franklin", "Hemmingford", "Neuve", "Kahnawake", "ß", "", "!", "Ville " * 20]
) | st.text(max_size=12)
KINDS = st.sampled_from(["Ville", "Canton", "Village", "", "ß" * 40, "İ" * 40, "municipalité"]) | st.text(
    max_size=8
)
PLACES = st.sampled_from(
    ["Le Haut-Saint-Laurent", "MRC du Haut-Saint-Laurent (690)", "Le Haut-Saint-Laurent (69)", "Les Jardins-de-Napierville (680)",
     "Hors MRC", "", "Autre (69)", "Nord (98)", "Nord (97)", "Nord", "Roussillon (99)", "MRC", "(690)", "Agglomération de Longueuil (58)"]
) | st.text(max_size=10)  # fmt: skip
SUCCESSORS = st.just("") | st.sampled_from(
    ["69010", "69005", "99001", "Franklin", "Hemmingford", "Nulle part", "69010 Franklin"]
)
ROWS = st.lists(st.tuples(CODES, NAMES, KINDS, PLACES, SUCCESSORS), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@example(rows=[("69005", "", "Ville", "Le Haut-Saint-Laurent", "69010")], merged=())
@example(rows=[("69005", "Hemmingford", "Ville", "Le Haut-Saint-Laurent", "69010")], merged=())
@example(rows=[("69005", "Russeltown", "Ville", "Le Haut-Saint-Laurent", "69010")], merged=())
@given(
    rows=ROWS,
    merged=st.sampled_from(
        [(), ("--merge", "69005=69010"), ("--merge", "68015=Hemmingford"), ("--merge", "99009=69010")]
    ),
)
@pytest.mark.usefixtures("db")
def test_dry_run_and_run_agree_whatever_the_file(tmp_path_factory, rows, merged):
    path = write(tmp_path_factory.mktemp("list") / "a.csv", rows, quoting=csv.QUOTE_ALL)
    before = stored()
    said = outcome(path, "--dry-run", *merged)
    assert stored() == before
    with transaction.atomic():
        assert outcome(path, *merged) == said
        assert (stored() == before) or not said
        assert "base de données" not in said
        if not said:
            # Once is as much as twice.
            after = stored()
            assert outcome(path, *merged) == "" or merged
            assert stored() == after or merged
        transaction.set_rollback(True)


@settings(max_examples=25, deadline=None)
@given(rows=ROWS)
@pytest.mark.usefixtures("db")
def test_the_order_of_the_rows_changes_nothing(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("list")
    results = []
    for at, lines in enumerate((rows, rows[::-1])):
        path = write(folder / f"{at}.csv", lines, quoting=csv.QUOTE_ALL)
        with transaction.atomic():
            said = outcome(path)
            results.append(stored() if not said else "refused")
            transaction.set_rollback(True)
    one, other = results
    if "refused" in results:
        assert one == other
    else:
        assert [len(each) for each in one] == [len(each) for each in other]


def test_what_the_run_writes_is_what_was_shown(tmp_path):
    rows = [
        *of_mrc("68", "Les Jardins-de-Napierville"),
        ("68999", "Neuve", "Ville", "Les Jardins-de-Napierville", ""),
    ]
    changes = territory.find_changes(territory.read_file(write(tmp_path / "a.csv", rows).read_bytes()))
    assert [row.code for row in changes.new] == ["68999"]
    assert not changes.changed
    assert not changes.vanished
