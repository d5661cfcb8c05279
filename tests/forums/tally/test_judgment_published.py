"""Judgments whose outcomes were published, by those who held them or by those who doubted a program."""

from __future__ import annotations

import pytest

from tests.forums.tally.boxes import judgment, profile
from tests.forums.tally.judged import counted
from tests.forums.tally.medians import removed_one_by_one


def scaled(published):
    """The same parts of one number of ballots: sums of rounded parts differ by a few units."""
    product = 1
    for counts in published.values():
        product *= sum(counts)
    return {title: [each * product // sum(counts) for each in counts] for title, counts in published.items()}


# French Wikipedia, "Jugement majoritaire": two ties, with the grades in the order in which they are removed. As
# MajorityJudgment's tests in OCaml have them too (grades 0 to 6).
REMOVED = [
    ((0, 1, 2, 2, 0, 0, 0), [2, 2, 3, 1, 3]),
    ((0, 0, 3, 2, 0, 0, 0), [2, 2, 3, 2, 3]),
    ((1, 0, 2, 2, 1, 0, 0), [2, 3, 2, 3, 0, 4]),
    ((0, 1, 2, 3, 0, 0, 0), [2, 3, 2, 3, 1, 3]),
]


@pytest.mark.parametrize(("counts", "removed"), REMOVED)
def test_published_grades_are_removed_in_the_published_order(counts, removed):
    assert removed_one_by_one(counts) == removed


@pytest.mark.parametrize(("first", "second"), [(REMOVED[1], REMOVED[0]), (REMOVED[3], REMOVED[2])])
def test_published_tie_of_medians_has_its_published_winner(first, second):
    outcome = counted(profile({"E": second[0], "F": first[0]}, to_retain=2))
    assert (outcome.retained, outcome.ties) == ((2, 1), ())


# OpinionWay for Terra Nova, April 2011, 992 people, in thousandths; as published in Balinski & Laraki, "Rendre les élections
# aux électeurs : le jugement majoritaire" (Terra Nova, 2011), in the order of its ranking. From the lowest of seven grades.
POLL_OF_2011 = {
    "Aubry": (184, 114, 196, 126, 170, 129, 82),
    "Borloo": (185, 159, 196, 223, 153, 62, 22),
    "Villepin": (219, 174, 207, 204, 119, 58, 20),
    "Bayrou": (193, 166, 261, 192, 128, 47, 12),
    "Joly": (309, 190, 203, 145, 74, 47, 32),
    "Sarkozy": (413, 118, 135, 95, 111, 87, 41),
    "Chevènement": (322, 247, 228, 129, 58, 11, 5),
    "Mélenchon": (418, 214, 165, 112, 50, 27, 13),
    "Besancenot": (442, 204, 161, 99, 69, 17, 8),
    "Dupont-Aignan": (467, 277, 139, 70, 27, 14, 5),
    "Arthaud": (480, 261, 137, 77, 34, 9, 1),
    "Le Pen": (556, 93, 78, 72, 70, 65, 68),
}
# OpinionWay for Mieux Voter, 8 and 9 December 2021, 962 people, in hundredths, in the order of its ranking.
POLL_OF_2021 = {
    "Pécresse": (24, 13, 17, 17, 15, 10, 4),
    "Macron": (32, 11, 14, 10, 14, 12, 7),
    "Montebourg": (33, 26, 20, 11, 7, 2, 1),
    "Jadot": (36, 24, 17, 11, 7, 4, 1),
    "Hidalgo": (43, 20, 17, 9, 7, 3, 1),
    "Roussel": (43, 28, 16, 7, 3, 2, 1),
    "Dupont-Aignan": (45, 20, 15, 9, 6, 3, 2),
    "Le Pen": (47, 9, 10, 8, 9, 9, 8),
    "Taubira": (48, 17, 12, 10, 7, 3, 3),
    "Arthaud": (49, 24, 16, 7, 3, 1, 0),
    "Poutou": (52, 23, 12, 6, 4, 2, 1),
    "Mélenchon": (53, 14, 12, 7, 7, 3, 4),
    "Zemmour": (61, 7, 7, 6, 6, 7, 6),
}


@pytest.mark.parametrize(
    ("poll", "grades"),
    [
        (POLL_OF_2011, [3, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 0]),
        (POLL_OF_2021, [2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0]),
    ],
)
def test_published_polls_have_their_published_grades_and_order(poll, grades):
    outcome = counted(profile(scaled(poll), to_retain=len(poll)))
    assert outcome.retained == tuple(range(1, len(poll) + 1))
    assert [each.total for each in outcome.totals] == grades
    assert not outcome.ties


# Balinski & Laraki, "Election by Majority Judgement: Experimental Evidence" (cahier 2007-28 of the École polytechnique): the vote of
# 22 April 2007 in three precincts of Orsay, 1,733 ballots, in thousandths, in the order of its ranking. From the lowest of six grades;
# candidates without one had it, as the ballot said.
ORSAY = {
    "Bayrou": (74, 84, 148, 251, 307, 136),
    "Royal": (126, 122, 168, 191, 227, 167),
    "Sarkozy": (282, 71, 115, 143, 198, 191),
    "Voynet": (205, 261, 237, 175, 93, 29),
    "Besancenot": (311, 226, 160, 163, 99, 41),
    "Buffet": (304, 264, 206, 125, 76, 25),
    "Bové": (395, 257, 160, 114, 60, 15),
    "Laguiller": (401, 259, 166, 102, 53, 21),
    "Nihous": (550, 267, 110, 53, 18, 3),
    "de Villiers": (555, 158, 113, 87, 64, 24),
    "Schivardi": (604, 249, 95, 39, 10, 5),
    "Le Pen": (744, 54, 65, 62, 46, 30),
}


def test_experiment_of_orsay_has_its_published_grades_and_order():
    """Bayrou, whom nobody had ahead, then Royal; the reverse order on the ballot, so that none of it comes from there."""
    outcome = counted(profile(scaled(dict(reversed(ORSAY.items()))), to_retain=12))
    assert outcome.retained == tuple(range(12, 0, -1))
    assert [each.total for each in outcome.totals] == [3, 3, 3, 2, 1, 1, 1, 1, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        # MieuxVoter/app.mieuxvoter.fr-back, issue 48: as many prefer both options to their grade, fewer reject the first.
        ((1, 1, 1, 7, 8, 1), (1, 1, 4, 4, 3, 6)),
        # The same one, were its grades written from the other end.
        ((1, 8, 7, 1, 1, 1), (6, 3, 4, 4, 1, 1)),
        # MieuxVoter/jm, issue 29: half "good" and half "passable" is "passable", and still before half of each extreme.
        ((0, 50, 0, 50, 0, 0), (50, 0, 0, 0, 0, 50)),
        # majority-judgment-library-java, its example with billions of ballots, of which ten tell the options apart.
        (
            (11312415004, 21153652400, 24101523299, 18758623572, 0),
            (11312415004, 21153652410, 24101523299, 18758623562, 0),
        ),
        # The same library: 19 voters, one of whom gives a grade more.
        ((3, 6, 2, 1, 3, 1, 2), (4, 5, 2, 1, 3, 1, 2)),
    ],
)
def test_doubted_ties_are_those_of_medians_removed_one_by_one(better, worse):
    outcome = counted(profile({"worse": worse, "better": better}, to_retain=1))
    assert (outcome.retained, outcome.ties) == ((2,), ())
    if sum(better) < 1000:
        assert removed_one_by_one(better) > removed_one_by_one(worse)


def test_ballot_with_one_grade_or_the_lowest_alone_is_counted():
    """Equal-Vote/bettervoting, issues 754, 1478 and 1508: such ballots were dropped as abstentions."""
    outcome = counted(judgment([{1: 4}, {2: 0}, {1: 3, 2: 3}, {1: 0, 2: 0}], among=2, grades=5, blank=1))
    assert (outcome.ballots, outcome.blank) == (4, 1)
    assert outcome.detail["profile"] == ((1, (2, 0, 0, 1, 1)), (2, (3, 0, 0, 1, 0)))
