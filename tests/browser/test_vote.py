"""Voting on a phone: by code, changed, verified; with the network lost in the middle; by keyboard alone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from pole.caching.in_process import clear_caches
from tests.browser.slow import Held
from tests.factories import OptionFactory, QuestionFactory, RegistrationFactory, RoundFactory
from tests.forums.vote.conftest import address, codes_of

pytestmark = pytest.mark.django_db(transaction=True)
AGAIN = "Pas encore confirmé. Nouvel essai…"


@pytest.fixture
def vote(transactional_db):
    """An open round of two questions and two codes; forgotten by the process, whose rows are taken back."""
    from forums.vote.rounds import open_round

    round = RoundFactory(number=1, forum__title="Forum des rives")
    first = QuestionFactory(round=round, position=1, title="Que retenir ici?", limits={"limit": 2}, options=0)
    for number, title in enumerate(("Un atelier partagé", "Une cuisine", "Un marché"), start=1):
        OptionFactory(question=first, number=number, title=title)
    points = {"method": "points", "limits": {"points": 5, "points_each": 3}}
    QuestionFactory(round=round, position=2, title="Et partout?", options=3, **points)
    RegistrationFactory.create_batch(2, forum=round.forum)
    open_round(round_id=round.pk, by=None)
    yield round, codes_of(round.forum)
    clear_caches()


def cast_blank(round, times):
    """So many blank ballots of people who come late: of fewer than three in all, no total is kept."""
    from forums.models import RollEntry
    from forums.vote import casting, roll

    for person in RegistrationFactory.create_batch(times, forum=round.forum):
        roll.add_latecomers(forum_id=round.forum_id, registration=person)
        entry = RollEntry.objects.get(registration=person)
        casting.cast_ballot(round=round, entry_id=entry.pk, choices={}, idempotency_key="blanc")


def kept():
    from forums.models import Ballot

    return [ballot.choices for ballot in Ballot.objects.filter(is_withdrawn=False)]


def number_of(title):
    from forums.models import Option

    return Option.objects.get(title=title).number


def stored(page):
    return page.evaluate("Object.keys(localStorage)")


def cast_first(page):
    page.get_by_label("Une cuisine").check()
    page.get_by_role("button", name="Relire mon bulletin").click()
    expect(page.get_by_role("heading", name="Ce que vous allez déposer")).to_be_visible()
    page.get_by_role("button", name="Déposer mon bulletin").click()


def test_voter_votes_by_code_changes_the_ballot_and_verifies_the_receipt(open_page, vote):
    _round, codes = vote
    page = open_page(width=360)
    page.goto("/vote/")
    page.get_by_label("Code de vote").fill(codes[0].lower())
    page.get_by_role("button", name="Ouvrir mon bulletin").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre bulletin")
    assert codes[0] not in page.url
    left = page.locator("[data-remaining]").first
    expect(left).to_have_text("Choix restants\u00a0: 2")
    cast_first(page)
    page.wait_for_url("**/vote/recu/")
    first = page.locator("[data-receipt]").inner_text()
    assert stored(page) == []
    page.get_by_role("link", name="Modifier mon bulletin").click()
    expect(page.get_by_label("Une cuisine")).to_be_checked()
    page.get_by_label("Un marché").check()
    expect(left).to_have_text("Choix restants\u00a0: 0")
    page.get_by_role("button", name="Relire mon bulletin").click()
    page.get_by_role("button", name="Déposer mon bulletin").click()
    page.wait_for_url("**/vote/recu/")
    second = page.locator("[data-receipt]").inner_text()
    assert first != second
    assert kept() == [{"1": sorted([number_of("Une cuisine"), number_of("Un marché")]), "2": []}]
    page.get_by_role("button", name="Vérifier mon reçu").click()
    expect(page.get_by_role("heading", name="Enregistré")).to_be_visible()
    page.get_by_label("Reçu", exact=True).fill(first)
    page.get_by_role("button", name="Vérifier", exact=True).click()
    expect(page.get_by_role("heading", name="Aucun bulletin n’a ce reçu")).to_be_visible()


def test_network_lost_before_the_ballot_leaves_loses_nothing(open_page, vote):
    round, codes = vote
    page = open_page(width=360)
    page.goto(f"/vote/{codes[0]}/")
    page.get_by_label("Un marché").check()
    page.reload()
    expect(page.get_by_label("Un marché")).to_be_checked()
    page.context.set_offline(True)
    page.get_by_role("button", name="Relire mon bulletin").click()
    page.get_by_role("button", name="Déposer mon bulletin").click()
    expect(page.get_by_text(AGAIN)).to_be_visible()
    expect(page.get_by_role("button", name="Revenir à mes choix")).to_be_disabled()
    assert kept() == []
    page.context.set_offline(False)
    page.wait_for_url("**/vote/recu/")
    assert kept() == [{"1": [number_of("Un marché")], "2": []}]
    assert stored(page) == []
    assert round.number == 1


def test_answer_lost_after_the_ballot_was_kept_gives_the_receipt_once_the_network_is_back(open_page, vote):
    """The ballot is in the box and the phone does not know; it is then closed and opened again."""
    round, codes = vote
    page = open_page(width=360)
    page.goto(f"/vote/{codes[0]}/")

    def keep_and_lose(route):
        route.fetch()
        route.abort()

    page.route("**/vote/depot/", keep_and_lose)
    cast_first(page)
    expect(page.get_by_text(AGAIN)).to_be_visible()
    assert kept() == [{"1": [number_of("Une cuisine")], "2": []}]
    # What the answer would have left on the phone is lost with it.
    page.context.clear_cookies(name=re.compile("^recu-"))
    page.unroute_all(behavior="wait")
    page.goto(address(round))
    page.wait_for_url("**/vote/recu/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre bulletin est déposé")
    assert len(kept()) == 1
    assert stored(page) == []


@pytest.mark.parametrize("is_kept", [True, False])
def test_vote_closed_while_the_fate_was_unknown_tells_what_became_of_the_ballot(open_page, vote, is_kept):
    """The tab was closed meanwhile: the phone asks by itself, under the same key."""
    from forums.vote.rounds import close_round

    round, codes = vote
    page = open_page(width=360)
    page.goto(f"/vote/{codes[0]}/")

    def lose(route):
        if is_kept:
            route.fetch()
        route.abort()

    page.route("**/vote/depot/", lose)
    cast_first(page)
    expect(page.get_by_text(AGAIN)).to_be_visible()
    page.context.clear_cookies(name=re.compile("^recu-"))
    close_round(round_id=round.pk, by=None)
    page.goto("about:blank")
    page.unroute_all(behavior="wait")
    page.goto(address(round))
    told = "Votre bulletin est dans l’urne." if is_kept else "Votre bulletin est arrivé trop tard"
    expect(page.get_by_text(told)).to_be_visible()
    assert (len(kept()), stored(page)) == (int(is_kept), [])


def test_vote_sealed_while_the_fate_was_unknown_says_that_nobody_can_tell(open_page, vote):
    from forums.event.open_and_seal import seal_vote
    from forums.vote.rounds import close_round

    round, codes = vote
    page = open_page(width=360)
    page.goto(f"/vote/{codes[0]}/")
    page.route("**/vote/depot/", lambda route: route.abort())
    cast_first(page)
    expect(page.get_by_text(AGAIN)).to_be_visible()
    close_round(round_id=round.pk, by=None)
    page.goto("about:blank")
    seal_vote(round_id=round.pk, by=None)
    page.goto(address(round))
    expect(page.get_by_text("personne ne peut plus vous le dire")).to_be_visible()
    assert stored(page) == []


def test_second_voter_on_the_phone_never_casts_what_the_first_was_sending(open_page, vote):
    """The page of the first is still open in another tab, and sends again by itself."""
    _round, codes = vote
    first = open_page(width=360)
    first.goto(f"/vote/{codes[0]}/")
    first.route("**/vote/depot/", lambda route: route.abort())
    cast_first(first)
    expect(first.get_by_text(AGAIN)).to_be_visible()
    second = first.context.new_page()
    second.goto(f"/vote/{codes[1]}/")
    first.unroute_all(behavior="wait")
    expect(first.get_by_role("heading", level=1)).to_have_text(
        "Cet appareil sert maintenant à une autre personne"
    )
    assert kept() == []
    second.get_by_label("Un marché").check()
    second.get_by_role("button", name="Relire mon bulletin").click()
    second.get_by_role("button", name="Déposer mon bulletin").click()
    second.wait_for_url("**/vote/recu/")
    assert kept() == [{"1": [number_of("Un marché")], "2": []}]
    # The first shows who they are, and the phone goes on.
    first.goto(f"/vote/{codes[0]}/")
    first.wait_for_url("**/vote/recu/")
    assert {"1": [number_of("Une cuisine")], "2": []} in kept()
    assert stored(first) == []


def test_ballot_of_a_tab_left_behind_does_not_replace_a_later_one(open_page, vote):
    _round, codes = vote
    behind = open_page(width=360)
    behind.goto(f"/vote/{codes[0]}/")
    later = behind.context.new_page()
    later.goto(f"/vote/{codes[0]}/")
    slow = Held(behind, "**/vote/depot/")
    for page, title in ((behind, "Une cuisine"), (later, "Un marché")):
        page.get_by_label(title).check()
        page.get_by_role("button", name="Relire mon bulletin").click()
        page.get_by_role("button", name="Déposer mon bulletin").click()
    later.wait_for_url("**/vote/recu/")
    # Its request was lost, and it asks again as soon as it may.
    slow.wait()
    slow.fail()
    behind.unroute_all(behavior="wait")
    behind.wait_for_url("**/vote/recu/")
    assert kept() == [{"1": [number_of("Un marché")], "2": []}]
    assert behind.locator("[data-receipt]").inner_text() == later.locator("[data-receipt]").inner_text()


def test_form_too_old_to_be_taken_leaves_the_phone_asking(open_page, vote):
    """Someone signs in from another tab, which changes the token of forms: the first request is in the box."""
    round, codes = vote
    page = open_page(width=360)
    page.goto(f"/vote/{codes[0]}/")

    def keep_and_lose(route):
        route.fetch()
        route.abort()

    page.route("**/vote/depot/", keep_and_lose)
    cast_first(page)
    expect(page.get_by_text(AGAIN)).to_be_visible()
    page.context.clear_cookies(name=re.compile("^(recu-|csrftoken)"))
    page.context.new_page().goto("/compte/connexion/")
    page.unroute_all(behavior="wait")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ce formulaire a expiré")
    expect(page.get_by_text("un essai précédent a pu l’être")).to_be_visible()
    page.goto(address(round))
    page.wait_for_url("**/vote/recu/")
    assert (len(kept()), stored(page)) == (1, [])


@pytest.mark.parametrize("status", [403, 502, 504])
def test_error_of_a_proxy_is_no_refusal(open_page, vote, status):
    _round, codes = vote
    page = open_page(width=360)
    page.goto(f"/vote/{codes[0]}/")
    answer = {"status": status, "content_type": "text/html", "body": "<h1>nginx</h1>"}
    page.route("**/vote/depot/", lambda route: route.fulfill(**answer))
    cast_first(page)
    expect(page.get_by_text(AGAIN)).to_be_visible()
    page.unroute_all(behavior="wait")
    page.wait_for_url("**/vote/recu/")
    assert len(kept()) == 1


@pytest.mark.parametrize("javascript", [True, False])
def test_page_of_a_database_that_is_away_sends_the_same_ballot_again(
    open_page, vote, javascript, monkeypatch
):
    """Cast by the form itself, as when its script did not load; the page that follows has one."""
    from django.db import OperationalError

    from forums.views.vote import ballot

    _round, codes = vote
    page = open_page(width=360, javascript=javascript)
    page.route("**/js/ballot*.js", lambda route: route.abort())
    page.goto(f"/vote/{codes[0]}/")
    page.get_by_label("Une cuisine").check()
    page.get_by_role("button", name="Relire mon bulletin").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ce que vous allez déposer")
    real = ballot.cast_ballot

    def keep_and_lose(**values):
        real(**values)
        raise OperationalError

    monkeypatch.setattr(ballot, "cast_ballot", keep_and_lose)
    page.get_by_role("button", name="Déposer mon bulletin").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pas encore confirmé")
    monkeypatch.setattr(ballot, "cast_ballot", real)
    if not javascript:
        page.get_by_role("button", name="Essayer de nouveau").click()
    page.wait_for_url("**/vote/recu/")
    assert kept() == [{"1": [number_of("Une cuisine")], "2": []}]


def test_page_of_a_wifi_that_wants_one_to_sign_in_is_no_acknowledgement(open_page, vote):
    _round, codes = vote
    page = open_page(width=360)
    page.goto(f"/vote/{codes[0]}/")
    page.route(
        "**/vote/depot/",
        lambda route: route.fulfill(status=200, content_type="text/html", body="<p>Wi-Fi</p>"),
    )
    cast_first(page)
    expect(page.get_by_text(AGAIN)).to_be_visible()
    page.unroute_all(behavior="wait")
    page.wait_for_url("**/vote/recu/")
    assert len(kept()) == 1


def test_ballot_that_comes_too_late_is_refused_on_the_page(open_page, vote):
    from forums.vote.rounds import close_round

    round, codes = vote
    page = open_page(width=360)
    page.goto(f"/vote/{codes[0]}/")
    close_round(round_id=round.pk, by=None)
    cast_first(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Le vote est fermé")
    expect(page.get_by_text("Votre bulletin est arrivé trop tard")).to_be_visible()
    assert (kept(), stored(page)) == ([], [])


def test_tab_left_on_a_first_vote_says_that_another_is_open_and_keeps_the_choices(open_page, vote):
    from forums.vote.rounds import close_round, open_round

    round, codes = vote
    page = open_page(width=360)
    page.goto(f"/vote/{codes[0]}/")
    close_round(round_id=round.pk, by=None)
    round.refresh_from_db()
    second = RoundFactory(
        number=2, forum=round.forum, opens_at=round.closes_at, closes_at=round.closes_at + timedelta(hours=1)
    )
    QuestionFactory(round=second, options=3)
    open_round(round_id=second.pk, by=None)
    cast_first(page)
    expect(page.get_by_text("Un autre vote est ouvert maintenant.")).to_be_visible()
    expect(page.get_by_text("Une cuisine")).to_be_visible()
    page.get_by_role("link", name="Aller au vote ouvert").click()
    page.wait_for_url(f"**{address(second)}")
    assert kept() == []


def focus(page, name, most=60):
    page.wait_for_load_state()
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()") == name:
            return
    raise AssertionError(f"{name} is not reached by keyboard")


def test_ballot_by_keyboard_alone_on_a_narrow_screen(open_page, vote):
    _round, codes = vote
    page = open_page(width=360)
    page.goto("/vote/")
    focus(page, "code")
    page.keyboard.type(codes[0])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre bulletin")
    focus(page, "q1-2")
    page.keyboard.press("Space")
    focus(page, "q2-1")
    page.keyboard.type("3")
    expect(page.locator("[data-remaining]").nth(1)).to_have_text("Points restants\u00a0: 2")
    page.keyboard.press("Enter")
    expect(page.locator("[data-review]")).to_be_focused()
    focus(page, "Déposer mon bulletin")
    page.keyboard.press("Enter")
    page.wait_for_url("**/vote/recu/")
    assert kept() == [{"1": [2], "2": [[1, 3]]}]
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_ballot_without_a_script_is_looked_over_corrected_and_cast(open_page, vote):
    _round, codes = vote
    page = open_page(width=360, javascript=False)
    page.goto(f"/vote/{codes[0]}/")
    for title in ("Un atelier partagé", "Une cuisine", "Un marché"):
        page.get_by_label(title).check()
    page.get_by_role("button", name="Relire mon bulletin").click()
    expect(page.get_by_role("alert")).to_contain_text("Vous en avez coché 3")
    page.get_by_label("Une cuisine").uncheck()
    page.get_by_role("button", name="Relire mon bulletin").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ce que vous allez déposer")
    page.get_by_role("button", name="Déposer mon bulletin").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre bulletin est déposé")
    assert len(kept()[0]["1"]) == 2


def test_shared_phone_is_left_clean(open_page, vote):
    _round, codes = vote
    page = open_page(width=360)
    page.goto(f"/vote/{codes[0]}/")
    cast_first(page)
    page.wait_for_url("**/vote/recu/")
    page.goto(f"/vote/{codes[1]}/")
    page.get_by_label("Un marché").check()
    page.get_by_role("button", name="Terminer et effacer de cet appareil").click()
    expect(page.get_by_text("Tout est effacé de cet appareil")).to_be_visible()
    assert stored(page) == []
    assert [cookie["name"] for cookie in page.context.cookies() if cookie["name"] != "csrftoken"] == []


def test_pages_of_a_vote_have_no_fault_and_stay_narrow(open_page, vote):
    from forums.event.open_and_seal import seal_vote
    from forums.vote.rounds import close_round
    from tests.browser.test_accessibility import faults_of

    round, codes = vote
    page = open_page()
    screen = address(round).replace("vote/", "ecran/")
    found = faults_of(page, ["/vote/", "/verifier/", address(round), screen, round.forum.get_absolute_url()])
    page.goto(f"/vote/{codes[0]}/")
    found += faults_of(page, [address(round)])
    page.set_viewport_size({"width": 320, "height": 256})  # 1280 px at 400 %
    page.goto(address(round))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    small = page.evaluate(
        "[...document.querySelectorAll('main label, main button, main summary')]"
        ".filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 44).map((e) => e.textContent)"
    )
    tiny = page.evaluate(
        "[...document.querySelectorAll('main :is(p, label, legend, summary, button, input)')]"
        ".filter((e) => e.checkVisibility() && parseFloat(getComputedStyle(e).fontSize) < 20).map((e) => e.outerHTML.slice(0, 80))"
    )
    assert (small, tiny) == ([], [])
    cast_first(page)
    page.wait_for_url("**/vote/recu/")
    found += faults_of(page, [address(round, "recu/"), f"{address(round)}?modifier"])
    close_round(round_id=round.pk, by=None)
    found += faults_of(page, [address(round), screen])
    page.goto("about:blank")  # the screen would load itself again meanwhile
    seal_vote(round_id=round.pk, by=None)
    found += faults_of(page, [address(round), screen])
    assert found == []


def test_screen_follows_the_vote_then_reveals_from_the_last_to_the_first(open_page, vote):
    from forums.event.open_and_seal import seal_vote
    from forums.vote.rounds import close_round

    round, codes = vote
    screen = open_page(width=1280)
    screen.goto(address(round).replace("vote/", "ecran/"))
    expect(screen.locator("[data-voted]")).to_have_text("Ont voté\u00a0: 0 sur 2")
    expect(screen.locator("[data-time]")).to_have_text(re.compile(r"Il reste (1|2) h \d\d min"))
    phone = open_page(width=360)
    phone.goto(f"/vote/{codes[0]}/")
    phone.get_by_label("Un marché").check()
    cast_first(phone)
    phone.wait_for_url("**/vote/recu/")
    expect(screen.locator("[data-voted]")).to_have_text("Ont voté\u00a0: 1 sur 2")
    cast_blank(round, 2)
    close_round(round_id=round.pk, by=None)
    expect(screen.get_by_role("heading", level=1)).to_have_text("Vote fermé")
    expect(screen.locator(".screen__committed")).to_contain_text(
        "Empreinte des reçus à la fermeture (3 reçus)"
    )
    # Nothing else changes: it is not shown anew each time that it polls.
    screen.evaluate("window.isSame = true")
    for _poll in range(2):
        with screen.expect_response("**/etat.json"):
            pass
    assert screen.evaluate("window.isSame")
    seal_vote(round_id=round.pk, by=None)
    expect(screen.get_by_role("heading", level=1)).to_have_text("Ce que nous retenons")
    screen.wait_for_load_state()
    first, second = screen.locator(".screen__priority").all()
    seal = screen.locator(".screen__seal")
    expect(second).to_be_hidden()
    screen.keyboard.press("Space")
    expect(second).to_be_visible()
    # Its rank, its title and its total, which would be one number after the title. Both have one supporter: both are first.
    expect(screen.locator("[data-said]")).to_have_text(re.compile(r"^1, \D+, \d+$"))
    tie, empty = screen.get_by_text("Égalité de 2 options"), screen.locator(".screen__result").last
    expect(tie).to_be_hidden()
    # Of the second question, which everyone left blank, nothing is to be revealed.
    expect(empty.get_by_text("faute d’appuis")).to_be_visible()
    expect(first).to_be_hidden()
    screen.mouse.click(600, 40)
    expect(first).to_be_visible()
    expect(tie).to_be_visible()
    expect(seal).to_be_hidden()
    screen.keyboard.press("ArrowRight")
    expect(seal).to_be_visible()
    expect(screen.get_by_role("button", name="Suivante")).to_be_hidden()
