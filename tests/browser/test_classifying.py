"""Listings are classified from the keyboard alone: one key where the proposal is right, and the next one is there at once."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from enterprises.models import Listing, Sector
from tests.browser.test_accessibility import faults_of
from tests.factories import ListingFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
WIDTHS = pytest.mark.parametrize("width", [360, 1280])
CLASSIFY = "/gestion/repertoire/classer/"
# What each is, and the sector that is right.
KINDS = (
    ("CPE Les Lucioles", "petite-enfance-familles"), ("Coop d’habitation Le Saule", "habitation"),
    ("Friperie du coin", "environnement-reemploi"), ("Théâtre du Quai", "culture-patrimoine"),
    ("Taxi coop", "transport-mobilite"), ("Boulangerie La Mie", "commerce-alimentaire"),
)  # fmt: skip
# Three hundred and eighty in an hour, with the time to read.
MAX_SECONDS_EACH = 4


@pytest.fixture
def waiting():
    return [
        ListingFactory(name=f"{number:02} {KINDS[number % 6][0]}", legal_form="", sectors=[], mission="")
        for number in range(30)
    ]


def begin(open_page, sign_in, width, **more):
    page = open_page(width=width, **more)
    sign_in(page, UserFactory(is_staff=True))
    page.goto(CLASSIFY)
    return page


@WIDTHS
def test_thirty_are_classified_by_keys_alone(open_page, sign_in, waiting, width):
    page, keys = begin(open_page, sign_in, width), 0
    expect(page.locator("h1")).to_be_focused()
    started = time.monotonic()
    for number, listing in enumerate(waiting, start=1):
        expect(page.locator("h1")).to_have_text(listing.name)
        expect(page.locator(".kicker")).to_contain_text(f"{number} sur 30")
        expect(page.get_by_role("status").first).to_be_attached()
        # The form is proposed for none of the names that tell nothing of it.
        for key in ["Enter"] if page.locator("[name=legal_form]:checked").count() else ["o", "Enter"]:
            page.keyboard.press(key)
            keys += 1
    expect(page.locator("[data-classify-end]")).to_be_visible()
    elapsed = time.monotonic() - started
    assert elapsed < MAX_SECONDS_EACH * 30
    assert keys <= 2 * 30
    slugs = dict(Sector.objects.values_list("pk", "slug"))
    right = [
        slugs[listing.sector_ids[0]] == KINDS[at % 6][1]
        for at, listing in enumerate(Listing.objects.order_by("name"))
    ]
    assert all(right)
    assert not Listing.objects.filter(legal_form="").exists()


def test_digits_letters_passing_and_undoing(open_page, sign_in, waiting):
    page = begin(open_page, sign_in, 1280)
    second = page.locator("[name=sectors]").nth(1)
    chosen = int(second.get_attribute("value"))
    page.keyboard.press("2")
    expect(second).to_be_checked()
    # The proposal, which it replaces.
    expect(page.locator("[name=sectors]").first).not_to_be_checked()
    page.keyboard.press("t")
    expect(page.locator("[value=coop_workers]")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(waiting[1].name)
    stored = Listing.objects.get(pk=waiting[0].pk)
    assert (stored.sector_ids, stored.legal_form) == ([chosen], "coop_workers")
    page.keyboard.press("s")
    expect(page.locator("h1")).to_have_text(waiting[2].name)
    page.keyboard.press("ArrowLeft")
    expect(page.locator("h1")).to_have_text(waiting[1].name)
    page.keyboard.press("u")
    expect(page.locator("h1")).to_have_text(waiting[0].name)
    assert Listing.objects.get(pk=waiting[0].pk).sector_ids == []


def test_sectors_past_the_ninth_have_keys_too(open_page, sign_in, waiting):
    page = begin(open_page, sign_in, 1280)
    page.keyboard.press("0")
    page.keyboard.press("1")
    expect(page.locator("[name=sectors]").nth(9)).to_be_checked()
    expect(page.locator("[name=sectors]:checked")).to_have_count(1)


def test_what_is_announced_is_the_next_one(open_page, sign_in, waiting):
    page = begin(open_page, sign_in, 1280)
    page.keyboard.press("s")
    expect(page.locator("[data-classify-said]")).to_contain_text(f"2 sur 30\u00a0: {waiting[1].name}")
    page.keyboard.press("Tab")
    page.keyboard.press("s")
    expect(page.locator("h1")).to_have_text(waiting[2].name)


def test_keys_do_nothing_outside(open_page, sign_in, waiting):
    page = begin(open_page, sign_in, 1280)
    page.locator("nav a").first.focus()
    page.keyboard.press("s")
    page.keyboard.press("t")
    expect(page.locator("h1")).to_have_text(waiting[0].name)
    expect(page.locator("[value=npo]")).to_be_checked()


@WIDTHS
def test_listings_are_classified_without_scripts(open_page, sign_in, waiting, width):
    page = begin(open_page, sign_in, width, javascript=False)
    page.locator("[value=npo]").check()
    page.get_by_role("button", name="Accepter").click()
    expect(page.locator("h1")).to_have_text(waiting[1].name)
    assert Listing.objects.get(pk=waiting[0].pk).legal_form == "npo"
    page.get_by_role("button", name="Annuler la dernière").click()
    expect(page.locator("h1")).to_have_text(waiting[0].name)


def test_pages_have_no_fault(open_page, sign_in, waiting):
    page = begin(open_page, sign_in, 1280)
    page.goto("/gestion/repertoire/?sans=secteur")
    page.get_by_label("Cocher toute la page").check()
    page.get_by_label("Ce qu’il faut leur donner").select_option("legal_form:npo")
    page.get_by_role("button", name="Voir ce qui changerait").click()
    expect(page.get_by_role("button", name="Changer 30 fiches")).to_be_visible()
    prepared = page.url
    assert faults_of(page, [CLASSIFY, "/gestion/repertoire/?sans=secteur", prepared]) == []
    page.goto(prepared)
    page.get_by_role("button", name="Changer 30 fiches").click()
    expect(page.get_by_role("button", name="Annuler ce changement")).to_be_visible()
    assert faults_of(page, [prepared, "/gestion/repertoire/"]) == []
