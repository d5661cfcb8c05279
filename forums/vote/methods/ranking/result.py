"""A finished count as an outcome: ranks, ties, and the stages as plain values.

`detail` of the outcome has

- `quota`: votes that retain an option, None with one place, where `needed` changes with the stages;
- `stages`: one mapping for each, in order. `kind` is "first" (first choices), "surplus" or "exclusion"; `option`, whose votes it
  passes on, None for the first. `votes` has those of every option of the question, by ascending number, at the end of the stage;
  `not_transferable`, those that no option has any more, what truncation lost among them. `needed` retains an option. `elected`
  are the options retained at that stage, in order; `fills`, that no more were still in than places were left. `equals` had
  the same votes as `option`, itself among them, or is empty; `settled_by` is then the stage, from 1, at which they differed, 0
  for the lottery, and None without equals.

All votes are whole hundred-thousandths.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import groupby
from typing import Any

from forums.tally.box import Question
from forums.tally.outcome import UNIT, OptionTotal, QuestionOutcome, Tie
from forums.vote.methods.ranking.stages import Count, Stage


def outcome_of(question: Question, count: Count) -> QuestionOutcome:
    retained = tuple(count.elected)
    return QuestionOutcome(
        position=question.position,
        reading="most_supported",
        totals=tuple(_totals(question, count)),
        retained=retained,
        unfilled=question.to_retain - len(retained),
        most_supported=retained,
        balanced=None,
        weights=(),
        other=None,
        ties=tuple(_ties(count)),
        unsupported=tuple(number for number in question.numbers if number not in count.options),
        ballots=len(question.ballots),
        blank=question.blank,
        rejected=question.rejected,
        detail={
            "quota": count.stages[0].needed if question.to_retain > 1 else None,
            "stages": tuple(_as_plain(question, count, stage) for stage in count.stages),
        },
    )


def _totals(question: Question, count: Count) -> Iterator[OptionTotal]:
    """Retained options in their order; those still in at the end, by their votes; those excluded, the last one first."""
    first = count.stages[0].votes
    place = 1
    for equals in _by_rank(question, count):
        for number in equals:
            total = first.get(number, 0)
            yield OptionTotal(number, total // UNIT, place, Fraction(total // UNIT, question.valid or 1))
        place += len(equals)


def _by_rank(question: Question, count: Count) -> Iterator[tuple[int, ...]]:
    yield from _elected_together(count)
    left = [option for option in count.options if option in count.continuing]
    for _strength, equals in groupby(sorted(left, key=count.strength, reverse=True), key=count.strength):
        yield tuple(equals)
    for option in reversed(count.excluded):
        yield (option,)
    if unranked := tuple(number for number in question.numbers if number not in count.options):
        yield unranked


def _elected_together(count: Count) -> Iterator[tuple[int, ...]]:
    """The retained in order; those of one stage that had the same votes at all stages together."""
    for place, stage in enumerate(count.stages, start=1):
        history = [each.votes for each in count.stages[:place]]
        for _votes, equals in groupby(stage.elected, key=lambda option: [votes[option] for votes in history]):
            yield tuple(equals)


def _ties(count: Count) -> Iterator[Tie]:
    """Those that the lottery separated, in the order of the stages."""
    place = 1
    equals_elected = {equals[0]: equals for equals in _elected_together(count) if len(equals) > 1}
    for number, stage in enumerate(count.stages, start=1):
        if stage.choice and stage.choice.drawn:
            yield _tie_of_stage(count, number, stage)
        for option in stage.elected:
            if equals := equals_elected.get(option):
                yield Tie(
                    "most_supported", place, equals, Fraction(stage.votes[option], UNIT), equals, "order"
                )
            place += 1


def _tie_of_stage(count: Count, number: int, stage: Stage) -> Tie:
    choice = stage.choice
    assert choice  # noqa: S101 - asked by the caller
    value = Fraction(count.stages[number - 2].votes[choice.option], UNIT)
    if stage.kind == "surplus":
        return Tie("most_supported", number, choice.drawn, value, (choice.option,), "surplus")
    kept = tuple(option for option in choice.drawn if option != choice.option)
    return Tie("most_supported", number, choice.drawn, value, kept, "excluded")


def _as_plain(question: Question, count: Count, stage: Stage) -> dict[str, Any]:
    choice = stage.choice
    return {
        "kind": stage.kind,
        "option": choice.option if choice else None,
        "votes": tuple(stage.votes.get(number, 0) for number in question.numbers),
        "not_transferable": count.valid * UNIT - sum(stage.votes.values()),
        "needed": stage.needed,
        "elected": stage.elected,
        "fills": stage.fills,
        "equals": choice.equals if choice else (),
        "settled_by": choice.stage if choice and choice.equals else None,
    }
