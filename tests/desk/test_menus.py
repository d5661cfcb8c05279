"""Before a page is hidden, the entries of the menus that lead to it are named."""

from __future__ import annotations

import pytest

from pole.models import MenuItem
from tests.factories import PageFactory

pytestmark = pytest.mark.django_db
UNTOUCHED = {"position": "0", "publish_at": "", "title_en": "", "body_en": ""}


def typed(page, action, **changes):
    page.refresh_from_db()
    return UNTOUCHED | {
        "title": page.title, "body": page.body, "slug": page.slug, "seen_version": page.draft.version, "action": action,
    } | changes  # fmt: skip


@pytest.fixture
def contact():
    MenuItem.objects.all().delete()
    MenuItem.objects.create(place="footer", position=1, label="Nous joindre", address="/contact/#bureau")
    MenuItem.objects.create(place="header", position=1, label="Billets", address="/billets/")
    return PageFactory(slug="contact", title="Contact")


@pytest.mark.parametrize("action", ["archive", "unpublish"])
def test_page_of_a_menu_is_hidden_only_when_confirmed(staff_client, client, contact, action):
    edit = contact.get_edit_url()
    assert "Nous joindre" in staff_client.get(edit).content.decode().split('<form class="desk-form"')[1]
    shown = staff_client.post(edit, typed(contact, action), follow=True).content.decode()
    assert "pied de page : Nous joindre" in shown.replace("\xa0", " ")
    assert "Billets)" not in shown
    assert client.get("/contact/").status_code == 200
    staff_client.post(edit, typed(contact, f"{action}_anyway"))
    assert client.get("/contact/").status_code == 404


@pytest.mark.parametrize("action", ["archive", "unpublish"])
def test_page_of_no_menu_is_hidden_at_once(staff_client, client, contact, action):
    other = PageFactory(slug="contacts", title="Contacts")
    staff_client.post(other.get_edit_url(), typed(other, action))
    assert client.get("/contacts/").status_code == 404


def test_renamed_page_is_still_found_from_the_menu(staff_client, client, contact):
    """Its former address redirects, and counts when the page is archived."""
    edit = contact.get_edit_url()
    staff_client.post(edit, typed(contact, "save", slug="nous-joindre"))
    assert client.get("/contact/").headers["Location"] == "/nous-joindre/"
    staff_client.post(edit, typed(contact, "archive"))
    assert client.get("/nous-joindre/").status_code == 200


def test_draft_is_archived_without_a_word(staff_client, contact):
    """Visitors find nothing there already."""
    contact.published_at = None
    contact.save()
    staff_client.post(contact.get_edit_url(), typed(contact, "archive"))
    contact.draft.refresh_from_db()
    assert contact.draft.archived_at


def test_entry_to_another_site_is_none_of_ours(staff_client, client, contact):
    MenuItem.objects.filter(place="footer").update(address="https://ailleurs.example/contact/")
    staff_client.post(contact.get_edit_url(), typed(contact, "archive"))
    assert client.get("/contact/").status_code == 404


@pytest.mark.parametrize("address", ["contact/", "a/b", "../x", "Contact !", "vote"])
def test_address_that_is_refused_changes_nothing_of_what_menus_lead_to(
    staff_client, client, contact, address
):
    response = staff_client.post(contact.get_edit_url(), typed(contact, "publish", slug=address))
    assert response.status_code == 200
    page = response.content.decode()
    assert "error-summary" in page
    assert "Dans les menus" in page
    assert client.get("/contact/").status_code == 200
