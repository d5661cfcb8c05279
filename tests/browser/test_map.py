"""The map of the directory: nothing overlaps at any zoom, everything by keyboard, by wheel and by fingers, and nothing asked elsewhere."""

from __future__ import annotations

import itertools
import re

import pytest
from playwright.sync_api import expect

from enterprises.models import Listing
from pole.models import Hub, Municipality
from tests.browser.test_accessibility import AXE, RUN_AXE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_hour("a map reads no clock")]

MAP = "/repertoire/carte/"
# Of what is shown: its box within the frame, its text, and how large its letters are.
BOXES = """selector => {
  const frame = document.querySelector("[data-map-canvas]:not([hidden])")?.getBoundingClientRect();
  const shown = document.querySelector("[data-map]").dataset.map === "live"
    ? frame : document.querySelector(".region-map__drawn").getBoundingClientRect();
  return [...document.querySelectorAll(selector)].filter((each) => each.checkVisibility({visibilityProperty: true})).map((each) => {
    const {left, top, right, bottom} = each.getBoundingClientRect();
    return {text: each.textContent, size: parseFloat(getComputedStyle(each).fontSize), left: left - shown.left, top: top - shown.top,
            right: right - shown.left, bottom: bottom - shown.top, width: shown.width, height: shown.height};
  });
}"""


def violations(page):
    page.evaluate(AXE)
    found = page.evaluate(RUN_AXE, {"resultTypes": ["violations"]})["violations"]
    return [(each["id"], node["html"][:140]) for each in found for node in each["nodes"]]


def boxes(page, selector):
    return page.evaluate(BOXES, selector)


def overlap(one, other):
    return (
        min(one["right"], other["right"]) - max(one["left"], other["left"]) > 0.5
        and min(one["bottom"], other["bottom"]) - max(one["top"], other["top"]) > 0.5
    )


def discs_touch(one, other):
    middles = [
        ((each["left"] + each["right"]) / 2, (each["top"] + each["bottom"]) / 2) for each in (one, other)
    ]
    radii = sum((each["right"] - each["left"]) / 2 for each in (one, other))
    return ((middles[0][0] - middles[1][0]) ** 2 + (middles[0][1] - middles[1][1]) ** 2) ** 0.5 < radii - 0.5


def faults_of(discs, names):
    found = [
        f"discs {one['text']} {other['text']}"
        for one, other in itertools.combinations(discs, 2)
        if discs_touch(one, other)
    ]
    found += [
        f"names {one['text']} {other['text']}"
        for one, other in itertools.combinations(names, 2)
        if overlap(one, other)
    ]
    found += [f"{name['text']} on {disc['text']}" for name in names for disc in discs if overlap(name, disc)]
    found += [f"small {each['text']} {each['size']}" for each in [*discs, *names] if each["size"] < 12]
    return found + [
        f"{name['text']} leaves the frame"
        for name in names
        if name["left"] < 0
        or name["top"] < 0
        or name["right"] > name["width"]
        or name["bottom"] > name["height"]
    ]


@pytest.mark.parametrize("width", [320, 360, 768, 1280, 1600])
def test_nothing_overlaps_at_any_zoom(open_page, demonstration, width):
    page = open_page(width=width)
    page.goto(MAP)
    nearer = page.get_by_role("button", name="Agrandir")
    seen = 0
    while True:
        discs, names = boxes(page, ".region-disc, .region-point"), boxes(page, ".region-name")
        seen += len(names)
        assert faults_of(discs, names) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if nearer.is_disabled():
            break
        before = page.locator("[data-map-canvas] .leaflet-overlay-pane svg").get_attribute("style")
        nearer.click()
        assert page.locator("[data-map-canvas] .leaflet-overlay-pane svg").get_attribute("style") != before
    assert seen > 5


def test_every_listing_is_in_a_disc_at_first_sight(open_page, demonstration):
    placed = Listing.objects.published().filter(municipality__latitude__isnull=False).count()
    for width in (360, 1280):
        page = open_page(width=width)
        page.goto(MAP)
        discs = boxes(page, ".region-disc")
        assert sum(int(re.match(r"\d+", each["text"])[0]) for each in discs) == placed
        for disc in discs:
            assert disc["left"] >= -0.5
            assert disc["top"] >= -0.5
            assert disc["right"] <= disc["width"] + 0.5
            assert disc["bottom"] <= disc["height"] + 0.5


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_drawing_of_the_server_is_legible_without_scripts(open_page, demonstration, width):
    page = open_page(width=width, javascript=False)
    page.goto(MAP)
    discs, names = boxes(page, ".region__cluster > circle"), boxes(page, ".region__label")
    figures = boxes(page, ".region__cluster text")
    assert len(discs) > 3
    assert min(each["size"] for each in [*names, *figures]) >= 12
    assert faults_of([disc | {"size": 12} for disc in discs], names) == []
    for disc in discs:
        assert disc["left"] >= 0
        assert disc["right"] <= disc["width"]
    page.locator(".region__cluster:visible").first.click()
    expect(page).to_have_url(re.compile(r"[?&](municipalite|zone)="))


def test_a_place_opens_its_listings_and_escape_gives_the_focus_back(open_page, demonstration):
    page = open_page()
    page.goto(f"{MAP}?secteur=culture-patrimoine")
    disc = page.get_by_role(
        "button", name=re.compile("entreprise.*Secteur le plus présent"), expanded=False
    ).first
    name = disc.get_attribute("aria-label")
    disc.focus()
    page.keyboard.press("Enter")
    panel = page.get_by_role("region", name=name.split("\u00a0:")[0])
    expect(panel.get_by_role("heading")).to_be_focused()
    expect(panel.get_by_role("listitem")).to_have_count(int(re.search(r": (\d+) entreprise", name)[1]))
    expect(page.locator(".region-disc[aria-expanded=true]")).to_have_count(1)
    for link in panel.locator("li a").all():
        slug = link.get_attribute("href").split("/")[-2]
        assert Listing.objects.get(slug=slug).sectors.filter(slug="culture-patrimoine").exists()
    assert panel.locator("li img").first.evaluate(
        "image => image.decode().then(() => image.naturalWidth > 0)"
    )
    whole = panel.get_by_role("link", name="Voir les entreprises en liste").get_attribute("href")
    assert "secteur=culture-patrimoine" in whole
    page.keyboard.press("Escape")
    expect(page.locator("[data-map-panel]")).to_be_hidden()
    expect(page.locator(f'[aria-label="{name}"]')).to_be_focused()
    page.locator(".region-disc").first.click()
    page.get_by_role("button", name="Fermer").click()
    expect(page.locator("[data-map-panel]")).to_be_hidden()


def test_addresses_that_are_known_are_points(open_page, demonstration):
    town = Municipality.objects.get(name="Salaberry-de-Valleyfield")
    listing = Listing.objects.published().filter(municipality=town).first()
    Listing.objects.filter(municipality=town).update(latitude=None, longitude=None)
    Listing.objects.filter(pk=listing.pk).update(
        latitude=float(town.latitude) + 0.01, longitude=float(town.longitude) + 0.01
    )
    page = open_page()
    page.goto(MAP)
    page.get_by_role("button", name=re.compile("^Salaberry-de-Valleyfield")).click()
    expect(page.locator(".region-point")).to_have_count(0)
    page.get_by_role("button", name="Voir de plus près").click()
    point = page.locator(".region-point")
    expect(point).to_have_count(1)
    expect(point).to_have_attribute("aria-label", listing.name)
    point.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-panel-list] a", has_text=listing.name)).to_be_focused()


def test_listings_that_do_not_come_leave_a_link(open_page, demonstration):
    page = open_page()
    page.goto(MAP)
    page.route("**/api/**", lambda route: route.abort())
    page.locator(".region-disc").first.click()
    expect(page.locator("[data-panel-status]")).to_contain_text("n’ont pas pu être chargées")
    expect(page.locator("[data-panel-all]")).to_have_attribute(
        "href", re.compile(r"^/repertoire/\?.*municipalite=\d+")
    )


def scale_of(page):
    return page.locator("[data-map-canvas] .leaflet-overlay-pane svg").bounding_box()["width"]


def test_wheel_scrolls_the_page_until_the_map_has_the_focus(open_page, demonstration):
    page = open_page()
    page.goto(MAP)
    canvas = page.locator("[data-map-canvas]")
    canvas.hover(position={"x": 20, "y": 20})
    width, top = scale_of(page), page.evaluate("scrollY")
    page.mouse.wheel(0, 120)
    page.wait_for_function("top => scrollY > top", arg=top)
    assert scale_of(page) == width
    canvas.hover(position={"x": 20, "y": 20})
    page.keyboard.down("Control")
    page.mouse.wheel(0, -240)
    page.keyboard.up("Control")
    page.wait_for_function(
        "width => document.querySelector('[data-map-canvas] .leaflet-overlay-pane svg').getBoundingClientRect().width > width",
        arg=width,
    )
    page.get_by_role("button", name="Toute la carte").click()
    canvas.focus()
    page.mouse.wheel(0, -240)
    page.wait_for_function(
        "width => document.querySelector('[data-map-canvas] .leaflet-overlay-pane svg').getBoundingClientRect().width > width",
        arg=width,
    )


def test_map_moves_and_zooms_by_keyboard(open_page, demonstration):
    page = open_page()
    page.goto(MAP)
    land = page.locator("[data-map-canvas] .leaflet-overlay-pane svg")
    page.locator("[data-map-canvas]").focus()
    width = scale_of(page)
    page.keyboard.press("+")
    assert scale_of(page) > width
    left = land.bounding_box()["x"]
    page.keyboard.press("ArrowRight")
    assert land.bounding_box()["x"] < left
    page.keyboard.press("-")
    assert scale_of(page) == pytest.approx(width, abs=1)


def test_map_is_dragged_by_the_mouse(open_page, demonstration):
    page = open_page()
    page.goto(MAP)
    page.get_by_role("button", name="Agrandir").click()
    land, canvas = (
        page.locator("[data-map-canvas] .leaflet-overlay-pane svg"),
        page.locator("[data-map-canvas]"),
    )
    canvas.hover(position={"x": 420, "y": 200})
    before = land.bounding_box()
    page.mouse.down()
    page.mouse.move(500, 300, steps=5)
    page.mouse.up()
    after = land.bounding_box()
    assert (after["x"], after["y"]) != (before["x"], before["y"])


@pytest.mark.parametrize("width", [360, 1280])
def test_panel_never_hides_its_disc_and_names_few_places(open_page, demonstration, width):
    page = open_page(width=width)
    page.goto(MAP)
    for disc in page.locator(".region-disc").all()[:8]:
        disc.click()
        expect(page.locator("[data-panel-list] li").first).to_be_visible()
        opened, panel = (
            page.locator(".region-disc[aria-expanded=true]").bounding_box(),
            page.locator("[data-map-panel]").bounding_box(),
        )
        sides = {
            name: {
                "left": box["x"],
                "right": box["x"] + box["width"],
                "top": box["y"],
                "bottom": box["y"] + box["height"],
            }
            for name, box in (("disc", opened), ("panel", panel))
        }
        assert not overlap(sides["disc"], sides["panel"])
        assert page.locator("#lieu-choisi").inner_text().count(",") <= 3
        page.keyboard.press("Escape")
        expect(page.locator("[data-map-panel]")).to_be_hidden()


def test_one_finger_scrolls_and_two_zoom(chromium, live_server, demonstration):
    context = chromium.new_context(
        base_url=live_server.url,
        viewport={"width": 390, "height": 800},
        has_touch=True,
        is_mobile=True,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(MAP)
    canvas = page.locator("[data-map-canvas]")
    canvas.scroll_into_view_if_needed()
    assert canvas.evaluate("each => getComputedStyle(each).touchAction") == "pan-x pan-y"
    width, box = scale_of(page), canvas.bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    session = context.new_cdp_session(page)

    def touch(kind, *points):
        session.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": x, "y": y, "id": at} for at, (x, y) in enumerate(points)]},
        )

    top = page.evaluate("scrollY")
    touch("touchStart", middle)
    for step in range(1, 8):
        touch("touchMove", (middle[0], middle[1] - 15 * step))
    touch("touchEnd")
    page.wait_for_function("top => scrollY > top", arg=top)
    assert scale_of(page) == width
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    touch("touchStart", (middle[0] - 20, middle[1]), (middle[0] + 20, middle[1]))
    for step in range(1, 8):
        touch("touchMove", (middle[0] - 20 - 10 * step, middle[1]), (middle[0] + 20 + 10 * step, middle[1]))
    touch("touchEnd")
    page.wait_for_function(
        "width => document.querySelector('[data-map-canvas] .leaflet-overlay-pane svg').getBoundingClientRect().width > 1.5 * width",
        arg=width,
    )
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_open_panel_is_accessible(open_page, demonstration, theme, width):
    page = open_page(width=width, theme=theme)
    page.goto(MAP)
    assert violations(page) == []
    page.locator(".region-disc").first.click()
    expect(page.locator("[data-panel-list] li").first).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Voir de plus près").click()
    assert violations(page) == []


def test_it_prints_as_the_server_drew_it(open_page, demonstration):
    page = open_page()
    page.goto(MAP)
    expect(page.locator(".region-map__drawn")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator(".region__over--wide")).to_be_visible()
    expect(page.locator(".region-map__live")).to_be_hidden()


# --- Another's tiles -----------------------------------------------------------------------------------

HOST = "tuiles.example.org"


def with_tiles(page):
    asked = []
    page.context.route(f"https://{HOST}/**", lambda route: (asked.append(route.request), route.abort()))
    Hub.objects.update_or_create(pk=1, defaults={"tile_host": HOST, "tile_credit": "© Cartographes"})
    page.goto(MAP)
    return asked


def test_nothing_is_asked_elsewhere_before_the_button_that_names_it(chromium, live_server, demonstration):
    context = chromium.new_context(
        base_url=live_server.url,
        viewport={"width": 1280, "height": 800},
        locale="fr-CA",
        reduced_motion="reduce",
    )
    page = context.new_page()
    elsewhere, refused = [], []
    page.on(
        "request",
        lambda request: (
            elsewhere.append(request) if not request.url.startswith((live_server.url, "data:")) else None
        ),
    )
    page.on(
        "console",
        lambda message: refused.append(message.text) if "Content Security Policy" in message.text else None,
    )
    asked = with_tiles(page)
    page.locator(".region-disc").first.click()
    expect(page.locator("[data-panel-list] li").first).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Agrandir").click()
    assert elsewhere == []
    button = page.get_by_role("button", name=f"Afficher les rues, avec {HOST}")
    expect(button).to_have_accessible_description(re.compile("adresse IP"))
    expect(page.get_by_text("© Cartographes")).to_be_hidden()
    with page.expect_request(f"https://{HOST}/**"):
        button.click()
    expect(page.get_by_text("© Cartographes")).to_be_visible()
    page.wait_for_timeout(300)
    assert all(re.fullmatch(rf"https://{HOST}/\d+/\d+/\d+\.png", request.url) for request in asked)
    # The name of the site, and nothing of the page.
    assert {request.all_headers().get("referer") for request in asked} == {f"{live_server.url}/"}
    assert {request.url.split("/")[2] for request in elsewhere} == {HOST}
    assert refused == []
    context.close()


def test_without_a_server_there_is_no_button(open_page, demonstration):
    page = open_page()
    page.goto(MAP)
    page.locator(".region-disc").first.click()
    expect(page.locator("[data-panel-list] li").first).to_be_visible()
    assert page.locator("[data-tiles]").count() == 0


def test_no_other_page_loads_leaflet(open_page, demonstration):
    page = open_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for address in ("/", "/repertoire/", "/repertoire/portrait/", "/billets/"):
        page.goto(address)
    assert [url for url in asked if "leaflet" in url or "/map" in url] == []
