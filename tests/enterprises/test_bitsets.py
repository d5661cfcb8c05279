from __future__ import annotations

import random

import pytest

from enterprises.search import bitsets
from enterprises.search.fuzzy import Vocabulary


@pytest.mark.parametrize("size", [1, 7, 8, 9, 63, 64, 65, 511, 512, 513, 5000])
def test_positions_come_back_in_order(size):
    rng = random.Random(size)
    members = sorted(rng.sample(range(size), rng.randint(1, size)))
    assert bitsets.positions(bitsets.from_positions(members, size)) == members


def test_positions_skip_and_stop():
    members = [0, 3, 511, 512, 600, 1999]
    held = bitsets.from_positions(members, 2000)
    assert bitsets.positions(held, 2, 3) == [511, 512, 600]
    assert bitsets.positions(held, 6) == []
    assert bitsets.positions(held, 0, 0) == []
    assert bitsets.positions(0) == []


def test_positions_agree_with_slices():
    rng = random.Random(3)
    members = sorted(rng.sample(range(3000), 700))
    held = bitsets.from_positions(members, 3000)
    for start in (0, 1, 63, 64, 65, 400, 699, 700, 701):
        assert bitsets.positions(held, start, 24) == members[start : start + 24]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("erabel", "erables"),
        ("coperative", "cooperative"),
        ("chateaugay", "chateauguay"),
        ("boulangrie", "boulangerie"),
    ],
)
def test_mistyped_word_finds_the_one_that_was_meant(typed, meant):
    vocabulary = Vocabulary(
        ["cooperative acericole les erables du rang", "chateauguay boulangerie friperie", "la table"]
    )
    assert vocabulary.similar_words(typed)[0] == meant


@pytest.mark.parametrize("typed", ["", "abc", "qqqqqq", "xyzzyxyzzy"])
def test_word_like_no_other_finds_none(typed):
    assert Vocabulary(["les erables du rang"]).similar_words(typed) == []
