"""What a box must be: each check raises a BoxError that says what is wrong, and where."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import pairwise

from forums.tally.canonical import clean

HASH = re.compile(r"[0-9a-f]{64}")
MOMENT = "%Y-%m-%dT%H:%M:%SZ"


class BoxError(ValueError):
    """The box can't be what was cast."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")
        self.where, self.what = where, what


def check_integer(where: str, name: str, value: object, *, minimum: int = 0) -> None:
    # Not isinstance: True is an int.
    if type(value) is not int or value < minimum:
        raise BoxError(where, f"{name} must be a whole number from {minimum} up, not {value!r}")


def check_hash(where: str, name: str, value: object) -> None:
    if not isinstance(value, str) or not HASH.fullmatch(value):
        raise BoxError(where, f"{name} must be 64 lower-case hexadecimal digits")


def check_ascending[T: (int, str)](where: str, name: str, values: Sequence[T]) -> None:
    """No value comes twice either."""
    for position, (first, second) in enumerate(pairwise(values), start=2):
        if first == second:
            raise BoxError(where, f"{name}: number {position} is a duplicate")
        if first > second:
            raise BoxError(where, f"{name}: number {position} is not in ascending order")


def clean_texts(where: str, holder: object, *names: str) -> None:
    """Replaces these texts of a frozen dataclass that is being built by what `clean` makes of them."""
    for name in names:
        text = getattr(holder, name)
        if not isinstance(text, str):
            raise BoxError(where, f"{name} must be a text, not {text!r}")
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise BoxError(where, f"{name} can't be written in UTF-8") from error
        object.__setattr__(holder, name, clean(text))


def format_moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime(MOMENT)


def check_dates(where: str, day: str, opened_at: str, closed_at: str) -> None:
    try:
        again = date.fromisoformat(day).isoformat()
        opened, closed = (datetime.strptime(at, MOMENT).replace(tzinfo=UTC) for at in (opened_at, closed_at))
    except (ValueError, TypeError) as error:
        raise BoxError(where, f"a date can't be read: {error}") from error
    if (again, format_moment(opened), format_moment(closed)) != (day, opened_at, closed_at):
        raise BoxError(where, "days are written 2026-05-19, and moments 2026-05-19T18:30:00Z")
    if closed < opened:
        raise BoxError(where, "it closed before it opened")


def check_limits(
    where: str, limits: Mapping[str, object], *, required: Collection[str], optional: Collection[str] = ()
) -> None:
    """`limits` has all that a method requires, and nothing that it does not know: whole numbers from 1."""
    for name in sorted({*required, *limits}):
        if name not in {*required, *optional}:
            raise BoxError(where, f"{name} has no meaning for its method")
        check_integer(where, name, limits.get(name), minimum=1)


def check_sorted(where: str, ballots: Sequence[tuple[object, ...]]) -> None:
    """Equal ballots may follow each other."""
    for position, (first, second) in enumerate(pairwise(ballots), start=2):
        if first > second:
            raise BoxError(f"{where}, ballot {position}", "ballots must be sorted by content")


def option_numbers_fault(numbers: Sequence[int], known: Collection[int]) -> str:
    """What is wrong with the options that a ballot names, or nothing."""
    if not numbers:
        return "it is blank: blank ballots are counted apart"
    if any(first >= second for first, second in pairwise(numbers)):
        return "its options must be different and in ascending order"
    unknown = next((number for number in numbers if number not in known), None)
    return "" if unknown is None else f"unknown option {unknown}"
