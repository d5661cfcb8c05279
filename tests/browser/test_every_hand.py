"""Every kind of page by keyboard, with a finger, in large text, zoomed, and in the reader's own colours."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from tests.browser.soon import await_editors
from tests.browser.test_accessibility import PUBLIC, STAFF

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_hour("looks of pages"),
]

# What WCAG 2.5.8 exempts: a link among the words of a sentence, what is not shown, and the discs of the map, whose
# places are links below it. A label counts with its control.
SMALL_TARGETS = """() => {
  const words = (node) => node.textContent.replace(/\\s+/g, " ").trim();
  const beside = (node) => [...node.childNodes].some(
    (one) => one.nodeType === Node.TEXT_NODE && /[\\p{L}\\p{N}]/u.test(one.data));
  const isInSentence = (link) => {
    if (getComputedStyle(link).display !== "inline") return false;
    for (let block = link.parentElement; block; block = block.parentElement) {
      if (beside(block)) return true;
      if (!getComputedStyle(block).display.startsWith("inline")) return false;
    }
    return false;
  };
  const isSeen = (node) => node.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })
    && !node.closest(".visually-hidden, .skip, .honeypot, .ProseMirror, .region");
  const sizeOf = (node) => {
    const boxes = [...node.getClientRects()];
    const cover = getComputedStyle(node, "::after");
    if (cover.position === "absolute" && cover.content !== "none") boxes.push(node.offsetParent.getBoundingClientRect());
    for (const label of node.labels ?? []) boxes.push(label.getBoundingClientRect());
    return boxes.some((box) => box.width >= 23.9 && box.height >= 23.9);
  };
  return [...document.querySelectorAll("a[href], button, summary, input:not([type=hidden]), select, textarea")]
    .filter((node) => isSeen(node) && node.getClientRects().length && !(node.matches("a") && isInSentence(node)) && !sizeOf(node))
    .map((node) => {
      const box = node.getBoundingClientRect();
      return `${Math.round(box.width)} × ${Math.round(box.height)} ${node.tagName} ${node.className.baseVal ?? node.className} ${words(node).slice(0, 40)}`;
    });
}"""


# Words that nobody can reach: beyond the edge of the screen, or cut by a box that doesn't scroll.
LOST_WORDS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), lost = [];
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) lost.push(`${wide} px beyond the screen`);
  const range = document.createRange();
  while (walker.nextNode()) {
    const text = walker.currentNode, parent = text.parentElement;
    if (!text.data.trim() || parent.closest("script, style, title, option, .visually-hidden, .skip, .honeypot, [popover]")) continue;
    if (!parent.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })) continue;
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect();
    let edges = { left: 0, right: innerWidth, bottom: Infinity };
    for (let around = parent; around; around = around.parentElement) {
      const style = getComputedStyle(around), rect = around.getBoundingClientRect();
      if (/auto|scroll/.test(style.overflowX + style.overflowY) || style.clipPath !== "none") break;
      if (/hidden|clip/.test(style.overflowX)) edges = { left: rect.left, right: rect.right, bottom: rect.bottom };
      else if (around !== document.documentElement) continue;
      if (box.left < edges.left - 2 || box.right > edges.right + 2 || box.bottom > edges.bottom + 6) {
        lost.push(text.data.trim().slice(0, 60));
        break;
      }
    }
  }
  return lost;
}"""


def lost_words_of(page, addresses, *, text_px=None):
    found = {}
    for address in addresses:
        page.goto(address)
        await_editors(page)
        if text_px:
            page.evaluate("size => { document.documentElement.style.fontSize = size }", f"{text_px}px")
            # What the page draws itself follows at the next image.
            page.evaluate(
                "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
            )
        if lost := page.evaluate(LOST_WORDS):
            found[address] = lost
    return found


def small_targets_of(page, addresses):
    found = {}
    for address in addresses:
        page.goto(address)
        await_editors(page)
        if small := page.evaluate(SMALL_TARGETS):
            found[address] = small
    return found


@pytest.fixture
def everyone(demonstration):
    """Addresses of every kind of public page."""
    from enterprises.models import Listing
    from forums.models import Forum

    forum = Forum.objects.exclude(announced_at=None).order_by("starts_at").first()
    listing = Listing.objects.published().first()
    return [
        *PUBLIC,
        listing.get_absolute_url(),
        forum.get_absolute_url(),
        f"{forum.get_absolute_url()}resultats/",
    ]


def test_targets_of_public_pages_are_large_enough(open_page, everyone):
    assert small_targets_of(open_page(width=360), everyone) == {}


def test_targets_of_staff_pages_are_large_enough(open_page, demonstration, sign_in):
    from accounts.models import User

    page = open_page(width=360)
    sign_in(page, User.objects.get(email="direction@pole.example"))
    assert small_targets_of(page, STAFF) == {}


# 1280 × 1024 px at 400 %, then twice the size of the text alone.
LARGE = {"400 %": ({"width": 320, "height": 256}, None), "200 %": ({"width": 1280, "height": 800}, 34)}


@pytest.mark.parametrize("size", LARGE)
def test_nothing_is_lost_on_public_pages(open_page, everyone, size):
    screen, text_px = LARGE[size]
    page = open_page()
    page.set_viewport_size(screen)
    assert lost_words_of(page, everyone, text_px=text_px) == {}


@pytest.mark.parametrize("size", LARGE)
def test_nothing_is_lost_on_staff_pages(open_page, demonstration, sign_in, size):
    from accounts.models import User

    screen, text_px = LARGE[size]
    page = open_page()
    page.set_viewport_size(screen)
    sign_in(page, User.objects.get(email="direction@pole.example"))
    assert lost_words_of(page, STAFF, text_px=text_px) == {}


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
