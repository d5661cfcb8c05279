"""Giving a page to someone: the system's menu, the clipboard, and without a script a mail and the address."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.factories import ForumFactory, ListingFactory, PostFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_hour("looks of pages"),
]


@pytest.fixture
def addresses(live_server):
    PostFactory(slug="t", title="Un titre")
    ForumFactory(slug="f")
    ListingFactory(slug="e")
    return ["/billets/t/", "/forums/f/", "/repertoire/e/", "/en/forums/f/"]


def test_link_is_copied_and_said(open_page, addresses, settings):
    page = open_page()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=settings.BASE_URL)
    for address in addresses:
        page.goto(f"{address}?utm_source=x")
        part = page.locator("[data-share]")
        expect(part.locator("[data-share-field]")).to_be_hidden()
        copy = part.locator("[data-share-copy]")
        copy.focus()
        page.keyboard.press("Enter")
        expect(part.get_by_role("status")).to_have_text(
            "The link is copied." if "/en/" in address else "Le lien est copié."
        )
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == page.get_attribute('link[rel="canonical"]', "href")
        assert "utm" not in copied


def test_link_that_the_browser_does_not_copy_is_shown_to_be_taken(open_page, addresses):
    page = open_page()
    page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('no'))")
    page.goto("/billets/t/")
    page.get_by_role("button", name="Copier le lien").click()
    field = page.get_by_label("Adresse de cette page")
    expect(field).to_be_focused()
    assert page.evaluate("getSelection().toString()").endswith("/billets/t/")


def test_menu_of_the_system_is_given_the_page(open_page, addresses):
    page = open_page(width=360)
    page.add_init_script(
        "navigator.canShare = () => true; navigator.share = async (what) => { window.given = what; }"
    )
    page.goto("/billets/t/")
    page.get_by_role("button", name="Partager").click()
    assert page.evaluate("window.given.title") == "Un titre"
    assert page.evaluate("window.given.url").endswith("/billets/t/")


def test_without_a_script_there_is_a_mail_and_the_address(open_page, addresses):
    page = open_page(javascript=False)
    page.goto("/billets/t/")
    part = page.locator("[data-share]")
    assert part.get_by_role("button").count() == 0
    assert (
        part.get_by_role("link")
        .get_attribute("href")
        .startswith("mailto:?subject=Un%20titre&body=http%3A%2F%2F")
    )
    expect(page.get_by_label("Adresse de cette page")).to_have_value(
        page.get_attribute('link[rel="canonical"]', "href")
    )


def test_address_alone_is_printed(open_page, addresses):
    page = open_page()
    page.goto("/billets/t/")
    page.emulate_media(media="print")
    for part in page.locator("[data-share] > *").all():
        expect(part).to_be_hidden()
