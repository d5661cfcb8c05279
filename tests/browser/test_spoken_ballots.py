"""Ballots of grades and of ranks as a screen reader says them; as `test_spoken.py`, which says how transcripts are kept."""

from __future__ import annotations

import secrets

import pytest

from pole.caching.in_process import clear_caches
from tests.browser.test_grades import grade
from tests.browser.test_spoken import compare, reader  # noqa: F401 - a fixture
from tests.factories import OptionFactory, QuestionFactory, RegistrationFactory, RoundFactory
from tests.forums.vote.conftest import codes_of

pytestmark = pytest.mark.django_db(transaction=True)
RANKING, JUDGMENT = ("ranking", {"ranks": 2}), ("judgment", {"grades": 5})


@pytest.fixture
def vote(transactional_db):
    """`vote(method, limits)`: the code of an open round of one question."""
    from forums.vote.rounds import open_round

    def make(method, limits):
        round = RoundFactory(number=1, forum__title="Forum des rives", forum__slug="rives")
        question = QuestionFactory(
            round=round, position=1, title="Que retenir ici?", method=method, limits=limits, options=0
        )
        for number, title in enumerate(("Un atelier partagé", "Une cuisine", "Un marché"), start=1):
            OptionFactory(question=question, number=number, title=title)
        RegistrationFactory(forum=round.forum, name="Lou Petit")
        with pytest.MonkeyPatch.context() as patch:
            # Their order is drawn by lot.
            patch.setattr(secrets.SystemRandom, "shuffle", lambda _self, _options: None)
            open_round(round_id=round.pk, by=None)
        return codes_of(round.forum)[0]

    yield make
    clear_caches()


def test_11_judgment(open_page, vote, reader):  # noqa: F811 - the fixture
    page = open_page(width=360)
    page.goto(f"/vote/{vote(*JUDGMENT)}/")
    reader.say(page, "Ouvrir le bulletin")
    grade(page, "Une cuisine", "B")
    reader.say(page, "Donner une mention")
    page.get_by_role("button", name="Relire mon bulletin").click()
    reader.say(page, "Relire")
    compare(reader)


def test_12_ranking(open_page, vote, reader):  # noqa: F811 - the fixture
    page = open_page(width=360)
    page.goto(f"/vote/{vote(*RANKING)}/")
    reader.say(page, "Ouvrir le bulletin")
    for title in ("Une cuisine", "Un marché"):
        page.locator(".option").get_by_role("button", name=title).click()
    reader.say(page, "Classer deux options")
    page.get_by_role("button", name="Monter\u00a0: Un marché").click()
    reader.say(page, "Monter la deuxième")
    page.get_by_role("button", name="Relire mon bulletin").click()
    reader.say(page, "Relire")
    compare(reader)
