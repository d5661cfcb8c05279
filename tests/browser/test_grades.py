"""A judgment on a phone: one row of grades an option, taken back, left out; offline, by keyboard, without a script."""

from __future__ import annotations

import pytest
from django.utils import translation
from playwright.sync_api import expect

from forums.models import Ballot
from forums.vote.methods.judgment.grades import scale
from forums.vote.rounds import open_round
from pole.caching.in_process import clear_caches
from tests.browser.test_accessibility import faults_of
from tests.browser.test_vote import AGAIN, number_of
from tests.factories import OptionFactory, QuestionFactory, RegistrationFactory, RoundFactory
from tests.forums.vote.conftest import address, codes_of

pytestmark = pytest.mark.django_db(transaction=True)
LONG = (
    "Transformer les écoles fermées en logements de village pour que les familles restent près de chez elles"
)
TITLES = ("Jardin collectif", "Navette rurale", LONG)


@pytest.fixture
def vote(transactional_db):
    """`vote(7)`: an open round of one question with so many grades, and a code."""

    def make(grades):
        round = RoundFactory(number=1)
        question = QuestionFactory(round=round, method="judgment", limits={"grades": grades}, options=0)
        for number, title in enumerate(TITLES, start=1):
            OptionFactory(question=question, number=number, title=title)
        RegistrationFactory.create_batch(2, forum=round.forum)
        open_round(round_id=round.pk, by=None)
        return round, codes_of(round.forum)[0]

    yield make
    clear_caches()


def words(grades=7):
    """The best first."""
    with translation.override("fr"):
        return [grade.word for grade in scale(grades)]


def group(page, title):
    return page.get_by_role("group", name=title)


def grade(page, title, letter):
    group(page, title).locator(".grades__letter").get_by_text(letter, exact=True).click()


def kept():
    return Ballot.objects.get().choices["1"]


def test_options_are_graded_looked_over_cast_changed_and_left_blank(open_page, vote):
    _round, code = vote(7)
    page = open_page(width=360)
    page.goto(f"/vote/{code}/")
    left = page.locator("[data-remaining]")
    expect(left).to_have_text("Options sans mention\u00a0: 3")
    grade(page, "Jardin collectif", "B")
    expect(left).to_have_text("Options sans mention\u00a0: 2")
    # The word of what was chosen is seen: there is no room for the others.
    best, second, *_others, lowest = words()
    seen = {
        word: group(page, "Jardin collectif").get_by_text(word, exact=True).bounding_box() for word in words()
    }
    assert [word for word, box in seen.items() if box["width"] > 1] == [second]
    grade(page, "Navette rurale", "G")
    grade(page, "Jardin collectif", "A")
    page.reload()
    expect(page.get_by_role("radio", name=best, checked=True)).to_have_count(1)
    page.get_by_role("button", name="Relire mon bulletin").click()
    graded, rest = page.locator("[data-review-list] ul").all()
    expect(graded).to_contain_text(f"Jardin collectif {best}")
    expect(graded).to_contain_text(f"Navette rurale {lowest}")
    expect(rest).to_contain_text(LONG)
    expect(page.get_by_text(f"Sans mention, donc comptées comme «\u00a0{lowest}\u00a0»")).to_be_visible()
    page.get_by_role("button", name="Déposer mon bulletin").click()
    page.wait_for_url("**/vote/recu/")
    expected = sorted([[number_of("Jardin collectif"), 6], [number_of("Navette rurale"), 0]])
    assert kept() == expected
    page.get_by_role("link", name="Modifier mon bulletin").click()
    expect(page.get_by_role("radio", name=best, checked=True)).to_have_count(1)
    # Both answers are taken back: nothing is graded any more.
    for title in TITLES[:2]:
        group(page, title).get_by_text("Sans mention").click()
    expect(left).to_have_text("Options sans mention\u00a0: 3")
    page.get_by_role("button", name="Relire mon bulletin").click()
    expect(page.locator("[data-review-list]")).to_contain_text("Aucune mention donnée\u00a0: bulletin blanc")
    page.get_by_role("button", name="Déposer mon bulletin").click()
    page.wait_for_url("**/vote/recu/")
    assert kept() == []


def test_grades_given_without_a_network_are_cast_once_it_is_back(open_page, vote):
    _round, code = vote(5)
    page = open_page(width=360)
    page.goto(f"/vote/{code}/")
    grade(page, "Navette rurale", "A")
    page.context.set_offline(True)
    page.get_by_role("button", name="Relire mon bulletin").click()
    page.get_by_role("button", name="Déposer mon bulletin").click()
    expect(page.get_by_text(AGAIN)).to_be_visible()
    assert not Ballot.objects.exists()
    page.context.set_offline(False)
    page.wait_for_url("**/vote/recu/")
    assert kept() == [[number_of("Navette rurale"), 4]]
    assert page.evaluate("Object.keys(localStorage)") == []


def test_grades_are_given_by_keyboard_alone(open_page, vote):
    _round, code = vote(6)
    page = open_page()
    page.goto(f"/vote/{code}/")
    page.get_by_role("group", name="Jardin collectif").get_by_role("radio", checked=True).focus()
    # From “no grade”, the last of its group, to the best one, then the next.
    for _press in range(2):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name=words(6)[1], checked=True)).to_have_count(1)
    assert (
        page.evaluate("getComputedStyle(document.activeElement.nextElementSibling).outlineStyle") == "solid"
    )
    page.get_by_role("button", name="Relire mon bulletin").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-review]")).to_be_focused()
    page.get_by_role("button", name="Déposer mon bulletin").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/vote/recu/")
    assert kept() == [[number_of("Jardin collectif"), 4]]


def test_grades_are_given_without_a_script(open_page, vote):
    _round, code = vote(7)
    page = open_page(width=360, javascript=False)
    page.goto(f"/vote/{code}/")
    grade(page, "Jardin collectif", "C")
    page.get_by_role("button", name="Relire mon bulletin").click()
    expect(page.get_by_text(words()[2], exact=True)).to_be_visible()
    expect(page.locator(".chosen--rest li")).to_have_count(2)
    page.get_by_role("button", name="Revenir à mes choix").click()
    expect(page.get_by_role("radio", name=words()[2], checked=True)).to_have_count(1)
    page.get_by_role("button", name="Relire mon bulletin").click()
    page.get_by_role("button", name="Déposer mon bulletin").click()
    page.wait_for_url("**/vote/recu/")
    assert kept() == [[number_of("Jardin collectif"), 4]]


ROWS = """[...document.querySelectorAll(".grades")].map((grades) =>
  new Set([...grades.querySelectorAll("label")].map((label) => Math.round(label.getBoundingClientRect().top))).size)"""
SMALL = """[...document.querySelectorAll("main :is(label, button, summary)")].filter((e) => e.checkVisibility())
  .filter((e) => { const box = e.getBoundingClientRect(); return box.height < 44 || box.width < 44; }).map((e) => e.outerHTML.slice(0, 90))"""
TINY = """[...document.querySelectorAll("main :is(p, label, legend, summary, button, span, li)")]
  .filter((e) => e.checkVisibility() && parseFloat(getComputedStyle(e).fontSize) < 20).map((e) => e.outerHTML.slice(0, 90))"""


@pytest.mark.parametrize("grades", [5, 6, 7])
def test_grades_are_one_row_on_a_phone_and_wide_enough_for_a_thumb(open_page, vote, grades):
    round, code = vote(grades)
    page = open_page(width=360)
    page.goto(f"/vote/{code}/")
    grade(page, LONG, "E")
    for width in (360, 390, 768, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(ROWS) == [1, 1, 1], width
        assert (page.evaluate(SMALL), page.evaluate(TINY)) == ([], []), width
    page.set_viewport_size({"width": 320, "height": 256})  # 1280 px at 400 %
    assert page.evaluate(ROWS) == [1 if grades < 7 else 2] * 3
    assert (page.evaluate(SMALL), page.evaluate(TINY)) == ([], [])
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert faults_of(page, [address(round)]) == []


OWN = """(radio) => {
  radio.scrollIntoView({ block: "center" });
  const { left, top, width, height } = radio.getBoundingClientRect();
  const pressed = document.elementFromPoint(left + width / 2, top + height / 2);
  return pressed === radio || pressed.closest("label")?.control === radio;
}"""


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_pressing_where_a_grade_is_said_gives_that_one(open_page, vote, width):
    """VoiceOver presses the middle of what it says: five radios in one place would all give the first grade."""
    _round, code = vote(7)
    page = open_page(width=width)
    page.goto(f"/vote/{code}/")
    radios = page.get_by_role("radio").all()
    assert len(radios) == len(TITLES) * 8
    assert [each.get_attribute("id") for each in radios if not each.evaluate(OWN)] == []
