"""`make oracle`: judgments beside medians removed one by one, on thousands of random profiles.

Well-known packages break ties by a gauge instead, so the rule itself is the oracle (`medians`): ballots in a row, sorted, of which
the middle one is taken away. Grades are drawn as people give them: anyhow, by camps, or nearly alike. It needs no package.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from random import Random

from forums.tally.count import count
from tests.forums.tally.boxes import box, judgment
from tests.forums.tally.medians import classes

type Ballot = dict[int, int]


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare judgments with medians removed one by one.")
    parser.add_argument("--profiles", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=2010)
    given = parser.parse_args()
    chance, started = Random(given.seed), time.monotonic()
    seen: Counter[str] = Counter()
    for number in range(given.profiles):
        among, grades = chance.randint(2, 9), chance.randint(5, 7)
        ballots = _profile(chance, among, grades)
        if fault := _fault(ballots, among, grades, chance.randint(1, 6), seen):
            print(f"profile {number}: {fault}\n  {grades} grades, {among} options: {ballots}")
            return 1
    took = time.monotonic() - started
    told = ", ".join(f"{times:,} with {what}" for what, times in sorted(seen.items()))
    print(f"{given.profiles:,} judgments agree with medians removed one by one ({told}) in {took:.0f} s.")
    return 0


def _profile(chance: Random, among: int, grades: int) -> list[Ballot]:
    """Ballots that leave some options out; few voters half of the time, for ties."""
    voters = chance.choice(
        [chance.randint(1, 6), chance.randint(1, 6), chance.randint(7, 60), chance.randint(61, 300)]
    )
    camps = [[chance.randrange(grades) for _option in range(among)] for _camp in range(3)]
    kind = chance.choice(["anyhow", "camps", "alike"])
    ballots = []
    for _voter in range(voters):
        given = chance.choice(camps) if kind == "camps" else camps[0]
        wide = grades if kind == "anyhow" else 1
        near = [min(grades - 1, max(0, grade + chance.randint(-wide, wide))) for grade in given]
        ballots.append({option: grade for option, grade in enumerate(near, start=1) if chance.random() < 0.9})
    return ballots


def _fault(ballots: Sequence[Ballot], among: int, grades: int, places: int, seen: Counter[str]) -> str:
    filled = [ballot for ballot in ballots if ballot]
    blank = len(ballots) - len(filled)
    question = judgment(filled, among=among, grades=grades, to_retain=places, blank=blank)
    outcome = count(box(question)).questions[0]
    everyone = range(1, among + 1)
    profile = {
        option: [sum(ballot.get(option, 0) == grade for ballot in filled) for grade in range(grades)]
        for option in everyone
    }
    if dict(outcome.detail["profile"]) != {option: tuple(counts) for option, counts in profile.items()}:
        return f"profile: {outcome.detail['profile']}"
    levels = classes(profile)
    ranks = {
        option: 1 + sum(map(len, levels[:place])) for place, level in enumerate(levels) for option in level
    }
    if outcome.ranks != ranks:
        return f"ranks: {outcome.ranks} here, {ranks} there"
    able = [option for option in everyone if any(profile[option][1:])]
    wanted = sorted(ranks[option] for option in able)[:places]
    if [ranks[option] for option in outcome.retained] != wanted or not set(outcome.retained) <= set(able):
        return f"retained: {outcome.retained}"
    tied = {frozenset(tie.options) for tie in outcome.ties}
    expected = {frozenset(level) for level in levels if len(level) > 1 and level & set(outcome.retained)}
    if tied != expected:
        return f"ties: {outcome.ties}"
    seen["a tie among those retained"] += bool(tied)
    seen["a median that several share"] += len({each.total for each in outcome.totals}) < len(levels)
    seen["a place left empty"] += bool(outcome.unfilled)
    return ""


if __name__ == "__main__":
    sys.exit(main())
