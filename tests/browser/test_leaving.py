"""Pages that move on by themselves never go back to what was, and never keep a visitor who leaves them."""

from __future__ import annotations

import re

import pytest
from django.db import OperationalError
from django.urls import reverse
from playwright.sync_api import expect

from enterprises.models import Import
from forums.views.vote import ballot
from forums.vote.rounds import close_round, open_round
from pole.caching.in_process import clear_caches
from tests.browser.slow import Held
from tests.browser.soon import soon
from tests.factories import (
    ImportFactory,
    ListingFactory,
    QuestionFactory,
    RegistrationFactory,
    RoundFactory,
    SectorFactory,
    UserFactory,
)
from tests.forums.vote.conftest import address, codes_of

pytestmark = pytest.mark.django_db(transaction=True)
# As Safari on iOS, which has no such event.
WITHOUT_BEFOREUNLOAD = "addEventListener('beforeunload', event => event.stopImmediatePropagation());"
SET_AHEAD = "const now = performance.now.bind(performance); ahead = 0; performance.now = () => now() + ahead;"
LOOK_AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"


@pytest.fixture
def round(transactional_db):
    """An open vote."""
    clear_caches()
    planned = RoundFactory(number=1, forum__title="Forum des rives")
    QuestionFactory(round=planned, position=1, limits={"limit": 1}, options=2)
    RegistrationFactory(forum=planned.forum)
    yield open_round(round_id=planned.pk, by=None)
    clear_caches()


@pytest.fixture
def page(open_page, sign_in):
    """The team's."""
    page = open_page()
    sign_in(page, UserFactory(is_staff=True))
    return page


def desk(round):
    return reverse("staff:round", args=[round.forum.slug, round.number])


def screen(round):
    return address(round).replace("vote/", "ecran/")


def poll(page, times=1):
    """So many answers to the screen, and what the page does of them."""
    for _ in range(times):
        with page.expect_response("**/etat.json") as answer:
            pass
        answer.value.finished()
    page.wait_for_timeout(200)


def look_again(page):
    """As when the window is looked at again, and what the page does of the answer."""
    with page.expect_response(page.url) as answer:
        page.evaluate(LOOK_AGAIN)
    answer.value.finished()
    page.wait_for_timeout(200)


def test_screen_takes_no_answer_older_than_itself_then_follows_the_next(open_page, round):
    page, shown = open_page(), []
    old = [("1", "planned"), ("60", "planned")]

    def answer(route):
        if not old:
            return route.fallback()
        age, state = old.pop(0)
        return route.fulfill(json={"state": state}, headers={"Age": age})

    page.route("**/etat.json", answer)
    page.on("request", lambda request: shown.append(request.url) if request.is_navigation_request() else None)
    page.goto(screen(round))
    expect(page.get_by_role("heading", level=1)).to_have_text("Le vote est ouvert")
    poll(page, 2)
    assert (len(shown), old) == (1, [])
    close_round(round_id=round.pk, by=None)
    expect(page.get_by_role("heading", level=1)).to_have_text("Vote fermé")
    assert len(shown) == 2


@pytest.mark.parametrize("has_beforeunload", [True, False])
def test_link_of_the_screen_is_followed_though_the_vote_closes_meanwhile(page, round, has_beforeunload):
    if not has_beforeunload:
        page.add_init_script(WITHOUT_BEFOREUNLOAD)
    page.goto(screen(round))
    slow = Held(page, f"**{desk(round)}")
    page.get_by_role("link", name="Retour au scrutin").click(no_wait_after=True)
    slow.wait()
    close_round(round_id=round.pk, by=None)
    poll(page, 2)
    slow.answer()
    expect(page.locator(".round-next")).to_be_visible()


def test_page_that_comes_slowly_is_asked_for_once(page, round):
    page.goto(screen(round))
    slow = Held(page, f"**{screen(round)}")
    close_round(round_id=round.pk, by=None)
    slow.wait()
    poll(page, 2)
    assert len(slow.routes) == 1
    slow.answer()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vote fermé")


def test_link_of_the_round_is_followed_though_the_vote_closes_meanwhile(page, round):
    page.goto(desk(round))
    # Once it leaves, nothing can be evaluated in it.
    page.evaluate(f"setInterval(() => {LOOK_AGAIN}, 500)")
    slow = Held(page, f"**{screen(round)}")
    page.get_by_role("link", name="Page pour le projecteur").first.click(no_wait_after=True)
    slow.wait()
    close_round(round_id=round.pk, by=None)
    for _ in range(2):
        with page.expect_response(f"**{desk(round)}"):
            pass
    page.wait_for_timeout(200)
    slow.answer()
    expect(page).to_have_url(re.compile(screen(round)))


def test_page_of_the_round_goes_on_by_itself_after_a_download(page, round):
    page.add_init_script(SET_AHEAD)
    page.goto(desk(round))
    with page.expect_download():
        page.get_by_role("link", name="Affiche (PDF)").click()
    close_round(round_id=round.pk, by=None)
    look_again(page)
    expect(page.get_by_role("heading", name="Le vote est ouvert")).to_be_visible()
    page.evaluate("ahead = 20_000")
    page.evaluate(LOOK_AGAIN)
    expect(page.get_by_role("heading", name="Le vote est ouvert")).to_be_hidden()


def test_link_of_a_running_import_is_followed_though_it_ends_meanwhile(page, transactional_db):
    imported = ImportFactory(state=Import.State.QUEUED)
    page.goto(reverse("staff:import_show", args=[imported.pk]))
    slow = Held(page, "**/gestion/")
    page.locator(".staff-nav a[href='/gestion/']").first.click(no_wait_after=True)
    slow.wait()
    Import.objects.update(state=Import.State.CANCELLED)
    for _ in range(2):
        with page.expect_response("**/progres/"):
            pass
    page.wait_for_timeout(200)
    slow.answer()
    page.wait_for_url("**/gestion/")


def test_link_of_an_unconfirmed_ballot_is_followed_though_it_is_confirmed_meanwhile(
    open_page, round, monkeypatch
):
    real, asked = ballot.cast_ballot, []

    def keep_and_lose_the_first(**values):
        receipt = real(**values)
        asked.append(receipt)
        if len(asked) == 1:
            raise OperationalError
        return receipt

    monkeypatch.setattr(ballot, "cast_ballot", keep_and_lose_the_first)
    page = open_page(width=360)
    page.route("**/js/ballot*.js", lambda route: route.abort())
    page.goto(f"/vote/{codes_of(round.forum)[0]}/")
    page.locator("main input[type=radio], main input[type=checkbox]").first.check()
    page.get_by_role("button", name="Relire mon bulletin").click()
    page.get_by_role("button", name="Déposer mon bulletin").click()
    expect(page.get_by_role("status")).to_have_text("Pas encore confirmé. Nouvel essai…")
    # The page itself has no link: as by the address.
    slow = Held(page, "**/forums/")
    page.evaluate("location.assign('/forums/')")
    slow.wait()
    soon(page, lambda: len(asked) > 1)
    page.wait_for_timeout(500)
    slow.answer()
    page.wait_for_url("**/forums/")


@pytest.fixture
def facets(open_page, transactional_db):
    """The directory with two boxes to tick: the page, and the boxes."""
    for name in ("Alimentation", "Culture"):
        ListingFactory(sectors=[SectorFactory(name=name, slug=name.lower())])
    page = open_page()
    # A page that was fetched ahead would come at once, where these tests want it slow.
    nothing = {"content_type": "application/speculationrules+json", "body": "{}"}
    page.route("**/anticipation.json*", lambda route: route.fulfill(**nothing))
    page.goto("/repertoire/")
    return page, page.get_by_label("Alimentation"), page.get_by_label("Culture")


def test_answer_lost_brings_no_older_choice_back(facets):
    page, food, culture = facets
    slow = Held(page, re.compile(r"/repertoire/\?"))
    food.click()
    slow.wait()
    culture.click()
    slow.wait(2)
    slow.fail()
    page.wait_for_timeout(200)
    assert len(slow.routes) == 1
    slow.answer()
    expect(page).to_have_url(re.compile("alimentation.*culture"))


def test_link_of_the_directory_is_followed_though_an_answer_is_lost(facets):
    page, food, _culture = facets
    slow = Held(page, re.compile(r"/repertoire/\?|/forums/$"))
    food.click()
    slow.wait()
    page.locator("a[href='/forums/']").first.click(no_wait_after=True)
    slow.wait(2)
    slow.fail()
    page.wait_for_timeout(200)
    slow.answer()
    page.wait_for_url("**/forums/")
