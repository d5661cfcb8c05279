"""Files of listings, cut out of those that the worker made: the same bytes as without any, and nothing that is hidden."""

from __future__ import annotations

import errno
import io
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from enterprises.exporting import made
from enterprises.models import Listing, Sector
from pole.caching.public_pages import read_public_state
from pole.models import Mrc, Municipality
from pole.search.index import forget_changes
from tests.factories import ListingFactory, SectorFactory

pytestmark = pytest.mark.django_db

KINDS = ("csv", "xlsx", "geojson", "jsonld")
QUERIES = ("", "?mrc=67", "?q=velo", "?tri=municipalite", "?q=rien+du+tout", "?secteur=velo&tri=verification")
NAMES = ["=HYPERLINK(1)", "\ufeffÉrable", "Bé\u2028\"';,]}", "½ <script>", "+1\t", "ﷺ𝄞", "Vélo", "Vélo"]


@pytest.fixture
def listings(db) -> list[Any]:
    sector = SectorFactory(slug="velo", name="Vélo", name_en="Bicycle")
    rows = [
        ListingFactory(
            name=name, slug=f"fiche-{at}", sectors=[sector], mission=f"Mission {at}", mission_en="Mission" if at % 2 else "",
            municipality=Municipality.objects.get(code=["67045", "67050", "69055"][at % 3]),
        )
        for at, name in enumerate(NAMES)
    ]  # fmt: skip
    rows[0].territory.set(["67", "69"])
    return rows


@pytest.fixture
def folder(settings) -> Path:
    return Path(settings.EXPORTS_DIR)


def renew() -> list[str]:
    return made.renew(read_public_state(timezone.now()))


def files(client: Client) -> dict[str, bytes]:
    """Every file that may be asked for, by its address."""
    addresses = [
        f"{prefix}/repertoire/export/repertoire.{kind}{query}"
        for prefix in ("", "/en") for kind in KINDS for query in QUERIES
    ]  # fmt: skip
    return {each: client.get(each).getvalue() for each in addresses}


def without_made_files(client: Client, folder: Path) -> dict[str, bytes]:
    aside = folder.with_name("aside")
    folder.rename(aside)
    try:
        return files(client)
    finally:
        aside.rename(folder)


def test_made_files_change_no_byte(client, listings, folder):
    before = files(client)
    assert len(renew()) == 8
    assert renew() == []
    assert files(client) == before


CHANGES = {
    "renamed": lambda: Listing.objects.filter(slug="fiche-1").update(name="Zèbre"),
    "hidden": lambda: Listing.objects.filter(slug="fiche-2").update(state="draft"),
    "deleted": lambda: Listing.objects.filter(slug="fiche-3").delete(),
    "added": lambda: ListingFactory(name="Avant tous", municipality=Municipality.objects.get(code="67045")),
    "moved": lambda: Listing.objects.filter(slug="fiche-0").update(municipality="70052"),
    "serves": lambda: Listing.objects.get(slug="fiche-4").territory.set(Mrc.objects.filter(pk="70")),
    "sector renamed": lambda: Sector.objects.filter(slug="velo").update(name="Cyclisme"),
    "sector moved": lambda: Sector.objects.filter(slug="velo").update(slug="velos"),
    "sector left": lambda: Listing.objects.get(slug="fiche-5").sectors.set([]),
    "town renamed": lambda: Municipality.objects.filter(code="67045").update(name="Mercier-Est"),
    "town placed": lambda: Municipality.objects.filter(code="67045").update(latitude=45, longitude=-73),
    "MRC renamed": lambda: Mrc.objects.filter(code="67").update(name="Grand-Roussillon"),
    "all gone": lambda: Listing.objects.all().delete(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_since_is_in_the_file(client, listings, folder, change):
    renew()
    CHANGES[change]()
    expected = without_made_files(client, folder)
    assert files(client) == expected
    renew()
    assert files(client) == expected


def test_made_files_hold_nothing_that_is_hidden(client, listings, folder):
    Listing.objects.filter(slug="fiche-6").update(quote_contact="secret@exemple.test")
    renew()
    Listing.objects.filter(slug="fiche-6").update(state="draft")
    assert b"secret@exemple.test" not in b"".join(files(client).values())
    renew()
    assert not [path for path in folder.iterdir() if b"secret@exemple.test" in path.read_bytes()]


def test_hidden_while_the_file_is_made(client, listings, folder, monkeypatch):
    written = made.listings_of

    def hide_then_write(keys):
        Listing.objects.filter(slug="fiche-7").update(state="draft")
        return written(keys)

    monkeypatch.setattr(made, "listings_of", hide_then_write)
    renew()
    monkeypatch.undo()
    assert files(client) == without_made_files(client, folder)
    assert b"fiche-7" not in b"".join(files(client).values())


def test_a_full_disk_leaves_the_former_files(client, listings, folder, monkeypatch):
    renew()
    Listing.objects.filter(slug="fiche-1").update(name="Zèbre")
    expected = without_made_files(client, folder)

    def full(_descriptor):
        raise OSError(errno.ENOSPC, "no room")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(OSError, match="no room"):
            renew()
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        f"{kind}-{language}" for kind in KINDS for language in ("fr", "en")
    )
    assert files(client) == expected


@pytest.mark.parametrize("left", [0, 1, 59, 100, -1])
def test_part_of_a_file_never_serves(client, listings, folder, left):
    """As an operator’s copy may leave, or a former version of the portal."""
    before = files(client)
    renew()
    for path in folder.iterdir():
        content = path.read_bytes()[:left]
        path.unlink()
        path.write_bytes(content)
    assert files(client) == before
    renew()
    assert files(client) == before


def test_the_worker_takes_back_what_nobody_may_read_although_it_can_make_nothing(
    listings, folder, monkeypatch
):
    renew()
    Sector.objects.filter(slug="velo").update(name="Cyclisme")
    monkeypatch.setattr(made, "_make", lambda *_arguments: None)
    renew()
    assert list(folder.iterdir()) == []


def test_what_changed_before_the_journal_begins_is_in_the_file(client, listings, folder):
    """The disk is full for more than a week: the former files stay, and what told which listings changed since is gone."""
    Listing.objects.filter(slug="fiche-6").update(quote_contact="secret@exemple.test")
    with time_machine.travel(timezone.now() - timedelta(days=8)):
        renew()
    Listing.objects.filter(slug="fiche-6").update(quote_contact="")
    forget_changes(timezone.now() + timedelta(days=1))
    Listing.objects.filter(slug="fiche-1").update(name="Zèbre")
    assert b"secret@exemple.test" not in b"".join(files(client).values())
    assert files(client) == without_made_files(client, folder)
    assert len(renew()) == 8
    assert not [path for path in folder.iterdir() if b"secret@exemple.test" in path.read_bytes()]


def test_files_of_a_quiet_directory_are_renewed_before_they_are_too_old_to_serve(client, listings, folder):
    start = timezone.now()
    for hours, renewed in ((0, 8), (1, 0), (25, 8), (26, 0)):
        with time_machine.travel(start + timedelta(hours=hours), tick=False):
            assert len(renew()) == renewed
    assert files(client) == without_made_files(client, folder)


def test_too_many_changes_are_written_anew(client, listings, folder, monkeypatch):
    monkeypatch.setattr(made, "MAX_CHANGED", 2)
    renew()
    Listing.objects.update(mission="Autre chose")
    assert files(client) == without_made_files(client, folder)


def test_whoever_has_no_file_reads_some_listings_at_a_time(client, listings, monkeypatch):
    monkeypatch.setattr(made, "_CHUNK", 3)
    asked, written = [], made.listings_of
    monkeypatch.setattr(made, "listings_of", lambda keys: asked.append(len(keys)) or written(keys))
    response = client.get("/repertoire/export/repertoire.csv")
    assert response.streaming
    assert asked == []
    response.getvalue()
    assert asked == [3, 3, 2]


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_too_long_for_a_request_is_waited_for(client, listings, folder, kind, monkeypatch):
    monkeypatch.setattr(made, "MAX_WRITTEN", len(NAMES) - 1)
    address = f"/repertoire/export/repertoire.{kind}"
    with time_machine.travel("2026-03-03T15:03:20Z", tick=False):
        response = client.get(address)
    assert response.status_code == 503
    # The worker begins at 10:05, Montréal’s time.
    assert response["Retry-After"] == "160"
    assert "10 h 06" in response.content.decode().replace("\u00a0", " ")
    assert "no-store" in response["Cache-Control"]
    # What is no longer is written as before, and so is all of it once the file is made.
    assert client.get(f"{address}?q=rien+du+tout").status_code == 200
    renew()
    response = client.get(address)
    assert response.status_code == 200
    assert response.getvalue()


def test_a_sheet_holds_what_each_cell_says_and_no_formula(client, listings, folder):
    """As its library reads it, made by the worker or by the request."""
    Listing.objects.filter(slug="fiche-1").update(mission="a\r\n b & <c> \x0b")
    for _made in range(2):
        content = client.get("/repertoire/export/repertoire.xlsx").getvalue()
        book = load_workbook(io.BytesIO(content))
        sheet = book.active
        assert (sheet.title, sheet.freeze_panes, sheet["A1"].font.bold) == ("Répertoire", "A2", True)
        cells = [cell for line in sheet.rows for cell in line if cell.value is not None]
        assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
        assert sorted(line[0].value for line in list(sheet.rows)[1:]) == sorted(NAMES)
        (mission,) = (cell.value for cell in cells if str(cell.value).startswith("a"))
        assert mission == "a\r\n b & <c> "
        renew()


def test_a_made_file_costs_the_same_whatever_it_holds(client, listings, folder, django_assert_num_queries):
    renew()
    address = "/repertoire/export/repertoire.csv"
    client.get(address).getvalue()
    few = calls_of(client, address)
    ListingFactory.create_batch(40, municipality=Municipality.objects.get(code="67045"))
    renew()
    client.get(address).getvalue()
    assert calls_of(client, address) <= few + 20
    with django_assert_num_queries(1):
        client.get(address).getvalue()
    filtered = "/repertoire/export/repertoire.csv?mrc=67"
    client.get(filtered).getvalue()
    with django_assert_num_queries(1):
        client.get(filtered).getvalue()


def calls_of(client: Client, address: str) -> int:
    calls = 0

    def count(_frame, event, _argument):
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        client.get(address).getvalue()
    finally:
        sys.setprofile(None)
    return calls
