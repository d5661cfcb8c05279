"""Questions asked as visitors ask them, by the pages and by the open data: nothing here knows what finds the answers.

So two search engines are measured by the same commands.
"""

from __future__ import annotations

import math
import random
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.test import Client
from selectolax.lexbor import LexborHTMLParser

HERE = Path(__file__).parent
DIRECTORY, PORTAL, API = "/repertoire/", "/recherche/", "/api/v1/fiches/"
# What the API gives at most.
EVERYTHING = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """Slugs of listings, best first, and how many were found in all."""

    slugs: list[str]
    total: int


def read_data(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


def seed_directory() -> dict[str, str]:
    """Adds the written listings of the demonstration; their names, by slug."""
    from enterprises import demo
    from enterprises.models import Listing

    demo.seed(scale=0, rng=random.Random(1))
    return dict(Listing.objects.values_list("slug", "name"))


def ask(client: Client, query: str, *, count: int = EVERYTHING, **filters: Any) -> Answer:
    """By the open data, in French: the cheapest way to the same listings."""
    response = client.get(API, {"q": query, "par_page": count, **filters})
    assert response.status_code == 200, (query, response.status_code)
    found = response.json()
    return Answer([row["slug"] for row in found["results"]], found["total"])


def read_page(client: Client, query: str, address: str = DIRECTORY, **filters: Any) -> LexborHTMLParser:
    response = client.get(address, {"q": query, **filters})
    assert response.status_code == 200, (query, response.status_code)
    return LexborHTMLParser(response.content.decode())


def listings_of(page: LexborHTMLParser) -> list[str]:
    """The slugs of the listings that a page of results shows, in its order; other kinds of results are passed over."""
    return [address.split("/")[2] for address in entries_of(page) if address.startswith(DIRECTORY)]


def entries_of(page: LexborHTMLParser) -> list[str]:
    """The addresses of what a page of results shows, in its order."""
    return [str(link.attributes["href"]) for link in page.css(".entry__title a")]


def total_of(page: LexborHTMLParser) -> int:
    """How many listings the directory's page says that it found."""
    heading = page.css_first("#nombre")
    assert heading is not None
    digits = re.sub(r"\D", "", heading.text())
    assert digits, heading.text()
    return int(digits)


def counts_of(page: LexborHTMLParser) -> dict[str, dict[str, int]]:
    """By facet, the count that the directory's page shows beside each value."""
    counts: dict[str, dict[str, int]] = {}
    for box in page.css(".facet__option"):
        field, shown = box.css_first("input"), box.css_first(".facet__count")
        facet = counts.setdefault(str(field.attributes["name"]), {})
        facet[str(field.attributes["value"])] = int(re.sub(r"\D", "", shown.text()))
    for option in page.css("select#municipalite option"):
        if value := option.attributes["value"]:
            shown_count = re.findall(r"\(([^()]*)\)", option.text())[-1]
            counts.setdefault("municipalite", {})[value] = int(re.sub(r"\D", "", shown_count))
    return counts


def ndcg(found: Sequence[str], grades: Mapping[str, int], size: int = 10) -> float:
    """Of the first `size`, against the best order there could be: from 0 to 1."""

    def gain(values: Sequence[int]) -> float:
        return float(sum((2**value - 1) / math.log2(place + 2) for place, value in enumerate(values[:size])))

    best = gain(sorted(grades.values(), reverse=True))
    return gain([grades.get(slug, 0) for slug in found]) / best


def slugs_named(names: Mapping[str, str], parts: Collection[str]) -> list[str]:
    """The slug of the one listing whose name has each part."""
    slugs = []
    for part in parts:
        having = [slug for slug, name in names.items() if part in name]
        assert len(having) == 1, (part, having)
        slugs += having
    return slugs


def share(held: int, of: int) -> str:
    return f"{100 * held / of:.1f} % ({held} sur {of})"
