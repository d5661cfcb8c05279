from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enterprises.listing.guessing import (
    MOST_GUESSES,
    TRADES,
    SectorGuesser,
    guess_legal_form,
    suggest_legal_form,
)
from enterprises.models import Listing, Sector

ENVIRONMENT = Sector(pk=1, slug="environnement-reemploi", name="Environnement et réemploi")
TECHNOLOGY = Sector(pk=2, slug="technologies", name="Technologies et numérique")
# As a hub that wrote its own sectors has them: no word of trade is known for it.
OWN = Sector(pk=3, slug="la-mer", name="Pêche et mer", synonyms=["chalutier", "homard"])
GUESSER = SectorGuesser([ENVIRONMENT, TECHNOLOGY, OWN])


def guess(name="", mission="", products=()):
    return GUESSER.guess_sectors(name=name, mission=mission, products=list(products))


def test_name_tells_more_than_products_and_these_more_than_the_mission():
    assert guess("Friperie", products=["logiciels"])[0] == ENVIRONMENT.pk
    assert guess("Chez nous", "Vendre des vêtements.", ["logiciels"])[0] == TECHNOLOGY.pk


def test_longest_term_is_read_alone():
    """« Hébergement Web » is no shelter, and « site Web » no place."""
    assert guess("Sites Web du Nord") == [TECHNOLOGY.pk]


def test_sectors_of_the_hub_are_guessed_by_their_own_words():
    assert guess("Les homards du Sud") == guess("Coop des pêches") == [OWN.pk]


@pytest.mark.parametrize("name", ["", "Le Pas", "???", "de la du", "Zzyzx"])
def test_nothing_is_guessed_from_words_that_tell_nothing(name):
    assert guess(name) == []


@given(
    name=st.text(max_size=200),
    mission=st.text(max_size=300),
    products=st.lists(st.text(max_size=80), max_size=5),
)
def test_any_text_gives_known_sectors_each_once_and_always_the_same(name, mission, products):
    found = guess(name, mission, products)
    assert found == guess(name, mission, products)
    assert len(found) == len(set(found)) <= MOST_GUESSES
    assert set(found) <= {1, 2, 3}


@given(st.text(max_size=200), st.booleans())
def test_any_text_gives_a_legal_form_or_none(text, is_declared):
    allowed = {"", *Listing.LegalForm.values}
    assert guess_legal_form(text, is_declared=is_declared) in allowed
    assert suggest_legal_form(text) in allowed


@pytest.mark.parametrize(
    ("name", "told", "suggested"),
    [
        ("Coop de travail Brindille", "coop_workers", "coop_workers"),
        ("Co-op de solidarité L’Anse", "coop_solidarity", "coop_solidarity"),
        ("COOPÉRATIVE DE TRAVAILLEUSES ACTIONNAIRE", "coop_worker_shareholders", "coop_worker_shareholders"),
        ("Coop d’habitation Le Saule", "coop_consumers", "coop_consumers"),
        ("Mutuelle des métiers", "mutual", "mutual"),
        ("Centre de femmes", "", "npo"),
        ("Maison de la coopération", "", "npo"),
        ("Coop Brindille", "", ""),
        ("Brindille", "", ""),
    ],
)
def test_legal_form_of_a_name(name, told, suggested):
    assert (guess_legal_form(name), suggest_legal_form(name)) == (told, suggested)


@pytest.mark.django_db
def test_sectors_are_read_once(django_assert_num_queries):
    with django_assert_num_queries(1):
        guesser = SectorGuesser()
        for number in range(20):
            guesser.guess_sectors(name=f"CPE {number}", mission="Garder.", products=["garderie"])


@pytest.mark.django_db
def test_trades_are_of_the_sectors_that_the_portal_brings():
    assert set(tomllib.loads(TRADES.read_text(encoding="utf-8"))) == set(
        Sector.objects.values_list("slug", flat=True)
    )
