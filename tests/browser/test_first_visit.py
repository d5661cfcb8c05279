"""What a first visit costs: each kind of public page behind the nginx of deploy, by what Chromium says that it received."""

from __future__ import annotations

import pytest

from pole.files import static_storage
from tests.browser.test_accessibility import PUBLIC
from tests.pole.test_nginx import before_portal  # noqa: F401 - a fixture

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_hour("starts real servers, whose clock is the machine’s"),
]
MOST_REQUESTS, MOST_BYTES = 6, 20 * 1024
# Weighed too, with what each may be: the map has Leaflet; a comparison and an election of many figures are drawn in the page; ballots, screens and passkeys have
# sheets and scripts of their own.
HEAVIER = {
    "/repertoire/carte/": (10, 110 * 1024), "/repertoire/acheter/?s=1-2-3&pres=mercier": (6, 21 * 1024),
    "/compte/connexion/": (10, 28 * 1024), "/vote/": (8, MOST_BYTES), "/verifier/": (8, MOST_BYTES),
    "/forums/rencontre-logement-et-voisinage/vote/": (9, MOST_BYTES),
    "/forums/rencontre-logement-et-voisinage/ecran/": (9, MOST_BYTES),
    "/forums/forum-de-la-releve-collective/ecran/": (9, MOST_BYTES),
    "/forums/journee-des-projets-de-la-riviere/resultats/": (6, 21 * 1024),
    "/forums/journee-des-projets-de-la-riviere/ecran/": (9, MOST_BYTES),
}  # fmt: skip
# Those of the accessible ones, and a listing.
WEIGHED = [*PUBLIC, "/repertoire/l-atelier-du-rayon-libre/"]
# Pictures of the pages themselves, and the drawings that stand for them.
PICTURES = ("/media/", "/image/", "/static/drawings/")


@pytest.fixture
def made_static_files(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path / "static"
    backend = "pole.files.static_storage.PortalStaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}
    static_storage.collect_if_changed()


def received(chromium, base, address):
    """(path, bytes as they came, without headers) of each request of a first visit. The icon is in the page: a browser without a window would leave it out."""
    context = chromium.new_context(locale="fr-CA", viewport={"width": 390, "height": 800})
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    session = context.new_cdp_session(page)
    paths, heads, sizes = {}, {}, {}
    session.send("Network.enable")
    session.on(
        "Network.requestWillBeSent",
        lambda event: paths.update({event["requestId"]: event["request"]["url"].removeprefix(base)}),
    )
    # So far, headers alone: HTTP/2, which TLS brings, writes those that repeat in a few bytes each.
    session.on(
        "Network.responseReceived",
        lambda event: heads.update({event["requestId"]: event["response"]["encodedDataLength"]}),
    )
    session.on(
        "Network.loadingFinished",
        lambda event: sizes.update(
            {event["requestId"]: event["encodedDataLength"] - heads[event["requestId"]]}
        ),
    )
    page.goto(base + address, wait_until="networkidle")
    # The common script ran as far as the filters, which come last in it.
    assert page.locator("[data-live-button]:visible").count() == 0
    assert page.locator("link[rel=icon]").get_attribute("href").startswith("data:")
    context.close()
    assert errors == []
    return [(paths[key], size) for key, size in sizes.items() if not paths[key].startswith(PICTURES)]


def test_first_visit_asks_little(chromium, demonstration, made_static_files, before_portal, monkeypatch):  # noqa: F811
    monkeypatch.setenv("POLE_STATIC_MADE", "1")
    too_much, lines = [], []
    with before_portal(kept_mib=32) as nginx:
        base = f"http://localhost:{nginx.port}"
        for address in WEIGHED:
            for _visitor in range(3):
                # Somebody has been there since the last change: an address with a query is kept on second sight.
                nginx.get(address)
            seen = received(chromium, base, address)
            requests, size = len(seen), sum(size for _path, size in seen)
            most_requests, most_bytes = HEAVIER.get(address, (MOST_REQUESTS, MOST_BYTES))
            lines.append(
                f"{address}: {requests} requests, {size} bytes; "
                + ", ".join(f"{path[-14:]} {size}" for path, size in seen)
            )
            if requests > most_requests or size > most_bytes:
                too_much.append((lines[-1], seen))
    print(*lines, sep="\n")
    assert too_much == []
