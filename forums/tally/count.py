"""From a box, the whole result. Nothing else is read: no database, no clock, no chance.

Each question is counted by its method (`forums.vote.methods`), with the lottery that separates equals (`ties`).
"""

from __future__ import annotations

from forums.tally import ties
from forums.tally.box import Box, Question
from forums.tally.outcome import Outcome, QuestionOutcome


def count(box: Box) -> Outcome:
    """The only result that this box has."""
    return Outcome(box.reading, tuple(_count_question(box, question) for question in box.questions))


def _count_question(box: Box, question: Question) -> QuestionOutcome:
    digest = ties.ballots_digest(question.ballots)
    lottery = ties.lottery(
        ties.seed_of_draw(box.seed, box.tellers_part), digest, question.position, question.numbers
    )
    return question.method.count(question, box, lottery)
