"""The stages of a count, one after the other, from ballots that rank options. The rules are in `counting`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from forums.tally.outcome import UNIT

type Kind = Literal["first", "surplus", "exclusion"]


@dataclass(frozen=True, slots=True)
class Choice:
    """The option whose votes a stage passes on, and how it was chosen among equals.

    `equals` had the same votes, or is empty; `stage`, from 1, is where they differed, 0 when nowhere; `drawn` are those
    that the lottery then separated, in its order.
    """

    option: int
    equals: tuple[int, ...] = ()
    stage: int = 0
    drawn: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """`votes` are by option, at the end of the stage; `needed` is what retains one; `elected` are in order.

    `fills`: the last of `elected` are so because no more options were still in than places were left.
    """

    kind: Kind
    choice: Choice | None
    votes: Mapping[int, int]
    needed: int
    elected: tuple[int, ...]
    fills: bool


@dataclass(slots=True)
class _Parcel:
    """Ballots of one content, all worth the same: they travel together. `place` is that of the option they are with."""

    ballot: tuple[int, ...]
    times: int
    place: int = 0
    value: int = UNIT


@dataclass(slots=True)
class Count:
    """A count under way, then over. `options` are those that a ballot ranks, in the order of the lottery."""

    options: tuple[int, ...]
    places: int
    valid: int
    stages: list[Stage] = field(default_factory=list)
    continuing: set[int] = field(default_factory=set)
    elected: list[int] = field(default_factory=list)
    excluded: list[int] = field(default_factory=list)
    _votes: dict[int, int] = field(default_factory=dict)
    _piles: dict[int, list[_Parcel]] = field(default_factory=dict)
    # Elected with more than the quota, and not passed on yet.
    _surpluses: set[int] = field(default_factory=set)

    def strength(self, option: int) -> tuple[int, ...]:
        """Its votes at each stage, the last one first: who has more at the most recent stage where two differ is before."""
        return tuple(stage.votes[option] for stage in reversed(self.stages))

    @property
    def vacant(self) -> int:
        return self.places - len(self.elected)

    def needed(self) -> int:
        """The quota; with one place, more than half of the votes of the options still in."""
        if self.places > 1:
            return (self.valid // (self.places + 1) + 1) * UNIT
        return (sum(self._votes[option] for option in self.continuing) // UNIT // 2 + 1) * UNIT

    def run(self, ballots: Iterable[tuple[int, ...]]) -> None:
        self.continuing = set(self.options)
        self._votes = dict.fromkeys(self.options, 0)
        self._piles = {option: [] for option in self.options}
        for ballot, times in Counter(ballots).items():
            self._give(_Parcel(ballot, times), ballot[0])
        self._end_stage("first", None)
        while self.vacant and self.continuing:
            if self._surpluses:
                choice = self._choose(self._surpluses, max, self.options)
                self._pass_surplus(choice.option)
                self._end_stage("surplus", choice)
            else:
                choice = self._choose(self.continuing, min, tuple(reversed(self.options)))
                self._exclude(choice.option)
                self._end_stage("exclusion", choice)

    def _choose(
        self,
        among: Iterable[int],
        best: Callable[[Iterable[tuple[int, ...]]], tuple[int, ...]],
        draw: Sequence[int],
    ) -> Choice:
        """The strongest or the weakest: by the votes of the last stage, of those before it, then as drawn."""
        strengths = {option: self.strength(option) for option in among}
        wanted = best(strengths.values())
        equals = tuple(sorted(option for option, each in strengths.items() if each[0] == wanted[0]))
        drawn = tuple(option for option in draw if strengths.get(option) == wanted)
        if len(equals) == 1:
            return Choice(drawn[0])
        if len(drawn) > 1:
            in_order = tuple(option for option in self.options if option in drawn)
            return Choice(drawn[0], equals, 0, in_order)
        # The first stage back at which the chosen one is alone.
        back = next(
            back
            for back in range(1, len(wanted))
            if sum(each[: back + 1] == wanted[: back + 1] for each in strengths.values()) == 1
        )
        return Choice(drawn[0], equals, len(self.stages) - back)

    def _pass_surplus(self, option: int) -> None:
        self._surpluses.remove(option)
        votes = self._votes[option]
        surplus = votes - self.needed()
        self._votes[option] = self.needed()
        for parcel in self._piles.pop(option):
            parcel.value = surplus * parcel.value // votes
            self._pass_on(parcel)

    def _exclude(self, option: int) -> None:
        self.continuing.remove(option)
        self.excluded.append(option)
        self._votes[option] = 0
        for parcel in self._piles.pop(option):
            self._pass_on(parcel)

    def _pass_on(self, parcel: _Parcel) -> None:
        """To the next option still in that it ranks; without one, it is not transferable."""
        for place in range(parcel.place + 1, len(parcel.ballot)):
            if parcel.ballot[place] in self.continuing:
                parcel.place = place
                self._give(parcel, parcel.ballot[place])
                return

    def _give(self, parcel: _Parcel, option: int) -> None:
        self._piles[option].append(parcel)
        self._votes[option] += parcel.times * parcel.value

    def _end_stage(self, kind: Kind, choice: Choice | None) -> None:
        """Retains those who reached what is needed, then all that are left if they are no more than the places."""
        needed, votes = self.needed(), dict(self._votes)
        # Without the options elected by it, so that the order of the elected can be asked of `strength`.
        self.stages.append(Stage(kind, choice, votes, needed, (), fills=False))
        reached = [option for option in self.options if option in self.continuing and votes[option] >= needed]
        elected = self._elect(reached)
        self._surpluses |= {option for option in reached if votes[option] > needed}
        left = [option for option in self.options if option in self.continuing]
        fills = bool(left) and len(left) <= self.vacant
        if fills:
            elected += self._elect(left)
        self.stages[-1] = Stage(kind, choice, votes, needed, tuple(elected), fills)

    def _elect(self, options: Sequence[int]) -> list[int]:
        """In the order of their votes, the equals of all stages in that of the lottery: sorting is stable."""
        elected = sorted(options, key=self.strength, reverse=True)
        self.continuing.difference_update(elected)
        self.elected += elected
        return elected


def count_by_stages(ballots: Sequence[tuple[int, ...]], places: int, lottery: Sequence[int]) -> Count:
    """The whole count. `lottery` holds every option, those that no ballot ranks too."""
    ranked = {option for ballot in set(ballots) for option in ballot}
    count = Count(tuple(option for option in lottery if option in ranked), places, len(ballots))
    count.run(ballots)
    return count
