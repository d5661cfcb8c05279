"""Paper ballots on which grades are ticked or ranks are written."""

from __future__ import annotations

import re

import pytest

from forums.models import Round
from forums.printing.ballots import ballots_pdf
from tests.factories import OptionFactory, QuestionFactory, RoundFactory
from tests.forums.printing.test_sheets import sheets_of

pytestmark = pytest.mark.django_db


def ballot(method, limits, *, options=3, title="Jardin", is_large_print=False):
    round = RoundFactory()
    question = QuestionFactory(round=round, method=method, limits=limits, options=0)
    for number in range(1, options + 1):
        OptionFactory(
            question=question,
            number=number,
            title=f"Début{number} {title} fin{number}.",
            description="Un mot.",
        )
    round = Round.objects.select_related("forum").get(pk=round.pk)
    return sheets_of(ballots_pdf(round, ["ABCDE"], is_large_print=is_large_print))


@pytest.mark.parametrize("is_large_print", [False, True])
@pytest.mark.parametrize(("grades", "letters"), [(5, "ABCDE"), (6, "ABCDEF"), (7, "ABCDEFG")])
def test_judgment_says_its_words_once_and_has_a_row_of_letters_an_option(grades, letters, is_large_print):
    (sheet,) = ballot("judgment", {"grades": grades}, is_large_print=is_large_print)
    words = " ".join(sheet.split())
    for word in ("Très bien", "Assez bien", "Passable"):
        assert words.count(word) == 1
    assert ("Excellent" in words) is (grades == 7)
    assert ("À rejeter" in words) is (grades > 5)
    rows = re.findall(r"(?:[A-G]\s*){5,}", words.partition("Série")[0])
    assert ["".join(row.split()) for row in rows] == [letters] * 3
    assert "Série ABCDE" in words


@pytest.mark.parametrize("is_large_print", [False, True])
@pytest.mark.parametrize(("method", "limits"), [("judgment", {"grades": 7}), ("ranking", {"ranks": 5})])
def test_no_option_is_split_between_sheets(method, limits, is_large_print):
    sheets = ballot(method, limits, options=40, title="mot " * 28, is_large_print=is_large_print)
    assert len(sheets) > 1
    begun = [re.findall(r"Début(\d+)", sheet) for sheet in sheets]
    ended = [re.findall(r"fin(\d+)", sheet) for sheet in sheets]
    assert begun == ended
    assert sum(map(len, begun)) == 40
    if method == "judgment":
        # Each has its letters on its own sheet.
        rows = [len(re.findall(r"A\s*B\s*C\s*D\s*E\s*F\s*G", sheet)) for sheet in sheets]
        assert rows == [len(options) for options in begun]
        # And what they mean: a sheet alone can be filled in.
        assert ["À rejeter" in " ".join(sheet.split()) for sheet in sheets] == [
            bool(found) for found in begun
        ]


def test_ranking_asks_for_a_number_in_each_box():
    (sheet,) = ballot("ranking", {"ranks": 3})
    assert "écrivez 1 pour votre premier choix" in " ".join(sheet.split())
