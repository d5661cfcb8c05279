"""The words and the letters of grades, in one place. Of g grades, 0 is the lowest; on paper A is the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

# From the best to the lowest, as Balinski & Laraki asked voters (Orsay, 2007: the six from "Very good" down) and as Mieux Voter does.
_WORDS: Sequence[Promise] = (
    pgettext_lazy("grade", "Excellent"),
    pgettext_lazy("grade", "Very good"),
    pgettext_lazy("grade", "Good"),
    pgettext_lazy("grade", "Fairly good"),
    pgettext_lazy("grade", "Passable"),
    pgettext_lazy("grade", "Insufficient"),
    pgettext_lazy("grade", "To be rejected"),
)
# By number of grades, which of these words they are.
_SCALES = {5: (1, 2, 3, 4, 5), 6: (1, 2, 3, 4, 5, 6), 7: (0, 1, 2, 3, 4, 5, 6)}
LETTERS = "ABCDEFG"


@dataclass(frozen=True, slots=True)
class Grade:
    """`value` is what a ballot holds, 0 for the lowest; `letter` is what is typed of a paper."""

    value: int
    letter: str
    word: str


def scale(grades: int) -> tuple[Grade, ...]:
    """The grades of a question, the best first, in the current language."""
    return tuple(
        Grade(grades - 1 - place, LETTERS[place], str(_WORDS[word]))
        for place, word in enumerate(_SCALES[grades])
    )


def grade_of(grades: int, value: int) -> Grade:
    return scale(grades)[grades - 1 - value]
