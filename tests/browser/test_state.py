"""The direction learns what is wrong and what to do, and writes an incident: on a phone and on a desk."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import IncidentEntry
from pole.files import disks
from pole.hub.state import looking
from pole.models import Hub
from tests.factories import UserFactory


@pytest.fixture
def direction(transactional_db):
    Hub.objects.create(name="Pôle", short_name="Pôle", tagline="x", privacy_email="vp@exemple.example")
    return UserFactory(name="Rose Cyr", roles=["direction"])


@pytest.mark.parametrize("width", [360, 1280])
def test_direction_reads_what_to_do_and_writes_an_incident(open_page, sign_in, direction, monkeypatch, width):
    monkeypatch.setattr(disks, "MIN_FREE_BYTES", 2**80)
    looking.look_and_keep(timezone.now())
    page = open_page(width=width)
    sign_in(page, direction)
    page.goto("/gestion/")
    card = page.get_by_role("region", name="État du portail")
    card.get_by_role("link", name="Disque").click()
    first = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Disque")).first
    expect(first).to_contain_text("Libérez de la place sur ce disque.")
    page.get_by_role("link", name="Registre des incidents").first.click()
    page.get_by_role("link", name="Inscrire un incident").click()
    page.get_by_label("Circonstances").fill("Une liste laissée sur une table.")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Incident")
    expect(page.get_by_text("Il manque")).to_be_visible()
    page.get_by_role("link", name="Compléter ou corriger").click()
    page.get_by_label("Nombre de personnes concernées").fill("12")
    page.get_by_role("button", name="Enregistrer").click()
    # A correction says why.
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Raison de la correction").fill("On a compté.")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("On a compté.")).to_be_visible()
    assert IncidentEntry.objects.count() == 2
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_page_renews_itself_and_undoes_no_click(open_page, sign_in, direction, monkeypatch):
    """What has the focus stays until it is left; what is worse then shows by itself."""
    looking.look_and_keep(timezone.now())
    page = open_page()
    page.clock.install()
    sign_in(page, direction)
    page.goto("/gestion/etat/")
    link = page.locator("[data-live] a").first
    link.focus()
    monkeypatch.setattr(disks, "MIN_FREE_BYTES", 2**80)
    looking.look_and_keep(timezone.now())
    with page.expect_response("**/gestion/etat/"):
        page.clock.run_for(11_000)
    assert link.evaluate("node => node === document.activeElement")
    link.blur()
    with page.expect_response("**/gestion/etat/"):
        page.clock.run_for(11_000)
    expect(page.get_by_text("Libérez de la place sur ce disque.")).to_be_visible()
