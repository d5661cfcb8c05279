"""The territory as staff set it in the page: a list is sent, read again, applied; then MRCs are chosen."""

from __future__ import annotations

import importlib
import io
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from pole.geo import territory
from pole.geo.territory_file import TerritoryFileError, read_file
from pole.models import FormerMunicipality, Hub, Mrc, Municipality, TerritoryUpload
from tests.conftest import signed_in
from tests.factories import ForumFactory, ListingFactory, UserFactory
from tests.pole.territories import QUEBEC_HEADER, positions_file, quebec_file, quebec_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def no_territory(db):
    FormerMunicipality.objects.all().delete()
    Municipality.objects.all().delete()
    Mrc.objects.all().delete()


def rows_of(content, **kwargs):
    return read_file(content, **kwargs).rows


def send(client, content: bytes, name="MUN.csv", **kwargs):
    return client.post(
        reverse("staff:territory"), {"file": SimpleUploadedFile(name, content)}, follow=True, **kwargs
    )


def apply(client, **answers):
    data = {"token": TerritoryUpload.objects.get().token, "action": "apply", **answers}
    return client.post(reverse("staff:territory_preview"), data, follow=True)


def choose(client, **chosen):
    return client.post(reverse("staff:territory_choose"), chosen, follow=True)


def offered() -> set[str]:
    return set(Municipality.objects.in_territory().values_list("code", flat=True))


# --- A file ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "cp1252", "utf-16"])
def test_the_official_list_is_read_whatever_its_encoding(no_territory, encoding):
    rows = rows_of(quebec_file(encoding=encoding))
    assert len(rows) == len(quebec_rows())
    lessard, isles = rows["10070"], rows["01023"]
    assert (lessard.name, lessard.designation, lessard.region) == (
        "Saint-Anaclet-de-Lessard", "Paroisse", "Bas-Saint-Laurent",
    )  # fmt: skip
    # As the code of the municipality begins, whatever zero the MAMH writes after it.
    assert (lessard.mrc_code, lessard.mrc_name) == ("10", "Rimouski-Neigette")
    assert (rows["94265"].mrc_code, rows["94265"].mrc_name) == ("942", "Le Fjord-du-Saguenay")
    assert (isles.mrc_code, isles.region) == ("", "Gaspésie–Îles-de-la-Madeleine")


def test_a_workbook_gets_back_the_zeros_that_it_lost(no_territory):
    book = Workbook()
    book.active.append(QUEBEC_HEADER)
    for row in quebec_rows():
        book.active.append([int(row[0]), *row[1:]])
    content = io.BytesIO()
    book.save(content)
    rows = rows_of(content.getvalue())
    assert set(rows) == {row[0] for row in quebec_rows()}


def test_two_mrcs_whose_codes_begin_alike_stay_two(no_territory):
    """Of a list that says no code of MRC: those of the Côte-Nord share 97."""
    rows = rows_of(
        "code,nom,mrc\n97007,Sept-Îles,Sept-Rivières\n97040,Fermont,Caniapiscau\n10043,Rimouski,Rimouski-Neigette\n".encode()
    )
    assert [row.mrc_code for row in rows.values()] == ["sept-rivieres", "caniapiscau", "10"]


def test_columns_are_named_below_the_title_of_a_list(no_territory):
    """As INSEE publishes the communes of each intercommunalité."""
    book = Workbook()
    for row in (
        ["Intercommunalité – Métropole au 1er janvier"],
        [],
        ["Code géographique", "Libellé géographique", "EPCI", "Libellé de l’EPCI", "Département"],
        ["CODGEO", "LIBGEO", "EPCI", "LIBEPCI", "DEP"],
        ["63901", "Valnoire", "200999001", "CC des Monts Dorés", "63"],
        ["29902", "Île-aux-Vents", "ZZZZZZZZZ", "Sans objet", "29"],
        ["", "Sans code", "", "", ""],
    ):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    with pytest.raises(TerritoryFileError, match="Ligne 7"):
        rows_of(content.getvalue(), is_quebec=False)
    book.active.delete_rows(7)
    content = io.BytesIO()
    book.save(content)
    rows = rows_of(content.getvalue(), is_quebec=False)
    assert (rows["63901"].name, rows["63901"].mrc_code) == ("Valnoire", "200999001")
    # An island that no intercommunalité holds.
    assert (rows["29902"].mrc_code, rows["29902"].mrc_name) == ("", "")


def test_columns_of_the_communes_of_france_are_recognised(no_territory):
    header = "code_insee;nom_standard;dep_nom;epci_code;epci_nom;latitude_centre;longitude_centre"
    line = "63901;Valnoire;Puy-de-Dôme;200999001;CC des Monts Dorés;45.777;3.082"
    rows = rows_of(f"{header}\n{line}\n".encode(), is_quebec=False)
    row = rows["63901"]
    assert (row.name, row.region, row.mrc_name) == ("Valnoire", "Puy-de-Dôme", "CC des Monts Dorés")
    assert (row.mrc_code, str(row.latitude), str(row.longitude)) == ("200999001", "45.777", "3.082")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "vide"),
        (b"\x00\x01\x02", "ni un CSV ni un XLSX"),
        (b"nom,prenom\nA,B\n", "Il manque une colonne"),
        (b"code,nom,mrc\n", "ne nomme aucune municipalit\xc3\xa9".encode("latin-1").decode()),
        (b"code,nom,mrc\nabc,A,B\n", "n’est pas le code"),
        (b"code,nom,mrc\n67050,A,B\n67050,C,B\n", "est déjà plus haut"),
        (b"code,nom,mrc\n67050,A,B\n67055,A,B\n", "avec la même désignation"),
        (b"code,nom,mrc\n67050,,B\n", "le nom manque"),
        (b"code,nom,mrc\n67050," + b"A" * 81 + b",B\n", "trop longue"),
        (b"code,latitude,longitude\n99999,45.5,-73\n", "Aucune ligne"),
    ],
)
def test_a_wrong_file_is_refused_in_words_and_writes_nothing(staff_client, content, why):
    before = list(Municipality.objects.values())
    page = send(staff_client, content).content.decode()
    assert why in page
    assert "error-summary" in page
    assert list(Municipality.objects.values()) == before
    assert not TerritoryUpload.objects.exists()


def test_a_file_of_two_megabytes_is_read_in_reasonable_time(no_territory):
    rows = [[*quebec_rows()[0][:7], "x" * 1500, *quebec_rows()[0][8:]] for _ in range(1300)]
    for at, row in enumerate(rows):
        row[0], row[1] = f"{10000 + at}", f"Ville {at}"
    content = quebec_file(rows)
    assert len(content) > 2_000_000
    assert len(rows_of(content)) == 1300


@settings(max_examples=60, deadline=None)
@given(
    cells=st.lists(
        st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=30), min_size=3, max_size=3
    )
)
@pytest.mark.usefixtures("db")
def test_whatever_a_cell_holds_the_reader_reads_or_refuses(cells):
    text = "code,nom,mrc\n" + ",".join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\n"
    try:
        rows = rows_of(text.encode())
    except TerritoryFileError:
        return
    assert all(row.name for row in rows.values())
    assert not any(character in row.name for row in rows.values() for character in "\x00\n\r")


def test_hostile_names_are_text(staff_client, no_territory):
    rows = quebec_rows()
    rows[0][1] = "<script>alert(1)</script>"
    page = send(staff_client, quebec_file(rows)).content.decode()
    assert "<script>alert(1)</script>" not in page
    assert "&lt;script&gt;alert(1)" in page


# --- From a file to a choice ----------------------------------------------------------------------


def test_from_nothing_to_a_territory(staff_client, no_territory):
    assert not territory.is_set()
    page = staff_client.get(reverse("staff:territory")).content.decode()
    assert "vide" in page
    page = send(staff_client, quebec_file()).content.decode()
    assert "14 municipalités dans le fichier" in page
    assert not Municipality.objects.exists()
    page = apply(staff_client).content.decode()
    assert Municipality.objects.count() == 14
    assert offered() == set()
    assert "Rimouski-Neigette" in page
    choose(staff_client, mrc=["10", "12"], town=["10801"])
    assert territory.is_set()
    assert offered() == {"10043", "10070", "10060", "12072", "12057", "12015", "10801"}
    assert set(Mrc.objects.in_territory().values_list("code", flat=True)) == {"10", "12"}
    choose(staff_client, region=["Saguenay–Lac-Saint-Jean"])
    assert offered() == {"94068", "94265"}


def test_a_list_of_one_region_proposes_all_of_it(staff_client, no_territory):
    send(staff_client, quebec_file(quebec_rows()[:9]))
    page = apply(staff_client).content.decode()
    assert page.count('name="mrc"') == page.count(" checked") == 3
    assert offered() == set()


def test_the_whole_list_beside_the_territory_changes_nothing_of_it(staff_client):
    before = offered()
    send(staff_client, quebec_file())
    apply(staff_client)
    # Kahnawake was there, and stays.
    assert offered() == before
    assert Municipality.objects.get(code="10043").is_in_territory is False


def test_a_second_upload_takes_the_place_of_the_first(staff_client, no_territory):
    send(staff_client, quebec_file())
    first = TerritoryUpload.objects.get().token
    send(staff_client, quebec_file(quebec_rows()[:3]))
    assert TerritoryUpload.objects.count() == 1
    answer = staff_client.post(
        reverse("staff:territory_preview"), {"token": first, "action": "apply"}, follow=True
    )
    assert "remplacée" in answer.content.decode()
    assert not Municipality.objects.exists()
    apply(staff_client)
    assert Municipality.objects.count() == 3
    # Applied once: pressing again says so.
    answer = staff_client.post(
        reverse("staff:territory_preview"), {"token": first, "action": "apply"}, follow=True
    )
    assert "remplacée" in answer.content.decode()


def test_a_file_may_be_forgotten(staff_client, no_territory):
    send(staff_client, quebec_file())
    token = TerritoryUpload.objects.get().token
    staff_client.post(reverse("staff:territory_preview"), {"token": token, "action": "discard"})
    assert not TerritoryUpload.objects.exists()
    assert not Municipality.objects.exists()


def test_a_vanished_town_in_use_asks_for_its_successor(staff_client, no_territory):
    send(staff_client, quebec_file())
    apply(staff_client)
    choose(staff_client, mrc=["10"])
    town = Municipality.objects.get(code="10060")
    listing, forum = ListingFactory(municipality=town), ForumFactory(municipality=town)
    without = [row for row in quebec_rows() if row[0] != "10060"]
    page = send(staff_client, quebec_file(without)).content.decode()
    assert 'name="successor-10060"' in page
    page = apply(staff_client).content.decode()
    assert "indiquez quelle municipalité la remplace" in page
    assert Municipality.objects.filter(code="10060").exists()
    page = apply(staff_client, **{"successor-10060": "Nulle part"}).content.decode()
    assert "Nulle part" in page
    # Its name does, as its code would.
    apply(staff_client, **{"successor-10060": "Rimouski"})
    listing.refresh_from_db()
    forum.refresh_from_db()
    assert listing.municipality_id == forum.municipality_id == "10043"
    assert FormerMunicipality.objects.get(key="esprit saint").municipality_id == "10043"


def test_two_towns_may_exchange_their_names(staff_client, no_territory):
    rows = [row[:] for row in quebec_rows()[3:6]]
    for row in rows:
        row[3] = "Municipalité"
    send(staff_client, quebec_file(rows))
    apply(staff_client)
    rows[0][1], rows[1][1] = rows[1][1], rows[0][1]
    send(staff_client, quebec_file(rows))
    apply(staff_client)
    assert Municipality.objects.get(code="12072").name == "L'Isle-Verte"


def test_positions_come_by_a_file_of_their_own(staff_client, no_territory):
    send(staff_client, quebec_file())
    apply(staff_client)
    choose(staff_client, mrc=["10"])
    assert territory.count_without_position() == 3
    send(staff_client, positions_file())
    apply(staff_client)
    rimouski = Municipality.objects.get(code="10043")
    assert (float(rimouski.latitude), rimouski.name, rimouski.mrc_id) == (48.45, "Rimouski", "10")
    assert territory.count_without_position() == 0
    assert Municipality.objects.count() == 14


def test_what_is_outside_stays_and_is_said(staff_client, client):
    listing = ListingFactory(name="La Ruche", municipality=Municipality.objects.get(code="67050"))
    listing.territory.set(["67"])
    page = choose(staff_client, mrc=["69"]).content.decode()
    assert "1 fiche." in page
    listing.refresh_from_db()
    assert listing.municipality_id == "67050"
    assert client.get(f"/repertoire/{listing.slug}/").status_code == 200
    found = client.get("/repertoire/?municipalite=67050").content.decode()
    assert "La Ruche" in found
    assert "Châteauguay" in found
    form = staff_client.get(reverse("staff:listing_edit", args=[listing.pk])).content.decode()
    # Its own town and MRC are still offered, and nothing else of that MRC.
    assert 'value="67050"' in form
    assert 'value="67"' in form
    assert 'value="67045"' not in form


def test_only_the_direction_sets_the_territory():
    client = signed_in(UserFactory(is_staff=True, roles=["directory"]), second_factor=True)
    for name in ("territory", "territory_preview"):
        assert client.get(reverse(f"staff:{name}")).status_code == 403
    assert client.post(reverse("staff:territory_choose")).status_code == 403


# --- The shipped towns ----------------------------------------------------------------------------

remove_unused = importlib.import_module("pole.migrations.0004_territory_of_the_demonstration").remove_unused


def _migrate():
    remove_unused(apps, SimpleNamespace(connection=connection))


def test_shipped_towns_leave_where_no_hub_has_been_set_up():
    assert Municipality.objects.count() == 72
    _migrate()
    assert not Municipality.objects.exists()
    assert not Mrc.objects.exists()


@pytest.mark.parametrize(
    "uses",
    [
        lambda: Hub.objects.create(name="Pôle", short_name="Pôle", tagline="."),
        ListingFactory,
        lambda: ForumFactory(municipality=Municipality.objects.get(code="67050")),
        lambda: Municipality.objects.create(code="10043", name="Rimouski", designation="Ville"),
        lambda: Municipality.objects.filter(code="67005").delete(),
    ],
)
def test_shipped_towns_stay_where_they_serve(uses):
    uses()
    before = Municipality.objects.count()
    _migrate()
    assert Municipality.objects.count() == before


# --- Ways back ------------------------------------------------------------------------------------


def test_territory_leads_back_to_the_first_steps_then_to_the_hub(staff_client, no_territory, monkeypatch):
    """On a phone, the menu of the team is closed."""
    page = staff_client.get(reverse("staff:territory")).content.decode()
    trail = page.partition('class="trail"')[2].partition("</nav>")[0]
    assert reverse("staff:first_steps") in trail
    page = send(staff_client, quebec_file()).content.decode()
    assert reverse("staff:territory") in page.partition('class="trail"')[2].partition("</nav>")[0]
    monkeypatch.setattr("pole.templatetags.portal.number_left", lambda versions: 0)
    page = staff_client.get(reverse("staff:territory")).content.decode()
    trail = page.partition('class="trail"')[2].partition("</nav>")[0]
    assert reverse("staff:hub") in trail


def test_long_list_is_counted_as_french_writes_numbers(staff_client, no_territory):
    rows = [[f"{10000 + at}", f"Ville {at}", *quebec_rows()[0][2:]] for at in range(1134)]
    send(staff_client, quebec_file(rows))
    assert "Ajouts\xa0: 1\xa0134" in apply(staff_client).content.decode()
