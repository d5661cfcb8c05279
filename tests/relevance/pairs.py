"""Labelled pairs of enterprises, of `pairs.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from enterprises.duplicates.similarity import Candidate
from pole.geo.gazetteer import Gazetteer
from tests.relevance.asking import HERE

# What both have.
_SHARED = {
    "neq": ({"neq": "1190000001"},) * 2,
    "web": ({"domain": "partage.example"},) * 2,
    "tel": ({"phone": "+14505550100"},) * 2,
    "courriel": ({"email": "nous@gmail.com"}, {"email": "Nous@Gmail.com"}),
    "cp": ({"postal_code": "J6N 1L7"},) * 2,
    "adresse": (
        {"street": "12, rue du Marché, bureau 201", "postal_code": "J6N 1L7"},
        {"street": "12 RUE DU MARCHE", "postal_code": "J6N 1L7"},
    ),
}
# What each has of its own.
_DIFFERENT = {
    "neq": ({"neq": "1190000001"}, {"neq": "1190000019"}),
    "web": ({"domain": "une.example"}, {"domain": "autre.example"}),
    "tel": ({"phone": "+14505550111"}, {"phone": "+14505550122"}),
    "courriel": ({"email": "une@gmail.com"}, {"email": "autre@gmail.com"}),
    "cp": ({"postal_code": "J6N 1L7"}, {"postal_code": "J6N 3K9"}),
}


@dataclass(frozen=True, slots=True)
class Pair:
    kind: str
    is_one: bool
    # The rules were not tuned on it.
    is_held_out: bool
    first: Candidate
    second: Candidate

    def __str__(self) -> str:
        return f"{self.first.name} / {self.second.name}"


def read_pairs(gazetteer: Gazetteer) -> Iterator[Pair]:
    kinds = tomllib.loads((HERE / "pairs.toml").read_text(encoding="utf-8"))["kind"]
    for kind in kinds:
        for half in ("pairs", "held_out"):
            for row in kind.get(half, ()):
                first, second = _candidates(row, gazetteer)
                yield Pair(kind["name"], kind["is_one"], half == "held_out", first, second)


def _candidates(row: Sequence[str], gazetteer: Gazetteer) -> tuple[Candidate, Candidate]:
    name, town, other_name, other_town, shared, different = row
    both = (
        Candidate(1, name, municipality=_code(town, gazetteer)),
        Candidate(2, other_name, municipality=_code(other_town, gazetteer)),
    )
    for facts in (*map(_SHARED.__getitem__, shared.split()), *map(_DIFFERENT.__getitem__, different.split())):
        both = (replace(both[0], **facts[0]), replace(both[1], **facts[1]))
    return both


def _code(town: str, gazetteer: Gazetteer) -> str:
    """The code of a town of the territory; "" for one of elsewhere."""
    found = gazetteer.find(town).municipality
    return found.code if found else ""
