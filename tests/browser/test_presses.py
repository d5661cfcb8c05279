"""What pages replace by themselves loses neither a press that began before, nor the focus, nor a selection."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from forums.vote.rounds import close_round, open_round
from pole.caching.in_process import clear_caches
from tests.browser.slow import Held
from tests.factories import (
    ForumFactory,
    ListingFactory,
    QuestionFactory,
    RecommendationFactory,
    RegistrationFactory,
    RoundFactory,
    SectorFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(open_page, sign_in):
    """The team's."""
    page = open_page()
    sign_in(page, UserFactory(is_staff=True))
    return page


def press(page, target):
    """The button of the mouse goes down on it, and stays so."""
    target.scroll_into_view_if_needed()
    target.hover()
    page.mouse.down()


@pytest.fixture
def turnout(page, transactional_db):
    """The turnout of a closed vote, whose figure is no longer what the portal says; and what looks again."""
    clear_caches()
    round = RoundFactory(number=1)
    QuestionFactory(round=round, position=1, limits={"limit": 1}, options=2)
    RegistrationFactory(forum=round.forum)
    open_round(round_id=round.pk, by=None)
    close_round(round_id=round.pk, by=None)
    page.goto(reverse("staff:round", args=[round.forum.slug, 1]))
    page.locator(".turnout__number").evaluate("number => { number.textContent = '7'; }")

    def look_again():
        with page.expect_response(page.url) as answer:
            page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        answer.value.finished()
        page.wait_for_timeout(200)

    yield page.locator("section[data-live]"), look_again
    clear_caches()


def test_link_pressed_while_the_turnout_comes_is_followed(page, turnout):
    part, look_again = turnout
    press(page, part.get_by_role("link", name="Page pour le projecteur"))
    look_again()
    page.mouse.up()
    page.wait_for_url("**/ecran/")


def test_turnout_that_comes_keeps_focus_and_selection(page, turnout):
    part, look_again = turnout
    link, figure = part.get_by_role("link", name="Page pour le projecteur"), part.locator(".turnout__number")
    link.focus()
    look_again()
    expect(link).to_be_focused()
    link.blur()
    look_again()
    expect(figure).to_have_text("0")
    # The fingerprint, to be noted: nothing has changed since.
    part.locator("code").evaluate("code => getSelection().selectAllChildren(code)")
    look_again()
    assert page.evaluate("getSelection().toString()") == part.locator("code").inner_text()


def test_person_pressed_while_the_list_comes_is_shown(page, transactional_db):
    forum = ForumFactory()
    for name in ("Lou Petit", "Louise Roy"):
        RegistrationFactory(forum=forum, name=name, checked_in_at=None)
    page.goto(reverse("staff:door", args=[forum.slug]))
    slow = Held(page, re.compile(r"\?q="))
    page.get_by_label("Nom ou organisation").fill("louise")
    slow.wait()
    press(page, page.get_by_role("link", name="Louise Roy"))
    slow.answer()
    page.wait_for_timeout(400)
    page.mouse.up()
    expect(page.get_by_role("heading", name="Louise Roy")).to_be_visible()


def test_choice_pressed_while_the_room_notes_another_is_made(page, transactional_db):
    forum = ForumFactory(has_participation=True)
    mine = RecommendationFactory(forum=forum, title="Une navette")
    page.goto(reverse("staff:room", args=[forum.slug]))
    choice = page.get_by_role("button", name="Sur le bulletin – Une navette")
    page.wait_for_load_state("networkidle")
    RecommendationFactory(forum=forum, title="Des toits")
    press(page, choice)
    with page.expect_response(lambda answer: "liste" in answer.url and answer.status == 200) as answer:
        pass
    answer.value.finished()
    page.wait_for_timeout(200)
    page.mouse.up()
    expect(choice).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_label("Des toits", exact=True)).to_be_visible()
    mine.refresh_from_db()
    assert mine.is_on_ballot


def test_box_pressed_while_the_results_come_is_ticked(open_page, transactional_db):
    for name in ("Alimentation", "Culture"):
        ListingFactory(sectors=[SectorFactory(name=name, slug=name.lower())])
    page = open_page()
    page.goto("/repertoire/")
    slow = Held(page, re.compile(r"/repertoire/\?"))
    page.get_by_label("Alimentation").click()
    slow.wait()
    press(page, page.get_by_label("Culture"))
    slow.answer()
    page.wait_for_timeout(400)
    page.mouse.up()
    slow.wait()
    slow.answer()
    expect(page).to_have_url(re.compile("alimentation.*culture"))
    expect(page.get_by_label("Culture")).to_be_checked()


def test_link_to_the_results_shows_them_without_loading_the_page_anew(open_page, transactional_db):
    ListingFactory(sectors=[SectorFactory(name="Culture", slug="culture")])
    page = open_page(width=360)
    page.goto("/repertoire/")
    page.evaluate("window.isSame = true")
    page.locator("summary", has_text="Filtres").click()
    page.get_by_label("Culture").check()
    expect(page).to_have_url(re.compile("culture"))
    page.get_by_role("link", name="Voir l’entreprise").click()
    expect(page).to_have_url(re.compile("#resultats"))
    page.wait_for_timeout(500)
    assert page.evaluate("window.isSame")
    page.go_back()
    page.go_back()
    expect(page.get_by_label("Culture")).not_to_be_checked()
