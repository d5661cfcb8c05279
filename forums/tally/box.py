"""The box: all that is counted, and nothing that says who chose what, when or in which order.

A `Box` that exists is valid: whatever is wrong is refused when it is built, whether from the database or
from a text. Its text is canonical (`pole-urne/1`, described in docs/vote.md): one box, one text, one seal.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Literal

from forums.tally import checking, ties
from forums.tally.canonical import digest, dump
from forums.tally.checking import BoxError

__all__ = [
    "Ballot",
    "Box",
    "BoxError",
    "Option",
    "Question",
    "moment",
    "read",
    "receipt_hash",
    "seal",
    "write",
]

FORMAT = "pole-urne/1"
TIE_RULE = {"id": ties.RULE, "words": ties.RULE_IN_WORDS}

Method = Literal["approval", "points"]
Reading = Literal["most_supported", "balanced"]
READINGS: tuple[Reading, ...] = ("most_supported", "balanced")

# Numbers of options, sorted; or sorted pairs of an option's number and its points.
ApprovalBallot = tuple[int, ...]
PointsBallot = tuple[tuple[int, int], ...]
Ballot = ApprovalBallot | PointsBallot


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

    Approval has a `limit` of options on a ballot; points have `points` to share, of which some may stay
    unspent, and at most `points_each` on one option (no such bound when None). Blank ballots are valid and
    counted apart, never in `ballots`; rejected ones are papers that broke the limits.
    """

    position: int
    title: str
    title_en: str
    method: Method
    limit: int | None
    points: int | None
    points_each: int | None
    to_retain: int
    options: tuple[Option, ...]
    ballots: tuple[Ballot, ...] = field(repr=False)
    blank: int
    rejected: int

    def __post_init__(self) -> None:
        where = f"question {self.position!r}"
        checking.check_integer(where, "position", self.position)
        checking.clean_texts(where, self, "title", "title_en")
        limits = {"limit": self.limit, "points": self.points, "points_each": self.points_each}
        checking.check_limits(where, self.method, limits)
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
            if fault := self._fault(ballot, known):
                raise BoxError(f"{where}, ballot {position}", fault)
        checking.check_sorted(where, self.ballots)

    def _fault(self, ballot: Ballot, known: frozenset[int]) -> str:
        if self.limit is not None:
            return checking.approval_fault(ballot, known, limit=self.limit)
        points = self.points or 0
        return checking.points_fault(ballot, known, points=points, each=self.points_each or points)

    @property
    def numbers(self) -> tuple[int, ...]:
        """Those of the options, ascending."""
        return tuple(option.number for option in self.options)

    @property
    def valid(self) -> int:
        """Ballots that count, blank ones among them."""
        return len(self.ballots) + self.blank

    @property
    def cast(self) -> int:
        """Ballots in the box: valid or rejected."""
        return self.valid + self.rejected


@dataclass(frozen=True, slots=True)
class Box:
    """A round's box. Every question was answered, left blank or spoiled by the same number of ballots.

    `forum_date` is a day, `opened_at` and `closed_at` are moments of UTC (see `moment`); `reading` decides
    questions by approval, while points have one reading only. `seed` and `seed_hash` are of the tie rule.
    `receipts` holds the sorted `receipt_hash` of every receipt in force: ballots on paper have none.
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

    def __post_init__(self) -> None:
        where = "box"
        checking.clean_texts(where, self, "hub", "forum_slug", "forum_title")
        checking.check_dates(where, self.forum_date, self.opened_at, self.closed_at)
        checking.check_integer(where, "round_number", self.round_number)
        if self.reading not in READINGS:
            raise BoxError(where, f"unknown reading {self.reading!r}")
        checking.check_hash(where, "seed", self.seed)
        checking.check_hash(where, "seed_hash", self.seed_hash)
        if ties.seed_hash(self.seed) != self.seed_hash:
            raise BoxError(where, "the seed is not the one whose hash was published at opening")
        for receipt in self.receipts:
            checking.check_hash(where, "a receipt", receipt)
        checking.check_ascending(where, "receipts", self.receipts)
        if not self.questions:
            raise BoxError(where, "it has no question")
        checking.check_ascending(where, "questions", [question.position for question in self.questions])
        self._check_sums()

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


def seal(text: str) -> str:
    """What is published and signed: SHA-256 of the box's text in UTF-8, in 64 hexadecimal digits."""
    return digest(text)


def write(box: Box) -> str:
    """The canonical text of the box: JSON in one line, sorted keys, NFC, and a line feed at the end."""
    questions = [
        _field_values(question) | {"options": [_field_values(option) for option in question.options]}
        for question in box.questions
    ]
    return (
        dump({"format": FORMAT, "tie_rule": TIE_RULE} | _field_values(box) | {"questions": questions}) + "\n"
    )


def read(text: str) -> Box:
    """The box that has exactly this text. BoxError for any other text, were it only a space away."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BoxError("box", f"it is not JSON: {error}") from error
    box = _parse_box(data)
    if write(box) != text:
        raise BoxError("box", "the text is not canonical: a key comes twice, or spaces or escapes are odd")
    return box


def _parse_box(data: object) -> Box:
    given = _as_object(data, "box", {"format", "tie_rule", *_field_names(Box)})
    if given.pop("format") != FORMAT:
        raise BoxError("box", f"its format is not {FORMAT}")
    if given.pop("tie_rule") != TIE_RULE:
        raise BoxError("box", f"its tie rule is not {ties.RULE}")
    questions = tuple(_parse_question(each) for each in _as_list(given["questions"], "box", "questions"))
    receipts = tuple(_as_list(given["receipts"], "box", "receipts"))
    return Box(**given | {"questions": questions, "receipts": receipts})


def _parse_question(data: object) -> Question:
    given = _as_object(data, "a question", _field_names(Question))
    where = f"question {given['position']!r}"
    options = tuple(
        Option(**_as_object(each, f"{where}, an option", _field_names(Option)))
        for each in _as_list(given["options"], where, "options")
    )
    # Equal ballots are one object: a large box then takes little memory.
    same: dict[object, Any] = {}
    ballots = (_parse_ballot(each, where) for each in _as_list(given["ballots"], where, "ballots"))
    shared = tuple(same.setdefault(ballot, ballot) for ballot in ballots)
    return Question(**given | {"options": options, "ballots": shared})


def _parse_ballot(data: object, where: str) -> tuple[object, ...]:
    """Tuples for lists of numbers or of lists of numbers: what fits the method, the question checks."""
    ballot = _as_list(data, where, "a ballot")
    parts = [tuple(part) if isinstance(part, list) else part for part in ballot]
    if any(
        type(number) is not int for part in parts for number in (part if isinstance(part, tuple) else [part])
    ):
        raise BoxError(where, "a ballot holds something else than numbers")
    return tuple(parts)


def _field_values(holder: Box | Question | Option) -> dict[str, Any]:
    return {name: getattr(holder, name) for name in _field_names(type(holder))}


def _field_names(holder: type[Box | Question | Option]) -> set[str]:
    return {each.name for each in fields(holder)}


def _as_object(data: object, where: str, names: set[str]) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise BoxError(where, "it is not an object")
    if odd := sorted(names ^ data.keys()):
        raise BoxError(where, f"missing or unknown: {', '.join(odd)}")
    return dict(data)


def _as_list(data: object, where: str, name: str) -> list[Any]:
    if not isinstance(data, list):
        raise BoxError(where, f"{name} is not a list")
    return data
