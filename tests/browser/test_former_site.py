"""A former site is tried, brought in, looked at and undone in a browser; its pictures are in var/states."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from blog.models import MissedAddress, SiteImport
from blog.wordpress import running
from tests.blog.wordpress.whole_site import export
from tests.browser.test_states import drawn, look, opened  # noqa: F401 - fixtures
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def work(page):
    running.run(site_import_id=SiteImport.objects.latest("pk").pk)
    page.reload()


def test_a_former_site_comes_in_and_goes(opened, look, sign_in):  # noqa: F811
    page = opened
    sign_in(page, UserFactory(is_staff=True, is_superuser=True))
    page.goto("/gestion/ancien-site/")
    page.get_by_role("button", name="Lire l’exportation").click()
    expect(page.locator(".error-summary__title")).to_be_focused()
    drawn(page, "former-site-refused", look)
    page.get_by_label("Exportation du site").set_input_files(
        {"name": "ancien.xml", "mimeType": "text/xml", "buffer": export()}
    )
    page.get_by_role("button", name="Lire l’exportation").click()
    page.wait_for_url("**/ancien-site/*/")
    drawn(page, "former-site-running", look)
    work(page)
    expect(page.get_by_role("heading", name="Ce qui entrerait")).to_be_visible()
    drawn(page, "former-site-tried", look)
    page.get_by_role("button", name="Importer le site").click()
    work(page)
    expect(page.get_by_role("heading", name="Ce qui est entré", exact=True)).to_be_visible()
    page.get_by_role("heading", name="Ce qui n’est pas entré").scroll_into_view_if_needed()
    drawn(page, "former-site-done", look)
    MissedAddress.objects.create(path="/2014/05/notre-assemblee/", times=4, last_at=timezone.now())
    page.goto("/gestion/anciennes-adresses/")
    drawn(page, "redirects", look)
    page.get_by_role("link", name="Rediriger vers…").click()
    page.get_by_label("Mène à").fill("/gestion/")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator(".error-summary__title")).to_be_focused()
    drawn(page, "redirect-refused", look)
    page.get_by_label("Mène à").fill("/billets/classique/")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Asked for").or_(page.get_by_text("Demandées, et qui"))).to_have_count(0)
    page.goto("/2014/05/notre-assemblee/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Le texte classique")
    page.goto("/historique/")
    expect(page.get_by_text("Merci pour ce rappel!")).to_be_visible()
    drawn(page, "former-page", look)
    page.goto(f"/gestion/ancien-site/{SiteImport.objects.latest('pk').pk}/")
    page.get_by_role("button", name="Défaire cette importation").click()
    work(page)
    expect(page.get_by_role("heading", name="Ce qui a été retiré")).to_be_visible()
