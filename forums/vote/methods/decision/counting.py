"""A decision on one proposal: for, against or abstention. Adopted or not; there is nothing to rank, so no lottery.

Adopted when those for are more than those against; or, with a threshold, when they are at least that fraction of
both together. Abstentions and blank ballots are apart: they count for the quorum alone. A quorum is a fraction of the
roll that the ballots cast must reach, blank and rejected ones among them. As in Robert's Rules of Order Newly Revised
(12th ed., 2020), §44: a majority or two thirds of the votes cast, abstentions excluded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from forums.tally.box import Box, BoxError, Question
from forums.tally.checking import check_limits as check_limit_names
from forums.tally.outcome import QuestionOutcome

NAME = "decision"
ANSWERS = ("for", "against", "abstention")
FRACTIONS = ("threshold", "quorum")


def check_limits(where: str, limits: Mapping[str, int], options: int) -> None:
    """A threshold and a quorum, each optional, each by its numerator and denominator, from 0 excluded to 1."""
    if options != 1:
        raise BoxError(where, f"a decision is about one proposal, not {options}")
    names = [f"{fraction}_{part}" for fraction in FRACTIONS for part in ("numerator", "denominator")]
    check_limit_names(where, limits, required=(), optional=names)
    for fraction in FRACTIONS:
        numerator, denominator = (limits.get(f"{fraction}_{part}") for part in ("numerator", "denominator"))
        if (numerator is None) != (denominator is None) or (numerator or 0) > (denominator or 0):
            raise BoxError(where, f"the {fraction} is not a fraction")


def ballot_fault(ballot: object, known: Collection[int], limits: Mapping[str, int]) -> str:
    """A ballot is a tuple of one answer."""
    if type(ballot) is tuple and len(ballot) == 1 and ballot[0] in ANSWERS:
        return ""
    return f"it is not one of {', '.join(ANSWERS)}"


def count(question: Question, box: Box, lottery: Sequence[int]) -> QuestionOutcome:
    """All of it is in `detail`: the three numbers, `quorum_met` (None without a quorum), and `adopted`."""
    given = Counter(answer for ballot in question.ballots for answer in ballot)
    quorum_met = reaches_quorum(question.limits, cast=question.cast, on_roll=box.on_roll or 0)
    passes = reaches_threshold(question.limits, given["for"], given["against"])
    return QuestionOutcome(
        position=question.position,
        reading="most_supported",
        totals=(),
        retained=(),
        unfilled=0,
        most_supported=(),
        balanced=None,
        weights=(),
        other=None,
        ties=(),
        unsupported=(),
        ballots=len(question.ballots),
        blank=question.blank,
        rejected=question.rejected,
        detail={
            **{answer: given[answer] for answer in ANSWERS},
            "quorum_met": quorum_met,
            "adopted": passes and quorum_met is not False,
        },
    )


def reaches_threshold(limits: Mapping[str, int], in_favour: int, against: int) -> bool:
    """In whole numbers: 3·for ≥ 2·(for + against) for two thirds. Never when nobody is for or against."""
    if not in_favour + against:
        return False
    if "threshold_numerator" not in limits:
        return in_favour > against
    return limits["threshold_denominator"] * in_favour >= limits["threshold_numerator"] * (
        in_favour + against
    )


def reaches_quorum(limits: Mapping[str, int], *, cast: int, on_roll: int) -> bool | None:
    """None when there is no quorum."""
    if "quorum_numerator" not in limits:
        return None
    return limits["quorum_denominator"] * cast >= limits["quorum_numerator"] * on_roll
