"""From a page to the next: a fade for whoever wants motion, and none where people act."""

from __future__ import annotations

import pytest

from accounts.models import User
from tests.browser.soon import soon

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_hour("looks of pages"),
]
# How many animations there are once the page is shown; none without a transition, or if Chromium gave it up.
REVEALED = """addEventListener('pagereveal', async ({ viewTransition }) => {
    await viewTransition?.ready.catch(() => null);
    window.fades = viewTransition ? document.getAnimations().length : 0;
    await viewTransition?.finished;
    window.isOver = true;
})"""
# Chromium gives a page four seconds to come, then shows it without a fade.
MOST_TRIES = 5


@pytest.fixture
def faded(open_page):
    """`faded(page, link)`: how many animations there are as the page that a link leads to is shown."""

    def follow(page, link):
        before = page.url
        page.locator(link).first.click()
        page.wait_for_url(lambda url: url != before)
        soon(page, lambda: page.evaluate("window.isOver"))
        return page.evaluate("window.fades")

    return follow


@pytest.fixture
def moving_page(open_page):
    def make(motion="no-preference"):
        page = open_page()
        page.emulate_media(reduced_motion=motion)
        page.add_init_script(REVEALED)
        return page

    return make


@pytest.mark.parametrize(("motion", "fades"), [("no-preference", True), ("reduce", False)])
def test_page_fades_into_the_next_unless_motion_is_unwelcome(
    moving_page, faded, demonstration, motion, fades
):
    page = moving_page(motion)

    def shown():
        page.goto("/")
        return faded(page, ".site-menu__link[href='/repertoire/']")

    assert any(shown() for _try in range(MOST_TRIES if fades else 1)) is fades


@pytest.mark.parametrize(
    ("start", "opener", "link"),
    [
        ("/gestion/", None, ".staff-nav__link[href='/gestion/moderation/']"),
        ("/", "[popovertarget='compte']", 'a[href="/gestion/"]'),
        ("/billets/", None, ".vote-bar a"),
    ],
)
def test_pages_where_people_act_come_at_once(moving_page, faded, demonstration, sign_in, start, opener, link):
    page = moving_page()
    sign_in(page, User.objects.get(email="direction@pole.example"))
    page.goto(start)
    if opener:
        page.locator(opener).click()
    assert faded(page, link) == 0
