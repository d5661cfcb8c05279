"""The words of a query."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pole.search.words import MAX_WORDS, all_words, query_words

QUERIES = {
    "Boîtes à lunch": ["boites", "a", "lunch"],
    "coop d’habitation": ["coop", "habitation"],
    "l'Œuvre d'entraide": ["oeuvre", "entraide"],
    "co-op": ["co", "op"],
    "C.D.C.": ["cdc"],
    "C.D.C": ["cdc"],
    "une C.D.C. d’ici": ["une", "cdc", "ici"],
    "l’O.B.N.L.": ["obnl"],
    "É.É.S.A.D.": ["eesad"],
    # Its accents apart.
    "E\u0301.E\u0301.S.A.D.": ["eesad"],
    "(O.M.H.), C.S.N.": ["omh", "csn"],
    # No acronym: a letter alone, a number, an address, words that a dot ends.
    "A. Roy": ["a", "roy"],
    "2.5 km": ["2", "5", "km"],
    "portail.quebec": ["portail", "quebec"],
    "Bac. Le bac.": ["bac", "le"],
    "": [],
    "…": [],
}


@pytest.mark.parametrize("typed", QUERIES)
def test_words_of_a_query(typed):
    assert query_words(typed) == QUERIES[typed]


def test_every_word_is_kept_for_a_phrase():
    assert all_words("Coopérative d’habitation de l’Île, de Laval") == (
        ["cooperative", "d", "habitation", "de", "l", "ile", "de", "laval"]
    )


def test_words_beyond_the_first_are_left():
    assert query_words(" ".join(map(str, range(20)))) == [str(number) for number in range(12)]


@given(st.text(max_size=60))
def test_words_are_distinct_and_few(text):
    words = query_words(text)
    assert len(words) == len(set(words)) <= MAX_WORDS
    assert query_words(" ".join(words)) == words
