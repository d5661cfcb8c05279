"""How often the sectors and the legal form that a listing's words suggest are those that a person gave it."""

from __future__ import annotations

from collections import Counter

import pytest

from enterprises.listing.guessing import SectorGuesser, guess_legal_form, suggest_legal_form
from enterprises.models import Listing, Sector
from tests.relevance import asking

pytestmark = pytest.mark.django_db
# On the listings of the demonstration, then on names alone, as an import often brings them.
LEAST_FIRST, LEAST_WITHIN, LEAST_FORMS = 0.88, 0.95, 0.9
LEAST_FIRST_OF_NAMES = 0.9


def test_sectors_are_guessed_from_what_a_listing_says(capsys):
    asking.seed_directory()
    names = dict(Sector.objects.values_list("pk", "name"))
    guesser = SectorGuesser()
    first = within = 0
    missed = []
    listings = list(Listing.objects.order_by("pk"))
    for listing in listings:
        guessed = guesser.guess_sectors(name=listing.name, mission=listing.mission, products=listing.products)
        first += bool(guessed) and guessed[0] in listing.sector_ids
        within += bool(set(guessed) & set(listing.sector_ids))
        if not guessed or guessed[0] not in listing.sector_ids:
            missed.append(f"{listing.name}: {', '.join(names[key] for key in guessed)}")
    with capsys.disabled():
        print(f"\nSecteurs devinés : premier juste {asking.share(first, len(listings))}")
        print(f"  un juste parmi ceux proposés {asking.share(within, len(listings))}", *missed, sep="\n  ")
    assert first >= LEAST_FIRST * len(listings)
    assert within >= LEAST_WITHIN * len(listings)


def test_sectors_are_guessed_from_names_alone(capsys):
    slugs = dict(Sector.objects.values_list("pk", "slug"))
    guesser = SectorGuesser()
    judged = asking.read_data("trades.toml")["named"]
    missed = []
    for name, *wanted in judged:
        guessed = [slugs[key] for key in guesser.guess_sectors(name=name, mission="", products=[])]
        if guessed[:1] and guessed[0] in wanted:
            continue
        missed.append(f"{name}: {', '.join(guessed)}")
    with capsys.disabled():
        right = len(judged) - len(missed)
        print(f"\nSecteurs devinés du nom seul : {asking.share(right, len(judged))}", *missed, sep="\n  ")
    assert len(judged) >= 60
    assert right >= LEAST_FIRST_OF_NAMES * len(judged)


def test_legal_forms_are_guessed_from_names(capsys):
    asking.seed_directory()
    told: Counter[bool] = Counter()
    suggested: Counter[bool] = Counter()
    for name, form in Listing.objects.values_list("name", "legal_form"):
        if guessed := guess_legal_form(name):
            told[guessed == form] += 1
        if guessed := suggest_legal_form(name):
            suggested[guessed == form] += 1
    with capsys.disabled():
        print(f"\nFormes juridiques nommées : {asking.share(told[True], told.total())}")
        print(f"Formes juridiques proposées : {asking.share(suggested[True], suggested.total())}")
    assert told[True] >= LEAST_FORMS * told.total()
    assert suggested[True] >= LEAST_FORMS * suggested.total()
