"""`make oracle`, for rankings: every stage beside a count on paper, the elected beside stvpoll, an independent library.

`one_by_one` follows the same rules by another way: each profile must have the same stages, votes and lots. stvpoll passes on
all the surpluses of a stage before it looks at the next one, where Scotland passes on one a stage: it is asked where no stage
elects two and no lot is drawn. It rounds the fifth decimal where Scotland truncates: no profile here turns on that.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from random import Random

from stvpoll.scottish_stv import calculate_scottish_stv

from forums.tally.outcome import UNIT
from forums.vote.methods.ranking.stages import Count, count_by_stages
from tests.forums.tally import one_by_one

type Ballots = list[tuple[int, ...]]


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare rankings with a count on paper and with stvpoll.")
    parser.add_argument("--profiles", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=2011)
    given = parser.parse_args()
    chance, started = Random(given.seed), time.monotonic()
    seen: Counter[str] = Counter()
    for number in range(given.profiles):
        ballots, among, places = _profile(chance)
        lottery = chance.sample(range(1, among + 1), among)
        if fault := _fault(ballots, places, lottery, seen):
            print(f"profile {number}: {fault}\n  {places} places among {lottery}: {ballots}")
            return 1
    told = ", ".join(f"{times:,} {what}" for what, times in sorted(seen.items()))
    print(f"{given.profiles:,} rankings agree ({told}) in {time.monotonic() - started:.0f} s.")
    return 0


def _profile(chance: Random) -> tuple[Ballots, int, int]:
    """Ballots, number of options, places. Few voters, and few kinds of ballots: equals at all stages are common."""
    among = chance.randint(2, 8)
    voters = chance.choice([chance.randint(1, 12), chance.randint(1, 60), chance.randint(100, 400)])
    ranks = chance.randint(1, among)
    kinds = [_order(chance, among, ranks) for _kind in range(chance.randint(1, 12))]
    is_anyhow = chance.random() < 0.5
    ballots = [
        _order(chance, among, ranks) if is_anyhow else chance.choice(kinds) for _voter in range(voters)
    ]
    return ballots, among, chance.choice([1, chance.randint(2, 6)])


def _order(chance: Random, among: int, ranks: int) -> tuple[int, ...]:
    return tuple(chance.sample(range(1, among + 1), chance.randint(1, ranks)))


def _fault(ballots: Ballots, places: int, lottery: Sequence[int], seen: Counter[str]) -> str:
    mine = count_by_stages(ballots, places, lottery)
    theirs = list(one_by_one.stages(ballots, places, list(lottery)))
    if _plain(mine) != theirs:
        return f"{_plain(mine)} here, {theirs} on paper"
    choices = [stage.choice for stage in mine.stages if stage.choice]
    drawn = any(choice.drawn for choice in choices)
    seen["with one place"] += places == 1
    seen["with a lot"] += drawn
    seen["with equals that a former stage separates"] += any(
        choice.equals and choice.stage for choice in choices
    )
    seen["with a surplus"] += any(stage.kind == "surplus" for stage in mine.stages)
    if drawn or any(len(stage.elected) > 1 and not stage.fills for stage in mine.stages):
        return ""
    seats = min(places, len(mine.options))
    found = calculate_scottish_stv(tuple(sorted(mine.options)), Counter(ballots), seats, allow_random=False)
    if len(found) < seats:
        # With one place it goes on beyond a majority of what is left, and may meet a lot there.
        return ""
    seen["beside stvpoll"] += 1
    return "" if set(found) == set(mine.elected) else f"{mine.elected} here, {list(found)} by stvpoll"


def _plain(mine: Count) -> list[tuple[str, int | None, dict[int, Decimal], tuple[int, ...]]]:
    """As `one_by_one` tells the stages."""
    return [
        (
            stage.kind,
            stage.choice.option if stage.choice else None,
            {option: Decimal(votes) / UNIT for option, votes in stage.votes.items()},
            stage.elected,
        )
        for stage in mine.stages
    ]


if __name__ == "__main__":
    sys.exit(main())
