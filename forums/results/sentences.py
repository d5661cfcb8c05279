"""The sentences of published results: figures, ties, readings, method, sums. Plain text, in the page's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from forums.models import ParticipantKind, Question, Round
from forums.tally.outcome import QuestionOutcome
from forums.vote.methods.base import plain_text, sentence
from forums.vote.methods.registry import method_of
from forums.vote.reconciliation import Reconciliation
from pole.templatetags.typography import number
from pole.text.bilingual import ENGLISH, current_language
from pole.text.typography import NBSP, one_stop


def quote(title: str) -> str:
    return f"“{title}”" if current_language() == ENGLISH else f"«{NBSP}{title}{NBSP}»"


def join_list(parts: Sequence[str]) -> str:
    """ "A, B et C"."""
    if len(parts) < 2:
        return "".join(parts)
    return pgettext("list", "%(first)s and %(last)s") % {"first": ", ".join(parts[:-1]), "last": parts[-1]}


def option_titles(numbers: Iterable[int], titles: Mapping[int, str]) -> str:
    return join_list([quote(titles[each]) for each in numbers])


def vote_title(round: Round) -> str:
    words = _("Trial vote %(number)s") if round.is_trial else _("Vote %(number)s")
    title = words % {"number": number(round.number)}
    return f"{title} – {round.shown_title}" if round.shown_title else title


def kind_label(code: str) -> str:
    """The label of a `ParticipantKind`; "" stands for the small kinds together."""
    return str(ParticipantKind(code).label) if code else _("Other kinds, counted together")


def chart_title(question: Question, first: str) -> str:
    """The text alternative of the chart: its question and its `first` line; a table has all the figures."""
    words = _("Bar chart of what each option got: %(question)s. First: %(first)s.")
    return one_stop(words % {"question": question.shown_title, "first": first})


def empty_chart_title(question: Question, words: str) -> str:
    """Without a first: among equals that nobody supported, it would be read as a winner."""
    said = _("Bar chart of what each option got: %(question)s.") % {"question": question.shown_title}
    return one_stop(f"{said} {words}")


# --- What methods say (`templates/forums/methods/`) -----------------------------------------------------


def describe_method(round: Round, questions: Sequence[Question]) -> str:
    """The voting method in one paragraph."""
    return plain_text(
        "forums/methods/method.txt",
        round=round,
        rules=dict.fromkeys(sentence(question, "rule_of_results") for question in questions),
        shares=dict.fromkeys(sentence(question, "shares") for question in questions),
        retains=any(method_of(question).retains for question in questions),
        is_by_totals=any(method_of(question).is_by_totals for question in questions),
    )


def describe_verdict(question: Question, outcome: QuestionOutcome) -> str:
    """What was decided: « Adoptée : 31 pour, 12 contre… ». "" for a method that retains options."""
    return sentence(question, "verdict", detail=outcome.detail)


def describe_nothing_retained(question: Question, outcome: QuestionOutcome) -> str:
    """That no priority is retained, and why; "" when one is, or for a method that retains none."""
    is_empty = method_of(question).retains and not outcome.retained
    return sentence(question, "nothing_retained") if is_empty else ""


def describe_ties(
    question: Question, outcome: QuestionOutcome, titles: Mapping[int, str], *, is_small: bool
) -> list[str]:
    """A sentence for each tie in the reading that decides: those that the method settled, then those of the lottery.

    Of few ballots, one sentence where a method counts by stages: who had as many votes, and when, would tell what passed on.
    """
    drawn = [tie for tie in outcome.ties if tie.reading == outcome.reading]
    if is_small and method_of(question).may_sign:
        return [sentence(question, "few_ties")] if drawn else []
    settled = [
        sentence(
            question,
            "settled_tie",
            names=option_titles(sorted(tie.options), titles),
            first=option_titles([tie.first], titles),
            **tie.values,
        )
        for tie in method_of(question).settled_ties(outcome)
    ]
    return settled + [
        sentence(
            question,
            "tie",
            tie=tie,
            names=option_titles(sorted(tie.options), titles),
            kept=option_titles(tie.kept, titles),
            each=sentence(question, "total", total=int(tie.value)),
        )
        for tie in drawn
    ]


def describe_other_reading(question: Question, outcome: QuestionOutcome, titles: Mapping[int, str]) -> str:
    """What the other reading would have changed; "" when there is only one."""
    other = outcome.other
    if other is None:
        return ""
    entering, leaving = option_titles(other.entering, titles), option_titles(other.leaving, titles)
    return sentence(question, "other_reading", other=other, entering=entering, leaving=leaving)


# --- What was fixed before any paper was typed ----------------------------------------------------------


def receipts_fingerprint_label(round: Round) -> str:
    """What is read before the fingerprint; "" for a vote closed before there was one."""
    if round.receipts_count is None:
        return ""
    words = ngettext(
        "Fingerprint of the receipts at the closing (%(shown)s receipt):",
        "Fingerprint of the receipts at the closing (%(shown)s receipts):",
        round.receipts_count,
    )
    return words % {"shown": number(round.receipts_count)}


def describe_tellers_part(round: Round) -> str:
    """What tellers added to the seed of the lottery, or that they added nothing."""
    if round.tellers_part:
        return f"{_('Part of the tellers in the lottery:')} {round.tellers_part}"
    if round.tellers_dropped_because:
        words = _("The tellers did not add their part to the lottery. Reason:")
        return f"{words} {round.tellers_dropped_because}"
    return _("No teller added a part to the lottery: the portal drew its seed alone.")


# --- Notices on some votes --------------------------------------------------------------------------


def consultation_notice() -> str:
    return _(
        "This was a consultation, open to every verified account: its results do not represent the whole"
        " population."
    )


def few_ballots_notice(counts: Reconciliation) -> str:
    """For a round with too few ballots to publish their list; nor their totals, when these are the ballots."""
    if counts.has_too_few_to_count:
        return _(
            "Fewer than 3 ballots were counted. Their totals would say who chose what: only the turnout and the seal are"
            " published, and nothing is retained."
        )
    return _(
        "Fewer than 10 ballots were counted. Their list could tell who chose what: only the totals and the"
        " seal are published, neither the box nor a recount."
    )


def recount_notice() -> str:
    return _(
        "Anyone can redo the count without trusting this site: download the sealed box and the program, which"
        " needs nothing but Python, run it with the seal noted in the room, and compare its figures with those"
        " published here."
    )
