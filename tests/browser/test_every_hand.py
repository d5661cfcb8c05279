"""Lists by keyboard, and pages in the reader's own colours; tests.browser.reach looks at every kind of page."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_hour("looks of pages"),
]

# --- In the reader's own colours --------------------------------------------------------------------


def colours_across(page, selector, pseudo=None):
    """How many pixels of each colour the middle of an element has, from one end to the other."""
    from io import BytesIO

    from PIL import Image

    box = page.evaluate(
        """([selector, pseudo]) => {
          const node = document.querySelector(selector);
          node.scrollIntoView({ block: "center" });
          const box = node.getBoundingClientRect();
          const width = pseudo ? parseFloat(getComputedStyle(node, pseudo).width) : box.width;
          return { x: box.x, y: box.y + box.height / 2, width: width, height: 1 };
        }""",
        [selector, pseudo],
    )
    image = Image.open(BytesIO(page.screenshot(clip=box))).convert("RGB")
    # Its border stays out.
    line = [image.getpixel((x, 0)) for x in range(4, image.width - 4)]
    return {colour: line.count(colour) / len(line) for colour in set(line) if line.count(colour) > 3}


@pytest.fixture
def in_forced_colours(open_page):
    page = open_page()
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    return page


def test_gauges_of_priorities_are_filled_in_forced_colours(in_forced_colours, demonstration):
    page = in_forced_colours
    page.goto("/priorites/")
    empty = page.evaluate("getComputedStyle(document.body).backgroundColor")
    blank = tuple(int(part) for part in re.findall(r"\d+", empty)[:3])
    for state, filled in (("retained", 0.25), ("planned", 0.5), ("in_progress", 0.75), ("done", 1.0)):
        parts = colours_across(page, f'.state[data-state="{state}"]', "::before")
        assert 1 - parts.get(blank, 0) == pytest.approx(filled, abs=0.09), (state, parts)


def test_bars_of_results_are_drawn_in_forced_colours(in_forced_colours, demonstration):
    page = in_forced_colours
    page.goto("/forums/forum-de-la-releve-collective/resultats/")
    page.locator(".bars__bar").first.wait_for()
    fill, background = page.evaluate(
        """() => [getComputedStyle(document.querySelector(".bars__bar")).fill,
                  getComputedStyle(document.body).backgroundColor]"""
    )
    assert fill != background
    assert len(colours_across(page, ".bars__bar")) == 1


def test_what_is_chosen_is_seen_in_forced_colours(in_forced_colours, demonstration):
    page = in_forced_colours
    page.goto("/billets/")
    chosen, other = (
        page.locator(selector).first.evaluate("node => getComputedStyle(node).backgroundColor")
        for selector in (".tags__link[aria-current]", ".tags__link:not([aria-current])")
    )
    assert chosen != other


def changes_across(image):
    """How often light and dark follow one another along the middle of a picture: words make many."""
    line = [image.getpixel((x, image.height // 2)) > 127 for x in range(image.width)]
    return sum(one != other for one, other in pairwise(line))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_of_buttons_and_bars_are_seen_in_forced_colours(in_forced_colours, demonstration, scheme):
    from io import BytesIO

    from PIL import Image

    page = in_forced_colours
    page.emulate_media(color_scheme=scheme, forced_colors="active")
    unread = []
    for address in ("/", "/repertoire/", "/repertoire/acheter/", "/vote/", "/compte/connexion/"):
        page.goto(address)
        for each in page.locator(".button:visible, .vote-bar__text, .vote-bar__link").all()[:8]:
            image = Image.open(BytesIO(each.screenshot())).convert("L")
            if changes_across(image.crop((6, 0, image.width - 6, image.height))) < 6:
                unread.append((address, each.inner_text()))
    assert unread == []


def test_map_has_its_discs_and_numbers_in_forced_colours(in_forced_colours, demonstration):
    page = in_forced_colours
    page.goto("/repertoire/carte/")
    disc, number = page.evaluate(
        """() => [getComputedStyle(document.querySelector(".region__cluster circle")).fill,
                  getComputedStyle(document.querySelector(".region__cluster text")).fill]"""
    )
    assert disc != number


# --- By keyboard -----------------------------------------------------------------------------------

MOST_TABS = 15
LISTS = {
    "/repertoire/": "#resultats .entry a",
    "/repertoire/?q=erable&secteur=alimentation": "#resultats .entry a",
    "/repertoire/acheter/": "#resultats .entry a",
    "/repertoire/carte/": "#resultats .region-map :is(a, button)",
    "/recherche/?q=logement": "#resultats .entry a",
    "/billets/": "#resultats .entry a",
    "/priorites/": "#resultats h2 a",
    "/forums/rencontre-logement-et-voisinage/recommandations/": "#resultats .entry a",
}
STAFF_LISTS = {
    "/gestion/billets/": "#resultats td a",
    "/gestion/repertoire/": "#resultats td a",
    "/gestion/personnes/": "#resultats a",
    "/gestion/forums/": "#resultats .entry a",
    "/gestion/repertoire/synonymes/": "#resultats td a",
    "/gestion/repertoire/anciens-noms/": "#resultats td a",
    "/gestion/moderation/": "#premier :is(a, button, input)",
    "/gestion/moderation/journal/": "#resultats a",
    "/gestion/forums/rencontre-logement-et-voisinage/inscriptions/": "#resultats a",
    "/gestion/forums/rencontre-logement-et-voisinage/recommandations/?etat=acceptees": "#resultats :is(a, input)",
    "/gestion/forums/rencontre-logement-et-voisinage/scrutins/1/liste/": "#resultats :is(a, [tabindex])",
    "/gestion/forums/rencontre-logement-et-voisinage/scrutins/cartons/": "#resultats :is(a, input, summary)",
}


def tabs_to_first(page, address, first):
    """How many keys are pressed before `first` has the focus, the link to the results among them."""
    page.goto(address)
    if not page.locator(first).count():
        return f"{first}: nothing"
    for _pressed in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", first):
            return None
        if page.evaluate("document.activeElement.matches('.skip:not([href=\"#contenu\"])')"):
            page.keyboard.press("Enter")
    return f"{MOST_TABS} tabs lead to {page.evaluate('document.activeElement.outerHTML.slice(0, 90)')}"


def faults_of_keyboard(page, lists):
    found = {address: tabs_to_first(page, address, first) for address, first in lists.items()}
    return {address: fault for address, fault in found.items() if fault}


@pytest.mark.parametrize("javascript", [True, False])
def test_few_tabs_lead_to_the_first_result(open_page, demonstration, javascript):
    assert faults_of_keyboard(open_page(javascript=javascript), LISTS) == {}


def test_few_tabs_lead_staff_to_the_first_row(open_page, demonstration, sign_in):
    from accounts.models import User

    page = open_page()
    sign_in(page, User.objects.get(email="direction@pole.example"))
    assert faults_of_keyboard(page, STAFF_LISTS) == {}
