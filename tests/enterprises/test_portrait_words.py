"""What each chart of the portrait says, and which of its bars are drawn."""

from __future__ import annotations

import re

import pytest
from django.utils import translation

from enterprises.search import portrait_words as words
from enterprises.search.portrait_words import Row
from tests.factories import ListingFactory, SectorFactory


@pytest.fixture(autouse=True)
def in_french():
    with translation.override("fr"):
        yield


def rows(*counts):
    return [Row(f"Nom {at}", count) for at, count in enumerate(counts, 1)]


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((), ""),
        ((5,), ""),
        ((7, 5, 1), "Le secteur le plus présent est «\xa0Nom 1\xa0» (7 sur 12); vient ensuite «\xa0Nom 2\xa0», avec 5."),
        ((7, 7, 1), "«\xa0Nom 1\xa0» et «\xa0Nom 2\xa0» arrivent en tête à égalité, avec 7."),
        ((7, 7, 7, 1), "À égalité en tête\xa0: les 3 premières barres, à 7."),
        ((1, 1, 1), "À égalité en tête\xa0: les 3 premières barres, à 1."),
    ],
)  # fmt: skip
def test_sentence_names_the_first_two_or_says_that_they_are_level(counts, said):
    assert words.of_sectors(rows(*counts), 12) == said


def test_sentence_of_places_has_its_share():
    said = words.of_places([Row("100 % Sud", 2), Row("%(x)s", 1)], 3)
    assert said == "En tête, 100 % Sud\xa0: 2 sur 3, soit 67\xa0%. Suit %(x)s, avec 1."


def test_sentence_of_forms_counts_cooperatives_of_every_kind():
    assert "(3 sur 5 dont la forme est connue)" in words.of_legal_forms(rows(3, 2), 2)
    assert words.of_legal_forms(rows(3, 2), 2).endswith("En tout, 2 sont des coopératives.")


@pytest.mark.parametrize(
    ("years", "median"),
    [({}, 0), ({2000: 1}, 2000), ({1900: 1, 2000: 1}, 2000), ({1900: 2, 2000: 1}, 1900), ({1990: 3, 2000: 2, 2010: 1}, 2000)],
)  # fmt: skip
def test_half_were_founded_in_the_median_year_or_later(years, median):
    assert words.median_year(years) == median
    total = sum(years.values())
    assert sum(count for year, count in years.items() if year >= median) * 2 >= total
    assert sum(count for year, count in years.items() if year > median) * 2 < total or not total


def test_too_few_say_nothing():
    assert words.of_years({2000: 2}) == words.of_workforce({"0": 2}) == ""
    assert "(3), une sur deux est née en 2001 ou après; la plus ancienne date de 1950" in words.of_years(
        {1950: 1, 2001: 2}
    )
    assert "3 comptent moins de dix personnes et 1 en comptent" in words.of_workforce(
        {"0": 1, "5-9": 2, "100+": 1, "10-24": 4}
    )


@pytest.mark.django_db
@pytest.mark.parametrize(("sectors", "drawn"), [(8, 8), (10, 10), (11, 8), (14, 8)])
def test_longest_bars_are_drawn_and_the_table_has_all(client, sectors, drawn):
    for number in range(sectors):
        sector = SectorFactory(slug=f"s{number}", name=f"Métier {number:02}")
        for _listing in range(number + 1):
            ListingFactory(sectors=[sector])
    page = client.get("/repertoire/portrait/").content.decode()
    chart = page[page.index('id="secteurs"') : page.index('id="formes"')]
    labels = re.findall(r"chart__label[^>]+>([^<]+)<", chart)
    assert labels == [f"Métier {number:02}" for number in reversed(range(sectors - drawn, sectors))]
    assert chart.count('<th scope="row">') == sectors
    assert (f"Les {sectors} lignes, en tableau" in chart) == (drawn < sectors)
    # The bar that the sentence is about stands out.
    assert chart.count('class="chart__bar"') == 1
