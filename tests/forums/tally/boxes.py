"""Boxes for the tests of the tally, written by hand."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace

from forums.tally import box as boxes
from forums.tally import ties
from forums.tally.box import Box, Option, Question
from forums.vote.methods.approval import counting as approval_counting
from forums.vote.methods.decision import counting as decision_counting
from forums.vote.methods.judgment import counting as judgment_counting
from forums.vote.methods.points import counting as points_counting
from forums.vote.methods.ranking import counting as ranking_counting

SEED = "5eed" * 16
METHODS = {
    each.NAME: each
    for each in (approval_counting, points_counting, judgment_counting, ranking_counting, decision_counting)
}


def options(count_or_titles):
    if isinstance(count_or_titles, int):
        count_or_titles = [f"Option {number}" for number in range(1, count_or_titles + 1)]
    return tuple(Option(number, title) for number, title in enumerate(count_or_titles, start=1))


def approval(ballots, *, among, limit=None, to_retain, blank=0, rejected=0, position=1, title="Question"):
    """`ballots`: collections of option numbers in any order; a limit that refuses none, unless given."""
    ballots = [tuple(sorted(ballot)) for ballot in ballots]
    limit = limit or max(map(len, ballots), default=1)
    return Question(
        position, title, "", approval_counting, {"limit": limit}, to_retain,
        options(among), tuple(sorted(ballots)), blank, rejected,
    )  # fmt: skip


def points(
    ballots, *, among, points=10, each=4, to_retain, blank=0, rejected=0, position=1, title="Question"
):
    """`ballots`: mappings of option numbers to points."""
    ballots = [tuple(sorted(ballot.items())) for ballot in ballots]
    return Question(
        position, title, "", points_counting, {"points": points, "points_each": each}, to_retain,
        options(among), tuple(sorted(ballots)), blank, rejected,
    )  # fmt: skip


def ranking(ballots, *, among, ranks=None, to_retain, blank=0, rejected=0, position=1, title="Question"):
    """`ballots`: option numbers in the order of preference; a limit that refuses none, unless given."""
    ballots = [tuple(ballot) for ballot in ballots]
    ranks = ranks or max(map(len, ballots), default=1)
    return Question(
        position, title, "", ranking_counting, {"ranks": ranks}, to_retain,
        options(among), tuple(sorted(ballots)), blank, rejected,
    )  # fmt: skip


def decision(ballots, *, threshold=None, quorum=None, blank=0, rejected=0, position=1, title="Question"):
    """`ballots`: answers; `threshold` and `quorum`: pairs of numerator and denominator."""
    fractions = {"threshold": threshold, "quorum": quorum}
    limits = {
        f"{name}_{part}": number
        for name, pair in fractions.items()
        for part, number in zip(("numerator", "denominator"), pair or (), strict=False)
    }
    return Question(
        position, title, "", decision_counting, limits, 1,
        options(["La proposition"]), tuple(sorted((each,) for each in ballots)), blank, rejected,
    )  # fmt: skip


def judgment(ballots, *, among, grades=6, to_retain=1, blank=0, rejected=0, position=1, title="Question"):
    """`ballots`: mappings of option numbers to grades, 0 for the lowest."""
    cast = Counter(tuple(sorted(ballot.items())) for ballot in ballots)
    limits, shown = {"grades": grades}, options(among)
    rows = judgment_counting.sum_up(cast, [each.number for each in shown], limits)
    return Question(
        position, title, "", judgment_counting, limits, to_retain, shown, rows, blank, rejected
    )  # fmt: skip


def profile(counts, *, to_retain=1, blank=0, rejected=0, position=1, title="Question"):
    """A judgment of these counts of each grade, by title of the option, the lowest grade first."""
    rows = tuple((number, tuple(each)) for number, each in enumerate(counts.values(), start=1))
    return Question(
        position, title, "", judgment_counting, {"grades": len(rows[0][1])}, to_retain, options([*map(str, counts)]), rows,
        blank, rejected,
    )  # fmt: skip


def box(
    *questions, reading="most_supported", seed=SEED, receipts=(), on_roll=20, removed=(), tellers_part=None
):
    return Box(
        hub="Pôle d’essai",
        forum_slug="forum-d-essai",
        forum_title="Forum d’essai",
        forum_date="2026-05-19",
        round_number=1,
        opened_at="2026-05-19T18:30:00Z",
        closed_at="2026-05-19T19:00:00Z",
        reading=reading,
        seed=seed,
        seed_hash=ties.seed_hash(seed),
        questions=questions,
        receipts=tuple(sorted(map(boxes.receipt_hash, receipts))),
        on_roll=on_roll,
        removed_receipts=tuple(sorted(map(boxes.receipt_hash, removed))),
        tellers_part=tellers_part,
    )


def former(drawn):
    """The same box in the former format, which knows approval and points alone."""
    return replace(drawn, format=boxes.FORMER_FORMAT, on_roll=None)


def reseeded(drawn, salt):
    """The same box with another seed."""
    seed = hashlib.sha256(f"{drawn.seed}{salt}".encode()).hexdigest()
    return replace(drawn, seed=seed, seed_hash=ties.seed_hash(seed))
