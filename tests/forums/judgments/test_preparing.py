"""What a judgment needs, as staff give it."""

from __future__ import annotations

import pytest

from forums.models import Question
from forums.tally.box import BoxError
from forums.vote.methods.judgment.grades import scale
from forums.vote.methods.registry import METHODS
from forums.vote.rounds import open_round
from tests.factories import ForumFactory
from tests.forums.judgments.conftest import text
from tests.forums.rounds.test_preparing import form, new, question

pytestmark = pytest.mark.django_db

# Primaire populaire, 2022; Orsay, 2007; Mieux Voter. From the best to the lowest.
WORDS = {
    5: ["Très bien", "Bien", "Assez bien", "Passable", "Insuffisant"],
    6: ["Très bien", "Bien", "Assez bien", "Passable", "Insuffisant", "À rejeter"],
    7: ["Excellent", "Très bien", "Bien", "Assez bien", "Passable", "Insuffisant", "À rejeter"],
}


@pytest.mark.parametrize("grades", WORDS)
def test_grades_have_established_words_and_letters_from_a(grades):
    found = scale(grades)
    assert [each.word for each in found] == WORDS[grades]
    assert "".join(each.letter for each in found) == "ABCDEFG"[:grades]
    assert [each.value for each in found] == list(reversed(range(grades)))


@pytest.mark.parametrize("grades", WORDS)
def test_limits_are_what_was_chosen_and_are_chosen_again(staff_client, grades):
    asked = question(method="judgment", limit="", grades=grades, options="Jardin\nNavette")
    page = text(staff_client.get(new(forum := ForumFactory())))
    assert ", ".join(WORDS[grades]) in page
    assert staff_client.post(new(forum), form(asked)).status_code == 302
    limits = Question.objects.get().limits
    assert limits == {"grades": grades}
    METHODS["judgment"].counting.check_limits("question", limits, 2)
    assert METHODS["judgment"].typed_limits(limits) == limits


@pytest.mark.parametrize("grades", ["", "4", "8", "x", "-1"])
def test_grades_that_are_none_are_refused_in_words(staff_client, grades):
    asked = question(method="judgment", limit="", grades=grades, options="Jardin\nNavette")
    response = staff_client.post(new(ForumFactory()), form(asked))
    if not grades:
        assert "Choisissez les mentions que l’on peut donner." in text(response)
    assert not Question.objects.exists()


@pytest.mark.parametrize("grades", ["", "x", "9"])
def test_grades_of_another_method_are_no_fault(staff_client, grades):
    assert staff_client.post(new(ForumFactory()), form(question(grades=grades))).status_code == 302
    assert Question.objects.get().limits == {"limit": 2}


@pytest.mark.parametrize(
    "limits", [{}, {"grades": 4}, {"grades": 8}, {"grades": 5, "limit": 1}, {"limit": 3}]
)
def test_opening_refuses_limits_that_are_none(planned, limits):
    round = planned()
    round.questions.update(limits=limits)
    with pytest.raises(BoxError):
        open_round(round_id=round.pk, by=None)
    round.refresh_from_db()
    assert round.opened_at is None
