"""The box: all that is counted, and nothing that says who chose what, when or in which order.

A `Box` that exists is valid: whatever is wrong is refused when it is built, whether from the database or
from a text. Its text is canonical (`pole-urne/2`, described in docs/vote.md): one box, one text, one seal. A box of the
former format is still read, and written, as it was.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from forums.tally import checking, ties
from forums.tally.canonical import digest, dump
from forums.tally.checking import BoxError
from forums.tally.outcome import READINGS, QuestionOutcome, Reading

__all__ = [
    "Ballot",
    "Box",
    "BoxError",
    "Method",
    "Option",
    "Question",
    "SummingMethod",
    "moment",
    "read",
    "receipt_hash",
    "receipts_fingerprint",
    "seal",
    "write",
]

FORMAT, FORMER_FORMAT = "pole-urne/2", "pole-urne/1"
# In the former format a question had a key for each limit of its two methods, null where it has no meaning.
FORMER_METHODS = ("approval", "points")
FORMER_LIMITS = ("limit", "points", "points_each")
TIE_RULE = {"id": ties.RULE, "words": ties.RULE_IN_WORDS}
TIE_RULE_WITH_TELLERS = {
    "id": ties.RULE_WITH_TELLERS,
    "words": ties.RULE_IN_WORDS + ties.PART_IN_WORDS,
}
# Absent from the text of a box that has none, and of those sealed before there were any.
OPTIONAL = frozenset({"removed_receipts", "tellers_part"})

# Of numbers, of texts, of pairs of numbers, or of a number and numbers: what its method says.
type Ballot = tuple[Any, ...]


class Method(Protocol):
    """How a method checks and counts; one is a module `forums.vote.methods.<name>.counting`."""

    NAME: str

    def check_limits(self, where: str, limits: Mapping[str, int], options: int, /) -> None:
        """Raises `BoxError`, also when the method takes no such number of options."""

    def ballot_fault(self, ballot: object, known: Collection[int], limits: Mapping[str, int], /) -> str:
        """What is wrong with a ballot, or nothing. `known`: the numbers of the options."""

    def count(self, question: Question, box: Box, lottery: Sequence[int], /) -> QuestionOutcome:
        """`lottery` holds every option's number, in the order that separates equals."""


@runtime_checkable
class SummingMethod(Method, Protocol):
    """A method of which the box holds sums, and no ballot: what one ballot says could be a signature.

    `Question.ballots` is then those sums, in rows: each is checked by `ballot_fault`, and all together by `check_sums`.
    """

    def sum_up(
        self, ballots: Mapping[Ballot, int], numbers: Sequence[int], limits: Mapping[str, int], /
    ) -> tuple[Ballot, ...]:
        """The rows, sorted. `ballots`: how often each content was cast, as `forums_ballot` has it."""

    def summed(self, rows: Sequence[Ballot], /) -> int:
        """How many ballots the rows sum up."""

    def check_sums(self, where: str, rows: Sequence[Ballot], numbers: Sequence[int], /) -> None:
        """Raises `BoxError`. `numbers`: those of the options, ascending."""


@dataclass(frozen=True, slots=True)
class Option:
    """One line of a question's ballot, as it was printed and shown. Texts are kept in NFC."""

    number: int
    title: str
    title_en: str = ""

    def __post_init__(self) -> None:
        where = f"option {self.number!r}"
        checking.check_integer(where, "number", self.number, minimum=1)
        checking.clean_texts(where, self, "title", "title_en")


@dataclass(frozen=True, slots=True)
class Question:
    """One question, and its ballots sorted by content. `to_retain` may exceed the number of options.

    `limits` are those of its method. Blank ballots are valid and counted apart, never in `ballots`; rejected
    ones are papers that broke the limits. Of a `SummingMethod`, `ballots` holds sums: `filled` says of how many.
    """

    position: int
    title: str
    title_en: str
    method: Method
    limits: Mapping[str, int]
    to_retain: int
    options: tuple[Option, ...]
    ballots: tuple[Ballot, ...] = field(repr=False)
    blank: int
    rejected: int

    def __post_init__(self) -> None:
        where = f"question {self.position!r}"
        checking.check_integer(where, "position", self.position)
        checking.clean_texts(where, self, "title", "title_en")
        self.method.check_limits(where, self.limits, len(self.options))
        checking.check_integer(where, "to_retain", self.to_retain, minimum=1)
        checking.check_integer(where, "blank", self.blank)
        checking.check_integer(where, "rejected", self.rejected)
        if not self.options:
            raise BoxError(where, "it has no option")
        checking.check_ascending(where, "options", self.numbers)
        known = frozenset(self.numbers)
        former = None
        for position, ballot in enumerate(self.ballots, start=1):
            # Sorted ballots have their equals beside them: each content is checked once.
            if ballot is former:
                continue
            former = ballot
            if fault := self.method.ballot_fault(ballot, known, self.limits):
                raise BoxError(f"{where}, ballot {position}", fault)
        checking.check_sorted(where, self.ballots)
        if isinstance(self.method, SummingMethod):
            self.method.check_sums(where, self.ballots, self.numbers)

    @property
    def numbers(self) -> tuple[int, ...]:
        """Those of the options, ascending."""
        return tuple(option.number for option in self.options)

    @property
    def filled(self) -> int:
        """Ballots that choose something."""
        if isinstance(self.method, SummingMethod):
            return self.method.summed(self.ballots)
        return len(self.ballots)

    @property
    def valid(self) -> int:
        """Ballots that count, blank ones among them."""
        return self.filled + self.blank

    @property
    def cast(self) -> int:
        """Ballots in the box: valid or rejected."""
        return self.valid + self.rejected


@dataclass(frozen=True, slots=True)
class Box:
    """A round's box. Every question was answered, left blank or spoiled by the same number of ballots.

    `forum_date` is a day, `opened_at` and `closed_at` are moments of UTC (see `moment`); `reading` decides
    questions whose method has two. `on_roll` is how many people could vote (None in the former format). `seed` and `seed_hash` are of the tie rule.
    `receipts` holds the sorted `receipt_hash` of every receipt in force: ballots on paper have none.
    `removed_receipts` are those in force at the closing whose ballot was deleted since (ADR 0009), and `tellers_part`
    is what the tellers added to the seed, if they did.
    """

    hub: str
    forum_slug: str
    forum_title: str
    forum_date: str
    round_number: int
    opened_at: str
    closed_at: str
    reading: Reading
    seed: str
    seed_hash: str
    questions: tuple[Question, ...]
    receipts: tuple[str, ...] = field(repr=False)
    on_roll: int | None
    format: str = FORMAT
    removed_receipts: tuple[str, ...] = field(default=(), repr=False)
    tellers_part: str | None = None

    def __post_init__(self) -> None:
        where = "box"
        self._check_format()
        checking.clean_texts(where, self, "hub", "forum_slug", "forum_title")
        checking.check_dates(where, self.forum_date, self.opened_at, self.closed_at)
        checking.check_integer(where, "round_number", self.round_number)
        if self.reading not in READINGS:
            raise BoxError(where, f"unknown reading {self.reading!r}")
        checking.check_hash(where, "seed", self.seed)
        checking.check_hash(where, "seed_hash", self.seed_hash)
        if ties.seed_hash(self.seed) != self.seed_hash:
            raise BoxError(where, "the seed is not the one whose hash was published at opening")
        for name in ("receipts", "removed_receipts"):
            for receipt in getattr(self, name):
                checking.check_hash(where, "a receipt", receipt)
            checking.check_ascending(where, name, getattr(self, name))
        if set(self.receipts) & set(self.removed_receipts):
            raise BoxError(where, "a receipt is both in force and removed")
        if self.tellers_part is not None:
            checking.clean_texts(where, self, "tellers_part")
            if not self.tellers_part:
                raise BoxError(where, "the tellers' part is empty")
        if not self.questions:
            raise BoxError(where, "it has no question")
        checking.check_ascending(where, "questions", [question.position for question in self.questions])
        self._check_sums()

    def _check_format(self) -> None:
        if self.format == FORMAT:
            checking.check_integer("box", "on_roll", self.on_roll)
        elif self.format != FORMER_FORMAT:
            raise BoxError("box", f"its format is not {FORMAT}")
        elif self.on_roll is not None:
            raise BoxError("box", f"{FORMER_FORMAT} has no on_roll")
        elif self.removed_receipts or self.tellers_part is not None:
            raise BoxError("box", f"{FORMER_FORMAT} has no removed receipt and no part of tellers")
        else:
            for question in self.questions:
                if (name := question.method.NAME) not in FORMER_METHODS:
                    raise BoxError(f"question {question.position}", f"{FORMER_FORMAT} has no method {name!r}")

    def _check_sums(self) -> None:
        first = self.questions[0]
        for question in self.questions:
            if question.cast != first.cast:
                what = f"it has {question.cast} ballots, and question {first.position} has {first.cast}"
                raise BoxError(f"question {question.position}", what)
        if len(self.receipts) > first.cast:
            raise BoxError("box", f"it has {len(self.receipts)} receipts for {first.cast} ballots")


def moment(at: datetime) -> str:
    """An aware moment as a box writes it, to the second: "2026-05-19T18:30:00Z"."""
    return checking.format_moment(at)


def receipt_hash(receipt: str) -> str:
    """SHA-256 of a receipt as anyone may type it: case, spaces and dashes do not count, O is 0, I and L are 1.

    A receipt is in Crockford's base 32 (https://www.crockford.com/base32.html).
    """
    letters = "".join(character for character in receipt.upper() if character.isalnum())
    return digest(letters.translate(str.maketrans("OIL", "011")))


def receipts_fingerprint(hashes: Iterable[str]) -> str:
    """What is shown at the closing, before any paper is typed: SHA-256 of the sorted hashes, each with a line feed.

    Of a sealed box, `receipts` and `removed_receipts` together give it again.
    """
    return digest("".join(f"{each}\n" for each in sorted(hashes)))


def seal(text: str) -> str:
    """What is published and signed: SHA-256 of the box's text in UTF-8, in 64 hexadecimal digits."""
    return digest(text)


def write(box: Box) -> str:
    """The canonical text of the box: JSON in one line, sorted keys, NFC, and a line feed at the end."""
    data = {"tie_rule": _tie_rule(box.tellers_part)} | _field_values(box)
    data["questions"] = [_question_data(box, question) for question in box.questions]
    if box.format == FORMER_FORMAT:
        del data["on_roll"]
    return dump({name: value for name, value in data.items() if value or name not in OPTIONAL}) + "\n"


def _tie_rule(part: str | None) -> dict[str, str]:
    return TIE_RULE if part is None else TIE_RULE_WITH_TELLERS


def _question_data(box: Box, question: Question) -> dict[str, Any]:
    options = [_field_values(option) for option in question.options]
    data = _field_values(question) | {"options": options, "method": question.method.NAME}
    if box.format == FORMER_FORMAT:
        limits = data.pop("limits")
        data |= {name: limits.get(name) for name in FORMER_LIMITS}
    return data


def read(text: str, methods: Mapping[str, Method]) -> Box:
    """The box that has exactly this text. BoxError for any other text, were it only a space away.

    `methods` are those that its questions may have, by name.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BoxError("box", f"it is not JSON: {error}") from error
    box = _parse_box(data, methods)
    if write(box) != text:
        raise BoxError("box", "the text is not canonical: a key comes twice, or spaces or escapes are odd")
    return box


def _parse_box(data: object, methods: Mapping[str, Method]) -> Box:
    is_former = isinstance(data, dict) and data.get("format") == FORMER_FORMAT
    names = {"tie_rule", *_field_names(Box)} - OPTIONAL - ({"on_roll"} if is_former else set())
    given = _as_object(data, "box", names, optional=set() if is_former else OPTIONAL)
    part = given.get("tellers_part")
    if given.pop("tie_rule") != _tie_rule(part):
        raise BoxError("box", f"its tie rule is not {_tie_rule(part)['id']}")
    questions = tuple(
        _parse_question(each, methods, is_former=is_former)
        for each in _as_list(given["questions"], "box", "questions")
    )
    hashes = {
        name: tuple(_as_list(given.get(name, []), "box", name)) for name in ("receipts", "removed_receipts")
    }
    return Box(**{"on_roll": None} | given | {"questions": questions} | hashes)


def _parse_question(data: object, methods: Mapping[str, Method], *, is_former: bool) -> Question:
    names = _field_names(Question)
    given = _as_object(data, "a question", names - {"limits"} | {*FORMER_LIMITS} if is_former else names)
    where = f"question {given['position']!r}"
    if is_former:
        limits = {name: given.pop(name) for name in FORMER_LIMITS}
        given["limits"] = {name: value for name, value in limits.items() if value is not None}
    if not isinstance(given["limits"], dict):
        raise BoxError(where, "its limits are not an object")
    method = methods.get(given["method"]) if isinstance(given["method"], str) else None
    if method is None:
        raise BoxError(where, f"unknown method {given['method']!r}")
    options = tuple(
        Option(**_as_object(each, f"{where}, an option", _field_names(Option)))
        for each in _as_list(given["options"], where, "options")
    )
    # Equal ballots are one object: a large box then takes little memory.
    same: dict[object, Any] = {}
    ballots = (_parse_ballot(each, where) for each in _as_list(given["ballots"], where, "ballots"))
    shared = tuple(same.setdefault(ballot, ballot) for ballot in ballots)
    return Question(**given | {"method": method, "options": options, "ballots": shared})


def _parse_ballot(data: object, where: str) -> tuple[object, ...]:
    """Tuples for lists of numbers or texts, or of lists of them: what fits the method, the question checks."""
    ballot = _as_list(data, where, "a ballot")
    parts = [tuple(part) if isinstance(part, list) else part for part in ballot]
    if any(
        type(value) not in {int, str}
        for part in parts
        for value in (part if isinstance(part, tuple) else [part])
    ):
        raise BoxError(where, "a ballot holds something else than numbers and texts")
    return tuple(parts)


def _field_values(holder: Box | Question | Option) -> dict[str, Any]:
    return {name: getattr(holder, name) for name in _field_names(type(holder))}


def _field_names(holder: type[Box | Question | Option]) -> set[str]:
    return {each.name for each in fields(holder)}


def _as_object(
    data: object, where: str, names: set[str], *, optional: Collection[str] = ()
) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise BoxError(where, "it is not an object")
    if odd := sorted((names ^ data.keys()) - {*optional}):
        raise BoxError(where, f"missing or unknown: {', '.join(odd)}")
    return dict(data)


def _as_list(data: object, where: str, name: str) -> list[Any]:
    if not isinstance(data, list):
        raise BoxError(where, f"{name} is not a list")
    return data
