from __future__ import annotations

import random
from collections import Counter

import pytest
from django.urls import reverse

from enterprises.hooks.search import search_listings
from enterprises.models import Listing
from enterprises.search.query import Order, Search, find
from enterprises.search.snapshot import FACETS
from pole.models import Municipality
from pole.search import query_words
from tests.factories import ListingFactory, SectorFactory
from tests.searching import searched

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(now_known):
    """Names of the listings found by a query, best first."""

    def ask(query, *, language="fr", count=50, **facets):
        found = find(
            Search(words=tuple(query_words(query)), typed=query, **facets),
            now_known(),
            language=language,
            count=count,
        )
        names = dict(Listing.objects.values_list("pk", "name"))
        return [names[key] for key in found.keys]

    return ask


@pytest.fixture
def some_listings(db):
    cleaning = SectorFactory(name="Entretien des lieux", synonyms=["conciergerie"])
    ListingFactory(name="Coopérative acéricole Les Érables", mission="Faire du sirop.")
    ListingFactory(name="Entretien ménager Les Vitres", mission="Laver.", sectors=[cleaning])
    ListingFactory(name="CPE La Marelle", mission="Garder des enfants.", mission_en="Caring for children.")
    ListingFactory(name="L’Atelier", mission="Réparer des vélos.", description="<p>Le soir, on y danse.</p>")
    ListingFactory(name="Fibre", mission="Brancher.", municipality=Municipality.objects.get(code="58227"))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("érable", ["Coopérative acéricole Les Érables"]),
        ("ERABLES", ["Coopérative acéricole Les Érables"]),
        ("l’érable", ["Coopérative acéricole Les Érables"]),
        ("érabel", ["Coopérative acéricole Les Érables"]),
        ("entretien menager", ["Entretien ménager Les Vitres"]),
        ("ménage", ["Entretien ménager Les Vitres"]),
        ("conciergerie", ["Entretien ménager Les Vitres"]),
        ("garderie", ["CPE La Marelle"]),
        ("daycare", ["CPE La Marelle"]),
        ("cared", ["CPE La Marelle"]),
        ("vélo", ["L’Atelier"]),
        ("velos", ["L’Atelier"]),
        ("enfant", ["CPE La Marelle"]),
        ("bicyclette", ["L’Atelier"]),
        ("danser", ["L’Atelier"]),
        ("coop", ["Coopérative acéricole Les Érables"]),
        ("Longueuil", ["Fibre"]),
        ("longeuil", ["Fibre"]),
        ("zzzz", []),
        ("le de la", []),
        ("à même", []),
        ("danser à la marelle", ["CPE La Marelle", "L’Atelier"]),
        ("?!", []),
    ],
)
def test_words_find(ask, some_listings, query, expected):
    found = ask(query)
    assert (found if query_words(query) else []) == expected


def test_words_are_alternatives_and_those_that_hold_more_come_first(ask, some_listings):
    assert ask("vélo sirop") == ask("sirop vélo")
    assert set(ask("vélo sirop")) == {"L’Atelier", "Coopérative acéricole Les Érables"}
    both = ListingFactory(name="Les deux", description="<p>vélo et sirop</p>")
    assert ask("vélo sirop")[0] == both.name


def test_name_comes_before_mission_and_description(ask):
    ListingFactory(name="Un", description="<p>théâtre</p>")
    ListingFactory(name="Deux", mission="Du théâtre.")
    ListingFactory(name="Théâtre")
    assert ask("theatre") == ["Théâtre", "Deux", "Un"]


def test_stop_words_of_the_page_are_not_asked(ask, some_listings):
    ListingFactory(name="Maison du thé")
    assert ask("the") == ["Maison du thé"]
    assert ask("the caring", language="en") == ["CPE La Marelle"]


@pytest.mark.parametrize("state", ["draft", "archived"])
def test_hidden_listings_are_never_found(ask, now_known, state):
    ListingFactory(name="Érables cachés", state=state)
    ListingFactory(name="Érables")
    assert ask("érable") == ["Érables"]
    assert ask("caches") == []
    assert ask("") == ["Érables"]
    assert now_known().total == 1


def test_hidden_again_is_no_longer_found(ask):
    listing = ListingFactory(name="Érables")
    assert ask("érable") == ["Érables"]
    Listing.objects.filter(pk=listing.pk).update(state="draft")
    assert ask("érable") == []


def test_names_sort_as_in_french(ask):
    for name in ("zone", "École", "Étoile", "eau", "Œuvre", "Abeille", "âne", "ours"):
        ListingFactory(name=name)
    assert ask("") == ["Abeille", "âne", "eau", "École", "Étoile", "Œuvre", "ours", "zone"]


@pytest.mark.parametrize(
    "query",
    [
        "'; DROP TABLE enterprises_listing; --", "a & b | !c <-> d:*", "\\", "'", '"', "((((", ":*", "%_%", "<script>",
        "érable\u0000sirop", "🍁", "١٢٣", "ſ", "İ", "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
        "a" * 10_000, "é " * 5_000, "' | ' & '", "{}", "null", "-" * 300,
    ],
)  # fmt: skip
def test_hostile_queries_answer(client, some_listings, query):
    response = client.get(reverse("enterprises:list"), {"q": query})
    assert response.status_code == 200
    assert Listing.objects.count() == 5


def test_results_of_the_portal(client, some_listings):
    results = searched(search_listings, "velo")
    assert (results.kind, results.total, results.url) == ("entreprises", 1, "/repertoire/")
    [hit] = results.hits
    assert (hit.title, hit.excerpt, hit.language) == ("L’Atelier", "Réparer des vélos.", "fr")
    [hit] = searched(search_listings, "daycare", language="en").hits
    assert (hit.title, hit.excerpt, hit.language) == ("CPE La Marelle", "Caring for children.", "en")
    assert searched(search_listings, "zzzz").total == 0


# --- Facets, against a count by hand ---------------------------------------------------------------


@pytest.fixture
def many_listings(db):
    rng = random.Random(5)
    sectors = [SectorFactory() for _ in range(5)]
    towns = [*Municipality.objects.order_by("code")[:9], Municipality.objects.get(code="70022")]
    for number in range(120):
        listing = ListingFactory(
            supplies=sorted(rng.sample(["denrees", "impression", "renovation"], rng.randint(0, 2))),
            languages=rng.choice([[], ["fr"], ["fr", "en"]]),
            name=f"{rng.choice(['Ferme', 'Atelier', 'Radio'])} {number:03}",
            legal_form=rng.choice(Listing.LegalForm.values),
            municipality=rng.choice(towns),
            state="draft" if number % 10 == 0 else "published",
            sectors=rng.sample(sectors, rng.randint(1, 3)),
        )
        listing.territory.set(rng.sample(["58", "67", "70"], rng.randint(0, 2)))
    return sectors, towns


def by_hand(search, names):
    """(total, counts) by going through every published listing once for each facet."""
    rows = list(
        Listing.objects.published()
        .select_related("municipality")
        .prefetch_related("sectors")
        .order_by("name_key", "id")
    )
    if names:
        rows = [row for row in rows if row.name.split()[0] in names]
    tests = {
        "sectors": lambda row: (
            not search.sectors or {sector.pk for sector in row.sectors.all()} & search.sectors
        ),
        "mrcs": lambda row: not search.mrcs or row.municipality.mrc_id in search.mrcs,
        "municipalities": lambda row: (
            not search.municipalities or row.municipality_id in search.municipalities
        ),
        "legal_forms": lambda row: not search.legal_forms or row.legal_form in search.legal_forms,
        "supplies": lambda row: not search.supplies or set(row.supplies) & search.supplies,
        "languages": lambda row: not search.languages or set(row.languages) & search.languages,
        "served": lambda row: not search.served or set(row.served) & search.served,
    }
    values = {
        "sectors": lambda row: [sector.pk for sector in row.sectors.all()],
        "mrcs": lambda row: [row.municipality.mrc_id],
        "municipalities": lambda row: [row.municipality_id],
        "legal_forms": lambda row: [row.legal_form],
        "supplies": lambda row: row.supplies,
        "languages": lambda row: row.languages,
        "served": lambda row: row.served,
    }
    counts = {
        facet: Counter(
            value
            for row in rows
            if all(keeps(row) for other, keeps in tests.items() if other != facet)
            for value in values[facet](row)
        )
        for facet in tests
    }
    return [row.pk for row in rows if all(keeps(row) for keeps in tests.values())], counts


def test_facets_equal_a_count_by_hand(many_listings, now_known):
    sectors, towns = many_listings
    rng = random.Random(8)
    snapshot = now_known()
    for turn in range(40):
        names = rng.choice([(), ("Ferme",), ("Ferme", "Radio")])
        search = Search(
            words=tuple(name.lower() for name in names),
            sectors=frozenset(sector.pk for sector in rng.sample(sectors, rng.randint(0, 2))),
            mrcs=frozenset(rng.sample(["58", "67", "70", "99"], rng.randint(0, 2))),
            municipalities=frozenset(town.code for town in rng.sample(towns, rng.choice([0, 0, 1, 3]))),
            legal_forms=frozenset(rng.sample(Listing.LegalForm.values, rng.randint(0, 3))),
            supplies=frozenset(rng.sample(["denrees", "impression", "renovation"], rng.choice([0, 0, 2]))),
            languages=frozenset(rng.sample(["fr", "en"], rng.choice([0, 0, 1]))),
            served=frozenset(rng.sample(["58", "67", "70"], rng.choice([0, 0, 2]))),
            order=Order.NAME if turn % 2 else Order.RELEVANCE,
        )
        found = find(search, snapshot, language="fr", count=1000)
        keys, counts = by_hand(search, names)
        assert found.total == len(keys)
        assert (
            found.keys == keys
            if search.order == Order.NAME or not names
            else sorted(found.keys) == sorted(keys)
        )
        for facet in FACETS:
            shown = {value: count for value, count in getattr(found.counts, facet).items() if count}
            assert shown == dict(counts[facet]), (facet, search)


def test_pages_of_a_long_answer_hold_each_listing_once(now_known):
    size = 300
    rows = [
        Listing(
            slug=f"f-{number}", name=f"Ferme {number}" if number % 3 else f"Autre {number}", legal_form="npo",
            mission="Une ferme." if number % 3 == 0 else "Rien.", municipality_id="67050",
        )
        for number in range(size)
    ]  # fmt: skip
    Listing.objects.bulk_create(rows)
    search, snapshot = Search(words=("ferme",)), now_known()
    pages = [
        find(search, snapshot, language="fr", start=start, count=24).keys for start in range(0, size, 24)
    ]
    shown = [key for page in pages for key in page]
    assert len(shown) == size
    assert set(shown) == set(Listing.objects.values_list("pk", flat=True))
    # In the name first, whatever the page.
    names = dict(Listing.objects.values_list("pk", "name"))
    named = [names[key].startswith("Ferme") for key in shown]
    assert named == sorted(named, reverse=True)
    assert named.count(True) == 200
