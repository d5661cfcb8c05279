"""From a messy spreadsheet to listings: what each row does, twice is once, all or nothing."""

from __future__ import annotations

import contextlib
import csv
import io
import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enterprises.importing import answers, running, trial
from enterprises.importing.cleaning import split_address
from enterprises.importing.columns import guess_mapping, save_choices
from enterprises.models import Import, Listing, ListingRole
from pole.files.tables import read_table
from tests.factories import ListingFactory, SectorFactory, UserFactory
from tests.imports import imported, kinds, one, opened, rows_of, run, silent

pytestmark = pytest.mark.django_db
HEADER = ["NomEntreprise", "Adresse", "Municipalite", "CodePostal", "Territoire", "SiteWeb"]
MESSY = [
    ["COOPÉRATIVE DE SOLIDARITÉ LA RUCHE INC.", "1200 RUE PRINCIPALE APP: 204 CP: 45", "STE-CATHERINE", "j5c1a1", "MRC de Roussillon", "laruche.example"],
    ["Le Pré commun", "12, rang du Nord", "Saint-Edouard (Québec)", "J0L-1Y0", "MRC Les Jardins-de-Napierville", "www.precommun.example/"],
    ["Radio du Fleuve", "3 rue du Port", "Valleyfield", "", "", ""],
    ["La Grange", "", "Melocheville", "", "", "https://lagrange.example"],
    ["Atelier du Canton", "", "Hemmingford", "", "", ""],
    ["Maison sans ville", "", "", "", "", ""],
    ["", "1, rue A", "Mercier", "", "", ""],
    ["Ferme Impossible", "", "Mercier", "G8Y5GY", "", ""],
    ["Loin d’ici", "", "Rimouski", "", "", ""],
    ["ruche, la (coop. de solidarité)", "", "Sainte-Catherine", "", "", ""],
    ["Café du Coin", "", "St-Constnat", "", "", ""],
]  # fmt: skip


# --- The file of a real hub -------------------------------------------------------------------------


def test_messy_file_says_what_each_row_does():
    spreadsheet_import = opened(MESSY, HEADER)
    rows = rows_of(spreadsheet_import)
    assert spreadsheet_import.mapping == ["name", "address", "municipality", "postal_code", "mrc", "website"]
    assert kinds(spreadsheet_import) == [
        "created", "created", "created", "created", "question", "refused", "refused", "created", "question", "same",
        "question",
    ]  # fmt: skip
    reasons = [" ".join(row.reasons) for row in rows]
    assert "Hemmingford" in reasons[4]
    assert [code for code, _label in rows[4].cleaned["towns"]] == ["68010", "68015"]
    assert "municipalité" in reasons[5]
    assert "nom" in reasons[6]
    assert "G8Y5GY" in " ".join(rows[7].cleaned["notes"])
    assert "Rimouski" in reasons[8]
    assert "ligne 2" in reasons[9]
    assert rows[10].cleaned["towns"][0][0] == "67035"
    assert Listing.objects.count() == 0


def test_messy_file_becomes_clean_listings():
    spreadsheet_import = imported(MESSY, HEADER, towns={"Hemmingford": "68015", "St-Constnat": "67035"})
    assert spreadsheet_import.state == "done"
    ruche = Listing.objects.get(slug="cooperative-de-solidarite-la-ruche-inc")
    assert (ruche.municipality_id, ruche.postal_code, ruche.street, ruche.website, ruche.legal_form) == (
        "67030", "J5C 1A1", "1200, rue Principale, app. 204, C. P. 45", "https://laruche.example", "coop_solidarity",
    )  # fmt: skip
    assert Listing.objects.get(name="Le Pré commun").municipality_id == "68045"
    assert Listing.objects.get(name="Radio du Fleuve").municipality_id == "70052"
    assert Listing.objects.get(name="La Grange").municipality_id == "70022"
    assert Listing.objects.get(name="Atelier du Canton").municipality_id == "68015"
    assert Listing.objects.get(name="Café du Coin").municipality_id == "67035"
    assert Listing.objects.get(name="Ferme Impossible").postal_code == ""
    assert Listing.objects.count() == 7


def test_twice_is_once():
    answers = {"Hemmingford": "68015", "St-Constnat": "67035"}
    imported(MESSY, HEADER, towns=answers)
    before = list(Listing.objects.order_by("pk").values())
    again = imported(MESSY, HEADER, only_fills=False)
    assert set(kinds(again)) == {"same", "refused", "question"}
    assert list(Listing.objects.order_by("pk").values()) == before


def test_a_second_file_of_the_same_finds_them_under_other_spellings():
    imported([["L’Atelier du Rayon libre inc.", "Mercier"]], ["Nom", "Ville"])
    for other in ("ATELIER DU RAYON LIBRE", "« Rayon libre, Atelier du »", "Atelier du rayon-libre, inc"):
        assert one({"Nom": other, "Ville": "mercier"}).kind == "same", other


# --- Cells ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "street", "postal_code"),
    [
        ("1200 RUE PRINCIPALE APP: 204 CP: 45", "1200, rue Principale, app. 204, C. P. 45", ""),
        ("12, rang du Nord", "12, rang du Nord", ""),
        ("418 rue du Ponceau, bureau 200", "418, rue du Ponceau, bureau 200", ""),
        ("418 rue du Ponceau CP: J0S 1Y0", "418, rue du Ponceau", "J0S 1Y0"),
        ("5 CH. DES ÉRABLES", "5, Ch. des Érables", ""),
        ("100, boul. Saint-Jean-Baptiste J6K3A1", "100, boul. Saint-Jean-Baptiste", "J6K 3A1"),
    ],
)
def test_addresses(written, street, postal_code):
    assert split_address(written) == (street, postal_code)


def test_every_column_comes_in():
    SectorFactory(slug="velo", name="Vélo et mobilité")
    cells = {
        "Nom": "La Ruche", "Ville": "Mercier", "NEQ": "1190 000 001", "Secteurs": "Vélo et mobilité", "Mission": "Réparer.",
        "Description": "Un.\n\nDeux.", "Produits et services": "vélos; location", "Téléphone": "(450) 555-0123 poste 25",
        "Courriel": "info@ruche.example", "Année de fondation": "fondée en 2009", "Nb employés": "12 à 15",
        "Langues": "français et anglais", "Territoire desservi": "Roussillon; MRC de Beauharnois-Salaberry; Ailleurs",
        "Forme juridique": "OBNL", "Facebook": "facebook.com/ruche", "Approvisionnement": "Entretien ménager",
    }  # fmt: skip
    spreadsheet_import = imported([list(cells.values())], list(cells))
    assert kinds(spreadsheet_import) == ["created"]
    listing = Listing.objects.get()
    assert (listing.neq, listing.founded, listing.workforce, listing.legal_form) == (
        "1190000001",
        2009,
        "10-24",
        "npo",
    )
    assert (listing.phone, listing.phone_extension) == ("+14505550123", "25")
    assert listing.products == ["vélos", "location"]
    assert listing.description == "<p>Un.</p><p>Deux.</p>"
    assert listing.languages == ["en", "fr"]
    assert listing.served == ["67", "70"]
    assert listing.supplies == ["entretien-menager"]
    assert listing.social_links == ["https://facebook.com/ruche"]
    assert [sector.slug for sector in listing.sectors.all()] == ["velo"]
    assert "Ailleurs" in " ".join(rows_of(spreadsheet_import)[0].cleaned["notes"])
    assert set(kinds(imported([list(cells.values())], list(cells)))) == {"same"}


@pytest.mark.parametrize(
    ("column", "cell"),
    [("NEQ", "12345"), ("Courriel", "pas une adresse"), ("Téléphone", "555"), ("Site", "javascript:alert(1)"),
     ("Année", "1066"), ("Nom", "x" * 141), ("Code postal", "12345")],
)  # fmt: skip
def test_a_wrong_cell_is_left_empty_and_says_why(column, cell):
    row = one({"Nom": "La Ruche", "Ville": "Mercier"} | {column: cell})
    assert row.kind == "created"
    assert cell[:20] in " ".join(row.cleaned["notes"])


def test_columns_are_remembered():
    save_choices(["Bidule", "Où"], ["name", "municipality"])
    assert guess_mapping(["bidule", "OÙ", "Nom"]) == ["name", "municipality", ""]


@pytest.mark.parametrize(
    ("header", "mapping"),
    [
        (["Nom du membre", "Ville ou village"], ["name", "municipality"]),
        (["Nom de la personne-ressource", "Nom", "Ville"], ["", "name", "municipality"]),
        (["Prénom", "Nombre", "Ville"], ["", "", "municipality"]),
    ],
)
def test_headings_that_begin_as_those_of_names_and_towns(header, mapping):
    assert guess_mapping(header) == mapping


# --- What exists ------------------------------------------------------------------------------------


def test_what_listings_say_is_only_filled_unless_asked():
    listing = ListingFactory(name="La Ruche", email="vrai@ruche.example", neq="1190000001", phone="")
    row = {
        "Nom": "Ruche",
        "Ville": "Mercier",
        "NEQ": "1190000001",
        "Courriel": "autre@ruche.example",
        "Tél": "450 555-0123",
    }
    args = ([list(row.values())], list(row))
    imported(*args)
    listing.refresh_from_db()
    assert (listing.email, listing.phone, listing.municipality_id) == (
        "vrai@ruche.example",
        "+14505550123",
        "67050",
    )
    imported(*args, only_fills=False)
    listing.refresh_from_db()
    assert (listing.email, listing.municipality_id, listing.version) == ("autre@ruche.example", "67045", 3)


def test_a_listing_that_someone_keeps_is_never_replaced():
    listing = ListingFactory(name="La Ruche", email="vrai@ruche.example")
    ListingRole.objects.create(listing=listing, user=UserFactory())
    imported(
        [["La Ruche", "Châteauguay", "autre@ruche.example"]], ["Nom", "Ville", "Courriel"], only_fills=False
    )
    listing.refresh_from_db()
    assert listing.email == "vrai@ruche.example"


def test_staff_decide_of_duplicates():
    listing = ListingFactory(name="Coopérative de solidarité La Ruche", phone="")
    row = [["Ruche de Mercier, la", "Mercier", "450 555-0123"]]
    listing_row = [["Coop La Ruches", "Mercier", "450 555-0123"]]
    header = ["Nom", "Ville", "Tél"]
    assert kinds(opened(listing_row, header)) == ["duplicate"]
    updated = imported(listing_row, header, rows={2: f"update:{listing.pk}"})
    assert kinds(updated) == ["changed"]
    listing.refresh_from_db()
    assert (listing.phone, listing.other_names) == ("+14505550123", ["Coop La Ruches"])
    created = imported(row, header, rows={2: "create"})
    assert kinds(created) == ["created"]
    assert kinds(opened(row, header, rows={2: "leave_out"})) == ["skipped"]


# --- All or nothing -----------------------------------------------------------------------------------


class StopAfter:
    def __init__(self, rows, error):
        self.rows, self.error = rows, error

    def __call__(self, count):
        if count >= self.rows:
            raise self.error


@pytest.mark.parametrize("stop_after", [1, 3, 4])
def test_cancel_leaves_nothing(monkeypatch, stop_after):
    monkeypatch.setattr(trial, "ROWS_BETWEEN_PROGRESS", 1)
    spreadsheet_import = opened(MESSY, HEADER)
    done = running.run(
        import_id=spreadsheet_import.pk, progress=StopAfter(stop_after, running.ImportCancelled())
    )
    assert (done.state, Listing.objects.count()) == ("cancelled", 0)


def test_a_failure_leaves_nothing_and_is_noted(monkeypatch):
    monkeypatch.setattr(trial, "ROWS_BETWEEN_PROGRESS", 1)
    spreadsheet_import = opened(MESSY, HEADER)
    with pytest.raises(ZeroDivisionError):
        running.run(import_id=spreadsheet_import.pk, progress=StopAfter(3, ZeroDivisionError()))
    assert (Import.objects.get().state, Listing.objects.count()) == ("failed", 0)


def test_an_import_runs_once():
    spreadsheet_import = imported(MESSY, HEADER)
    count = Listing.objects.count()
    running.run(import_id=spreadsheet_import.pk, progress=silent)
    assert Listing.objects.count() == count
    with pytest.raises(running.ImportNotOpen):
        answers.answer_rows(import_id=spreadsheet_import.pk, answers={}, by=None)


@pytest.mark.django_db(transaction=True)
def test_progress_and_cancelling_pass_beside_the_transaction(monkeypatch):
    monkeypatch.setattr(trial, "ROWS_BETWEEN_PROGRESS", 1)
    rows = [[f"Entreprise numéro {'abcdefghij'[at % 10] * 5}{at}", "Mercier"] for at in range(60)]
    spreadsheet_import = opened(rows, ["Nom", "Ville"])
    seen = []
    original = running.report_on_second_connection

    @contextlib.contextmanager
    def watched(import_id):
        with original(import_id) as report:

            def look(count):
                report(count)
                if count == 5:
                    thread = threading.Thread(target=ask)
                    thread.start()
                    thread.join()

            yield look

    def ask():
        seen.append(Import.objects.get(pk=spreadsheet_import.pk).rows_done)
        running.cancel(import_id=spreadsheet_import.pk)
        connection.close()

    monkeypatch.setattr(running, "report_on_second_connection", watched)
    done = running.run(import_id=spreadsheet_import.pk)
    assert seen == [5]
    assert (done.state, Listing.objects.count()) == ("cancelled", 0)


# --- Any file -----------------------------------------------------------------------------------------

cells = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30)
names = (
    st.sampled_from(
        ["La Ruche", "Le Pré", "", "=1+1", "<b>x</b>", "La ruche inc.", "Café", "\x00\x1f", "株式会社"]
    )
    | cells
)
towns = st.sampled_from(["Mercier", "St-Rémi", "HEMMINGFORD", "", "Nulle part", "67050"]) | cells


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(names, towns, cells, cells, cells, cells), min_size=1, max_size=6),
    header=st.permutations(["Nom", "Ville", "Téléphone", "Site", "Description", "NEQ"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    delimiter=st.sampled_from([";", ",", "\t"]),
)
def test_any_file_comes_in_or_says_why_and_twice_is_once(
    transactional_free, rows, header, encoding, delimiter
):
    Listing.objects.all().delete()
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    from django.core.exceptions import ValidationError

    try:
        table = read_table(io.BytesIO(text.getvalue().encode(encoding)))
    except ValidationError as refused:
        told = refused.messages
        assert told[0]
        return
    first = run_of(table)
    for row in rows_of(first):
        assert row.kind in {"created", "refused", "duplicate", "question", "same"}
        assert row.kind == "created" or row.reasons
    before = list(Listing.objects.order_by("pk").values())
    again = run_of(table)
    assert not set(kinds(again)) & {"created", "changed"}
    assert list(Listing.objects.order_by("pk").values()) == before


def run_of(table):
    spreadsheet_import = trial.open_import(table=table, file_name="x", by=None)
    trial.start(import_id=spreadsheet_import.pk)
    return run(spreadsheet_import)


@pytest.fixture
def transactional_free(db):
    """Hypothesis repeats the test in one transaction."""


# --- The pages and the command --------------------------------------------------------------------------


def messy_csv() -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows([HEADER, *MESSY])
    return text.getvalue().encode("cp1252")


def test_staff_bring_a_file_answer_and_get_what_is_left(staff_client, django_capture_on_commit_callbacks):
    upload = SimpleUploadedFile("Liste été.csv", messy_csv(), content_type="text/csv")
    response = staff_client.post("/gestion/repertoire/importer/", {"file": upload})
    spreadsheet_import = Import.objects.get()
    url = f"/gestion/repertoire/importer/{spreadsheet_import.pk}/"
    assert response["Location"] == url
    page = staff_client.get(url).content.decode()
    assert "Hemmingford (canton)" in page
    assert Listing.objects.count() == 0
    staff_client.post(url, {"part": "questions", "written": ["Hemmingford"], "town-0": "68010"})
    staff_client.post(f"{url}lancer/")
    spreadsheet_import.refresh_from_db()
    assert spreadsheet_import.state == "queued"
    run(spreadsheet_import)
    assert staff_client.get(f"{url}progres/").json() == {"done": 11, "total": 11, "over": True}
    left = staff_client.get(f"{url}a-corriger.csv")
    assert left.content.startswith("\ufeff".encode())
    rows = list(csv.reader(io.StringIO(left.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == [*HEADER, "Raison"]
    assert [row[0] for row in rows[1:]] == [MESSY[at][0] for at in (5, 6, 8, 10)]


def test_upload_that_is_no_table_is_told_beside_the_field(staff_client):
    upload = SimpleUploadedFile("x.xlsx", b"PK\x03\x04", content_type="x")
    response = staff_client.post("/gestion/repertoire/importer/", {"file": upload})
    assert response.status_code == 200
    assert response.context["form"].errors["file"]
    assert Import.objects.count() == 0


def test_command_tries_then_imports(tmp_path, capsys):
    path = tmp_path / "liste.csv"
    path.write_bytes(messy_csv())
    call_command("import_enterprises", path, "--dry-run")
    assert (Listing.objects.count(), Import.objects.count()) == (0, 0)
    assert "5 nouvelles fiches" in capsys.readouterr().out
    call_command("import_enterprises", path, "--refused", tmp_path / "refus.csv")
    assert Listing.objects.count() == 5
    assert "Rimouski" in (tmp_path / "refus.csv").read_text(encoding="utf-8-sig")
    with pytest.raises(CommandError, match="Ce fichier ne se lit pas"):
        call_command("import_enterprises", tmp_path / "absent.csv")
