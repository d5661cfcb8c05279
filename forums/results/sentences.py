"""The sentences of published results: figures, ties, readings, method, sums. Plain text, in the page's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from forums.models import ParticipantKind, Question, Round
from forums.tally.count import QuestionOutcome, Tie
from pole.templatetags.typography import number, percent
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


def format_share(share: Fraction) -> str:
    return percent(float(100 * share))


def format_total(total: int, method: str) -> str:
    """ "31 appuis", "12 points"."""
    if method == Question.Method.POINTS:
        words = ngettext("%(count)s point", "%(count)s points", total)
    else:
        words = ngettext("%(count)s supporter", "%(count)s supporters", total)
    return words % {"count": number(total)}


def format_figure(total: int, method: str, share: Fraction) -> str:
    return f"{format_total(total, method)} ({format_share(share)})"


def retained_suffix(position: int | None) -> str:
    return "" if position is None else f" –{NBSP}" + _("retained")


def kind_label(code: str) -> str:
    """The label of a `ParticipantKind`; "" stands for the small kinds together."""
    return str(ParticipantKind(code).label) if code else _("Other kinds, counted together")


def chart_title(question: Question, first: str) -> str:
    """The text alternative of the chart: its question and its `first` line; a table has all the figures."""
    words = _("Bar chart of what each option got: %(question)s. First: %(first)s.")
    return words % {"question": question.shown_title, "first": first}


# --- The rules --------------------------------------------------------------------------------------


def describe_rule(question: Question) -> str:
    """What a ballot allowed, and how many options are retained."""
    if question.method == Question.Method.POINTS:
        words = _(
            "Each person had %(points)s points to share, %(each)s at most on one option; points left over"
            " are allowed."
        )
        allowed = words % {"points": number(question.points), "each": number(question.points_each)}
    else:
        limit = question.limit or 0
        words = ngettext(
            "Each person could tick one option.",
            "Each person could tick up to %(limit)s options; each tick counts for one supporter.",
            limit,
        )
        allowed = words % {"limit": number(limit)}
    places = ngettext("One was to be retained.", "%(count)s were to be retained.", question.to_retain) % {
        "count": number(question.to_retain)
    }
    return f"{allowed} {places}"


def describe_method(round: Round, questions: Sequence[Question]) -> str:
    """The voting method in one paragraph."""
    sentences = [
        _(
            "Each person on the roll had one ballot, on screen or on paper; on screen it could be changed"
            " until the vote closed."
        ),
        *dict.fromkeys(describe_rule(question) for question in questions),
    ]
    if any(question.method == Question.Method.APPROVAL for question in questions):
        sentences.append(_("The share is that of the valid ballots, blank ones among them."))
    if any(question.method == Question.Method.POINTS for question in questions):
        sentences.append(_("For points, the share is that of all the points given."))
    if round.reading == Round.Reading.BALANCED:
        sentences.append(
            _(
                "The reading that decides, announced before the vote opened, is the balanced one: places"
                " are given one by one to the option whose ballots weigh the most, and a ballot weighs less"
                " for each of its options already retained (sequential proportional approval voting,"
                " Thiele, 1895)."
            )
        )
    else:
        sentences.append(
            _(
                "The reading that decides, announced before the vote opened, is that of the totals: the most"
                " supported options are retained, in their order."
            )
        )
    sentences.append(
        _(
            "Equals are separated by a lottery that anyone can redo: the hash of its seed was published"
            " when the vote opened, and the seed itself when the box was sealed."
        )
    )
    sentences.append(_("An option that nobody supported is never retained."))
    return " ".join(sentences)


# --- The count -------------------------------------------------------------------------------------------


def describe_ballots(outcome: QuestionOutcome) -> str:
    """ "29 bulletins remplis, 1 blanc, 1 rejeté."."""
    parts = [
        ngettext("%(count)s ballot filled in", "%(count)s ballots filled in", outcome.ballots)
        % {"count": number(outcome.ballots)},
        ngettext("%(count)s blank", "%(count)s blank ones", outcome.blank) % {"count": number(outcome.blank)},
        ngettext("%(count)s rejected", "%(count)s rejected ones", outcome.rejected)
        % {"count": number(outcome.rejected)},
    ]
    text = ", ".join(parts) + "."
    if outcome.unfilled:
        text += " " + ngettext(
            "One place stays empty: nobody supported another option.",
            "%(count)s places stay empty: nobody supported other options.",
            outcome.unfilled,
        ) % {"count": number(outcome.unfilled)}
    return text


def describe_ties(outcome: QuestionOutcome, titles: Mapping[int, str]) -> list[str]:
    """A sentence for each tie in the reading that decides."""
    is_points = outcome.balanced is None
    unit = Question.Method.POINTS if is_points else Question.Method.APPROVAL
    return [_tie(tie, titles, unit) for tie in outcome.ties if tie.reading == outcome.reading]


def _tie(tie: Tie, titles: Mapping[int, str], unit: str) -> str:
    equals = ngettext("Tie of %(count)s option", "Tie of %(count)s options", len(tie.options)) % {
        "count": number(len(tie.options))
    }
    names = option_titles(sorted(tie.options), titles)
    kept = option_titles(tie.kept, titles)
    if tie.decides == "place":
        return _(
            "%(equals)s for place %(place)s, their ballots weighing the same: %(names)s. The lottery, by the"
            " published rule, gave it to %(kept)s."
        ) % {"equals": equals, "place": number(tie.place), "names": names, "kept": kept}
    each = format_total(int(tie.value), unit)
    if tie.decides == "order":
        return _(
            "%(equals)s, with %(each)s each: %(names)s. All are retained; the lottery, by the published rule,"
            " put them in order: %(kept)s."
        ) % {"equals": equals, "each": each, "names": names, "kept": kept}
    places = ngettext("for one place", "for %(count)s places", len(tie.kept)) % {
        "count": number(len(tie.kept))
    }
    return _(
        "%(equals)s %(places)s, with %(each)s each: %(names)s. The lottery, by the published rule,"
        " retained %(kept)s."
    ) % {"equals": equals, "places": places, "each": each, "names": names, "kept": kept}


def describe_other_reading(outcome: QuestionOutcome, titles: Mapping[int, str]) -> str:
    """What the other reading would have changed; "" when there is only one."""
    other = outcome.other
    if other is None:
        return ""
    is_balanced = other.reading == "balanced"
    if other.entering:
        words = (
            _(
                "The balanced reading of the same ballots would have retained %(entering)s instead of %(leaving)s."
            )
            if is_balanced
            else _("The totals of the same ballots would have retained %(entering)s instead of %(leaving)s.")
        )
        return words % {
            "entering": option_titles(other.entering, titles),
            "leaving": option_titles(other.leaving, titles),
        }
    if other.is_reordered:
        return (
            _("The balanced reading of the same ballots would have retained the same ones, in another order.")
            if is_balanced
            else _("The totals of the same ballots would have retained the same ones, in another order.")
        )
    return (
        _("The balanced reading of the same ballots would have retained the same ones.")
        if is_balanced
        else _("The totals of the same ballots would have retained the same ones.")
    )


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
