"""What stands where on nine pages, at the width of a phone and of a desk, the clock stopped: landmarks, titles, cards, in their order.

`LAYOUTS=write` rewrites those of `tests/browser/layouts/` that have changed: look at the page before it is kept. Heights aren't compared, and widths
but nearly: they follow the fonts of the machine. `make pictures` takes the pictures of these pages in both themes, which are looked at.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import call_command

from accounts.models import User
from tests.browser.pictures import picture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_hour("its clock is stopped")]
KEPT = Path(__file__).parent / "layouts"
STOPPED = datetime(2027, 9, 15, 10, 30, tzinfo=ZoneInfo("America/Toronto"))
WIDTHS, THEMES = (360, 1440), ("light", "dark")
# (name, address, who looks at it)
PAGES = (
    ("accueil", "/", ""),
    ("billet", "/billets/", ""),
    ("repertoire", "/repertoire/", ""),
    ("carte", "/repertoire/carte/", ""),
    ("fiche", "/repertoire/l-atelier-du-rayon-libre/", ""),
    ("forum", "/forums/rencontre-logement-et-voisinage/", ""),
    ("bulletin", "/forums/rencontre-logement-et-voisinage/vote/", "citoyenne@pole.example"),
    ("resultats", "/forums/forum-de-la-releve-collective/resultats/", ""),
    ("gestion", "/gestion/", "direction@pole.example"),
)
# A part of the window's width: how far a box may be from where it was.
NEAR = 0.06
# (name, left, width, whether it begins beside what stands before it) of each box in sight, in the order of the page.
BOXES = """() => {
  const wanted = "header, nav, main, aside, footer, section, article, form, table, figure, h1, h2, .card, .entry";
  const seen = [...document.querySelectorAll(wanted)].filter((each) => each.checkVisibility() && each.offsetWidth);
  return seen.map((each, index) => {
    const box = each.getBoundingClientRect(), before = seen[index - 1]?.getBoundingClientRect();
    const first = each.classList.item(0), kind = each.localName + (first ? `.${first}` : "");
    const beside = before && box.top < before.bottom - 1 && (box.left >= before.right || box.right <= before.left);
    return [kind, Math.round(box.left), Math.round(box.width), Boolean(beside)];
  });
}"""


@pytest.fixture
def stopped_demonstration(transactional_db):
    """The content of `make run`, made at an instant at which the clock then stays."""
    with time_machine.travel(STOPPED, tick=False):
        call_command("seed_demo", stdout=open(os.devnull, "w"))  # noqa: PTH123, SIM115 - a sink
        yield


def written(boxes):
    return "".join(
        f"{'| ' if is_beside else ''}{kind} {left} {width}\n" for kind, left, width, is_beside in boxes
    )


def read(text):
    lines = ([*line.removeprefix("| ").split(), line.startswith("| ")] for line in text.splitlines())
    return [[kind, int(left), int(width), is_beside] for kind, left, width, is_beside in lines]


def moved(kept, boxes, window):
    """What is no longer where it was."""
    if [(each[0], each[3]) for each in kept] != [(each[0], each[3]) for each in boxes]:
        return "other boxes, or in another order"
    far = NEAR * window
    return [
        (before, after)
        for before, after in zip(kept, boxes, strict=True)
        if abs(before[1] - after[1]) > far or abs(before[2] - after[2]) > far
    ]


def test_each_box_stands_where_it_stood(open_page, stopped_demonstration, sign_in):
    faults = {}
    for name, address, email in PAGES:
        for width in WIDTHS:
            page = open_page(width=width)
            page.context.clock.set_fixed_time(STOPPED)
            if email:
                sign_in(page, User.objects.get(email=email))
            assert page.goto(address).status == 200, address
            if name == "billet":
                page.locator("main h2 a, main h3 a").first.click()
                page.wait_for_load_state()
            page.wait_for_load_state("networkidle")
            for theme in THEMES:
                page.emulate_media(color_scheme=theme)
                picture(page, f"page-{name}-{theme}")
            page.emulate_media(color_scheme="light")
            boxes = page.evaluate(BOXES)
            path = KEPT / f"{name}-{width}.txt"
            if os.environ.get("LAYOUTS") == "write":
                path.write_text(written(boxes), encoding="utf-8")
            if fault := moved(read(path.read_text(encoding="utf-8")), boxes, width):
                faults[path.stem] = fault
            page.context.close()
    assert faults == {}


def test_what_has_moved_is_said():
    kept = [["header.site-head", 0, 1440, False], ["main.main", 100, 800, False], ["aside", 950, 300, True]]
    near = [["header.site-head", 0, 1440, False], ["main.main", 140, 760, False], ["aside", 950, 300, True]]
    below = [["header.site-head", 0, 1440, False], ["main.main", 100, 800, False], ["aside", 950, 300, False]]
    far = [["header.site-head", 0, 1440, False], ["main.main", 100, 500, False], ["aside", 950, 300, True]]
    assert read(written(kept)) == kept
    assert moved(kept, near, 1440) == []
    assert moved(kept, below, 1440)
    assert moved(kept, kept[:2], 1440)
    assert moved(kept, far, 1440) == [(kept[1], far[1])]
