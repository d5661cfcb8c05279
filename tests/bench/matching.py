"""`python -m tests.bench.matching`: what it costs to look for the rows of an import among the listings, on one core.

Plausible names, then the worst: thousands of one network, of one name, at one telephone. No database: what is
measured is the comparison alone.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pole.settings")
django.setup()

from enterprises.duplicates.similarity import Candidate, CandidateIndex, Territory  # noqa: E402 - a model is on its way

ROWS, LISTINGS = 20_000, 20_000
TOWNS = [f"{code:05}" for code in range(80)]
_ROOT = Path(__file__).parents[2]
_WORDS = tomllib.loads((_ROOT / "enterprises/demo/words.toml").read_text(encoding="utf-8"))

type Naming = Callable[[random.Random, int], str]


def territory() -> Territory:
    """Eighty towns in a row, each with three neighbours on each side."""
    neighbours = {town: frozenset(TOWNS[max(0, at - 3) : at + 4]) - {town} for at, town in enumerate(TOWNS)}
    return Territory(frozenset({"rivage", "coteau", "village"}), neighbours)


def plausible(rng: random.Random, _number: int) -> str:
    gender = _WORDS[rng.choice(("masculine", "feminine"))]
    prefix = rng.choice(rng.choice(_WORDS["form"])["prefixes"])
    kind = rng.choice(rng.choice(list(_WORDS["kinds"].values())))
    return (
        f"{prefix}{kind} {gender['article']} {rng.choice(gender['nouns'])} {rng.choice(gender['adjectives'])}"
    )


def of_one_network(rng: random.Random, number: int) -> str:
    gender = _WORDS["feminine"]
    return f"CPE {rng.choice(gender['nouns'])} {rng.choice(gender['adjectives'])} {number % 500}"


def of_one_name(_rng: random.Random, _number: int) -> str:
    return "Centre de la petite enfance Les Lucioles du ruisseau"


NAMINGS: dict[str, Naming] = {
    "plausible": plausible, "one network": of_one_network, "one name": of_one_name,
}  # fmt: skip


def candidates(naming: Naming, count: int, *, seed: int, sign: int = 1) -> Iterator[Candidate]:
    """`sign`: -1 for the rows of a file."""
    rng = random.Random(seed)
    for number in range(1, count + 1):
        town = rng.choice(TOWNS)
        yield Candidate(
            sign * number, naming(rng, number),
            domain=f"site{rng.randrange(2 * count)}.example" if rng.random() < 0.5 else "",
            phone=f"+1450{rng.randrange(2_000_000, 9_999_999)}" if naming is plausible else "+14505550100",
            municipality=town,
            email=f"a{rng.randrange(2 * count)}@courrier.example" if rng.random() < 0.6 else "",
            street=f"{rng.randrange(1, 900)}, {rng.choice(_WORDS['streets'])}", postal_code=f"J0S {rng.randrange(10)}A{rng.randrange(10)}",
        )  # fmt: skip


def rows_of_file(naming: Naming, count: int, known: Sequence[Candidate]) -> Iterator[tuple[Candidate, int]]:
    """Rows, half of which are listings written anew: a letter lost, other contacts; with the listing's key, or 0."""
    rng = random.Random(3)
    for new in candidates(naming, count, seed=2, sign=-1):
        listing = rng.choice(known) if rng.random() < 0.5 else None
        if listing is None:
            yield new, 0
        else:
            lost = rng.randrange(len(listing.name))
            name = f"{listing.name[:lost]}{listing.name[lost + 1 :]} inc."
            yield replace(new, name=name.upper(), municipality=listing.municipality), listing.key


def measure(naming: Naming, rows: int, listings: int) -> tuple[float, float, float, float]:
    """(Seconds to make the index, seconds to look for the rows, comparisons a row, share of the listings written anew that are found)."""
    known = list(candidates(naming, listings, seed=1))
    asked = list(rows_of_file(naming, rows, known))
    began = time.process_time()
    index = CandidateIndex(known, territory())
    made = time.process_time()
    found = [[match.key for match, _value in index.matches(row)] for row, _key in asked]
    ended = time.process_time()
    hits = [key in keys for keys, (_row, key) in zip(found, asked, strict=True) if key]
    return made - began, ended - made, index.compared / rows, sum(hits) / len(hits)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the search for duplicates, on one core.")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--listings", type=int, default=LISTINGS)
    given = parser.parse_args()
    print(f"{given.rows:,} rows among {given.listings:,} listings")
    print(
        "| names | index | rows | comparisons a row | written anew and found | peak memory of the process |"
    )
    print("|---|---:|---:|---:|---:|---:|")
    for name, naming in NAMINGS.items():
        index, rows, compared, found = measure(naming, given.rows, given.listings)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"| {name} | {index:.1f} s | {rows:.1f} s | {compared:.1f} | {found:.1%} | {peak} MiB |")


if __name__ == "__main__":
    main()
