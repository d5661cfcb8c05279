"""A thousand combinations of filters over listings that change, by the open data and the page, against plain SQL written here.

SQL judges words by the text itself: those asked for are whole words of it, far from each other in spelling.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection

from enterprises.models import Listing, Sector
from enterprises.models.procurement import CATEGORIES
from pole.models import Municipality
from tests.factories import ListingFactory, SectorFactory
from tests.relevance import asking

pytestmark = pytest.mark.django_db
COMBINATIONS, ASKINGS_BETWEEN_EDITS, LISTINGS = 1_000, 4, 300
# One combination in ten is also read on the page, for the counts of its facets.
PAGES_EACH = 10
LISTINGS_A_PAGE = 24
WORDS = (
    "baobab",
    "zirconium",
    "kimono",
    "tungstène",
    "hévéa",
    "quinoa",
    "rhubarbe",
    "flanelle",
    "microscope",
    "yourte",
)
MRCS = ("58", "67", "68", "69", "70", "71")
FORMS = [form for form in Listing.LegalForm.values if form]
SUPPLIES = [category.code for category in CATEGORIES][:6]
LANGUAGES = list(Listing.Language.values)
PLACES = ("Châteauguay", "Longueuil", "Napierville", "Ormstown", "Vaudreuil-Dorion")
PAIRS = "éèêàâîôûç", "eeeaaiouc"

# Of one listing at a time, `l`, so that no join is planned: nobody else sees these rows, of which the planner knows nothing.
VALUES = {
    "secteur": "ARRAY(SELECT slug::text FROM enterprises_listing_sectors JOIN enterprises_sector s ON s.id = sector_id"
    " WHERE listing_id = l.id)",
    "mrc": "ARRAY(SELECT mrc_id::text FROM pole_municipality WHERE code = l.municipality_id)",
    "municipalite": "ARRAY[l.municipality_id::text]",
    "forme": "ARRAY[l.legal_form::text]",
    "achat": "l.supplies::text[]",
    "langue": "l.languages::text[]",
    "dessert": "ARRAY(SELECT mrc_id::text FROM enterprises_listing_territory WHERE listing_id = l.id)",
}
KM = """(SELECT 2 * 6371 * asin(sqrt(power(sin(radians(latitude - %(latitude)s) / 2), 2)
    + cos(radians(%(latitude)s)) * cos(radians(latitude)) * power(sin(radians(longitude - %(longitude)s) / 2), 2)))
    FROM pole_municipality WHERE code = l.municipality_id)"""
CONDITIONS = {
    "q": "translate(lower(concat_ws(' ', l.name, l.mission, array_to_string(l.products, ' '), l.description)),"
    " %(accented)s, %(plain)s) ~ ('\\m' || %(word)s || '\\M')",
    "near": f"{KM} <= %(km)s",
    **{facet: f"{values} && %({facet})s::text[]" for facet, values in VALUES.items()},
}


class Directory:
    """Random listings, what changes them, and what SQL says of them."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.sectors: list[Any] = [SectorFactory() for _number in range(6)]
        self.towns = list(Municipality.objects.filter(is_in_territory=True, mrc__in=MRCS).order_by("code"))
        self.towns = rng.sample(self.towns, 25)
        self.made = 0
        for _number in range(LISTINGS):
            self.add()

    def text(self) -> str:
        words = self.rng.sample(WORDS, self.rng.choice((0, 0, 1, 2)))
        return " ".join(self.rng.choice((word, word.capitalize(), word.upper())) for word in words)

    def some(self, values: Sequence[Any], most: int = 3) -> list[Any]:
        return self.rng.sample(values, self.rng.randint(0, most))

    def add(self) -> None:
        self.made += 1
        listing = ListingFactory(
            slug=f"fiche-{self.made}",
            name=f"{self.rng.choice('ÉeZaœ')} {self.text()} {self.rng.randint(1, 60)}",
            mission=self.text(),
            description=f"<p>{self.text()}</p>",
            products=[text for text in (self.text(), self.text()) if text],
            legal_form=self.rng.choice(FORMS),
            municipality=self.rng.choice(self.towns),
            supplies=self.some(SUPPLIES),
            languages=self.some(LANGUAGES, 2),
            state=self.rng.choice(("published",) * 5 + ("draft",)),
            sectors=self.some(self.sectors),
        )
        listing.territory.set(self.some(MRCS, 2))

    def edit(self) -> None:
        key = self.rng.choice(list(Listing.objects.order_by("pk").values_list("pk", flat=True)))
        rows = Listing.objects.filter(pk=key)
        listing = rows.defer("document").get()
        edits: dict[str, Callable[[], object]] = {
            "update": lambda: rows.update(mission=self.text(), products=[self.text() or "rien"]),
            "rename": lambda: rows.update(name=f"{self.text()} {self.rng.randint(1, 60)} b"),
            "hide": lambda: rows.update(state=self.rng.choice(("draft", "archived"))),
            "publish": lambda: rows.update(state="published"),
            "publish one that is hidden": self.publish_hidden,
            "delete": listing.delete,
            "add": self.add,
            "sectors": lambda: listing.sectors.set(self.some(self.sectors)),
            "town": lambda: rows.update(municipality=self.rng.choice(self.towns)),
            "territory": lambda: listing.territory.set(self.some(MRCS, 2)),
            "facts": lambda: rows.update(
                legal_form=self.rng.choice(FORMS),
                supplies=self.some(SUPPLIES),
                languages=self.some(LANGUAGES, 2),
            ),
            "sector's address": self.rename_sector,
        }
        edits[self.rng.choice(list(edits))]()

    def publish_hidden(self) -> None:
        hidden = Listing.objects.exclude(state="published").order_by("pk").first()
        Listing.objects.filter(pk=hidden and hidden.pk).update(state="published")

    def rename_sector(self) -> None:
        sector = self.rng.choice(self.sectors)
        sector.slug = f"s-{self.rng.randint(1, 9)}-{sector.pk}"
        Sector.objects.filter(pk=sector.pk).update(slug=sector.slug)

    def filters(self) -> dict[str, Any]:
        """As the address holds them: words in half of them, a radius in a fifth, three facets at most."""
        facets: dict[str, Sequence[str]] = {
            "secteur": [sector.slug for sector in self.sectors],
            "mrc": MRCS,
            "municipalite": [town.code for town in self.towns],
            "forme": FORMS,
            "achat": SUPPLIES,
            "langue": LANGUAGES,
            "dessert": MRCS,
        }
        chosen = self.rng.sample(sorted(facets), self.rng.choice((0, 1, 2, 2, 3, 3)))
        asked: dict[str, Any] = {
            name: self.rng.sample(facets[name], self.rng.randint(1, 3)) for name in chosen
        }
        if self.rng.random() < 0.5:
            asked["q"] = self.rng.choice(WORDS)
        if self.rng.random() < 0.2:
            asked |= {"pres": self.rng.choice(PLACES), "rayon": self.rng.choice(("5", "10", "25", "50"))}
        if self.rng.random() < 0.3:
            asked["tri"] = "nom"
        return asked


def conditions_of(asked: dict) -> tuple[dict[str, str], dict]:
    """The condition of each filter, by its name, and their parameters."""
    params = {name: asked.get(name) for name in CONDITIONS} | dict(
        zip(("accented", "plain"), PAIRS, strict=True)
    )
    params["word"] = asked.get("q", "").translate(str.maketrans(*PAIRS))
    conditions = {name: CONDITIONS[name] for name in CONDITIONS if asked.get(name)}
    if place := asked.get("pres"):
        town = Municipality.objects.get(name=place)
        params |= {"latitude": town.latitude, "longitude": town.longitude, "km": int(asked["rayon"])}
        conditions["near"] = CONDITIONS["near"]
    return conditions, params


def select(columns: str, conditions, params, after: str = "") -> Any:
    where = " AND ".join(["l.state = 'published'", *conditions])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM enterprises_listing l WHERE {where} {after}", params)
        return cursor.fetchall()


def listed_by_sql(asked: dict) -> list[str]:
    """Slugs, in the order of names."""
    conditions, params = conditions_of(asked)
    return [slug for (slug,) in select("slug", conditions.values(), params, "ORDER BY name_key, id")]


def counted_by_sql(asked: dict) -> dict[str, dict[str, int]]:
    """By facet, how many listings each of its values would leave under the other filters."""
    conditions, params = conditions_of(asked)
    counts = {}
    for facet, values in VALUES.items():
        others = [condition for name, condition in conditions.items() if name != facet]
        counts[facet] = dict(select(f"unnest({values}), count(*)", others, params, "GROUP BY 1"))
    return counts


def as_arguments(asked: dict) -> tuple[str, dict]:
    """The words, and the other filters."""
    return asked.get("q", ""), {name: value for name, value in asked.items() if name != "q"}


def whole_list(client, asked: dict) -> tuple[list[str], int]:
    """Slugs of all pages of the open data, and the total."""
    words, filters = as_arguments(asked)
    found = asking.ask(client, words, **filters)
    slugs = list(found.slugs)
    for page in range(2, -(-found.total // asking.EVERYTHING) + 1):
        slugs += asking.ask(client, words, **filters, page=page).slugs
    return slugs, found.total


def shown_list(client, asked: dict, total: int) -> list[str]:
    """Slugs of all pages of the directory."""
    words, filters = as_arguments(asked)
    numbers = range(1, -(-total // LISTINGS_A_PAGE) + 1)
    pages = [asking.read_page(client, words, **filters, page=number) for number in numbers]
    return [slug for page in pages for slug in asking.listings_of(page)]


def walked_list(client, asked: dict) -> list[list[str]]:
    """Slugs of each page of the open data, from one to the next by the addresses that it gives."""
    pages = []
    answer = client.get(asking.API, asked | {"par_page": 17}).json()
    while True:
        pages.append([row["slug"] for row in answer["results"]])
        if not answer["next"]:
            return pages
        address = urlsplit(answer["next"])
        answer = client.get(f"{address.path}?{address.query}").json()


def test_lists_totals_and_counts_are_those_of_sql(client):
    rng = random.Random(17)
    directory = Directory(rng)
    found_some = 0
    for number in range(COMBINATIONS):
        if number % ASKINGS_BETWEEN_EDITS == 0:
            directory.edit()
        asked = directory.filters()
        expected = listed_by_sql(asked)
        slugs, total = whole_list(client, asked)
        assert total == len(expected), asked
        assert sorted(slugs) == sorted(expected), asked
        if asked.get("tri") or not ({"q", "pres"} & asked.keys()):
            assert slugs == expected, asked
        if number % PAGES_EACH == 0:
            words, others = as_arguments(asked)
            page = asking.read_page(client, words, **others)
            shown = asking.counts_of(page)
            assert asking.total_of(page) == total
            counts = {facet: {value: n for value, n in shown.get(facet, {}).items() if n} for facet in VALUES}
            assert counts == counted_by_sql(asked), asked
        found_some += bool(expected)
    # Else these combinations would judge nothing.
    assert found_some > COMBINATIONS / 2


def test_pages_of_a_list_put_together_are_the_whole_list_once(client):
    directory = Directory(random.Random(23))
    of_several_pages = 0
    for _number in range(40):
        asked = directory.filters()
        slugs, total = whole_list(client, asked)
        assert len(set(slugs)) == len(slugs) == total
        pages = walked_list(client, asked)
        assert [slug for page in pages for slug in page] == slugs, asked
        assert shown_list(client, asked, total) == slugs, asked
        of_several_pages += len(pages) > 1
    assert of_several_pages > 10


def test_distances_never_decrease(client):
    directory = Directory(random.Random(29))
    for place in PLACES:
        asked = {"pres": place, "rayon": "50", "tri": "distance", "q": directory.rng.choice(WORDS)}
        conditions, params = conditions_of(asked)
        km = dict(select(f"slug, {KM}", conditions.values(), params))
        slugs, _total = whole_list(client, asked)
        assert slugs
        assert all(km[one] <= km[other] + 1e-9 for one, other in pairwise(slugs)), place
