"""Headers of every page; the pages that edit the hub; health checks, stylesheet and media files."""

from __future__ import annotations

import io
import json
import logging
import re

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from pole.hub import colours
from pole.middleware import RequestIdFilter
from pole.models import Hub, MenuItem
from tests.factories import PageFactory, PostFactory

READING = [
    "/",
    "/billets/",
    "/repertoire/",
    "/forums/",
    "/priorites/",
    "/recherche/?q=a",
    "/en/",
    "/en/billets/",
    "/billets/flux.xml",
    "/sitemap.xml",
    "/robots.txt",
]


@pytest.fixture
def pages(db):
    for slug in ("a-propos", "contact", "confidentialite", "accessibilite"):
        PageFactory(slug=slug)


@pytest.mark.parametrize("address", READING)
def test_public_page_sets_no_cookie_and_can_be_revalidated(client, pages, address):
    response = client.get(address)
    assert response.status_code == 200
    assert response.cookies == {}
    assert response.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert response.headers["Vary"] == "Cookie, Accept-Encoding"
    assert b"csrfmiddlewaretoken" not in response.content
    again = client.get(address, headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_any_change_changes_the_etag(client, pages):
    before = client.get("/").headers["ETag"]
    post = PostFactory()
    after = client.get("/").headers["ETag"]
    assert before != after
    type(post).objects.filter(pk=post.pk).update(title="Changé en masse")
    assert client.get("/").headers["ETag"] != after


def test_signed_in_pages_are_never_stored(citizen_client, pages):
    response = citizen_client.get("/")
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in response.headers


@pytest.mark.parametrize("address", [*READING, "/compte/connexion/", "/nulle-part/"])
def test_policy_is_strict_everywhere(client, pages, address):
    headers = client.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize("address", ["/", "/billets/"])
def test_public_page_has_no_inline_code_and_no_third_party(client, pages, address):
    page = client.get(address).content.decode()
    assert "nonce" not in page
    assert re.findall(r"<script(?! type=\"application/ld\+json\"|[^>]*\bsrc=)", page) == []
    assert re.findall(r"\sstyle=|<style|\son[a-z]+=", page) == []
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//(?!localhost)[^\"]*\.(?:js|css|woff2?)", page) == []


def test_language_follows_the_address_alone(client, pages):
    response = client.get("/", headers={"Accept-Language": "en"})
    assert 'lang="fr-CA"' in response.content.decode()
    assert response.headers["Content-Language"] == "fr"
    assert 'lang="en-CA"' in client.get("/en/", headers={"Accept-Language": "fr"}).content.decode()


def test_unknown_page_is_styled_and_french(client, db):
    response = client.get("/nulle-part/")
    assert response.status_code == 404
    assert "Cette page n’existe pas" in response.content.decode()


def test_forged_host_is_refused(client, db):
    assert client.get("/", headers={"host": "mechant.example"}).status_code == 400


def test_database_down_is_a_503_with_retry_after(pages, monkeypatch):
    def away(*args, **kwargs):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr("pole.caching.public_pages.read_versions", away)
    response = Client(raise_request_exception=False).get("/")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert "Le site revient dans un instant" in response.content.decode()


def test_unforeseen_error_is_a_500_without_a_stack(pages, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("détail interne")

    monkeypatch.setattr("pole.caching.public_pages.read_versions", broken)
    response = Client(raise_request_exception=False).get("/")
    assert response.status_code == 500
    assert "détail interne" not in response.content.decode()


def test_error_is_logged_under_the_number_that_its_page_carries(pages, monkeypatch):
    """So that what a visitor reports is found in the log."""

    def broken(*args, **kwargs):
        raise RuntimeError("détail interne")

    monkeypatch.setattr("pole.caching.public_pages.read_versions", broken)
    lines, handler = io.StringIO(), logging.StreamHandler()
    handler.setStream(lines)
    handler.addFilter(RequestIdFilter())
    handler.setFormatter(logging.Formatter(settings.LOGGING["formatters"]["line"]["format"]))
    monkeypatch.setattr(logging.getLogger("django.request"), "handlers", [handler])
    number = Client(raise_request_exception=False).get("/").headers["X-Request-ID"]
    assert re.search(
        rf"ERROR django\.request \[{number}\] .*RuntimeError: détail interne", lines.getvalue(), re.DOTALL
    )
    assert settings.LOGGING["handlers"]["console"]["filters"][0] == "request_id"


def test_health_and_readiness(client, db):
    assert client.get("/healthz").content == b"ok\n"
    response = client.get("/readyz")
    assert (response.status_code, json.loads(response.content)) == (
        200,
        {"database": True, "migrations": True, "queue": True},
    )


def test_media_serves_nothing_but_what_the_portal_stores(client, db, settings):
    folder = settings.MEDIA_ROOT / "pictures"
    folder.mkdir(parents=True)
    (folder / "a.webp").write_bytes(b"RIFF")
    (folder / "a.html").write_text("<script>")
    response = client.get("/media/pictures/a.webp")
    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/webp")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    for path in (
        "pictures/a.html",
        "pictures/absent.webp",
        "../secret-key",
        "pictures/../../secret.webp",
        "pictures/",
    ):
        assert client.get(f"/media/{path}").status_code == 404, path


def hub_data(**changes):
    return {
        "name": "Pôle des Essais", "short_name": "Pôle", "tagline": "Une phrase.", "primary_colour": "#1f5c3f",
        "accent_colour": "#a8441a", "version": "1",
    } | changes  # fmt: skip


@pytest.fixture
def hub(db):
    return Hub.objects.create(name="Pôle des Essais", short_name="Pôle", tagline="Une phrase.")


def test_hub_is_edited_and_every_page_shows_it(staff_client, client, hub, pages):
    staff_client.post(
        reverse("staff:hub"),
        hub_data(name="Pôle renommé", phone="450 555-0123 poste 7", postal_code="j6k1a1"),
    )
    page = client.get("/").content.decode()
    assert "Pôle renommé" in page
    assert "poste\u00a07" in page
    hub.refresh_from_db()
    assert (hub.phone, hub.phone_extension, hub.postal_code) == ("+14505550123", "7", "J6K 1A1")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"primary_colour": "#7fd4a8"}, "trop pâle"),
        ({"primary_colour": "vert"}, "#1f5c3f"),
        ({"postal_code": "G8Y5GY"}, "G8Y"),
        ({"phone": "12"}, "téléphone"),
        ({"name": ""}, "Remplissez le champ «\u00a0Nom\u00a0»"),
        ({"version": "0"}, "Quelqu’un d’autre"),
    ],
)
def test_bad_hub_is_explained(staff_client, hub, changes, message):
    page = staff_client.post(reverse("staff:hub"), hub_data(**changes)).content.decode()
    assert message in page
    hub.refresh_from_db()
    assert hub.version == 1


def test_hub_colours_reach_the_stylesheet(client, hub):
    Hub.objects.update(primary_colour="#123456")
    sheet = client.get("/charte.css").content.decode()
    assert "--primary:#123456" in sheet


def test_each_pair_of_colours_has_its_own_stylesheet_whoever_wrote_them(client, hub):
    """Browsers keep one for a year: a change in psql, or after a restoration, must not find it under the same address."""

    def linked():
        return re.search(r'href="(/charte\.css[^"]*)"', client.get("/billets/").content.decode())[1]

    links = [linked()]
    for colours_of_hub in ({"primary_colour": "#123456"}, {"accent_colour": "#123456"}, {"name": "Autre"}):
        Hub.objects.update(**colours_of_hub)
        links.append(linked())
    assert len(set(links)) == 3
    assert links[2] == links[3]
    sheets = [client.get(link) for link in links]
    assert {sheet.content for sheet in sheets} == {sheets[-1].content}
    assert b"--accent:#123456" in sheets[-1].content
    # The first colours may come back: who asks for them now must not keep what they get.
    assert ["immutable" in sheet["Cache-Control"] for sheet in sheets] == [False, False, True, True]


@pytest.mark.parametrize("colour", ["#1f5c3f", "#a8441a", "#000000", "#123456", "#5a0000"])
def test_dark_theme_twin_is_readable(colour):
    assert colours.contrast(colours.for_dark_theme(colour), colours.NIGHT) >= 4.5


def test_contrast_matches_published_values():
    assert colours.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert colours.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_menu_is_edited(staff_client, client, pages):
    item = MenuItem.objects.filter(place="header").first()
    count = MenuItem.objects.count()
    data = {"form-TOTAL_FORMS": count, "form-INITIAL_FORMS": count}
    for number, entry in enumerate(MenuItem.objects.all()):
        label = "Mes forums" if entry == item else entry.label
        data |= {
            f"form-{number}-{key}": value
            for key, value in {
                "id": entry.pk,
                "place": entry.place,
                "position": entry.position,
                "label": label,
                "label_en": "",
                "address": entry.address,
            }.items()
        }
    staff_client.post(reverse("staff:menu"), data)
    assert "Mes forums" in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("address", "is_taken"),
    [
        ("/contact/", True),
        ("/forums/", True),
        ("/repertoire/?q=x", True),
        ("/nulle-part/", False),
        ("/a/b/c/", False),
    ],
)
def test_menu_entry_needs_an_address_that_answers(staff_client, pages, address, is_taken):
    data = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 0, "form-0-place": "footer", "form-0-position": 9}
    data |= {"form-0-label": "Essai", "form-0-label_en": "", "form-0-address": address}
    answer = staff_client.post(reverse("staff:menu"), data)
    assert MenuItem.objects.filter(label="Essai").exists() is is_taken
    assert (answer.status_code == 302) is is_taken


def test_territory_has_every_municipality_and_tells_homonyms_apart(db):
    from pole.models import Municipality

    assert Municipality.objects.filter(mrc__isnull=False).count() == 70
    assert [str(place) for place in Municipality.objects.filter(name="Hemmingford")] == [
        "Hemmingford (village)",
        "Hemmingford (canton)",
    ]
    assert Municipality.objects.get(code="67802").mrc is None
