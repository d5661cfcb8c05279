"""How often a slip of the keyboard still finds what was meant.

Wanted: any of the five listings that the right spelling shows first, among the five that the slip shows first. People read
no further, and which of several equals comes before another is not what a slip is judged on.
"""

from __future__ import annotations

import re
from collections import Counter

import pytest

from enterprises.models import Listing
from pole.search import unaccented
from tests.relevance import asking, slips

pytestmark = pytest.mark.django_db
FIRST = 5
SLIPS, LEAST_FOUND = 200, 0.95
DOUBLE_SLIPS, LEAST_DOUBLE_FOUND = 100, 0.8
LEAST_WORDS, LEAST_LETTERS, LEAST_LETTERS_FOR_TWO = 100, 5, 8


@pytest.fixture
def words_of_listings(db):
    asking.seed_directory()
    columns = ("name", "mission", "products", "description", "sectors__name")
    texts = Listing.objects.values_list(*columns)
    text = unaccented(" ".join(str(text) for row in texts for text in row))
    return {slips.singular(word) for word in re.findall(r"[a-z]+", text)}


def find_first(client, words):
    return {word: asking.ask(client, word, count=FIRST).slugs for word in words}


def judge(client, made, capsys, title):
    """The share of slips that find what was meant; tells it by kind, and those that do not."""
    meant = find_first(client, sorted({slip.meant for slip in made}))
    all_of, found_of, same_first, missed = Counter(), Counter(), 0, []
    for slip in made:
        found = asking.ask(client, slip.typed, count=FIRST).slugs
        wanted = meant[slip.meant]
        all_of[slip.kind] += 1
        found_of[slip.kind] += bool(set(found) & set(wanted))
        same_first += bool(wanted) and found[:1] == wanted[:1]
        if not set(found) & set(wanted):
            missed.append(f"{slip.typed} ({slip.meant})")
    with capsys.disabled():
        print(f"\n{title} : {asking.share(found_of.total(), len(made))} ; même première fiche : {same_first}")
        for kind in sorted(all_of):
            print(f"  {kind:<20} {asking.share(found_of[kind], all_of[kind])}")
        print(f"  manquées : {', '.join(missed)}")
    assert all(meant.values()), [word for word, first in meant.items() if not first]
    return found_of.total() / len(made)


def test_words_are_of_the_listings(words_of_listings):
    words = asking.read_data("slips.toml")["words"]
    assert len(set(words)) == len(words) >= LEAST_WORDS
    assert all(len(word) >= LEAST_LETTERS for word in words)
    assert not {slips.singular(word) for word in words} - words_of_listings


def test_slips_find_what_was_meant(client, words_of_listings, capsys):
    data = asking.read_data("slips.toml")
    made = slips.make_slips(data["words"], data["keyboard"], words_of_listings, SLIPS)
    assert len(made) == SLIPS
    assert len({slip.meant for slip in made}) >= LEAST_WORDS
    assert judge(client, made, capsys, "Fautes d’une lettre") >= LEAST_FOUND


def test_two_slips_in_a_long_word_find_what_was_meant(client, words_of_listings, capsys):
    data = asking.read_data("slips.toml")
    words = [word for word in data["words"] if len(word) >= LEAST_LETTERS_FOR_TWO]
    made = slips.make_double_slips(words, data["keyboard"], words_of_listings, DOUBLE_SLIPS)
    assert len(made) == DOUBLE_SLIPS
    assert judge(client, made, capsys, "Fautes de deux lettres") >= LEAST_DOUBLE_FOUND


def test_slips_that_were_seen_find_as_the_right_spelling(client, words_of_listings):
    written = asking.read_data("slips.toml")["written"]
    meant = find_first(client, [right for _typed, right in written])
    assert all(meant.values())
    missed = [
        typed
        for typed, right in written
        if not set(asking.ask(client, typed, count=FIRST).slugs) & set(meant[right])
    ]
    assert missed == []


def test_slips_are_the_same_at_each_run():
    data = asking.read_data("slips.toml")
    one, other = (slips.make_slips(data["words"], data["keyboard"], (), SLIPS) for _time in range(2))
    assert one == other
    assert all(unaccented(slip.typed) == unaccented(slip.meant) for slip in one if slip.kind == "accent")
    assert {slip.kind for slip in one} == {"dropped", "doubled", "replaced", "swapped", "accent"}
