"""Boxes for the tests of the tally: written by hand, and drawn by Hypothesis."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from hypothesis import strategies as st

from forums.tally import box as boxes
from forums.tally import ties
from forums.tally.box import Box, Option, Question

SEED = "5eed" * 16


def options(count_or_titles):
    if isinstance(count_or_titles, int):
        count_or_titles = [f"Option {number}" for number in range(1, count_or_titles + 1)]
    return tuple(Option(number, title) for number, title in enumerate(count_or_titles, start=1))


def approval(ballots, *, among, limit=None, to_retain, blank=0, rejected=0, position=1, title="Question"):
    """`ballots`: collections of option numbers in any order; a limit that refuses none, unless given."""
    ballots = [tuple(sorted(ballot)) for ballot in ballots]
    limit = limit or max(map(len, ballots), default=1)
    return Question(
        position, title, "", "approval", limit, None, None, to_retain,
        options(among), tuple(sorted(ballots)), blank, rejected,
    )  # fmt: skip


def points(
    ballots, *, among, points=10, each=4, to_retain, blank=0, rejected=0, position=1, title="Question"
):
    """`ballots`: mappings of option numbers to points."""
    ballots = [tuple(sorted(ballot.items())) for ballot in ballots]
    return Question(
        position, title, "", "points", None, points, each, to_retain,
        options(among), tuple(sorted(ballots)), blank, rejected,
    )  # fmt: skip


def box(*questions, reading="most_supported", seed=SEED, receipts=()):
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
    )


def reseeded(drawn, salt):
    """The same box with another seed."""
    seed = hashlib.sha256(f"{drawn.seed}{salt}".encode()).hexdigest()
    return replace(drawn, seed=seed, seed_hash=ties.seed_hash(seed))


# Titles that people write, and some that nobody should: other alphabets, separators, bidirectional marks.
TITLES = st.text(st.characters(codec="utf-8"), max_size=20)
SEEDS = st.binary(min_size=32, max_size=32).map(bytes.hex)


@st.composite
def approval_questions(draw, *, position=1, cast=None):
    among = draw(st.integers(1, 7))
    limit = draw(st.integers(1, among))
    ballot = st.sets(st.integers(1, among), min_size=1, max_size=limit)
    ballots, blank, rejected = draw(_split(ballot, cast))
    to_retain = draw(st.integers(1, 8))
    return approval(
        ballots, among=among, limit=limit, to_retain=to_retain, blank=blank, rejected=rejected,
        position=position, title=draw(TITLES),
    )  # fmt: skip


@st.composite
def points_questions(draw, *, position=1, cast=None):
    among = draw(st.integers(1, 6))
    each = draw(st.integers(1, 5))
    whole = draw(st.integers(each, 12))
    spent = st.dictionaries(st.integers(1, among), st.integers(1, each), min_size=1)
    ballots, blank, rejected = draw(_split(spent.filter(lambda given: sum(given.values()) <= whole), cast))
    return points(
        ballots, among=among, points=whole, each=each, to_retain=draw(st.integers(1, 7)), blank=blank,
        rejected=rejected, position=position, title=draw(TITLES),
    )  # fmt: skip


@st.composite
def _split(draw, ballot, cast):
    """Ballots, blank and rejected ones, of which the sum is `cast` if it is given."""
    cast = draw(st.integers(0, 14)) if cast is None else cast
    blank = draw(st.integers(0, min(2, cast)))
    rejected = draw(st.integers(0, min(2, cast - blank)))
    filled = cast - blank - rejected
    return draw(st.lists(ballot, min_size=filled, max_size=filled)), blank, rejected


@st.composite
def drawn_boxes(draw):
    cast = draw(st.integers(0, 14))
    kinds = draw(st.lists(st.sampled_from([approval_questions, points_questions]), min_size=1, max_size=3))
    questions = [draw(kind(position=place, cast=cast)) for place, kind in enumerate(kinds, start=1)]
    receipts = draw(st.integers(0, cast))
    return box(
        *questions,
        reading=draw(st.sampled_from(["most_supported", "balanced"])),
        seed=draw(SEEDS),
        receipts=[f"RECEIPT{number}" for number in range(receipts)],
    )
