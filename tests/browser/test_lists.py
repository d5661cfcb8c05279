"""Lists as people go through them: by pages, to an item and back to where they were."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.factories import (
    ForumFactory,
    ListingFactory,
    PageFactory,
    PostFactory,
    RecommendationFactory,
    UserFactory,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_hour("shows no date"),
]
BACK = "Retour aux résultats"


@pytest.fixture
def listings(transactional_db):
    return [ListingFactory(name=f"Atelier {number:02}", supplies=["denrees"]) for number in range(60)]


def way_back(page):
    return page.get_by_role("link", name=BACK)


def test_the_way_back_leads_to_the_same_page_of_the_same_list_and_to_the_item(open_page, listings):
    page = open_page(width=360)
    page.goto("/repertoire/?q=atelier&tri=municipalite&page=2")
    page.get_by_role("link", name="Atelier 40").click()
    way_back(page).click()
    expect(page).to_have_url(re.compile(r"/repertoire/\?q=atelier&tri=municipalite&page=2$"))
    expect(page.get_by_role("link", name="Atelier 40")).to_be_focused()
    expect(page.get_by_role("link", name="Atelier 40")).to_be_in_viewport()


def test_filters_chosen_in_place_are_found_again(open_page, listings):
    page = open_page()
    page.goto("/repertoire/")
    page.get_by_text("Peut fournir").click()
    page.locator("input[name=achat]").first.check()
    expect(page).to_have_url(re.compile(r"achat=denrees"))
    page.get_by_role("link", name="Atelier 05").click()
    way_back(page).click()
    expect(page).to_have_url(re.compile(r"/repertoire/\?achat=denrees$"))


def test_the_browsers_own_way_back_is_right_and_gives_the_focus_back(open_page, listings):
    page = open_page()
    page.goto("/repertoire/?page=2")
    page.get_by_role("link", name="Atelier 47").click()
    expect(way_back(page)).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile(r"\?page=2$"))
    expect(page.get_by_role("link", name="Atelier 47")).to_be_focused()
    page.go_forward()
    expect(way_back(page)).to_be_visible()


def test_a_link_that_was_given_has_no_results_to_go_back_to(open_page, listings):
    page = open_page()
    page.goto(listings[0].get_absolute_url())
    expect(page.get_by_role("heading", name="Atelier 00")).to_be_visible()
    expect(way_back(page)).to_be_hidden()
    # Another item than the one that was opened from the list.
    page.goto("/repertoire/")
    page.get_by_role("link", name="Atelier 01").click()
    expect(way_back(page)).to_be_visible()
    page.goto(listings[0].get_absolute_url())
    expect(way_back(page)).to_be_hidden()


def test_without_a_script_the_trail_leads_to_the_list(open_page, listings):
    page = open_page(javascript=False)
    page.goto("/repertoire/?q=atelier")
    page.get_by_role("link", name="Atelier 00").click()
    expect(way_back(page)).to_be_hidden()
    expect(
        page.get_by_role("navigation", name="Vous êtes ici").get_by_role("link", name="Répertoire")
    ).to_be_visible()


def test_an_item_opened_in_another_tab_knows_its_list_and_each_tab_its_own(open_page, listings):
    page = open_page()
    page.goto("/repertoire/?page=2")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Atelier 40").click(modifiers=["Control"])
    tab = opened.value
    expect(way_back(tab)).to_have_attribute("href", re.compile(r"/repertoire/\?page=2$"))
    page.goto("/repertoire/?q=atelier")
    page.get_by_role("link", name="Atelier 01").click()
    expect(way_back(page)).to_have_attribute("href", re.compile(r"\?q=atelier$"))
    tab.reload()
    expect(way_back(tab)).to_have_attribute("href", re.compile(r"\?page=2$"))


def test_the_way_back_is_in_the_language_of_the_page(open_page, listings):
    page = open_page()
    page.goto("/repertoire/?q=atelier")
    page.get_by_role("link", name="Atelier 00").click()
    page.get_by_role("link", name="English").click()
    page.get_by_role("link", name="Back to the results").click()
    expect(page).to_have_url(re.compile(r"/en/repertoire/\?q=atelier$"))
    expect(page.get_by_role("link", name="Atelier 00")).to_be_focused()


def test_a_search_a_kind_of_posts_and_a_forum_are_found_again(open_page, transactional_db):
    post = PostFactory(title="La passerelle du canal", kind="billet")
    forum = ForumFactory(has_participation=True)
    row = RecommendationFactory(forum=forum, title="Une passerelle", state="accepted")
    recommendations = reverse("forums:recommendations", args=[forum.slug])
    page = open_page()
    for address, title in (
        ("/recherche/?q=passerelle", post.title), ("/billets/?genre=billet", post.title),
        (f"{recommendations}?tri=titre", row.title), ("/recherche/?q=passerelle", row.title),
    ):  # fmt: skip
        page.goto(address)
        page.get_by_role("link", name=title, exact=True).click()
        way_back(page).click()
        expect(page).to_have_url(re.compile(re.escape(address) + "$"))
        expect(page.get_by_role("link", name=title, exact=True)).to_be_focused()


def test_from_one_result_to_the_next_the_way_back_stays(open_page, transactional_db):
    for title in ("Un", "Deux", "Trois"):
        PostFactory(title=f"Billet {title}", kind="billet")
    page = open_page()
    page.goto("/billets/?genre=billet")
    page.get_by_role("link", name="Billet Un").click()
    page.get_by_role("link", name="Suivant Billet Deux").click()
    expect(page.get_by_role("heading", name="Billet Deux")).to_be_visible()
    way_back(page).click()
    expect(page).to_have_url(re.compile(r"/billets/\?genre=billet$"))
    expect(page.get_by_role("link", name="Billet Deux")).to_be_focused()


def test_no_cookie_is_set_on_the_way(open_page, listings):
    page = open_page()
    page.goto("/repertoire/")
    page.get_by_role("link", name="Atelier 00").click()
    way_back(page).click()
    assert page.context.cookies() == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_numbers_of_pages_are_wide_enough_for_a_finger_and_fit_a_phone(
    open_page, listings, monkeypatch, theme
):
    monkeypatch.setattr("enterprises.views.public.LISTINGS_A_PAGE", 2)
    page = open_page(width=360, theme=theme)
    page.goto("/repertoire/?page=8")
    pages = page.get_by_role("navigation", name="Pages")
    expect(pages.get_by_role("link", name="Page 8")).to_have_attribute("aria-current", "page")
    for link in pages.get_by_role("link").all():
        box = link.bounding_box()
        assert min(box["width"], box["height"]) >= 44, link.inner_text()
        assert box["x"] + box["width"] <= 360
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    pages.get_by_role("link", name="Page 9").click()
    expect(page).to_have_url(re.compile(r"\?page=9$"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_a_buyer_keeps_is_in_sight_on_a_phone(open_page, listings, theme):
    page = open_page(width=360, theme=theme)
    page.goto("/repertoire/acheter/")
    for number in range(3):
        page.get_by_role("link", name=f"Garder – Atelier 0{number}").click()
    bar = page.get_by_role("link", name="Ma sélection (3)")
    expect(bar).to_be_in_viewport(ratio=1)
    page.get_by_role("link", name="Garder – Atelier 30").focus()
    expect(bar).to_be_in_viewport(ratio=1)
    kept, focused = bar.bounding_box(), page.get_by_role("link", name="Garder – Atelier 30").bounding_box()
    assert focused["y"] + focused["height"] <= kept["y"]
    bar.click()
    expect(page.get_by_role("heading", name="(3)")).to_be_in_viewport()


def test_the_bar_leaves_a_low_window_to_the_list(open_page, listings):
    page = open_page(width=360)
    page.set_viewport_size({"width": 320, "height": 256})
    page.goto(f"/repertoire/acheter/?s={listings[0].pk}")
    expect(page.get_by_role("link", name="Ma sélection (1)")).not_to_be_in_viewport()


BODY = "".join(f"<h2>Titre {number}</h2>" + "<p>Un mot.</p>" * 20 for number in range(1, 6))


@pytest.mark.parametrize(("width", "theme"), [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")])
def test_contents_lead_to_their_headings(open_page, transactional_db, width, theme):
    PageFactory(slug="accessibilite", title="Accessibilité", body=BODY)
    page = open_page(width=width, theme=theme)
    page.goto("/accessibilite/")
    contents = page.get_by_role("navigation", name="Sommaire")
    link = contents.get_by_role("link", name="Titre 4")
    if width < 960:
        expect(link).to_be_hidden()
        contents.locator("summary").click()
    link.click()
    expect(page.get_by_role("heading", name="Titre 4")).to_be_in_viewport()


def test_contents_are_printed(open_page, transactional_db):
    PageFactory(slug="accessibilite", title="Accessibilité", body=BODY)
    page = open_page()
    page.goto("/accessibilite/")
    page.emulate_media(media="print")
    expect(
        page.get_by_role("navigation", name="Sommaire").get_by_role("link", name="Titre 4")
    ).to_be_visible()


def test_the_team_goes_back_to_the_list_as_it_was_in_each_tab(open_page, sign_in, listings):
    page = open_page()
    sign_in(page, UserFactory(is_staff=True))
    page.goto("/gestion/repertoire/?q=atelier+4")
    other = page.context.new_page()
    other.goto("/gestion/repertoire/?q=atelier+5&etat=published")
    page.get_by_role("link", name="Atelier 41").click()
    other.get_by_role("link", name="Atelier 52").click()
    way_back(page).click()
    expect(page).to_have_url(re.compile(r"/gestion/repertoire/\?q=atelier\+4$"))
    expect(page.get_by_role("link", name="Atelier 41")).to_be_focused()
    # By the menu, the list is the one that was read last.
    other.get_by_role("navigation", name="Pages de gestion").get_by_role("link", name="Répertoire").click()
    expect(other).to_have_url(re.compile(r"/gestion/repertoire/\?q=atelier\+4$"))
    other.get_by_role("link", name="Réinitialiser les filtres").click()
    expect(other).to_have_url(re.compile(r"/gestion/repertoire/$"))


def test_how_many_are_found_is_announced_when_a_filter_is_chosen(open_page, listings):
    ListingFactory(name="Garage", legal_form="mutual")
    page = open_page()
    page.goto("/repertoire/")
    announced = page.locator("[data-announced]")
    expect(announced).to_have_attribute("role", "status")
    expect(announced).to_be_empty()
    page.evaluate("window.kept = document.querySelector('[data-announced]')")
    page.get_by_text("Peut fournir").click()
    page.locator("input[name=achat]").first.check()
    expect(announced).to_have_text("60 entreprises")
    # The same element from the beginning: one that comes with its words is not read.
    assert page.evaluate("window.kept === document.querySelector('[data-announced]')")
