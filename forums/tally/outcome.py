"""The result of a count, as plain values, and as JSON to store and publish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from fractions import Fraction
from typing import Any, Literal

Reading = Literal["most_supported", "balanced"]
READINGS: tuple[Reading, ...] = ("most_supported", "balanced")
FORMAT = "pole-depouillement/1"
# A vote, in the hundred-thousandths of a count by stages, whose ballots pass on at a part of their value.
UNIT = 100_000


@dataclass(frozen=True, slots=True)
class OptionTotal:
    """What one option got.

    `total` is in ballots (approval), in points, in first choices (ranking) or is the majority grade (judgment). `rank` is from 1, the same for equals, the next one
    skipped ("1, 2, 2, 4"). `share` is from 0 to 1: of the valid ballots, blank ones among them (approval),
    of all the points that were given (points), or of the ballots filled in that give at least the majority grade (judgment); 0
    when there are none. `ballots` says how many ballots give it points, or at least that grade; None for approval, where it
    would be `total` again, and in what was counted before it existed.
    """

    number: int
    total: int
    rank: int
    share: Fraction
    ballots: int | None = None


@dataclass(frozen=True, slots=True)
class Tie:
    """Equals that the lottery separated, or put in order, in one of the readings.

    `place` is the first one, from 1, that they contend for; `options` are in the order of the lottery;
    `value` is what each has: ballots, points, or weight of ballots in the balanced reading. `kept` are those
    that got a place by it.

    `decides` says what the lottery did. "retained": some are retained and others are not. "order": all are
    retained, and it put them in order. "place": in the balanced reading, it gave one place to the first of
    them; the others contend for the next ones, and what any other draw would have led to is not said. In a count
    by stages (ranking), `place` is the stage, from 1, of a tie that decides what the stage does: "excluded", one goes
    out and `kept` stay in; "surplus", that of `kept` is passed on before those of the others.
    """

    reading: Reading
    place: int
    options: tuple[int, ...]
    value: Fraction
    kept: tuple[int, ...]
    decides: Literal["retained", "order", "place", "excluded", "surplus"]


@dataclass(frozen=True, slots=True)
class Difference:
    """What the reading that does not decide would change: options ascending, both empty if none.

    `is_reordered`: the same options would be retained, in another order.
    """

    reading: Reading
    entering: tuple[int, ...]
    leaving: tuple[int, ...]
    is_reordered: bool


@dataclass(frozen=True, slots=True)
class QuestionOutcome:
    """One question's result; tuples of numbers are of options.

    `reading` is the one that decided: points have only "most_supported". `totals` holds every option in
    order; `retained` those retained, in the order of the reading that decided; `unfilled` how many places
    stay empty. `most_supported` and `balanced` (None for points) are both readings, `weights` what each of
    `balanced` won its place with, and `other` what the reading that does not decide would change. `ties` are
    those of both readings among the retained or at the threshold. `unsupported`: that got nothing at all.
    `ballots` counts those that choose something. `detail` is what else the method says of the question: texts, whole
    numbers, booleans, None, and tuples or mappings of these (rounds, profiles), whose keys are texts. A decision has no
    totals, and says it all there. It goes through JSON and comes back equal; what its keys mean is in the method's `counting`.
    """

    position: int
    reading: Reading
    totals: tuple[OptionTotal, ...]
    retained: tuple[int, ...]
    unfilled: int
    most_supported: tuple[int, ...]
    balanced: tuple[int, ...] | None
    weights: tuple[Fraction, ...]
    other: Difference | None
    ties: tuple[Tie, ...]
    unsupported: tuple[int, ...]
    ballots: int
    blank: int
    rejected: int
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ranks(self) -> dict[int, int]:
        """The rank that is read before each option, the same for equals, whatever the lottery did.

        It is that of the totals; when the balanced reading decides, that of the weights with which places were won, and
        the options without a place have none.
        """
        if self.reading == "balanced":
            won = zip(self.balanced or (), self.weights, strict=True)
            return {number: 1 + sum(other > weight for other in self.weights) for number, weight in won}
        return {each.number: each.rank for each in self.totals}

    @property
    def without_option(self) -> int:
        """Places that stay empty because the ballot had fewer options than places."""
        return max(0, len(self.retained) + self.unfilled - len(self.totals))

    @property
    def without_support(self) -> int:
        """Places that stay empty because nobody supported another option."""
        return self.unfilled - self.without_option

    @property
    def valid(self) -> int:
        return self.ballots + self.blank

    @property
    def cast(self) -> int:
        return self.valid + self.rejected


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a round, its questions in order."""

    reading: Reading
    questions: tuple[QuestionOutcome, ...]


def decimal_votes(hundred_thousandths: int) -> str:
    """As a decimal number, exactly: "201", "163.82442"."""
    whole, rest = divmod(hundred_thousandths, UNIT)
    return f"{whole}.{rest:05}".rstrip("0") if rest else str(whole)


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Lists for tuples, and fractions as text: "31/40", "2". The names are those of the dataclasses."""
    data = {"format": FORMAT, **_as_plain_json(outcome)}
    for question in data["questions"]:
        # Absent for a method that has none, as it was before there were such methods.
        if not question["detail"]:
            del question["detail"]
        for row in question["totals"]:
            if row["ballots"] is None:
                del row["ballots"]
    return data


def from_json(data: Mapping[str, Any]) -> Outcome:
    """The outcome that `as_json` wrote. ValueError for anything else."""
    if data.get("format") != FORMAT:
        raise ValueError(f"not an outcome written as {FORMAT}")
    try:
        return Outcome(data["reading"], tuple(_parse_question(each) for each in data["questions"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not an outcome: {error!r}") from error


def _as_plain_json(value: Any) -> Any:
    if is_dataclass(value):
        return {each.name: _as_plain_json(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple):
        return [_as_plain_json(each) for each in value]
    if isinstance(value, Mapping):
        return {name: _as_plain_json(each) for name, each in value.items()}
    return str(value) if isinstance(value, Fraction) else value


def _parse_question(data: Mapping[str, Any]) -> QuestionOutcome:
    totals = (OptionTotal(**each | {"share": Fraction(each["share"])}) for each in data["totals"])
    read = {
        "totals": tuple(totals),
        "weights": tuple(Fraction(each) for each in data["weights"]),
        "other": data["other"] and Difference(**_tuples(data["other"])),
        "ties": tuple(Tie(**_tuples(each) | {"value": Fraction(each["value"])}) for each in data["ties"]),
    }
    return QuestionOutcome(**_tuples(data) | read | {"detail": _detail(data.get("detail", {}))})


def _detail(value: Any) -> Any:
    """Tuples for lists, however deep."""
    if isinstance(value, Mapping):
        return {name: _detail(each) for name, each in value.items()}
    return tuple(_detail(each) for each in value) if isinstance(value, list) else value


def _tuples(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
