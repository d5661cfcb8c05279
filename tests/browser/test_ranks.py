"""A ranking on a phone: options are touched in order, moved, taken off, undone; said aloud, offline, without a script."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from forums.models import Ballot
from forums.vote.rounds import open_round
from pole.caching.in_process import clear_caches
from tests.browser.test_accessibility import faults_of
from tests.browser.test_grades import LONG, SMALL, TINY
from tests.browser.test_vote import AGAIN, number_of
from tests.factories import OptionFactory, QuestionFactory, RegistrationFactory, RoundFactory
from tests.forums.vote.conftest import address, codes_of

pytestmark = pytest.mark.django_db(transaction=True)
# The last one as someone may type it: a replacement of JavaScript, and a place of our own sentences.
TITLES = ("Jardin collectif", "Navette rurale", LONG, "Dépôt $& {rank}")


@pytest.fixture
def vote(transactional_db):
    """An open round of one question, three ranks at most, and a code."""
    round = RoundFactory(number=1)
    question = QuestionFactory(round=round, method="ranking", limits={"ranks": 3}, options=0)
    for number, title in enumerate(TITLES, start=1):
        OptionFactory(question=question, number=number, title=title)
    RegistrationFactory.create_batch(2, forum=round.forum)
    open_round(round_id=round.pk, by=None)
    yield round, codes_of(round.forum)[0]
    clear_caches()


def touch(page, title):
    page.locator(".option").get_by_role("button", name=title).click()


def order(page):
    return page.locator(".ranked__title").all_inner_texts()


def said(page):
    return page.locator("[data-remaining]").inner_text().replace("\u00a0", " ").replace("\n", " ")


def kept():
    return Ballot.objects.get().choices["1"]


def cast(page):
    page.get_by_role("button", name="Relire mon bulletin").click()
    page.get_by_role("button", name="Déposer mon bulletin").click()
    page.wait_for_url("**/vote/recu/")


def test_options_are_touched_in_order_moved_undone_and_cast(open_page, vote):
    _round, code = vote
    page = open_page(width=360)
    page.goto(f"/vote/{code}/")
    assert said(page) == "Rangs à donner : 3"
    expect(page.get_by_text("Rien n’est encore classé.")).to_be_visible()
    touch(page, "Navette rurale")
    assert said(page) == "Navette rurale : 1er choix. Rangs à donner : 2"
    touch(page, "Jardin collectif")
    assert said(page) == "Jardin collectif : 2e choix. Rangs à donner : 1"
    touch(page, TITLES[3])
    assert said(page) == f"{TITLES[3]} : 3e choix. Rangs à donner : 0"
    # No more ranks: said, and seen.
    touch(page, LONG)
    expect(page.get_by_text("Tous les rangs sont donnés")).to_be_visible()
    assert order(page) == ["Navette rurale", "Jardin collectif", TITLES[3]]
    page.get_by_role("button", name=f"Monter\u00a0: {TITLES[3]}").click()
    assert order(page) == ["Navette rurale", TITLES[3], "Jardin collectif"]
    assert said(page).startswith(f"{TITLES[3]} : 2e choix.")
    page.get_by_role("button", name="Retirer\u00a0: Navette rurale").click()
    assert order(page) == [TITLES[3], "Jardin collectif"]
    assert said(page) == "Navette rurale : retirée du classement. Rangs à donner : 1"
    page.get_by_role("button", name="Annuler le dernier geste").click()
    assert order(page) == ["Navette rurale", TITLES[3], "Jardin collectif"]
    # What was touched by mistake is taken off where it was touched.
    touch(page, "Jardin collectif")
    page.reload()
    assert order(page) == ["Navette rurale", TITLES[3]]
    page.get_by_role("button", name="Relire mon bulletin").click()
    items = page.locator("[data-review-list] li")
    expect(items).to_have_count(2)
    expect(items.first).to_contain_text("Navette rurale 1er\u00a0choix")
    expect(items.last).to_contain_text("2e\u00a0choix")
    page.get_by_role("button", name="Déposer mon bulletin").click()
    page.wait_for_url("**/vote/recu/")
    assert kept() == [number_of("Navette rurale"), number_of(TITLES[3])]
    page.get_by_role("link", name="Modifier mon bulletin").click()
    expect(page.locator(".ranked__title")).to_have_text(["Navette rurale", TITLES[3]])
    for title in order(page):
        touch(page, title)
    page.get_by_role("button", name="Relire mon bulletin").click()
    expect(page.locator("[data-review-list]")).to_contain_text("Rien de classé\u00a0: bulletin blanc")
    page.get_by_role("button", name="Déposer mon bulletin").click()
    page.wait_for_url("**/vote/recu/")
    assert kept() == []


def test_order_given_without_a_network_is_cast_once_it_is_back(open_page, vote):
    _round, code = vote
    page = open_page(width=360)
    page.goto(f"/vote/{code}/")
    touch(page, LONG)
    touch(page, "Jardin collectif")
    page.context.set_offline(True)
    page.get_by_role("button", name="Relire mon bulletin").click()
    page.get_by_role("button", name="Déposer mon bulletin").click()
    expect(page.get_by_text(AGAIN)).to_be_visible()
    assert not Ballot.objects.exists()
    page.context.set_offline(False)
    page.wait_for_url("**/vote/recu/")
    assert kept() == [number_of(LONG), number_of("Jardin collectif")]
    assert page.evaluate("Object.keys(localStorage)") == []


def test_order_is_given_by_keyboard_alone_and_keeps_the_focus(open_page, vote):
    _round, code = vote
    page = open_page()
    page.goto(f"/vote/{code}/")
    for title in ("Jardin collectif", "Navette rurale", LONG):
        page.locator(".option").get_by_role("button", name=title).focus()
        page.keyboard.press("Space")
    page.get_by_role("button", name=f"Monter\u00a0: {LONG}").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=f"Monter\u00a0: {LONG}")).to_be_focused()
    page.keyboard.press("Enter")
    # It is first: only down is left.
    expect(page.get_by_role("button", name=f"Descendre\u00a0: {LONG}")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".option").get_by_role("button", name=LONG)).to_be_focused()
    assert order(page) == ["Jardin collectif", "Navette rurale"]
    undo = page.get_by_role("button", name="Annuler le dernier geste")
    undo.focus()
    for _press in range(6):
        page.keyboard.press("Enter")
    expect(undo).to_be_hidden()
    expect(page.locator(".option__tap").first).to_be_focused()
    assert order(page) == []
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Relire mon bulletin").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-review]")).to_be_focused()
    page.get_by_role("button", name="Déposer mon bulletin").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/vote/recu/")
    assert kept() == [1]


def test_order_is_given_without_a_script_and_an_equal_rank_is_refused_in_words(open_page, vote):
    _round, code = vote
    page = open_page(width=360, javascript=False)
    page.goto(f"/vote/{code}/")
    page.get_by_label("Jardin collectif").select_option("2")
    page.get_by_label("Navette rurale").select_option("2")
    page.get_by_role("button", name="Relire mon bulletin").click()
    expect(page.get_by_role("heading", name="Rien n’est encore déposé")).to_be_visible()
    expect(page.get_by_label("Jardin collectif")).to_have_value("2")
    page.get_by_label("Navette rurale").select_option("1")
    page.get_by_role("button", name="Relire mon bulletin").click()
    expect(page.locator(".chosen li").first).to_contain_text("Navette rurale 1er\u00a0choix")
    page.get_by_role("button", name="Déposer mon bulletin").click()
    page.wait_for_url("**/vote/recu/")
    assert kept() == [number_of("Navette rurale"), number_of("Jardin collectif")]


def test_refused_ranks_keep_their_lists_where_the_fault_is_said(open_page, vote):
    """Cast by the form itself, as when its script did not load; the page that follows has one."""
    _round, code = vote
    page = open_page(width=360)
    page.route("**/js/ballot*.js", lambda route: route.abort())
    page.goto(f"/vote/{code}/")
    for title in TITLES[:2]:
        page.get_by_label(title).select_option("1")
    page.unroute("**/js/ballot*.js")
    page.get_by_role("button", name="Relire mon bulletin").click()
    expect(page.get_by_role("heading", name="Rien n’est encore déposé")).to_be_visible()
    page.get_by_label("Navette rurale").select_option("2")
    expect(page.locator("[data-remaining]")).to_have_text("Rangs à donner\u00a0: 1")
    cast(page)
    assert kept() == [number_of("Jardin collectif"), number_of("Navette rurale")]


def test_ranking_has_no_fault_and_stays_narrow(open_page, vote):
    round, code = vote
    page = open_page(width=360)
    page.goto(f"/vote/{code}/")
    for title in (LONG, "Jardin collectif", TITLES[3]):
        touch(page, title)
    for width, height in ((360, 800), (320, 256), (1280, 800)):  # 320: 1280 px at 400 %
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), width
        assert (page.evaluate(SMALL), page.evaluate(TINY)) == ([], []), width
    assert faults_of(page, [address(round)]) == []


def test_lists_of_a_refused_ranking_are_looked_over_as_they_are_read(open_page, vote):
    """The look over never shows two first choices, nor a third without a second."""
    _round, code = vote
    page = open_page(width=360)
    page.goto(f"/vote/{code}/")
    page.evaluate(
        """() => {
          const form = document.querySelector("[data-ballot]");
          for (const list of [...form.querySelectorAll("select")].slice(0, 2)) list.value = "1";
          form.submit();
        }"""
    )
    faults, look_over = (
        page.locator(".sheet .field__error"),
        page.get_by_role("button", name="Relire mon bulletin"),
    )
    expect(faults).to_have_count(2)
    look_over.click()
    expect(page.locator(".error-summary, .sheet .field__error").first).to_be_visible()
    expect(faults).to_have_count(2)
    page.locator("select").nth(1).select_option("3")
    look_over.click()
    page.get_by_role("button", name="Revenir à mes choix").wait_for()
    items = page.locator("main li").filter(has_text="choix")
    expect(items.first).to_contain_text("1er\u00a0choix")
    expect(items.nth(1)).to_contain_text("2e\u00a0choix")
    page.get_by_role("button", name="Déposer mon bulletin").click()
    page.wait_for_url("**/vote/recu/")
    assert kept() == [1, 2]
