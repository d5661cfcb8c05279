"""How long a large box takes to build, write, read and count, and how much memory, in a process of its own.

`python -m tests.bench.counting 100000` writes one line of JSON: see `Counting`. No database takes part.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass

from forums.tally import box as boxes
from forums.tally import ties
from forums.tally.box import Box, Option, Question
from forums.tally.count import count

OPTIONS, LIMIT, TO_RETAIN = 20, 5, 5


@dataclass(frozen=True, slots=True)
class Counting:
    """Of a box of one question by approval, its ballots drawn at random, so nearly as different as can be."""

    ballots: int
    # From sorted ballots to the outcome, both readings and ties included.
    seconds: float
    # Of which counting alone.
    count_seconds: float
    # The most that the process held, ballots before they were sorted included.
    memory_mib: float


def measure(ballots: int) -> Counting:
    """Count in another process, so that its memory is its own."""
    command = [sys.executable, "-m", "tests.bench.counting", str(ballots)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return Counting(**json.loads(done.stdout))


def run(number: int) -> Counting:
    chance = random.Random(number)
    seed = chance.randbytes(32).hex()
    options = tuple(Option(each, f"Recommandation {each}") for each in range(1, OPTIONS + 1))
    ballots = tuple(
        sorted(tuple(sorted(chance.sample(range(1, OPTIONS + 1), LIMIT))) for _ballot in range(number))
    )
    receipts = tuple(sorted(chance.randbytes(32).hex() for _ballot in range(number)))
    started = time.perf_counter()
    question = Question(1, "", "", "approval", LIMIT, None, None, TO_RETAIN, options, ballots, 0, 0)
    moments = "2026-05-19T18:30:00Z", "2026-05-19T19:00:00Z"
    hash_of_seed = ties.seed_hash(seed)
    box = Box("", "", "", "2026-05-19", 1, *moments, "balanced", seed, hash_of_seed, (question,), receipts)
    text = boxes.write(box)
    boxes.seal(text)
    again = boxes.read(text)
    read = time.perf_counter()
    count(again)
    counted = time.perf_counter()
    memory_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Counting(number, counted - started, counted - read, memory_kib / 1024)


if __name__ == "__main__":
    print(json.dumps(asdict(run(int(sys.argv[1])))))
