"""The directory's main journeys in a real browser."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from enterprises.duplicates import merging
from enterprises.importing import running, undoing
from enterprises.models import Import, Listing, Proposal
from tests.factories import ListingFactory, SectorFactory, UserFactory
from tests.imports import kinds, opened

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_hour("shows no date"),
]


def tab_to(page, target, most=120):
    for _ in range(most):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError("the keyboard does not reach it")


def test_visitor_finds_by_typo_and_by_the_map_with_the_keyboard_alone(open_page, demonstration):
    page = open_page()
    page.goto("/repertoire/")
    tab_to(page, page.get_by_label("Nom, produit, service ou lieu"))
    page.keyboard.type("érabel")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=re.compile("Érables du Rang"))).to_be_visible()
    page.goto("/repertoire/carte/?zone=69")
    disc = page.locator(".region-disc").first
    tab_to(page, disc)
    page.keyboard.press("Enter")
    tab_to(page, page.locator("[data-panel-all]"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/repertoire/\?.*municipalite="))
    expect(page.locator(".entry").first).to_be_visible()


def test_owner_claims_edits_and_staff_review_the_name(open_page, sign_in):
    listing = ListingFactory(
        slug="la-ruche", name="La Ruche", email="info@ruche.example", sectors=[SectorFactory()]
    )
    owner = UserFactory(name="Alex Roy")
    page = open_page(width=360)
    sign_in(page, owner)
    page.goto("/repertoire/la-ruche/")
    page.get_by_role("link", name="C’est mon entreprise").click()
    page.get_by_role("button", name="M’envoyer le code").first.click()
    expect(page.get_by_text("Un code est en route vers i•••@ruche.example")).to_be_visible()
    page.get_by_label("Le code reçu par courriel").fill(
        re.search(r"\d{4}-\d{4}", mail.outbox[-1].body).group()
    )
    page.get_by_role("button", name="Confirmer").click()
    expect(page.get_by_text("vous gérez maintenant cette fiche")).to_be_visible()
    page.goto("/repertoire/la-ruche/modifier/identite/")
    page.get_by_label("Nom", exact=True).fill("La Ruche commune")
    page.get_by_role("button", name="Proposer ces modifications").click()
    expect(page.get_by_text("Votre modification est proposée")).to_be_visible()
    staff = open_page()
    sign_in(staff, UserFactory(is_staff=True))
    staff.goto("/gestion/repertoire/a-traiter/")
    staff.get_by_role("link", name="La Ruche", exact=True).click()
    staff.get_by_role("button", name="Tout accepter").click()
    expect(staff.get_by_text("C’est décidé")).to_be_visible()
    listing.refresh_from_db()
    assert (listing.name, Proposal.objects.get().state) == ("La Ruche commune", "accepted")


def test_staff_import_a_messy_file_from_preview_to_refused_rows(open_page, sign_in):
    page = open_page()
    sign_in(page, UserFactory(is_staff=True))
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows([
        ["NomEntreprise", "Adresse", "Municipalite", "CodePostal"],
        ["LA RUCHE INC.", "1200 RUE PRINCIPALE APP: 204", "STE-CATHERINE", "j5c1a1"],
        ["Atelier du Canton", "", "Hemmingford", ""], ["Ferme Impossible", "", "Mercier", "G8Y5GY"],
        ["", "", "Mercier", ""],
    ])  # fmt: skip
    page.goto("/gestion/repertoire/importer/")
    page.get_by_label("Feuille de calcul").set_input_files(
        {"name": "liste.csv", "mimeType": "text/csv", "buffer": text.getvalue().encode("cp1252")}
    )
    page.get_by_role("button", name="Lire le fichier").click()
    page.get_by_label(
        "Ce qu’est « Hemmingford »".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
    ).select_option("68015")
    page.get_by_role("button", name="Répondre", exact=True).click()
    page.get_by_role("button", name="Enregistrer ces 3 fiches").click()
    expect(page.get_by_text("L’importation est en cours")).to_be_visible()
    running.run(import_id=Import.objects.get().pk)
    expect(page.get_by_text("3 fiches ont été enregistrées.")).to_be_visible()
    page.get_by_role("button", name="Publier ces 3 fiches").click()
    expect(page.get_by_text("3 fiches sont publiées.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger la ligne à corriger (CSV)").click()
    assert "Mercier" in open(download.value.path(), encoding="utf-8-sig").read()  # noqa: PTH123, SIM115 - a file of the test
    assert Listing.objects.filter(state="published").count() == 3
    page.get_by_role("link", name="Défaire cette importation…").click()
    expect(page.get_by_text("3 fiches créées par l’importation sont supprimées.")).to_be_visible()
    page.get_by_role("button", name="Défaire l’importation").click()
    expect(page.get_by_role("heading", name="L’importation est en train d’être défaite")).to_be_visible()
    undoing.undo(import_id=Import.objects.get().pk, by=None)
    expect(page.get_by_text("L’importation a été défaite.")).to_be_visible()
    assert Listing.objects.count() == 0


@pytest.mark.parametrize("width", [360, 1280])
def test_staff_decide_of_the_rows_of_an_import_in_one_form(open_page, sign_in, width):
    ListingFactory(name="Coop La Ruches", municipality_id="67045", phone="+14505550123")
    rows = [
        ["Coopérative de solidarité La Ruche", "Mercier", "450 555-0199"],
        ["Le Pré commun", "Léry", ""],
        ["Le Quai", "Mercier", ""],
    ]
    tried = opened(rows, ["Nom", "Ville", "Téléphone"])
    page = open_page(width=width)
    sign_in(page, UserFactory(is_staff=True))
    page.goto(f"/gestion/repertoire/importer/{tried.pk}/")
    expect(page.locator(".import-compare__differs").first).to_be_visible()
    page.get_by_label(
        "Décision sur « Coopérative de solidarité La Ruche »".replace("« ", "«\u00a0").replace(
            " »", "\u00a0»"
        )
    ).select_option("create")
    page.get_by_role("button", name="Enregistrer ces décisions").last.click()
    expect(page.locator("#ligne-2").get_by_text("Nouvelle fiche")).to_be_visible()
    # By the keyboard alone: a row is ticked, and left out.
    page.locator('#ligne-4 input[name="row"]').focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Laisser de côté").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#ligne-4").get_by_text("Laissée de côté")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("Nom ou municipalité").fill("pre commun")
    page.get_by_label("Nom ou municipalité").press("Enter")
    expect(page.locator(".import-rows tbody > tr.outcome")).to_have_count(1)
    assert kinds(tried) == ["created", "created", "skipped"]


def test_buyer_keeps_a_shortlist_and_exports_it(open_page, demonstration):
    page = open_page(javascript=False)
    page.goto("/repertoire/acheter/")
    page.get_by_label("Ce que vous achetez").select_option("entretien-menager")
    page.locator("main").get_by_role("button", name="Chercher").click()
    for _ in range(2):
        page.locator(".entry--choice").get_by_role("link", name=re.compile("^Garder")).first.click()
    expect(page.get_by_role("heading", name="Ma sélection (2)")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger en PDF").click()
    assert download.value.suggested_filename == "selection.pdf"


@pytest.mark.parametrize("width", [360, 1280])
def test_owner_goes_from_their_account_to_the_editor(open_page, sign_in, width):
    listing = ListingFactory(slug="la-ruche", name="La Ruche")
    owner = UserFactory(name="Alex Roy")
    listing.roles.create(user=owner)
    page = open_page(width=width)
    sign_in(page, owner)
    page.goto("/compte/")
    page.get_by_role("link", name="Modifier cette fiche").click()
    expect(page).to_have_url(re.compile(r"/la-ruche/modifier/"))
    page.goto("/compte/")
    # Beside the words of the title, the card leads to the public page as before.
    card = page.locator(".card", has_text="La Ruche").first
    card.scroll_into_view_if_needed()
    box = card.bounding_box()
    page.mouse.click(box["x"] + box["width"] - 8, box["y"] + 8)
    expect(page).to_have_url(re.compile(r"/repertoire/la-ruche/$"))


def test_possible_duplicate_is_read_on_a_phone_without_scrolling_sideways(open_page, sign_in, staff):
    facts = {"website": "https://corail.example/", "postal_code": "J0S 1E0", "street": "2100, route 9"}
    ListingFactory(name="Corail, camp de plein air pour les familles", **facts)
    ListingFactory(name="Camp de vacances Corail de la montagne inc.", neq="1190000001", **facts)
    assert merging.find_pairs() == 1
    page = open_page(width=360)
    sign_in(page, staff)
    page.goto("/gestion/repertoire/a-traiter/")
    expect(page.get_by_role("list", name="Ce qu’elles ont en commun")).to_contain_text("même domaine")
    page.get_by_role("link", name=re.compile("Corail, camp")).click()
    left, right = (page.locator("thead a").nth(at).bounding_box() for at in (0, 1))
    assert left["x"] + left["width"] <= right["x"]
    assert right["x"] + right["width"] <= 360
    page.get_by_role("button", name="Pas un doublon").click()
    expect(page.get_by_text("Rien n’attend ici")).to_be_visible()
    assert merging.find_pairs() == 0
