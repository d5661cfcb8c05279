"""A judgment on paper: typed by numbers and letters, read differently by two people."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forums.models import PaperBallot
from forums.vote import paper_entry, paper_issue, rounds
from forums.vote.methods.base import BallotFault
from forums.vote.methods.registry import METHODS
from forums.vote.paper_entry import parse_answer
from tests.forums.judgments.conftest import question_of, text
from tests.forums.rounds.conftest import address as staff_address
from tests.forums.rounds.conftest import close, entries, serials

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        ("3A 1C", [[1, 2], [3, 4]]),
        ("3a 1c", [[1, 2], [3, 4]]),
        ("3A1C", [[1, 2], [3, 4]]),
        ("3 A 1 C", [[1, 2], [3, 4]]),
        ("3=A, 1=C", [[1, 2], [3, 4]]),
        ("3:A; 1:C", [[1, 2], [3, 4]]),
        ("3-A 1-C", [[1, 2], [3, 4]]),
        ("  1e  ", [[1, 0]]),
        # B alone is a blank ballot for every method; with a number it is a grade.
        ("2b", [[2, 3]]),
        ("2 b", [[2, 3]]),
        ("b", []),
        ("0", []),
        ("blanc", []),
    ],
)
def test_paper_is_typed_by_numbers_and_letters(round, typed, chosen):
    question = question_of(round)
    assert parse_answer(question, typed).chosen == chosen
    again = METHODS["judgment"].format_marks(question, chosen)
    assert parse_answer(question, again or "0").chosen == chosen


def test_paper_with_two_grades_for_one_option_is_rejected(round):
    question = question_of(round)
    answer = parse_answer(question, "1C 1A 2E x")
    assert (answer.chosen, answer.seen) == (None, ([1, 2], [1, 4], [2, 0]))
    assert METHODS["judgment"].format_marks(question, list(answer.seen)) == "1C 1A 2E"


@pytest.mark.parametrize(
    ("typed", "code", "words"),
    [
        ("1A 1B", "two_grades", "L’option 1 a deux mentions. Si la feuille est bien ainsi, ajoutez x"),
        ("1A 1A", "twice", "1 y figure deux fois."),
        ("1A 1A x", "twice", "1 y figure deux fois."),
        ("4A", "unknown", "« 4 » n’est pas le numéro d’une option"),
        ("4A x", "unknown", "« 4 » n’est pas le numéro d’une option"),
        ("1F", "no_such_letter", "« F » n’est pas une mention de cette question : elles vont de A à E."),
        ("1", "marks", "Tapez un numéro et une lettre, par exemple 3A : « 1 » n’est pas de cette forme."),
        ("A1", "marks", "« a1 » n’est pas de cette forme."),
        ("1AB", "marks", "« 1ab » n’est pas de cette forme."),
        ("1 2 3", "marks", "« 1 » n’est pas de cette forme."),
        ("1A 2", "marks", "« 2 » n’est pas de cette forme."),
        ("12345A", "marks", "« 12345a » n’est pas de cette forme."),
        ("1A bien", "marks", "« bien » n’est pas de cette forme."),
        ("1é", "marks", "« 1é » n’est pas de cette forme."),
        ("1=2", "marks", "« 1=2 » n’est pas de cette forme."),
        ("", "empty", "Tapez le numéro de chaque option qui a une mention, puis sa lettre"),
    ],
)
def test_marks_that_are_no_grade_are_said(staff_client, round, typed, code, words):
    with pytest.raises(BallotFault) as refused:
        parse_answer(question_of(round), typed)
    assert refused.value.code == code
    paper_issue.print_papers(round_id=round.pk, count=1)
    rounds.close_round(round_id=round.pk, by=None)
    response = staff_client.post(staff_address("paper_typing", round), {"serial": "AAAAA", "q1": typed})
    assert response.status_code == 422
    page = text(response)
    assert words in page
    assert "Tapez 3A 7C : l’option 3 a la mention A (Très bien), l’option 7 la mention C." in page
    assert "E est la plus basse (Insuffisant)." in page


@given(
    st.text(max_size=12) | st.lists(st.sampled_from("0123aAbBeEfxX =:-,;é٣３Ａ"), max_size=12).map("".join)
)
def test_whatever_is_typed_is_read_or_refused(typed):
    """Nothing else is raised, and what is read keeps the rules of a ballot."""
    question = _Question()
    try:
        answer = parse_answer(question, typed)
    except BallotFault:
        return
    if answer.chosen is not None:
        assert not list(METHODS["judgment"].faults(question, answer.chosen))
        assert answer.chosen == sorted(answer.chosen)


class _Question:
    """As much of a question as reading a line of a paper needs: no database is asked."""

    method, limits = "judgment", {"grades": 5}

    class options:  # noqa: N801 - as the manager of its options
        @staticmethod
        def all():
            return [_Option(number) for number in (1, 2, 3)]


class _Option:
    def __init__(self, number):
        self.number = number


def test_every_ballot_of_small_judgments_is_typed_again_as_it_is_shown(round):
    question = question_of(round)
    for grades in product([None, *range(5)], repeat=3):
        chosen = [[number, grade] for number, grade in enumerate(grades, start=1) if grade is not None]
        shown = METHODS["judgment"].format_marks(question, chosen)
        assert parse_answer(question, shown or "0").chosen == chosen


def test_two_readings_of_a_paper_are_shown_and_decided(staff_client, planned):
    round = planned(1)
    rounds.draw_ballot(round_id=round.pk)
    paper_issue.print_papers(round_id=round.pk, count=1)
    rounds.open_round(round_id=round.pk, by=None)
    close(round, papers_of=entries(round))
    for typist, typed in (("user:0", "1A 2C"), ("day:2", "1A 2B 2C x")):
        paper_entry.type_paper(
            round_id=round.pk,
            serial=serials(round)[0],
            answers={1: parse_answer(question_of(round), typed)},
            typist=typist,
            typist_name=typist,
        )
    paper = PaperBallot.objects.get()
    assert paper.outcome == ""
    page = text(staff_client.get(staff_address("paper_resolve", round, paper_id=paper.pk)))
    assert "1A 2C" in page
    assert "1A 2C 2B x" in page or "1A 2B 2C x" in page
    decided = {"q1": "1A 2C", "reason": "Le second trait est une tache."}
    staff_client.post(staff_address("paper_resolve", round, paper_id=paper.pk), decided)
    paper.refresh_from_db()
    assert (paper.outcome, paper.choices) == ("typed", {"1": [[1, 4], [2, 2]]})


@pytest.mark.parametrize("grade", [-1, 5, "A", None, True])
def test_a_grade_of_another_scale_is_a_fault(round, grade):
    found = list(METHODS["judgment"].faults(question_of(round), [(2, grade)]))
    assert [(each.code, each.option) for each in found] == [("not_a_grade", 2)]


@pytest.mark.parametrize("name", [name for name in METHODS if name != "ranking"])
def test_no_ballot_but_a_ranking_is_rare_enough_to_sign_for_a_buyer(round, name):
    assert METHODS[name].signature_warning(question_of(round), 30, 5) == ""
