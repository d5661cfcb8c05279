"""Without a network: the receipt that one kept, and pages that say so and keep what was typed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Error, expect

from forums.vote.rounds import annul_round, close_round, open_round
from tests.browser.soon import soon
from tests.browser.test_vote import cast_first, stored, vote  # noqa: F401 - a fixture
from tests.factories import ForumFactory, QuestionFactory, RegistrationFactory, RoundFactory, UserFactory
from tests.forums.vote.conftest import codes_of

pytestmark = pytest.mark.django_db(transaction=True)
HELD = """async () => {
  const names = await caches.keys();
  const texts = [];
  for (const name of names) for (const request of await (await caches.open(name)).keys()) {
    texts.push(await (await caches.match(request)).text());
  }
  return { names, text: texts.join("\\n"), workers: (await navigator.serviceWorker.getRegistrations()).map((each) => each.scope) };
}"""
NOTHING = {"names": [], "text": "", "workers": []}


def assert_forgotten(page):
    """Soon: the page is shown first."""
    soon(page, lambda: page.evaluate(HELD), NOTHING)


def voted(page, code):
    page.goto(f"/vote/{code}/")
    cast_first(page)
    page.wait_for_url("**/vote/recu/")
    return page.locator("[data-receipt]").inner_text()


def kept(page, code):
    receipt = voted(page, code)
    page.get_by_role("button", name="Garder ce reçu").click()
    expect(page.locator("[data-kept-receipt] [data-status]")).to_contain_text("Reçu gardé")
    page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    return receipt


def test_receipt_that_was_kept_opens_without_a_network_and_can_be_forgotten(open_page, vote):  # noqa: F811
    _round, codes = vote
    page = open_page(width=360)
    receipt = kept(page, codes[0])
    address = page.url
    page.context.set_offline(True)
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre reçu")
    expect(page.locator(".receipt__code")).to_have_text(receipt)
    expect(page.get_by_text("Pas de réseau")).to_be_visible()
    # The common one, the colours, that of the vote.
    assert page.evaluate("document.styleSheets.length") >= 3
    page.get_by_role("button", name="Oublier ce reçu").click()
    expect(page.get_by_role("status")).to_have_text("Cet appareil a oublié le reçu.")
    with pytest.raises(Error):
        page.goto(address)
    page.context.set_offline(False)
    page.goto(address)
    assert page.evaluate(HELD) == NOTHING


def test_nothing_is_kept_that_was_not_asked_for_nor_any_choice(open_page, vote):  # noqa: F811
    _round, codes = vote
    page = open_page()
    voted(page, codes[0])
    assert page.evaluate(HELD) == NOTHING
    page.get_by_role("button", name="Garder ce reçu").click()
    expect(page.get_by_role("button", name="Oublier ce reçu")).to_be_visible()
    held = page.evaluate(HELD)
    for unsaid in ("Une cuisine", "csrfmiddlewaretoken", codes[0]):
        assert unsaid not in held["text"]
    assert held["workers"] == [page.url]


def test_newer_ballot_replaces_the_receipt_that_is_kept(open_page, vote):  # noqa: F811
    _round, codes = vote
    page = open_page()
    first = kept(page, codes[0])
    page.get_by_role("link", name="Modifier mon bulletin").click()
    page.get_by_role("button", name="Relire mon bulletin").click()
    page.get_by_role("button", name="Déposer mon bulletin").click()
    page.wait_for_url("**/vote/recu/")
    second = page.locator("[data-receipt]").inner_text()
    expect(page.get_by_role("button", name="Oublier ce reçu")).to_be_visible()
    held = page.evaluate(HELD)["text"]
    assert (first in held, second in held) == (False, True)


@pytest.mark.parametrize("how", ["next voter", "finish"])
def test_shared_device_shows_nobody_the_receipt_of_who_left(open_page, vote, how):  # noqa: F811
    _round, codes = vote
    page = open_page()
    receipt = kept(page, codes[0])
    address = page.url
    if how == "finish":
        page.get_by_role("button", name="Terminer et effacer").click()
        page.wait_for_url("**/vote/?termine")
        assert page.evaluate(HELD) == NOTHING
    voted(page, codes[1])
    expect(page.get_by_role("button", name="Garder ce reçu")).to_be_visible()
    assert receipt not in page.evaluate(HELD)["text"]
    page.context.set_offline(True)
    with pytest.raises(Error):
        page.goto(address)


@pytest.mark.parametrize("left", ["with cookies", "without"])
@pytest.mark.parametrize("comes_by", ["code", "another vote"])
def test_ballot_of_the_next_voter_is_enough_for_what_is_kept_to_go(open_page, vote, left, comes_by):  # noqa: F811
    round, codes = vote
    page = open_page()
    kept(page, codes[0])
    address = page.url
    if left == "without":
        page.context.clear_cookies()
    # Whoever looks now is nobody in particular: what is kept may be theirs.
    page.goto("/vote/?termine")
    expect(page.get_by_text("Un reçu est gardé sur cet appareil")).to_be_visible()
    if comes_by == "code":
        page.goto(f"/vote/{codes[1]}/")
    else:
        another_round = RoundFactory(number=1, forum__title="Forum du fleuve")
        QuestionFactory(round=another_round, position=1, title="Que faire?")
        RegistrationFactory(forum=another_round.forum)
        open_round(round_id=another_round.pk, by=None)
        page.goto(f"/vote/{codes_of(another_round.forum)[0]}/")
    expect(page.get_by_role("button", name="Relire mon bulletin")).to_be_visible()
    assert_forgotten(page)
    page.context.set_offline(True)
    with pytest.raises(Error):
        page.goto(address)


def test_own_receipt_stays_while_one_looks_at_the_ballot_again(open_page, vote):  # noqa: F811
    _round, codes = vote
    page = open_page()
    receipt = kept(page, codes[0])
    page.get_by_role("link", name="Modifier mon bulletin").click()
    expect(page.get_by_text("Un reçu est gardé sur cet appareil")).to_be_visible()
    assert receipt in page.evaluate(HELD)["text"]


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_withdrawn_ballot_takes_its_kept_receipt_away(open_page, vote, prefix):  # noqa: F811
    _round, codes = vote
    page = open_page()
    kept(page, codes[0])
    if prefix:
        page.get_by_role("link", name="English").click()
    page.locator(".withdraw summary").click()
    page.locator(".withdraw button").click()
    page.wait_for_url("**?retire")
    assert_forgotten(page)


@pytest.mark.parametrize("state", ["closed", "annulled"])
def test_kept_receipt_can_be_forgotten_once_the_vote_is_over(open_page, vote, state):  # noqa: F811
    round, codes = vote
    page = open_page(width=360)
    receipt = kept(page, codes[0])
    address = page.url
    if state == "closed":
        close_round(round_id=round.pk, by=None)
    else:
        annul_round(round_id=round.pk, reason="Une panne", by=None)
    page.goto(address)
    expect(page.get_by_text("Un reçu est gardé sur cet appareil")).to_be_visible()
    assert receipt in page.evaluate(HELD)["text"]
    page.get_by_role("button", name="Oublier ce reçu").click()
    expect(page.get_by_text("Cet appareil a oublié le reçu.")).to_be_visible()
    expect(page.get_by_text("Un reçu est gardé sur cet appareil")).to_be_hidden()
    assert page.evaluate(HELD) == NOTHING


def test_signing_out_leaves_neither_receipt_nor_choices(open_page, vote, sign_in):  # noqa: F811
    _round, codes = vote
    page = open_page()
    kept(page, codes[0])
    sign_in(page, UserFactory())
    page.goto("/")
    page.evaluate("localStorage.setItem('vote:1:abc', JSON.stringify({ typed: [['q1', '2']] }))")
    page.get_by_role("button", name="Mon compte").click()
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("link", name="Se connecter").first).to_be_visible()
    assert page.evaluate(HELD) == NOTHING
    assert stored(page) == []


def test_page_says_that_the_network_is_away_and_keeps_what_was_typed(open_page, live_server):
    page = open_page(width=360)
    ForumFactory(slug="f")
    page.goto("/recherche/")
    notice = page.locator("[data-offline]")
    expect(notice).to_be_empty()
    page.context.set_offline(True)
    expect(notice).to_contain_text("Pas de réseau")
    field = page.get_by_label("Mots à chercher").first
    field.fill("jardin")
    field.press("Enter")
    said = page.locator("[data-unsent][role=status]").first
    expect(page.get_by_text("Rien n’a été envoyé")).to_be_visible()
    expect(said).to_be_in_viewport()
    expect(field).to_have_value("jardin")
    page.context.set_offline(False)
    expect(notice).to_be_empty()
    expect(page.get_by_text("Rien n’a été envoyé")).to_have_count(0)
    field.press("Enter")
    page.wait_for_url("**?q=jardin")
