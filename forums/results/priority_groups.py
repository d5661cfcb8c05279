"""The retained priorities as they are read: question by question, numbered within each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from forums.results.report import PriorityLine, QuestionReport, RoundReport
from forums.results.sentences import vote_title
from pole.text.bilingual import LocalizedText, current_language


@dataclass(frozen=True, slots=True)
class PriorityGroup:
    """What one question retained, in its order; without `question`, what staff wrote by hand, in theirs.

    `title` is empty when the group is alone; `vote` too when there was one vote.
    """

    lines: tuple[PriorityLine, ...]
    question: QuestionReport | None
    title: LocalizedText
    vote: str

    @property
    def nothing_retained(self) -> str:
        return self.question.nothing_retained if self.question else ""

    @property
    def ties(self) -> list[str]:
        return self.question.ties if self.question else []


def priority_groups(lines: Sequence[PriorityLine], reports: Sequence[RoundReport]) -> list[PriorityGroup]:
    """Every question that retains options, even none of them; then the priorities that no vote gave.

    A priority that staff took away is missed, and so is a question all of whose priorities they took away.
    """
    found: list[tuple[tuple[PriorityLine, ...], QuestionReport | None, str]] = []
    for report in reports:
        for question in report.questions:
            own = [line for line in lines if line.question is question]
            # Those of the vote in the order that it gave, whatever the order of the working copy.
            own.sort(key=lambda line: (line.row and line.row.place) or len(lines) + len(question.rows))
            if own or question.nothing_retained:
                found.append((tuple(own), question, vote_title(report.round) if len(reports) > 1 else ""))
    if by_hand := tuple(line for line in lines if line.question is None):
        found.append((by_hand, None, ""))
    is_alone = len(found) == 1
    return [PriorityGroup(own, question, _title(question, is_alone), vote) for own, question, vote in found]


def _title(question: QuestionReport | None, is_alone: bool) -> LocalizedText:
    if is_alone:
        return LocalizedText("", current_language())
    if question is None:
        return LocalizedText(_("Other priorities"), current_language())
    return question.question.shown_title
