"""What a method of voting does with a question. Each is a package beside this module, listed in `registry`.

A method reads what a phone posted and what someone typed of a paper, checks it against the question's limits, and says in
neutral rows what was counted. Its module `counting`, without Django, is what `forums.tally` calls. Its words and its
layouts are `templates/forums/methods/<name>/`; those of `templates/forums/methods/` serve methods that have none.

In this module a question comes with its options prefetched. `chosen` is what `Ballot.choices` has for it; empty is blank.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from django import forms
from django.conf import settings
from django.template import Context
from django.template.loader import select_template
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from forums.models import Option, Question
from forums.tally.box import Method as CountingMethod
from forums.tally.outcome import QuestionOutcome
from pole.charts import Drawing
from pole.templatetags.typography import number as format_number
from pole.templatetags.typography import percent
from pole.text.bilingual import LocalizedText, current_language
from pole.text.typography import NBSP

MAX_OPTIONS = 60
# A number that someone types has no more digits.
MAX_DIGITS = 4


class BallotFault(Exception):
    """A mark that can't be read, or a limit that a ballot breaks.

    `code` and `values` make a sentence of the method's `fault.txt`; `option` is the number of the option concerned,
    when it is one alone.
    """

    def __init__(self, code: str, *, option: int | None = None, **values: Any) -> None:
        super().__init__(code)
        self.code, self.option, self.values = code, option, values


@dataclass(frozen=True, slots=True)
class Answer:
    """A line of a ballot that is not an option: its number is the one to type from a paper."""

    number: int
    key: str
    shown_title: LocalizedText
    shown_description: str = ""


@dataclass(frozen=True, slots=True)
class FilledOption:
    """One line of the ballot: its field in the form, and what the voter did with it."""

    option: Option | Answer
    name: str
    # As it is posted, or as it was typed.
    value: str
    is_chosen: bool = False
    error: str = ""

    @property
    def id(self) -> str:
        return f"{self.name}-{self.option.number}" if "-" not in self.name else self.name


@dataclass(frozen=True, slots=True)
class FilledQuestion:
    """One question as the voter filled it in."""

    question: Question
    lines: Sequence[FilledOption]
    chosen: list[Any] = field(default_factory=list)
    error: str = ""

    @property
    def name(self) -> str:
        return field_name(self.question)

    @property
    def chosen_options(self) -> list[FilledOption]:
        return [line for line in self.lines if line.is_chosen]

    @property
    def has_error(self) -> bool:
        return bool(self.error) or any(line.error for line in self.lines)


@dataclass(frozen=True, slots=True)
class ResultRow:
    """What one line of a counted question got.

    `key` names it in the totals by channel; `place` is its place among those retained, from 1, the lottery included; `rank`
    is that of its total, and `shown_rank` the one that people read: in both, equals have the same. `share` and ranks are
    None where they have no meaning. Of points, `whole` is how many were given in all, and `ballots` how many of the `valid`
    ballots gave it some (None in former counts). `online` and `paper` are None when one channel had too few ballots to keep
    them secret.
    """

    question: Question
    key: int | str
    title: LocalizedText
    total: int
    share: Fraction | None
    rank: int | None = None
    place: int | None = None
    option: Option | None = None
    shown_rank: int | None = None
    is_tied: bool = False
    whole: int | None = None
    ballots: int | None = None
    valid: int = 0
    online: int | None = None
    paper: int | None = None
    # With few ballots, totals alone are published: what more a count says would tell who chose what.
    is_small: bool = False

    @property
    def is_retained(self) -> bool:
        return self.place is not None

    @property
    def ballot_number(self) -> str:
        """ "nº 4": after the title, never where a rank is read. "" for an answer."""
        return _("No. %(number)s") % {"number": self.option.number} if self.option else ""

    @property
    def shown_share(self) -> str:
        return "" if self.share is None else percent(float(100 * self.share))

    @property
    def label(self) -> str:
        """Its title, and whether it is retained: drawings say it beside their colours."""
        return str(self.title) + (f" –{NBSP}{_('retained')}" if self.is_retained else "")

    @property
    def title_language(self) -> str:
        """ "" when it is the page's."""
        return "" if self.title.language == current_language() else str(self.title.language)

    @property
    def figure(self) -> str:
        """ "31 appuis (77,5 %)"; of points, "4 des 11 points donnés, par 2 des 15 bulletins valides"."""
        if words := sentence(self.question, "figure", row=self):
            return words
        words = sentence(self.question, "total", total=self.total)
        return words if self.share is None else f"{words} ({self.shown_share})"

    @property
    def projected(self) -> str:
        """Beside its title on the projector: "31"; of a judgment, its grade."""
        return sentence(self.question, "projected", row=self) or format_number(self.total)

    @property
    def short_figure(self) -> str:
        """ "31 (77,5 %)"; of points, "4 points": their share would be read as one of people."""
        if words := sentence(self.question, "short_figure", row=self):
            return words
        if self.whole is not None:
            return sentence(self.question, "total", total=self.total)
        total = format_number(self.total)
        return total if self.share is None else f"{total} ({self.shown_share})"


@dataclass(frozen=True, slots=True)
class Details:
    """A table of what a total does not say: the head of each column, the cells of each row in the order of rows, and lines below them."""

    heads: Sequence[str]
    cells: Sequence[Sequence[str]]
    foot: Sequence[tuple[str, Sequence[str]]] = ()


@dataclass(frozen=True, slots=True)
class SettledTie:
    """Equal `options` among which the method itself took the `first`; `values` are what `settled_tie.txt` says of it."""

    options: Sequence[int]
    first: int
    values: Mapping[str, Any]


class Threshold(NamedTuple):
    """What share of the answers the first one needs, and what is written over its line."""

    share: float
    words: str


class Method(ABC):
    """One method. `counting` is its module for the tally."""

    name: str
    label: Promise
    counting: CountingMethod
    # How many options a question needs; whether it takes more.
    min_options, takes_more = 2, True
    # What its totals count, for programs.
    unit = "ballots"
    # Whether it retains some of the options, and whether by their totals.
    retains, is_by_totals = True, True
    # Whether the box publishes ballots so rich that a prescribed one can be recognised.
    may_sign = False

    def takes(self, option_count: int) -> bool:
        """Whether a question may open with so many options."""
        return option_count >= self.min_options if self.takes_more else option_count == self.min_options

    @abstractmethod
    def limit_fields(self) -> dict[str, forms.Field]:
        """The fields with which staff give its limits, by name; none is required, since another method may be chosen."""

    @abstractmethod
    def clean_limits(self, typed: Mapping[str, Any]) -> tuple[dict[str, int], dict[str, str]]:
        """(the limits, faults by field) of what was typed in `limit_fields`: None where nothing, or nothing valid, was."""

    def signature_warning(self, question: Question, option_count: int, expected: int) -> str:
        """That so many ballots are possible, for so many expected ones, that a rare one could sign for a buyer; or nothing."""
        return ""

    def typed_limits(self, limits: Mapping[str, int]) -> dict[str, Any]:
        """What `limit_fields` hold for these limits."""
        return dict(limits)

    def kept(self, chosen: Iterable[Any]) -> list[Any]:
        """Choices as `Ballot.choices` and the box hold them: sorted, unless their order says something."""
        return sorted(chosen)

    @abstractmethod
    def fill(self, question: Question, chosen: list[Any]) -> FilledQuestion:
        """The form of these choices."""

    @abstractmethod
    def read(self, question: Question, data: MultiValueDict[str, str]) -> FilledQuestion:
        """What was posted, with an error beside whatever is wrong."""

    @abstractmethod
    def faults(self, question: Question, chosen: list[Any]) -> Iterator[BallotFault]:
        """Every rule that these choices break, whoever made them."""

    @abstractmethod
    def parse_marks(self, question: Question, marks: Sequence[str]) -> list[Any]:
        """What was typed of a paper, whatever its limits. Raises `BallotFault`."""

    def paper_marks(self, question: Question) -> Sequence[tuple[str, str]]:
        """What is printed beside each option to be ticked, and its word; nothing where an option has one box."""
        return ()

    def format_marks(self, question: Question, chosen: list[Any]) -> str:
        """Choices as they could be typed again."""
        return " ".join(map(str, chosen))

    @abstractmethod
    def amounts(self, chosen: list[Any]) -> Iterable[tuple[int | str, int]]:
        """What a ballot adds to each row: (its key, how much)."""

    @abstractmethod
    def keys(self, question: Question) -> Iterable[int | str]:
        """The key of each row."""

    @abstractmethod
    def rows(self, question: Question, outcome: QuestionOutcome) -> list[ResultRow]:
        """All rows of a counted question, in the order of its table."""

    def details(self, rows: Sequence[Any], outcome: QuestionOutcome) -> Details | None:
        """None when rows and totals say it all. `rows` are those of this method."""
        return None

    def settled_ties(self, outcome: QuestionOutcome) -> list[SettledTie]:
        """Ties that the method settled without the lottery."""
        return []

    def drawing(self, rows: Sequence[Any], outcome: QuestionOutcome) -> Drawing | None:
        """None for bars of the totals."""
        return None

    def threshold(self, question: Question) -> Threshold | None:
        """Of the first bar, where one is needed."""
        return None


class OptionsMethod(Method):
    """A method whose ballot has a line an option, and whose count ranks options."""

    def keys(self, question: Question) -> Iterable[int]:
        return (option.number for option in question.options.all())

    def rows(self, question: Question, outcome: QuestionOutcome) -> list[ResultRow]:
        options = {option.number: option for option in question.options.all()}
        places = {number: place for place, number in enumerate(outcome.retained, start=1)}
        ranks, equals = outcome.ranks, Counter(outcome.ranks.values())
        return [
            ResultRow(
                question=question,
                key=each.number,
                title=options[each.number].shown_title,
                total=each.total,
                share=each.share,
                rank=each.rank,
                place=places.get(each.number),
                option=options[each.number],
                shown_rank=ranks.get(each.number),
                is_tied=each.number not in outcome.unsupported and equals[ranks.get(each.number, 0)] > 1,
                ballots=each.ballots,
                valid=outcome.valid,
            )
            for each in outcome.totals
        ]


def field_name(question: Question) -> str:
    """The name of its field on the ballot's form, or the start of those of its options."""
    return f"q{question.position}"


def faults_of_numbers(question: Question, numbers: Sequence[int]) -> Iterator[BallotFault]:
    """Options named twice, or that the question has not."""
    known = {option.number for option in question.options.all()}
    seen: set[int] = set()
    for number in numbers:
        if number in seen:
            yield BallotFault("twice", number=number)
        elif number not in known:
            yield BallotFault("unknown", word=str(number))
        seen.add(number)


def parse_number(word: str) -> int:
    """An option's number as it is typed. Raises `BallotFault`."""
    if not word.isdecimal() or len(word) > MAX_DIGITS:
        raise BallotFault("unknown", word=word)
    return int(word)


def sentence(question: Question, name: str, **values: Any) -> str:
    """A sentence of the question's method, as plain text in the current language; "" when its method says nothing.

    `name` is that of a template: "rule", "total", "fault"… It reads `question`, its limits and `values`, which go first.
    """
    names = method_templates(question, f"{name}.txt")
    return plain_text(*names, question=question, **(question.limits | values))


def plain_text(*templates: str, **values: Any) -> str:
    """What the first template found says of the values, in one line and as plain text."""
    found: Any = select_template(templates)
    return re.sub(r"[ \n]+", " ", found.template.render(Context(values, autoescape=False))).strip()


def layout_of(question: Question, file: str) -> str:
    """The path, from the project's folder, of the Typst file that sets the question."""
    templates = settings.BASE_DIR / "templates"
    return next(
        f"/templates/{name}" for name in method_templates(question, file) if (templates / name).exists()
    )


def method_templates(question: Question, file: str) -> list[str]:
    """Where a template of the question's method is: its own folder, else the one that methods share."""
    return [f"forums/methods/{question.method}/{file}", f"forums/methods/{file}"]
