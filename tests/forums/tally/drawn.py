"""Boxes for the tests of the tally, drawn by Hypothesis."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.forums.tally.boxes import approval, box, decision, former, judgment, points, ranking

# A busy machine is no fault of what is tested.
TRIED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Titles that people write, and some that nobody should: decomposed, bidirectional, with controls.
TITLES = st.sampled_from(
    [
        "",
        "Épicerie",
        "E\u0301picerie",
        '«\u00a0Ligne\u00a0» \\ "deux"',
        "\u202eà l’envers",
        "\x00\x1b[2J\x85",
        "🥕\u2028\ufeff",
    ]
)
ANSWERS = st.sampled_from(["for", "against", "abstention"])
# Over 14 ballots, those that a count can reach exactly are the ones that matter.
FRACTIONS = st.tuples(st.integers(1, 6), st.integers(1, 6)).map(sorted).map(tuple)
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
def ranking_questions(draw, *, position=1, cast=None):
    """Few options and short orders: equals are common, at all stages too."""
    among = draw(st.integers(1, 6))
    ranks = draw(st.integers(1, 6))
    order = st.lists(st.integers(1, among), min_size=1, max_size=min(ranks, among), unique=True)
    ballots, blank, rejected = draw(_split(order, cast))
    return ranking(
        ballots, among=among, ranks=ranks, to_retain=draw(st.integers(1, 7)), blank=blank, rejected=rejected,
        position=position, title=draw(TITLES),
    )  # fmt: skip


@st.composite
def decision_questions(draw, *, position=1, cast=None):
    ballots, blank, rejected = draw(_split(ANSWERS, cast))
    threshold, quorum = (draw(st.none() | FRACTIONS) for _fraction in range(2))
    return decision(
        ballots, threshold=threshold, quorum=quorum, blank=blank, rejected=rejected, position=position,
        title=draw(TITLES),
    )  # fmt: skip


@st.composite
def judgment_questions(draw, *, position=1, cast=None):
    """With few grades given, so that many options are alike."""
    among, grades = draw(st.integers(1, 6)), draw(st.integers(5, 7))
    given = st.sampled_from(draw(st.lists(st.integers(0, grades - 1), min_size=1, max_size=3)))
    ballots, blank, rejected = draw(_split(st.dictionaries(st.integers(1, among), given, min_size=1), cast))
    return judgment(
        ballots, among=among, grades=grades, to_retain=draw(st.integers(1, 7)), blank=blank, rejected=rejected,
        position=position, title=draw(TITLES),
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
    """In the former format too, where it can say what was drawn: it knows two methods."""
    cast = draw(st.integers(0, 14))
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=3))
    questions = [draw(kind(position=place, cast=cast)) for place, kind in enumerate(kinds, start=1)]
    receipts = draw(st.integers(0, cast))
    drawn = box(
        *questions,
        reading=draw(st.sampled_from(["most_supported", "balanced"])),
        seed=draw(SEEDS),
        receipts=[f"RECEIPT{number}" for number in range(receipts)],
        on_roll=draw(st.integers(cast, 40)),
        removed=[f"REMOVED{number}" for number in range(draw(st.integers(0, 2)))],
        tellers_part=draw(st.sampled_from([None, None, "4 2 6", "Il pleuvait à Trois-Rivières"])),
    )
    is_plain = FORMER_KINDS.issuperset(kinds) and not drawn.removed_receipts and drawn.tellers_part is None
    return former(drawn) if is_plain and draw(st.booleans()) else drawn


KINDS = [approval_questions, points_questions, judgment_questions, ranking_questions, decision_questions]
FORMER_KINDS = frozenset(KINDS[:2])
