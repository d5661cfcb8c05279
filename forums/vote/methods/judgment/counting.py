"""Majority judgment: each ballot gives each option one of 5 to 7 grades, and the best median grade goes first.

Source: Balinski & Laraki, "Majority Judgment: Measuring, Ranking, and Electing" (MIT Press, 2010): the majority grade and the
majority value are those of chapter 1, and chapters 12 to 14 say what sets them apart. The majority grade is the median, the lower of
the two in the middle for an even number of ballots. Of options with the same one, a median grade is removed from each, then the next
one, until they differ. Options that never do have the same counts of each grade: the lottery separates them.

Grades are whole numbers, 0 the lowest. An option that a ballot does not grade has the lowest from it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import accumulate

from forums.tally.box import Ballot, Box, BoxError, Question
from forums.tally.checking import check_limits as check_limit_names
from forums.tally.outcome import OptionTotal, QuestionOutcome
from forums.tally.ranking import rank_by_totals

NAME = "judgment"
MIN_GRADES, MAX_GRADES = 5, 7

# How many ballots give an option each grade, the lowest first.
type Counts = tuple[int, ...]


def check_limits(where: str, limits: Mapping[str, int], options: int) -> None:
    """`grades`: how many there are."""
    check_limit_names(where, limits, required={"grades"})
    if not MIN_GRADES <= limits["grades"] <= MAX_GRADES:
        raise BoxError(where, f"it has {limits['grades']} grades, not from {MIN_GRADES} to {MAX_GRADES}")


def sum_up(
    ballots: Mapping[Ballot, int], numbers: Sequence[int], limits: Mapping[str, int]
) -> tuple[Ballot, ...]:
    """What the box holds of these ballots: of each option, its number and its counts.

    `ballots` says how often each content was cast: pairs of an option and its grade.
    """
    cast = sum(ballots.values())
    given: Counter[tuple[int, int]] = Counter()
    for ballot, times in ballots.items():
        for number, grade in ballot:
            given[number, grade] += times
    rows = []
    for number in numbers:
        counts = [given[number, grade] for grade in range(limits["grades"])]
        counts[0] += cast - sum(counts)
        rows.append((number, tuple(counts)))
    return tuple(rows)


def summed(rows: Sequence[Ballot]) -> int:
    """How many ballots these rows sum up."""
    return sum(rows[0][1]) if rows else 0


def check_sums(where: str, rows: Sequence[Ballot], numbers: Sequence[int]) -> None:
    """Each option has its row, and each ballot gave it a grade."""
    if tuple(number for number, _counts in rows) != tuple(numbers):
        raise BoxError(where, "it does not have one row of counts for each option, in their order")
    for number, counts in rows:
        if sum(counts) != summed(rows):
            what = f"option {number} has {sum(counts)} grades, and option {rows[0][0]} has {summed(rows)}"
            raise BoxError(where, what)


def ballot_fault(ballot: object, known: Collection[int], limits: Mapping[str, int]) -> str:
    """A row of the box is an option and a tuple of its counts."""
    if type(ballot) is not tuple or len(ballot) != 2 or type(ballot[1]) is not tuple:
        return "it is not an option number and a tuple of counts"
    number, counts = ballot
    if type(number) is not int or number not in known:
        return f"unknown option {number!r}"
    if len(counts) != limits["grades"] or any(type(each) is not int or each < 0 for each in counts):
        return f"it does not have {limits['grades']} counts, whole numbers from 0 up"
    return ""


def count(question: Question, box: Box, lottery: Sequence[int]) -> QuestionOutcome:
    """Totals are majority grades; `ballots` are those that give at least it, and shares what part of all they are.

    `detail["profile"]` has each option's number and counts.
    """
    profile: Mapping[int, Counts] = dict(question.ballots)
    outcome = rank_by_totals(question, _strengths(profile), lottery, whole=0)
    grades = {number: median_grade(counts) for number, counts in profile.items()}
    totals = tuple(_with_grade(each, grades[each.number], profile[each.number]) for each in outcome.totals)
    ties = tuple(replace(tie, value=Fraction(grades[tie.options[0]])) for tie in outcome.ties)
    return replace(outcome, totals=totals, ties=ties, detail={"profile": question.ballots})


def _with_grade(total: OptionTotal, grade: int, counts: Counts) -> OptionTotal:
    reached = sum(counts[grade:])
    return replace(total, total=grade, ballots=reached, share=Fraction(reached, sum(counts) or 1))


def _strengths(profile: Mapping[int, Counts]) -> dict[int, int]:
    """By option, a number that is greater for a greater majority value; 0 for one that has the lowest grades only."""
    values = {number: majority_value(counts) for number, counts in profile.items()}
    order = {value: place for place, value in enumerate(sorted(set(values.values())), start=1)}
    return {number: order[values[number]] if any(counts[1:]) else 0 for number, counts in profile.items()}


def median_grade(counts: Counts) -> int:
    """The majority grade; the lowest one when there is no ballot."""
    middle = (sum(counts) - 1) // 2
    return next((grade for grade, up_to in enumerate(accumulate(counts)) if up_to > middle), 0)


def majority_value(counts: Counts) -> tuple[int, ...]:
    """What compares as the grades do when medians are removed one by one, for options with as many ballots.

    Ballots in the order of their grades are removed from the middle out, in turn on either side. So a grade changes at most
    as often as there are other grades: upwards, which is better the sooner it comes, or downwards, which is worse. Each
    change is one number, that of the ballots left when it comes: positive upwards, negative downwards.
    """
    ballots = sum(counts)
    middle, is_odd = (ballots - 1) // 2, ballots % 2
    changes = []
    for up_to in accumulate(counts[:-1]):
        if 0 < up_to <= middle:
            # The first ballot of the lower side with that grade or a lower one.
            changes.append(-(ballots - 2 * (middle - up_to + 1) + is_odd))
        elif middle < up_to < ballots:
            changes.append(ballots - 2 * (up_to - middle) + (1 - is_odd))
        else:
            changes.append(0)
    return median_grade(counts), *sorted(changes, key=abs, reverse=True)
