"""The frame of every page: its head, its bar during a vote, its foot, and the length of lines."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from accounts.models import User

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_hour("starts a real server, whose clock is the machine’s"),
]
# The characters of each line of the texts that a selector finds, but for those of three lines at most.
LINES = """(selector) => [...document.querySelectorAll(selector)].flatMap((text) => {
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT), range = document.createRange();
  const lines = [];
  let top = null;
  while (walker.nextNode()) for (let at = 0; at < walker.currentNode.data.length; at++) {
    range.setStart(walker.currentNode, at);
    range.setEnd(walker.currentNode, at + 1);
    const box = range.getClientRects()[0];
    if (!box || !box.width) continue;
    if (top === null || Math.abs(box.top - top) > box.height * 0.7) { lines.push(0); top = box.top; }
    lines[lines.length - 1] += 1;
  }
  return lines.length > 3 ? lines.slice(0, -1) : [];
})"""


def height(page, selector):
    return page.locator(selector).bounding_box()["height"]


def test_head_and_vote_bar_leave_a_phone_to_the_page(open_page, demonstration, sign_in):
    """Signed in as staff, with a vote under way; what has no room there is in the menu."""
    page = open_page(width=360)
    sign_in(page, User.objects.get(email="direction@pole.example"))
    page.goto("/billets/")
    assert height(page, ".site-head") + height(page, ".vote-bar") <= 120
    head = page.locator(".site-head")
    expect(head.get_by_role("link", name="Recherche")).to_be_visible()
    page.keyboard.press("Tab")
    head.get_by_role("button", name="Menu").focus()
    page.keyboard.press("Enter")
    for name in ("Répertoire", "English", "Mon compte", "Gestion"):
        expect(head.get_by_role("link", name=name, exact=True)).to_be_visible()
    expect(head.get_by_role("button", name="Se déconnecter")).to_be_visible()
    page.keyboard.press("Escape")
    expect(head.get_by_role("link", name="English")).to_be_hidden()


@pytest.mark.parametrize("width", [960, 1280, 1600])
def test_head_is_one_row_with_its_search_field(open_page, demonstration, width):
    page = open_page(width=width, javascript=False)
    page.goto("/billets/")
    assert height(page, ".site-head") < 80
    middles = {
        round(box["y"] + box["height"] / 2)
        for box in (
            page.locator(selector).bounding_box()
            for selector in (".brand", ".site-menu__nav", ".site-search", ".site-tools")
        )
    }
    assert max(middles) - min(middles) <= 2
    page.get_by_role("searchbox").fill("jardin")
    page.keyboard.press("Enter")
    page.wait_for_url("**/recherche/?q=jardin")
    # That page has a field of its own.
    expect(page.get_by_role("searchbox")).to_have_count(1)


def test_account_opens_by_its_button_where_there_is_room(open_page, demonstration, sign_in):
    page = open_page(javascript=False)
    sign_in(page, User.objects.get(email="direction@pole.example"))
    page.goto("/billets/")
    account = page.locator(".site-head").get_by_role("button", name="Mon compte")
    expect(page.get_by_role("button", name="Se déconnecter")).to_be_hidden()
    account.click()
    box, opened = account.bounding_box(), page.locator("#compte").bounding_box()
    assert abs(opened["y"] - box["y"] - box["height"]) < 24
    assert opened["x"] + opened["width"] <= 1280
    expect(page.get_by_role("link", name="Gestion")).to_be_visible()
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("link", name="Se connecter").first).to_be_visible()


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_nothing_is_wider_than_the_window(open_page, demonstration, width):
    page = open_page(width=width)
    for address in ("/", "/recherche/?q=jardin", "/recherche/", "/confidentialite/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


@pytest.mark.parametrize("width", [768, 1280, 1600])
def test_lines_of_a_text_are_sixty_to_seventy_characters(open_page, demonstration, width):
    page = open_page(width=width)
    page.goto("/confidentialite/")
    lines = sorted(page.evaluate(LINES, ".prose p"))
    assert len(lines) > 15
    assert 60 <= lines[len(lines) // 2] <= 70
    assert lines[-1] <= 75


def test_titles_are_well_apart_in_size(open_page, demonstration):
    page = open_page()
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto("/confidentialite/")
        first, second = (
            float(
                page.locator(f"main {name}").first.evaluate("(e) => parseFloat(getComputedStyle(e).fontSize)")
            )
            for name in ("h1", "h2")
        )
        assert first >= 1.35 * second
    numerals = page.locator("h1").evaluate("(title) => getComputedStyle(title).fontVariantNumeric")
    assert "lining-nums" in numerals


def test_verb_and_its_pronoun_are_on_one_line(open_page, demonstration):
    page = open_page(width=360)
    page.goto("/forums/journee-des-projets-de-la-riviere/resultats/")
    found = page.locator("main :is(h1, h2, h3, legend) .whole").all()
    assert found
    for each in found:
        assert each.evaluate("(whole) => whole.getClientRects().length") == 1


def test_chips_heading_and_first_title_of_a_search_breathe(open_page, demonstration):
    page = open_page(width=360)
    page.goto("/recherche/?q=jardin")
    chips, heading, title = (
        page.locator(f"main {selector}").first.bounding_box() for selector in (".tags", "h2", ".entry__title")
    )
    before, after = heading["y"] - chips["y"] - chips["height"], title["y"] - heading["y"] - heading["height"]
    assert before > after >= 8


def test_home_holds_its_parts_in_order(open_page, demonstration):
    page = open_page(width=360)
    page.goto("/")
    headings = page.locator("main h2").all_inner_texts()
    assert headings[1:] == [
        "Trouver une entreprise", "Nos priorités", "À l’agenda", "Actualités", "Vous êtes…", "La région en chiffres", "Le Pôle"
    ]  # fmt: skip
    # The one thing to do is in sight at once, and nothing else is in its colour.
    action = page.locator("main .button:not(.button--primary, .button--quiet)")
    expect(action).to_have_count(1)
    assert action.bounding_box()["y"] < 640
    name = page.locator(".brand__name").text_content()
    assert name not in page.locator("main h1").inner_text()
    page.get_by_label("Près de chez moi").fill("J6R 2B4")
    page.keyboard.press("Enter")
    page.wait_for_url("**/repertoire/?pres=J6R+2B4")


def test_foot_is_four_columns_and_one_on_a_phone(open_page, demonstration):
    page = open_page(width=1280)
    page.goto("/billets/")
    columns = page.locator(".site-foot__columns > *")
    for width, places in ((1280, 4), (360, 1)):
        page.set_viewport_size({"width": width, "height": 800})
        assert len({round(column.bounding_box()["x"]) for column in columns.all()}) == places
    foot = page.locator(".site-foot")
    for name in (
        "Vérifier un reçu",
        "Données ouvertes (API)",
        "Contact",
        "Confidentialité",
        "Fil des actualités",
    ):
        expect(foot.get_by_role("link", name=name)).to_be_visible()
