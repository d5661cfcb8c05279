"""A decision on one proposal. `chosen` is one answer: "for", "against" or "abstention".

The limits are two fractions, each optional: the threshold that is needed, and the quorum.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from forums.models import Question
from forums.tally.outcome import QuestionOutcome
from forums.vote.methods.base import (
    Answer,
    BallotFault,
    FilledOption,
    FilledQuestion,
    Method,
    ResultRow,
    Threshold,
    field_name,
    sentence,
)
from forums.vote.methods.decision import counting
from pole.text.bilingual import LocalizedText, current_language

MAX_DENOMINATOR = 100
# What a threshold is: simple majority, two thirds, or any fraction.
TWO_THIRDS = {"threshold_numerator": 2, "threshold_denominator": 3}


class Decision(Method):
    name = counting.NAME
    label = gettext_lazy("Decide on a proposal: for, against, abstention")
    counting = counting
    min_options, takes_more = 1, False
    retains, is_by_totals = False, False

    def limit_fields(self) -> dict[str, forms.Field]:
        thresholds = [
            ("majority", gettext_lazy("A majority: more for than against")),
            ("two_thirds", gettext_lazy("Two thirds of those for and against")),
            ("other", gettext_lazy("Another fraction of those for and against")),
        ]
        fractions = {
            "threshold_numerator": gettext_lazy("Fraction needed: top number"),
            "threshold_denominator": gettext_lazy("Fraction needed: bottom number"),
            "quorum_numerator": gettext_lazy("Quorum: top number"),
            "quorum_denominator": gettext_lazy("Quorum: bottom number"),
        }
        helps = {
            "threshold_numerator": gettext_lazy("For three quarters: 3, then 4. Reaching it is enough."),
            "quorum_numerator": gettext_lazy(
                "Optional: for one third of the people on the roll, 1, then 3. Paper and blank ballots count."
            ),
        }
        return {
            "threshold": forms.ChoiceField(
                label=gettext_lazy("To be adopted"), choices=thresholds, required=False
            ),
            **{
                name: forms.IntegerField(
                    label=label,
                    min_value=1,
                    max_value=MAX_DENOMINATOR,
                    required=False,
                    help_text=helps.get(name, ""),
                )
                for name, label in fractions.items()
            },
        }

    def clean_limits(self, typed: Mapping[str, Any]) -> tuple[dict[str, int], dict[str, str]]:
        chosen = typed["threshold"] or "majority"
        wanted = {"threshold"} if chosen == "other" else set()
        wanted |= {"quorum"} if typed["quorum_numerator"] or typed["quorum_denominator"] else set()
        limits = dict(TWO_THIRDS) if chosen == "two_thirds" else {}
        faults: dict[str, str] = {}
        for fraction in sorted(wanted):
            numerator, denominator = (f"{fraction}_{part}" for part in ("numerator", "denominator"))
            limits |= {numerator: typed[numerator], denominator: typed[denominator]}
            if empty := [name for name in (numerator, denominator) if not typed[name]]:
                faults |= dict.fromkeys(empty, _("A fraction has two numbers: give both."))
            elif typed[numerator] > typed[denominator]:
                faults[numerator] = _("A fraction of people is one at most: no more than the bottom number.")
        return limits, faults

    def typed_limits(self, limits: Mapping[str, int]) -> dict[str, Any]:
        if "threshold_numerator" not in limits:
            return {**limits, "threshold": "majority"}
        if limits.items() >= TWO_THIRDS.items():
            return {**limits, "threshold": "two_thirds", **dict.fromkeys(TWO_THIRDS)}
        return {**limits, "threshold": "other"}

    def fill(self, question: Question, chosen: list[Any]) -> FilledQuestion:
        lines = [
            FilledOption(answer, field_name(question), answer.key, answer.key in chosen)
            for answer in answers()
        ]
        return FilledQuestion(question, lines, list(chosen))

    def read(self, question: Question, data: MultiValueDict[str, str]) -> FilledQuestion:
        chosen = [each for each in data.getlist(field_name(question)) if each]
        known = [each for each in counting.ANSWERS if each in chosen]
        error = next(
            (sentence(question, "fault", code=fault.code) for fault in self.faults(question, chosen)), ""
        )
        return FilledQuestion(question, self.fill(question, known).lines, known, error)

    def faults(self, question: Question, chosen: list[Any]) -> Iterator[BallotFault]:
        if set(chosen) - set(counting.ANSWERS):
            yield BallotFault("not_on_list")
        elif len(chosen) > 1:
            yield BallotFault("too_many", count=len(chosen), limit=1)

    def parse_marks(self, question: Question, marks: Sequence[str]) -> list[Any]:
        keys = {str(answer.number): answer.key for answer in answers()}
        for mark in marks:
            if mark not in keys:
                raise BallotFault("unknown", word=mark)
            if marks.count(mark) > 1:
                raise BallotFault("twice", number=int(mark))
        return [keys[mark] for mark in sorted(marks)]

    def format_marks(self, question: Question, chosen: list[Any]) -> str:
        return " ".join(str(answer.number) for answer in answers() if answer.key in chosen)

    def amounts(self, chosen: list[Any]) -> Iterable[tuple[str, int]]:
        return ((answer, 1) for answer in chosen)

    def keys(self, question: Question) -> Iterable[str]:
        return counting.ANSWERS

    def rows(self, question: Question, outcome: QuestionOutcome) -> list[ResultRow]:
        """Shares are of those for and against; abstentions have none."""
        totals = {answer: int(outcome.detail[answer] or 0) for answer in counting.ANSWERS}
        whole = totals["for"] + totals["against"]
        return [
            ResultRow(
                question=question,
                key=answer.key,
                title=answer.shown_title,
                total=totals[answer.key],
                share=None if answer.key == "abstention" else Fraction(totals[answer.key], whole or 1),
            )
            for answer in answers()
        ]

    def threshold(self, question: Question) -> Threshold:
        """A majority is more than half."""
        limits = question.limits
        share = Fraction(limits.get("threshold_numerator") or 1, limits.get("threshold_denominator") or 2)
        return Threshold(float(share), sentence(question, "threshold_mark"))


def answers() -> tuple[Answer, ...]:
    """As on the ballot, numbered from 1, in the current language."""
    titles = (
        pgettext("answer to a proposal", "For"),
        pgettext("answer to a proposal", "Against"),
        pgettext("answer to a proposal", "Abstention"),
    )
    return tuple(
        Answer(number, key, LocalizedText(title, current_language()))
        for number, (key, title) in enumerate(zip(counting.ANSWERS, titles, strict=True), start=1)
    )
