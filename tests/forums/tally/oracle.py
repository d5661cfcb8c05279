"""`make oracle`: the tally beside abcvoting, an independent library, on thousands of random profiles.

For each profile, every committee that some lottery can elect is compared with every committee that abcvoting
says can win, by approval and by the balanced reading, with the value that abcvoting gives to what is elected.
It runs in an environment of its own, without Django.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import combinations
from random import Random

from abcvoting import abcrules, scores
from abcvoting.preferences import Profile

from forums.tally.count import count
from forums.tally.outcome import QuestionOutcome
from forums.vote.methods.approval import proportional
from tests.forums.tally.boxes import approval, box

Committees = set[frozenset[int]]


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare the tally with abcvoting.")
    parser.add_argument("--profiles", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=1895)
    given = parser.parse_args()
    chance, started = Random(given.seed), time.monotonic()
    seen: Counter[str] = Counter()
    for number in range(given.profiles):
        ballots, among, places = _profile(chance)
        if fault := _fault(ballots, among, places, seen):
            print(f"profile {number}: {fault}\n  {places} places among {among}: {ballots}")
            return 1
    took = time.monotonic() - started
    told = ", ".join(f"{times:,} with {what}" for what, times in sorted(seen.items()))
    print(f"{given.profiles:,} profiles agree with abcvoting ({told}) in {took:.0f} s.")
    return 0


# --- Random profiles


def _profile(chance: Random) -> tuple[list[set[int]], int, int]:
    """Ballots, number of options, places; at least as many options are supported as there are places."""
    while True:
        among = chance.randint(2, 9)
        voters = chance.choice([chance.randint(1, 12), chance.randint(1, 60), chance.randint(200, 600)])
        limit = chance.randint(1, among)
        kind = chance.choice([_anyhow, _by_parties, _along_a_line])
        ballots = [ballot for ballot in kind(chance, voters, among, limit) if ballot]
        supported = len(set().union(*ballots))
        if supported:
            return ballots, among, chance.randint(1, min(supported, 6))


def _anyhow(chance: Random, voters: int, among: int, limit: int) -> Iterator[set[int]]:
    for _voter in range(voters):
        yield set(chance.sample(range(1, among + 1), chance.randint(1, limit)))


def _by_parties(chance: Random, voters: int, among: int, limit: int) -> Iterator[set[int]]:
    parties = [chance.sample(range(1, among + 1), chance.randint(1, limit)) for _party in range(3)]
    for _voter in range(voters):
        party = chance.choice(parties)
        yield {option for option in party if chance.random() < 0.9}


def _along_a_line(chance: Random, voters: int, among: int, limit: int) -> Iterator[set[int]]:
    places = {option: chance.random() for option in range(1, among + 1)}
    for _voter in range(voters):
        at = chance.random()
        nearest = sorted(places, key=lambda option, at=at: abs(places[option] - at))
        yield set(nearest[: chance.randint(1, limit)])


# --- What the tally says, and what abcvoting says


def _fault(ballots: list[set[int]], among: int, places: int, seen: Counter[str]) -> str:
    question = approval(ballots, among=among, to_retain=places)
    outcome = count(box(question)).questions[0]
    profile = Profile(among + 1)
    profile.add_voters(ballots)
    theirs: dict[str, Committees] = {
        rule: {frozenset(each) for each in compute(profile, places, resolute=False, algorithm=algorithm)}
        for rule, compute, algorithm in _RULES
    }
    ours = {
        "approval": _by_totals(outcome),
        "balanced": _by_steps(question.ballots, question.numbers, places),
    }
    for rule, committees in theirs.items():
        if ours[rule] != committees:
            return f"{rule}: {sorted(map(sorted, ours[rule]))} here, {sorted(map(sorted, committees))} there"
        seen[f"a tie by {rule} reading"] += len(committees) > 1
    if outcome.balanced is None or frozenset(outcome.most_supported) not in ours["approval"]:
        return f"retained: {outcome.most_supported}"
    if frozenset(outcome.balanced) not in ours["balanced"]:
        return f"balanced: {outcome.balanced}"
    if any(len(ours[rule]) > 1 and not _has_tie(outcome, reading) for rule, reading in _READINGS.items()):
        return f"a tie was not told: {outcome.ties}"
    value = Fraction(scores.thiele_score("pav", profile, set(outcome.balanced)))
    return "" if value == sum(outcome.weights) else f"{value} there, {outcome.weights} here"


_RULES: list[tuple[str, Callable[..., list[set[int]]], str]] = [
    ("approval", abcrules.compute_av, "standard"),
    ("balanced", abcrules.compute_seqpav, "standard"),
]
_READINGS = {"approval": "most_supported", "balanced": "balanced"}


def _has_tie(outcome: QuestionOutcome, reading: str) -> bool:
    return any(tie.reading == reading for tie in outcome.ties)


def _by_totals(outcome: QuestionOutcome) -> Committees:
    """Those that the tie at the threshold, as it is told, leaves to the lottery."""
    for tie in outcome.ties:
        if tie.decides == "retained":
            sure = frozenset(outcome.most_supported) - set(tie.options)
            return {sure | set(drawn) for drawn in combinations(tie.options, len(tie.kept))}
    return {frozenset(outcome.most_supported)}


def _by_steps(ballots: tuple[tuple[int, ...], ...], numbers: tuple[int, ...], places: int) -> Committees:
    """Those that some lottery elects: whatever leads to the same options leads on to the same ones."""
    groups, ways = Counter(ballots), [()]
    for place in range(1, places + 1):
        reached = {}
        for way in ways:
            lottery = [*way, *(option for option in numbers if option not in way)]
            for option in proportional.elect(groups, lottery, place)[-1].equals:
                reached[frozenset({*way, option})] = (*way, option)
        ways = list(reached.values())
    return {frozenset(way) for way in ways}


if __name__ == "__main__":
    sys.exit(main())
