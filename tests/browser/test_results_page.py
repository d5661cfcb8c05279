"""The page of results: what it shows at once, what is folded under its name, and where things stand at each width."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_hour("looks of pages"),
]
RESULTS = "/forums/forum-de-la-releve-collective/resultats/"


def box(page, selector):
    return page.locator(selector).first.bounding_box()


def test_results_are_beside_their_contents_or_under_them(open_page, demonstration):
    page = open_page(width=1280)
    page.goto(RESULTS)
    main, beside = box(page, ".results__main"), box(page, ".results__beside")
    assert beside["x"] > main["x"] + main["width"]
    assert beside["y"] == pytest.approx(main["y"], abs=1)
    # Still in view far below.
    page.evaluate("document.querySelector('#vote-titre').scrollIntoView({ behavior: 'instant' })")
    expect(page.get_by_role("link", name="Résultats (PDF)")).to_be_in_viewport()
    page.set_viewport_size({"width": 360, "height": 800})
    main, beside = box(page, ".results__main"), box(page, ".results__beside")
    assert beside["y"] + beside["height"] <= main["y"]
    # Before the text, no more than a folded list and a line or three of files.
    assert beside["height"] < 260


def test_numbers_stand_on_the_line_of_their_titles_at_any_width(open_page, demonstration):
    page = open_page()
    page.goto(RESULTS)
    for width in (360, 768, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for card in page.locator(".priorities--cards > .priority").all():
            rank, title = box(card, ".priority__rank"), box(card, ".priority__title")
            assert rank["x"] + rank["width"] <= title["x"]
            assert abs(rank["y"] - title["y"]) < title["height"] / 2, width


def test_bars_take_the_width_and_what_is_retained_ends_at_a_line(open_page, demonstration):
    page = open_page(width=1280)
    page.goto(RESULTS)
    bars, main = box(page, ".bars"), box(page, ".results__main")
    assert bars["width"] == pytest.approx(main["width"], abs=2)
    rows = page.locator(".bars").first.locator("> *")
    kinds = [each.get_attribute("class") for each in rows.all()]
    limit = kinds.index("bars__limit")
    assert all("weak" not in kind for kind in kinds[:limit])
    assert all("weak" in kind for kind in kinds[limit + 1 :])


def test_method_reconciliation_and_recount_open_by_their_names(open_page, demonstration):
    page = open_page(width=360)
    page.goto(RESULTS)
    for name, inside in (
        ("La méthode", ".vote-figures__method"),
        ("La conciliation", ".vote-figures__sums"),
        ("Refaire le dépouillement", ".downloads__command"),
    ):
        expect(page.locator(inside)).to_be_hidden()
        page.get_by_role("heading", name=name, exact=True).click()
        expect(page.locator(inside)).to_be_visible()


def test_a_link_opens_what_is_folded_its_name_in_view(open_page, demonstration):
    page = open_page(width=1280)
    page.goto(RESULTS)
    page.get_by_role("link", name="Refaire le dépouillement").click()
    expect(page.get_by_role("heading", name="Refaire le dépouillement")).to_be_in_viewport()
    expect(page.locator(".downloads__command")).to_be_visible()
