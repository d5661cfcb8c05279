"""The sentences of published results: figures, ties, readings, method, sums. Plain text, in the page's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from forums.models import ParticipantKind, Question, Round
from forums.tally.outcome import QuestionOutcome
from forums.vote.methods.base import plain_text, sentence
from forums.vote.methods.registry import method_of
from pole.text.bilingual import ENGLISH, current_language
from pole.text.typography import NBSP


def quote(title: str) -> str:
    return f"“{title}”" if current_language() == ENGLISH else f"«{NBSP}{title}{NBSP}»"


def join_list(parts: Sequence[str]) -> str:
    """ "A, B et C"."""
    if len(parts) < 2:
        return "".join(parts)
    return pgettext("list", "%(first)s and %(last)s") % {"first": ", ".join(parts[:-1]), "last": parts[-1]}


def option_titles(numbers: Iterable[int], titles: Mapping[int, str]) -> str:
    return join_list([quote(titles[each]) for each in numbers])


def retained_suffix(position: int | None) -> str:
    return "" if position is None else f" –{NBSP}" + _("retained")


def kind_label(code: str) -> str:
    """The label of a `ParticipantKind`; "" stands for the small kinds together."""
    return str(ParticipantKind(code).label) if code else _("Other kinds, counted together")


def chart_title(question: Question, first: str) -> str:
    """The text alternative of the chart: its question and its `first` line; a table has all the figures."""
    words = _("Bar chart of what each option got: %(question)s. First: %(first)s.")
    return words % {"question": question.shown_title, "first": first}


# --- What methods say (`templates/forums/methods/`) -----------------------------------------------------


def describe_method(round: Round, questions: Sequence[Question]) -> str:
    """The voting method in one paragraph."""
    return plain_text(
        "forums/methods/method.txt",
        round=round,
        rules=dict.fromkeys(sentence(question, "rule_of_results") for question in questions),
        shares=dict.fromkeys(sentence(question, "shares") for question in questions),
        retains=any(method_of(question).retains for question in questions),
    )


def describe_verdict(question: Question, outcome: QuestionOutcome) -> str:
    """What was decided: « Adoptée : 31 pour, 12 contre… ». "" for a method that retains options."""
    return sentence(question, "verdict", detail=outcome.detail)


def describe_ties(question: Question, outcome: QuestionOutcome, titles: Mapping[int, str]) -> list[str]:
    """A sentence for each tie in the reading that decides."""
    return [
        sentence(
            question,
            "tie",
            tie=tie,
            names=option_titles(sorted(tie.options), titles),
            kept=option_titles(tie.kept, titles),
            each=sentence(question, "total", total=int(tie.value)),
        )
        for tie in outcome.ties
        if tie.reading == outcome.reading
    ]


def describe_other_reading(question: Question, outcome: QuestionOutcome, titles: Mapping[int, str]) -> str:
    """What the other reading would have changed; "" when there is only one."""
    other = outcome.other
    if other is None:
        return ""
    entering, leaving = option_titles(other.entering, titles), option_titles(other.leaving, titles)
    return sentence(question, "other_reading", other=other, entering=entering, leaving=leaving)


# --- Notices on some votes --------------------------------------------------------------------------


def consultation_notice() -> str:
    return _(
        "This was a consultation, open to every verified account: its results do not represent the whole"
        " population."
    )


def few_ballots_notice() -> str:
    return _(
        "Fewer than 10 ballots were counted. Their list could tell who chose what: only the totals and the"
        " seal are published, neither the box nor a recount."
    )


def recount_notice() -> str:
    return _(
        "Anyone can redo the count without trusting this site: download the sealed box and the program, which"
        " needs nothing but Python, run it, and compare its seal and its figures with those published here."
    )
