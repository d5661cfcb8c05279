"""Menus: entries of this site and of others, and those whose page nobody may read yet."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from desk import publishing
from pole.hub.addresses import clean_menu_address
from pole.models import MenuItem
from tests.factories import PageFactory

ACCEPTED = {
    "https://exemple.ca": "https://exemple.ca/",
    " https://Exemple.CA/Pages?a=1#b ": "https://exemple.ca/Pages?a=1#b",
    "HTTPS://exemple.ca?a=1": "https://exemple.ca/?a=1",
    "https://exemple.ca:443/": "https://exemple.ca/",
    "https://exemple.ca:8443/a/": "https://exemple.ca:8443/a/",
    "https://économie.quebec/été/": "https://économie.quebec/%C3%A9t%C3%A9/",
    # What one types without its cedilla joined.
    "https://franc\u0327ais.quebec/": "https://français.quebec/",
    "https://portail.exemple.test/contact/": "/contact/",
    "/repertoire/?q=x": "/repertoire/?q=x",
}
REFUSED = [
    "", "exemple.ca", "javascript:alert(1)", "JAVASCRIPT:alert(1)", "java\tscript:alert(1)", "data:text/html,x",
    "http://exemple.ca/", "HTTP://exemple.ca/", "//exemple.ca/", "/\\exemple.ca", "\\\\exemple.ca", "https:exemple.ca",
    "https:///exemple.ca", "https://", "https://user@exemple.ca/", "https://user:pass@exemple.ca/", "https://:pass@exemple.ca/",
    "https://exemple.ca\\@mechant.ca/", "https://localhost/", "https://127.0.0.1/", "https://[::1]/", "https://2130706433/",
    "https://0x7f.1/", "https://exemple.ca:99999/", "https://exemple.ca:x/", "https://exemple..ca/", "https://-exemple.ca/",
    "https://exemple.ca//mechant.ca", "https://exemple.ca/a b", "https://exemple.ca/\u202egpj", "https://exe\u200bmple.ca/",
    # Cyrillic “а”, alone and among Latin letters, typed and in punycode; a dotless i; a Greek omicron.
    "https://аррӏе.com/", "https://pаypal.com/", "https://xn--80ak6aa92e.com/", "https://xn--pypal-4ve.com/",
    "https://lınkedin.com/", "https://gοogle.com/", "https://xn--a.com/", "ftp://exemple.ca/", "mailto:a@exemple.ca",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _site(settings):
    settings.BASE_URL = "https://portail.exemple.test"


@pytest.mark.parametrize("typed", ACCEPTED)
def test_addresses_that_a_menu_takes(typed):
    assert clean_menu_address(typed) == ACCEPTED[typed]
    assert clean_menu_address(ACCEPTED[typed]) == ACCEPTED[typed]


@pytest.mark.parametrize("typed", REFUSED)
def test_addresses_that_a_menu_refuses(typed):
    with pytest.raises(ValidationError):
        clean_menu_address(typed)


@given(st.text(max_size=40) | st.text(max_size=30).map(lambda text: f"https://{text}"))
@example("https://a.b@c.ca")
@example("/\x80")
def test_whatever_is_taken_leads_by_a_path_or_by_https(typed):
    try:
        address = clean_menu_address(typed)
    except ValidationError:
        return
    is_path = address.startswith("/") and address[1:2] not in {"/", "\\"}
    assert is_path or (address.startswith("https://") and "@" not in address.split("/")[2])
    assert address.isprintable()
    assert " " not in address


def post_entry(client, address, **changes):
    data = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 0, "form-0-place": "footer", "form-0-position": 9}
    data |= {"form-0-label": "Nos partenaires", "form-0-label_en": "Our partners", "form-0-address": address}
    return client.post(reverse("staff:menu"), data | changes)


@pytest.mark.parametrize("place", ["header", "footer"])
@pytest.mark.parametrize(
    ("page", "label", "mark"),
    [("/", "Nos partenaires", "(autre site)"), ("/en/", "Our partners", "(other site)")],
)
def test_entry_of_another_site_says_so_in_both_languages(staff_client, client, place, page, label, mark):
    post_entry(staff_client, "https://exemple.ca/partenaires", **{"form-0-place": place})
    html = client.get(page).content.decode()
    link = html[html.index('href="https://exemple.ca/partenaires"') :].partition("</a>")[0]
    assert (label in link, mark in link, 'rel="noopener external"' in link) == (True, True, True)
    assert ("target" in link, "ping" in link) == (False, False)
    # The others have no mark; the foot of the page repeats the main menu.
    assert html.count(mark) == (2 if place == "header" else 1)


@pytest.mark.parametrize(
    "address", ["http://exemple.ca/", "https://u:p@exemple.ca/", f"https://exemple.ca/{'a' * 300}"]
)
def test_refused_address_is_explained(staff_client, address):
    answer = post_entry(staff_client, address)
    assert (answer.status_code, MenuItem.objects.filter(label="Nos partenaires").exists()) == (200, False)
    assert "error_summary" in answer.content.decode() or "field__error" in answer.content.decode()


@pytest.mark.parametrize("address", ["javascript:alert(1)", "//exemple.ca", "/\\exemple.ca", "http://exemple.ca/", "https://a@b.ca/"])  # fmt: skip
def test_database_keeps_what_no_form_may_write(db, address):
    with pytest.raises(IntegrityError, match="menu_address_followed"), transaction.atomic():
        MenuItem.objects.create(place="footer", position=1, label="x", address=address)


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_entry_waits_until_its_page_may_be_read(client, db, prefix):
    def is_linked():
        return f'href="{prefix}/contact/"' in client.get(f"{prefix}/forums/").content.decode()

    assert not is_linked()
    page = PageFactory(slug="contact")
    assert is_linked()
    publishing.unpublish(owner=page)
    assert not is_linked()


def test_entry_of_a_scheduled_page_comes_with_it(client, db):
    now = timezone.now()
    page = PageFactory(slug="contact")
    publishing.publish(owner=page, at=now + timedelta(hours=1), now=now)
    assert 'href="/contact/"' not in client.get("/forums/").content.decode()
    with time_machine.travel(now + timedelta(hours=2)):
        assert 'href="/contact/"' in client.get("/forums/").content.decode()


def test_main_menu_comes_before_the_foot_of_the_page(staff_client):
    """As visitors meet them, and as an editor looks for them."""
    MenuItem.objects.all().delete()
    MenuItem.objects.create(place="footer", position=1, label="Au pied", address="/forums/")
    MenuItem.objects.create(place="header", position=2, label="En haut", address="/repertoire/")
    page = staff_client.get(reverse("staff:menu")).content.decode()
    assert page.index("<legend>En haut") < page.index("<legend>Au pied")
