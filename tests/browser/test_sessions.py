"""A telephone is lost: its session is closed from the desk, on a narrow screen and a wide one."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.accounts.conftest import PASSWORD
from tests.factories import UserFactory


def come_in(page, person):
    page.goto("/compte/connexion/")
    page.get_by_label("Adresse courriel").fill(person.email)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="mot de passe").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon compte")


@pytest.mark.parametrize("width", [360, 1280])
def test_lost_telephone_is_signed_out_from_elsewhere(open_page, transactional_db, width):
    person = UserFactory(name="Camille Roy")
    desk, lost = open_page(width=width), open_page(width=width)
    for page in (desk, lost):
        come_in(page, person)
    desk.get_by_role("link", name="Mes appareils connectés").click()
    expect(desk.locator(".session__device")).to_have_text(["Chrome sous Linux"] * 2)
    if folder := os.environ.get("POLE_PICTURES"):
        for scheme in ("light", "dark"):
            desk.emulate_media(color_scheme=scheme)
            desk.screenshot(path=Path(folder) / f"sessions-{width}-{scheme}.png", full_page=True)
    assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth")
    desk.get_by_role("button", name="Fermer cette session").click()
    expect(desk.get_by_text("La session est fermée")).to_be_visible()
    expect(desk.get_by_text("nulle part ailleurs")).to_be_visible()
    lost.goto("/compte/")
    expect(lost).to_have_url(re.compile("/compte/connexion/"))
