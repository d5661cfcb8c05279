"""Bars that stay in sight hide neither what has the focus nor the text: also at 400 % (320 × 256)."""

from __future__ import annotations

import pytest

from tests.browser.soon import await_editors, soon
from tests.factories import CommentFactory, UserFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_hour("looks of pages"),
]
SIZES = [(320, 256), (320, 640), (1280, 720)]
LIVE = "/gestion/forums/rencontre-logement-et-voisinage"
PAGES = {
    "listing": "/repertoire/{listing}/modifier/",
    "listing of the team": "/gestion/repertoire/{key}/",
    "writing desk": "/gestion/billets/nouveau/",
    "results": "/gestion/forums/forum-de-la-releve-collective/resultats/",
    "ballot": "/forums/rencontre-logement-et-voisinage/vote/",
    "room board": f"{LIVE}/salle/",
    "check-in": f"{LIVE}/presences/",
    "recommendations": f"{LIVE}/recommandations/?etat=acceptees",
    "moderation": "/gestion/moderation/",
    "import": "/gestion/repertoire/importer/",
    "buyers": "/repertoire/acheter/?garde=1",
}
# What lies over the element that has the focus: part of a bar that is neither in it nor around it.
COVERED = """() => {
  const places = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"], [contenteditable="true"]';
  const barOf = (node) => {
    for (let each = node; each && each !== document.body; each = each.parentElement)
      if (["sticky", "fixed"].includes(getComputedStyle(each).position)) return each;
  };
  const found = [];
  for (const element of document.querySelectorAll(places)) {
    if (!element.checkVisibility({ visibilityProperty: true }) || element.disabled) continue;
    element.focus();
    if (document.activeElement !== element) continue;
    const box = element.getBoundingClientRect();
    if (!box.width || box.height < 2) continue;
    // Of what one writes in, the line of the caret is brought into view.
    const isWritten = element.matches("textarea, [contenteditable]"), parts = isWritten ? [0.02, 0.25, 0.5, 0.75, 0.98] : [0.1, 0.5, 0.9];
    const seen = parts.map((part) => {
      const x = box.left + Math.min(box.width / 2, 40), y = box.top + box.height * part;
      if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) return "nowhere";
      const over = document.elementFromPoint(x, y), bar = over && barOf(over);
      return bar && !bar.contains(element) && !element.contains(bar) ? bar.className || bar.tagName : "";
    });
    const isHidden = isWritten ? !seen.includes("") : seen[1] || seen[0] && seen[0] !== "nowhere" || seen[2] && seen[2] !== "nowhere";
    if (isHidden) found.push(`${seen} over ${element.outerHTML.slice(0, 110)} ${JSON.stringify(box)}`);
  }
  return found;
}"""
LINES = """(editor) => {
  const box = editor.getBoundingClientRect(), line = parseFloat(getComputedStyle(editor).lineHeight);
  let seen = 0;
  for (let y = 0; y < innerHeight; y += 1) seen += editor.contains(document.elementFromPoint(box.left + 30, y));
  return seen / line;
}"""


@pytest.fixture
def addresses(demonstration):
    from enterprises.models import Listing
    from forums.models import Forum

    listing = Listing.objects.published().order_by("pk").first()
    CommentFactory.create_batch(4, state="pending", shown_at=None)
    assert Forum.objects.filter(slug="rencontre-logement-et-voisinage").exists()
    return {name: path.format(listing=listing.slug, key=listing.pk) for name, path in PAGES.items()}


@pytest.mark.parametrize("name", PAGES)
def test_no_bar_lies_over_what_has_the_focus(open_page, sign_in, addresses, name):
    page = open_page()
    sign_in(page, UserFactory(is_staff=True, is_superuser=True))
    found = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        answer = page.goto(addresses[name])
        assert answer.ok, answer.status
        await_editors(page)
        found += [f"{width} × {height}: {each}" for each in page.evaluate(COVERED)]
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("name", ["listing of the team", "writing desk"])
def test_editor_at_four_hundred_percent_shows_six_lines(open_page, sign_in, addresses, name):
    page = open_page()
    sign_in(page, UserFactory(is_staff=True, is_superuser=True))
    page.set_viewport_size({"width": 320, "height": 256})
    page.goto(addresses[name])
    editor = page.locator(".ProseMirror").first
    editor.wait_for()
    editor.click()
    for number in range(24):
        page.keyboard.type(f"Ligne {number}")
        page.keyboard.press("Enter")
    soon(page, lambda: editor.evaluate(LINES) >= 6)
    for _ in range(12):
        page.keyboard.press("ArrowUp")
    soon(page, lambda: editor.evaluate(LINES) >= 6)
