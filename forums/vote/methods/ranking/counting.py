"""Ranking: each ballot puts options in an order of preference, and is passed on to its next one when it can do no more.

One to retain: instant run-off. At each stage, an option that has more than half of the votes of the options still in
wins; otherwise the last one goes out, and its ballots pass to the next option still in that they rank. When one is left, it wins.

Several: the single transferable vote of the Scottish Local Government Elections Order 2011 (SSI 2011 No. 399), schedule 1,
part III, whose rules on counting are those of the Order of 2007 (SSI 2007 No. 42, rules 45 to 52), one number later. By what
they are about, since the numbers moved:

- first stage: each ballot is one vote for its first choice;
- quota: valid ballots divided by the places plus one, remainder ignored, plus one; an option that reaches it is retained;
- transfer of a surplus, of all ballots of the option (weighted inclusive Gregory): each ballot passes on with the value
  "surplus × value when received ÷ votes of the option", to five decimals, the remainder ignored; one surplus a stage, the largest
  first;
- exclusion: without a surplus to pass on, the option with the fewest votes goes out, one a stage, its ballots at the value
  that they have;
- equals: the votes of the most recent stage at which they differed, then the lot, here the lottery;
- last places: when no more options are still in than there are places left, all are retained, and nothing is passed on.

Blank ballots are not valid votes for the quota: they rank nothing. An option that no ballot ranks takes no part, and is never
retained, even to fill a place; Scotland would give it the last one. Votes are whole hundred-thousandths (`UNIT`), never floats.
What truncation loses is among the votes that are not transferable, so that each stage has the same sum.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from forums.tally.box import Box, Question
from forums.tally.checking import check_limits as check_limit_names
from forums.tally.outcome import QuestionOutcome
from forums.vote.methods.ranking.result import outcome_of
from forums.vote.methods.ranking.stages import count_by_stages

NAME = "ranking"


def check_limits(where: str, limits: Mapping[str, int], options: int) -> None:
    """`ranks`: options in the order of a ballot, at most; more than there are options limits nothing."""
    check_limit_names(where, limits, required={"ranks"})


def ballot_fault(ballot: object, known: Collection[int], limits: Mapping[str, int]) -> str:
    """A ballot is a tuple of option numbers in the order of preference."""
    if type(ballot) is not tuple or not all(type(number) is int for number in ballot):
        return "it is not a tuple of option numbers"
    if not ballot:
        return "it is blank: blank ballots are counted apart"
    if len(set(ballot)) < len(ballot):
        return "its options must be different"
    if unknown := [number for number in ballot if number not in known]:
        return f"unknown option {unknown[0]}"
    ranks = limits["ranks"]
    return f"{len(ballot)} options are ranked, and {ranks} may be" if len(ballot) > ranks else ""


def possible_ballots(options: int, ranks: int) -> int:
    """How many different orders of one option or more, up to `ranks` of them, a ballot may hold."""
    total, orders = 0, 1
    for place in range(min(ranks, options)):
        orders *= options - place
        total += orders
    return total


def count(question: Question, box: Box, lottery: Sequence[int]) -> QuestionOutcome:
    """Totals are first choices, ranks those of the whole count; `detail` has the stages (`result`)."""
    return outcome_of(question, count_by_stages(question.ballots, question.to_retain, lottery))
