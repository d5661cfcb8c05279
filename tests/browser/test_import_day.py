"""A project officer's afternoon: a hub's list of 420 rows goes from its upload to a published, classified directory without
duplicates, then leaves it as it was. Each step is reached from the screen before it, and every decision is counted.

With `POLE_PICTURES=1`, it also takes the pictures of docs/guide-repertoire.md.
"""

from __future__ import annotations

import csv
import re

import pytest
from playwright.sync_api import expect

from enterprises.importing import running, undoing
from enterprises.models import Import, Listing, Sector
from pole.caching.in_process import clear_caches
from pole.models import Municipality
from tests.browser.pictures import picture
from tests.enterprises import messy
from tests.factories import ListingFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
MOST_DECISIONS = 25
MESSY = messy.rows()
EMPTY = set(messy.EMPTY) - {""}
ONES = [row for row in MESSY if row.same_as < 0]


class Officer:
    """At the screens: `decide` is a choice that a person makes, of a value as of a button that decides."""

    def __init__(self, page):
        self.page, self.decisions = page, []

    def choose(self, label, value):
        self.page.get_by_label(label, exact=True).select_option(value)
        self.decisions.append(label)

    def check(self, label):
        self.page.get_by_label(label).check()
        self.decisions.append(label)

    def press(self, name):
        self.page.get_by_role("button", name=name, exact=True).first.click()
        self.decisions.append(name)

    def follow(self, name):
        self.page.get_by_role("link", name=name).first.click()


@pytest.fixture
def before():
    """What the directory holds already, one of them with the NEQ of a row that says more."""
    return [
        ListingFactory(name="Le Rucher des Écluses", municipality=Municipality.objects.get(code="70022")),
        ListingFactory(
            name=ONES[1].name,
            municipality=Municipality.objects.get(code=ONES[1].town),
            neq=ONES[1].neq,
            phone="",
            email="",
            postal_code="",
            legal_form="",
            sectors=[],
        ),
    ]


@pytest.fixture
def officer(open_page, sign_in):
    page = open_page()
    sign_in(page, UserFactory(is_staff=True, name="Dominique Roy"))
    return Officer(page)


def as_found():
    return list(
        Listing.objects.order_by("pk").values(
            "pk", "name", "phone", "email", "state", "legal_form", "sector_ids"
        )
    )


def go_to_imports(page):
    page.locator("#equipe").get_by_role("link", name="Répertoire").click()
    page.get_by_role("link", name="Importer", exact=True).click()


def send_the_file(officer):
    page = officer.page
    page.goto("/gestion/")
    go_to_imports(page)
    page.get_by_label("Feuille de calcul").set_input_files(
        {"name": "repertoire.csv", "mimeType": "text/csv", "buffer": messy.content()}
    )
    officer.press("Lire le fichier")
    expect(page.get_by_text("ce qui est au-dessus n’est pas lu")).to_be_visible()


def answer_the_towns(officer):
    page = officer.page
    picture(page, "repertoire-villes", start=page.get_by_text("Quelle municipalité?"), tallest=700)
    for at in range(len(messy.UNKNOWN_TOWNS)):
        written = page.locator("[name=written]").nth(at).get_attribute("value")
        town = Municipality.objects.get(code=messy.UNKNOWN_TOWNS[written])
        page.get_by_label("Ou une autre municipalité").nth(at).fill(town.name)
        officer.decisions.append(written)


def answer_the_words(officer):
    page = officer.page
    picture(page, "repertoire-mots", start=page.get_by_text("Que veulent dire ces mots ici?"), tallest=700)
    for at in range(len(messy.SECTORS)):
        word = page.locator("[name=word]").nth(at).get_attribute("value").removeprefix("sectors:")
        page.locator(f"#value-{at}").select_option(messy.SECTORS[word])
        officer.decisions.append(word)
    officer.press("Répondre")


def decide_the_doubles(officer):
    """Each is looked at beside what it resembles, and they are decided in one form."""
    page = officer.page
    officer.follow(re.compile("doublons? possibles?"))
    picture(page, "repertoire-doublons", start=page.locator("#lignes"))
    page.wait_for_load_state()
    for select in page.locator(".import-rows__decision").all():
        row = select.locator("xpath=ancestor::tr")
        is_one = MESSY[int(row.get_attribute("id").removeprefix("ligne-")) - 4].same_as >= 0
        value = select.locator("option[value^='update:']").first.get_attribute("value")
        select.select_option(value if is_one else "create")
        officer.decisions.append("row")
    officer.press("Enregistrer ces décisions")


def write_and_publish(officer):
    page = officer.page
    page.get_by_role("button", name=re.compile(r"Enregistrer ces \d+ fiches")).click()
    officer.decisions.append("write")
    expect(page.get_by_text("L’importation est en cours")).to_be_visible()
    running.run(import_id=Import.objects.get().pk)
    expect(page.get_by_text("sont à relire")).to_be_visible()
    picture(page, "repertoire-faite", tallest=700)
    page.get_by_role("button", name=re.compile(r"Publier ces \d+ fiches")).click()
    officer.decisions.append("publish")
    expect(page.get_by_text("fiches sont publiées.")).to_be_visible()


def give_the_forms(officer):
    """What no name tells: all at once."""
    page = officer.page
    officer.follow("Voir les fiches")
    officer.follow("Classer au clavier")
    expect(page.locator("[data-classify-help]")).to_be_visible()
    picture(page, "repertoire-classer", tallest=900)
    page.go_back()
    officer.follow(re.compile("sans forme juridique", re.IGNORECASE))
    page.get_by_label(re.compile(r"Les \d+ qui sont trouvées")).check()
    officer.choose("Ce qu’il faut leur donner", "legal_form:npo")
    picture(page, "repertoire-en-lot", start=page.locator("#en-lot"))
    page.get_by_role("button", name="Voir ce qui changerait").click()
    page.get_by_role("button", name=re.compile(r"Changer \d+ fiches")).click()
    officer.decisions.append("change")
    expect(page.get_by_role("button", name="Annuler ce changement")).to_be_visible()


def undo_all(officer):
    """The last change first, then the import."""
    page = officer.page
    page.get_by_role("button", name="Annuler ce changement").click()
    expect(page.get_by_text("Annulé le")).to_be_visible()
    go_to_imports(page)
    officer.follow("repertoire.csv")
    officer.follow("Défaire cette importation…")
    picture(page, "repertoire-defaire", tallest=600)
    expect(page.get_by_text("399 fiches créées par l’importation sont supprimées.")).to_be_visible()
    page.get_by_role("button", name="Défaire l’importation").click()
    undoing.undo(import_id=Import.objects.get().pk, by=None)


def stored():
    """By name and town, what the directory says of each."""
    listings = Listing.objects.prefetch_related("sectors")
    return {
        (each.name, each.municipality_id): (
            each.neq, each.postal_code, each.phone, each.email, each.legal_form,
            [sector.slug for sector in each.sectors.all()], each.state,
        )
        for each in listings
    }  # fmt: skip


def expected(row):
    return row.neq, row.postal_code, row.phone, row.email, row.legal_form, [row.sector], "published"


def read_by_visitors(page):
    """The rows of the list that visitors download, by name and town."""
    clear_caches()
    page.goto("/repertoire/")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").first.click()
    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:  # noqa: PTH123 - a file of the test
        rows = list(csv.DictReader(file, delimiter=";"))
    return {(row["Nom"], row["Municipalité"]): row for row in rows}


def assert_visitors_read_each(page):
    towns = {town.code: str(town) for town in Municipality.objects.all()}
    forms, sectors = dict(Listing.LegalForm.choices), dict(Sector.objects.values_list("slug", "name"))
    read = read_by_visitors(page)
    assert len(read) == len(ONES) + 1
    wrong = []
    for row in ONES:
        shown = read[row.name, towns[row.town]]
        said = tuple(
            shown[name] for name in ("NEQ", "Code postal", "Courriel", "Secteurs", "Forme juridique")
        )
        right = (row.neq, row.postal_code, row.email, sectors[row.sector], str(forms[row.legal_form]))
        is_phone = re.sub(r"\D", "", shown["Téléphone"]).startswith(row.phone[2:])
        if said != right or not is_phone or set(shown.values()) & EMPTY:
            wrong.append((row.number, shown))
    assert wrong == []


def test_a_list_becomes_a_directory_and_leaves_it(officer, before, open_page):
    found = as_found()
    send_the_file(officer)
    answer_the_towns(officer)
    answer_the_words(officer)
    decide_the_doubles(officer)
    write_and_publish(officer)
    give_the_forms(officer)
    assert len(officer.decisions) < MOST_DECISIONS, officer.decisions
    listings = stored()
    wrong = {
        row.number: (listings.get((row.name, row.town)), expected(row))
        for row in ONES
        if listings.get((row.name, row.town)) != expected(row)
    }
    assert wrong == {}
    assert len(listings) == len(ONES) + 1
    assert_visitors_read_each(open_page())
    undo_all(officer)
    assert as_found() == found
