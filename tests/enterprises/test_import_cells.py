"""Cells as people write them: what each kind becomes, and that no cell whatever loses its row."""

from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from enterprises.importing.cells.contacts import parse_emails, parse_pages, parse_phones
from enterprises.importing.cells.empty import is_empty
from enterprises.importing.cells.names import clean_name
from enterprises.importing.cleaning import Cleaner, split_address
from enterprises.importing.columns import FIELDS
from enterprises.models import Listing
from pole.geo.gazetteer import load_gazetteer

OPTIONAL = sorted({*FIELDS} - {"name", "municipality", "mrc"})
NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture
def cleaned(db):
    """The row of a town, whose other cells are these."""
    gazetteer = load_gazetteer()

    def clean(**cells):
        cells = {"name": "La Ruche", "municipality": "Candiac"} | cells
        return Cleaner([*cells], gazetteer, {}).clean([*cells.values()])

    return clean


# --- Nothing --------------------------------------------------------------------------------------

NOTHING = [
    "NA",
    "N/A",
    "n/a",
    "N.A.",
    "n/d",
    "N/D",
    "nd",
    "-",
    "—",
    "–",
    "_",
    "?",
    "??",
    ".",
    "..",
    "*",
    "/",
    "aucun",
    "Aucune",
    "AUCUN",
    "s/o",
    "S.O.",
    "null",
    "NULL",
    "none",
    "nan",
    "#N/A",
    "#REF!",
    "#VALEUR!",
    "#NOM?",
    "#####",
    "Néant",
    "inconnu",
    "xxx",
    "sans objet",
    "Non disponible",
    "  -  ",
    "( - )",
    "N / D",
    "Pas de site web",
    "aucun(e)",
    "Aucune information",
    "pas d’info",
    "non renseigné(e)",
    "Non fournie",
    "Inconnu(e)",
    "indisponible",
    "À vérifier",
    "en attente",
    "rien",
    "N/C",
]


@pytest.mark.parametrize("written", NOTHING)
def test_a_word_for_nothing_is_an_empty_cell(cleaned, written):
    row = cleaned(**dict.fromkeys(OPTIONAL, written))
    assert (row.problems, row.notes) == ([], [])
    assert {name for name, value in row.values.items() if value} == {"name", "municipality_id"}


@pytest.mark.parametrize("field", sorted({*OPTIONAL} - {"workforce", "description", "staff_note"}))
@pytest.mark.parametrize("zero", ["0", "0,0", "0.00", "00"])
def test_a_zero_is_nothing_where_nothing_is_counted(field, zero):
    assert is_empty(zero, field)


def test_nobody_works_there_is_a_number_of_people(cleaned):
    assert cleaned(workforce="0").values["workforce"] == "0"


@pytest.mark.parametrize("name", ["Aucun", "NA", "Néant", "So", "Le ?", "Non", "0", "100 %", "★", "株式会社"])
def test_a_word_may_be_a_name(cleaned, name):
    assert cleaned(name=name).problems == []


@pytest.mark.parametrize("name", ["-", "?", "#N/A", "n/a", "N/D", "NULL", "…", ""])
def test_a_sign_is_no_name(cleaned, name):
    assert "nom" in cleaned(name=name).problems[0]


# --- Names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ('"La Ruche"', "La Ruche"),
        ("« La Ruche »", "La Ruche"),
        ("“La Ruche”", "La Ruche"),
        ("'La Ruche'", "La Ruche"),
        ('""La Ruche""', "La Ruche"),
        ("«« La Ruche »»", "La Ruche"),
        ('Groupe "Les Voisines de l\'Anse"', f"Groupe «{NBSP}Les Voisines de l’Anse{NBSP}»"),
        ("Café-Rencontre « Le Relais »", f"Café-Rencontre «{NBSP}Le Relais{NBSP}»"),
        ("« Le Relais », café-rencontre", f"«{NBSP}Le Relais{NBSP}», café-rencontre"),
        ('"Un" et "Deux"', f"«{NBSP}Un{NBSP}» et «{NBSP}Deux{NBSP}»"),
        ("« Un » et « Deux »", f"«{NBSP}Un{NBSP}» et «{NBSP}Deux{NBSP}»"),
        ("L'Atelier d'Art", "L’Atelier d’Art"),
        ('La Ruche"', "La Ruche"),
        ("«La Ruche", "La Ruche"),
        ("La Ruche »", "La Ruche"),
        ('“La Ruche"', "La Ruche"),
        ("”La Ruche”", "La Ruche"),
        ("Le “Relais“", f"Le «{NBSP}Relais{NBSP}»"),
        ("Le ''Relais''", f"Le «{NBSP}Relais{NBSP}»"),
        ("Le <<Relais>>", f"Le «{NBSP}Relais{NBSP}»"),
        ("Maison de l`Anse", "Maison de l’Anse"),
        ("Les amis d'", "Les amis d'"),
        ('"', '"'),
        ("'", "'"),
    ],
)
def test_quotation_marks_go_when_they_wrap_the_whole(written, name):
    assert clean_name(written) == name


@given(st.text(max_size=40))
def test_a_cleaned_name_is_clean(text):
    assert clean_name(clean_name(text)) == clean_name(text)


# --- Numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    ["1148207609", "1148207609.0", "1148207609,00", "1148 207 609", "1 148 207 609", "NEQ : 1148207609", "'1148207609",
     "1.148207609E+09", "1,148207609E9", "1148207609 (actif)", "114-820-7609",
     "1,148,207,609", "1 148 207 609,00", "1,148,207,609.00"],
)  # fmt: skip
def test_a_neq_is_its_ten_digits(cleaned, written):
    assert cleaned(neq=written).values["neq"] == "1148207609"


@pytest.mark.parametrize("written", ["1,14821E+09", "1.14821E+09", "1.1E9", "1E+09", "1,14821 E+09"])
def test_a_neq_whose_digits_are_lost_is_left_empty_with_the_reason(cleaned, written):
    row = cleaned(neq=written)
    assert (row.problems, row.values.get("neq")) == ([], None)
    assert "derniers chiffres" in row.notes[0]


@pytest.mark.parametrize(
    ("written", "phone", "extension", "says_more"),
    [
        ("4505550125.0", "+14505550125", "", False),
        ("450 555-0125 p. 22", "+14505550125", "22", False),
        ("450.555.0125 poste22", "+14505550125", "22", False),
        ("(450) 555-0125, poste : 22", "+14505550125", "22", False),
        ("450-555-0125 #22", "+14505550125", "22", False),
        ("450-555-0125 x22", "+14505550125", "22", False),
        ("1-800-555-0125 ext. 4", "+18005550125", "4", False),
        ("Tél. : 450 555-0125", "+14505550125", "", False),
        ("450 555-0125 (Marie)", "+14505550125", "", False),
        ("450 555-0125 bureau", "+14505550125", "", False),
        ("(450) 555-0131 / 450-555-0132", "+14505550131", "", True),
        ("450-555-0131 ou 450-555-0132", "+14505550131", "", True),
        ("450-555-0131; 450-555-0132", "+14505550131", "", True),
        ("450 555-0131\n450 555-0132", "+14505550131", "", True),
        ("450-555-0131, 450-555-0132 p. 3", "+14505550131", "", True),
        ("inconnu / 450-555-0132", "+14505550132", "", True),
        ("450/555-0125", "+14505550125", "", False),
        ("4,505550125E+09", "+14505550125", "", False),
        ("450 555-0125;ext=22", "+14505550125", "22", False),
        ("450 555-0125 # 1234567", "+14505550125", "", True),
    ],
)
def test_telephones(written, phone, extension, says_more):
    assert parse_phones(written, country="CA") == (phone, extension, says_more)


def test_a_telephone_whose_digits_are_lost_says_so(cleaned):
    assert "derniers chiffres" in cleaned(phone="4,50556E+09").notes[0]


def test_two_extensions_are_no_longer_one(cleaned):
    row = cleaned(phone_extension="22 ou 23")
    assert row.values["phone_extension"] == "22"
    assert "22 ou 23" in row.values["staff_note"]


# --- Places ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "is_said"),
    [("JOS 1YO", True), ("jos1yo", True), ("J0S lY0", True), ("J0S IY0", True), ("j0s1y0", False), ("J0S-1Y0", False),
     ("J0S.1Y0", False), (" J0S  1Y0 ", False), ("J0S 1Y0 Canada", True), ("Québec  JOS 1YO", True), ("(J0S 1Y0)", True)],
)  # fmt: skip
def test_postal_codes_are_repaired_and_said(cleaned, written, is_said):
    row = cleaned(postal_code=written)
    assert row.values["postal_code"] == "J0S 1Y0"
    assert bool(row.notes) == is_said


@pytest.mark.parametrize("written", ["J5B5GY", "12345", "J0S 1Y", "DOS 1Y0", "J0S 1Y0 J0S"])
def test_an_impossible_postal_code_is_left_empty_and_said(cleaned, written):
    row = cleaned(postal_code=written)
    assert (row.problems, row.values.get("postal_code")) == ([], None)
    assert written in row.notes[0]


@pytest.mark.parametrize(
    ("written", "street"),
    [
        ("400 RUE Principale APP: 3", "400, rue Principale, app. 3"),
        ("12 RUE du Marché", "12, rue du Marché"),
        ("12 rue PRINCIPALE", "12, rue Principale"),
        ("CP: 44", "C. P. 44"),
        ("Case postale 44", "C. P. 44"),
        ("rang 4", "rang 4"),
        ("2100 route 209", "2100, route 209"),
        ("8 ch. du Canal", "8, ch. du Canal"),
        ("12, rue du Marché, bureau 201", "12, rue du Marché, bureau 201"),
        ("3 rue de l'ÉCOLE", "3, rue de l'École"),
        ("1 rue X", "1, rue X"),
        ("55 RUE ST-JEAN, LOCAL 2B", "55, rue St-Jean, local 2B"),
        ("5, rue Local", "5, rue Local"),
        ("10 rue de Québec", "10, rue de Québec"),
    ],
)
def test_streets(written, street):
    assert split_address(written) == (street, "")


def test_an_address_gives_its_postal_code_and_not_its_town(cleaned):
    row = cleaned(address="12 rue Principale, Candiac (Québec) JOS 1YO")
    assert (row.values["street"], row.values["postal_code"]) == ("12, rue Principale", "J0S 1Y0")


@pytest.mark.parametrize(
    ("latitude", "longitude", "notes"),
    [("45.3123", "-73.8765", 0), ("45,3123", "-73,8765", 0), ("45.3123° N", "73.8765° O", 0), ("-73.8765", "45.3123", 1),
     ("45.3123", "73.8765", 1), ("+45.3123", "\u221273.8765", 0)],
)  # fmt: skip
def test_positions(cleaned, latitude, longitude, notes):
    row = cleaned(latitude=latitude, longitude=longitude)
    assert (float(row.values["latitude"]), float(row.values["longitude"])) == (45.3123, -73.8765)
    assert len(row.notes) == notes


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [("45.3", ""), ("", "-73"), ("2", "3"), ("ici", "là"), ("999", "999"), ("9" * 400, "1")],
)
def test_no_place_of_the_country_is_left_empty_and_said(cleaned, latitude, longitude):
    row = cleaned(latitude=latitude, longitude=longitude)
    assert (row.problems, row.values.get("latitude"), len(row.notes)) == ([], None, 1)


# --- Addresses of people --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "email", "says_more"),
    [
        ("relais@a.example; direction@a.example", "relais@a.example", True),
        ("mailto:info@a.example", "info@a.example", False),
        ("<info@a.example>", "info@a.example", False),
        ("Le Relais <info@a.example>", "info@a.example", False),
        ("info@a.example.", "info@a.example", False),
        ("info @ a.example", "info@a.example", False),
        ("info[at]a.example", "info@a.example", False),
        ("info (à) a.example; info(at)a.example", "info@a.example", False),
        ("info@a.example / info@b.example", "info@a.example", True),
        ("info@a.example, info@a.example", "info@a.example", False),
        ("info＠a.example", "info@a.example", False),
        ("courriel:info@a.example", "info@a.example", False),
        ("info@a.example/info@b.example", "info@a.example", True),
    ],
)
def test_emails(written, email, says_more):
    assert parse_emails(written) == (email, says_more)


@pytest.mark.parametrize(
    ("written", "site", "pages", "says_more"),
    [
        ("relais.example", "https://relais.example", [], False),
        ("http://relais.example / https://facebook.com/relais", "http://relais.example", ["https://facebook.com/relais"], False),
        ("www.x.example, facebook.com/x", "https://www.x.example", ["https://facebook.com/x"], False),
        ("facebook.com/x", "", ["https://facebook.com/x"], False),
        ("https://fr-ca.facebook.com/x", "", ["https://fr-ca.facebook.com/x"], False),
        ("www.x.example (en construction)", "https://www.x.example", [], False),
        ("<https://x.example/>", "https://x.example/", [], False),
        ("x.example et y.example", "https://x.example", [], True),
        ("notfacebook.com", "https://notfacebook.com", [], False),
        ("http//x.example", "http://x.example", [], False),
        ("https://https://x.example", "https://x.example", [], False),
        ("htttp://x.example", "http://x.example", [], False),
    ],
)  # fmt: skip
def test_pages(written, site, pages, says_more):
    assert parse_pages(written) == (site, pages, says_more)


def test_what_a_listing_has_no_place_for_is_kept_for_the_team(cleaned):
    row = cleaned(
        phone="450 555-0131 / 450-555-0132", email="a@a.example, b@a.example", staff_note="village ou canton?"
    )
    lines = row.values["staff_note"].split("\n")
    assert lines[0] == "village ou canton?"
    assert "450-555-0132" in lines[1]
    assert "b@a.example" in lines[2]
    assert len(row.notes) == 2


def test_a_mission_that_is_a_paragraph_is_cut_and_kept_whole(cleaned):
    long = "Nous réparons des vélos. " * 20
    row = cleaned(mission=long)
    assert len(row.values["mission"]) <= 240
    assert long.strip() in row.values["description"].replace("&nbsp;", NBSP)


@pytest.mark.parametrize(
    ("cell", "band"),
    [
        ("2026-01-04", "1-4"),
        ("2026-10-24", "10-24"),
        ("1 000", "100+"),
        ("12 à 15", "10-24"),
        ("2026-04-01", "1-4"),
        ("2026-09-05", "5-9"),
        ("moins de 5", "1-4"),
        ("< 10", "5-9"),
        ("1,200", "100+"),
    ],
)
def test_workforce(cleaned, cell, band):
    assert cleaned(workforce=cell).values["workforce"] == band


@pytest.mark.parametrize(
    ("cell", "codes"),
    [("Fr/En", ["en", "fr"]), ("FR-EN", ["en", "fr"]), ("fr & en", ["en", "fr"]), ("Fr., Ang.", ["en", "fr"]),
     ("Langue des signes", ["fcs"]), ("français, langue des signes québécoise", ["fcs", "fr"])],
)  # fmt: skip
def test_languages(cleaned, cell, codes):
    row = cleaned(languages=cell)
    assert (row.values["languages"], row.notes) == (codes, [])


def test_entities_of_a_site_are_letters(cleaned):
    row = cleaned(name="Ruche &amp; Cie", mission="Caf&eacute; &#8211; repas")
    assert (row.values["name"], row.values["mission"]) == ("Ruche & Cie", "Café – repas")


def test_an_account_is_not_nothing(cleaned):
    assert cleaned(website="@x").notes


def test_destroyed_letters_are_named(cleaned):
    row = cleaned(name="Coop�rative", street="rue", address="rue �")
    assert "Nom" in row.notes[-1]
    assert row.problems == []


# --- Any cell -------------------------------------------------------------------------------------

ANY = st.text(max_size=60) | st.text(
    st.sampled_from("0123456789.,;:/-+()@ E#Oo«»\"'\n\x00\ud800☃é…"), max_size=40
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.fixed_dictionaries(dict.fromkeys(sorted(FIELDS), ANY)))
@example(cells=dict.fromkeys(FIELDS, "9" * 400))
@example(cells=dict.fromkeys(FIELDS, "\x00��"))
@example(cells=dict.fromkeys(FIELDS, "é" * 30000))
@example(cells=dict.fromkeys(FIELDS, "a@b.ca " * 300))
@example(cells=dict.fromkeys(FIELDS, "🐝https://🐝.example/"))
def test_no_cell_whatever_loses_its_row_and_each_value_is_stored(cleaned, cells):
    row = cleaned(**cells | {"name": "La Ruche", "municipality": "Candiac"})
    assert row.problems == []
    values = {name: value for name, value in row.values.items() if name not in {"sectors", "territory"}}
    with transaction.atomic():
        listing = Listing(slug="quelconque", **values)
        listing.full_clean(exclude=["sectors"])
        listing.save()
        listing.refresh_from_db()
        assert {name: getattr(listing, name) for name in values} == values
        transaction.set_rollback(True)
