"""What stands for a forum, which has no picture: the season of its day, or what people do there."""

from __future__ import annotations

import datetime as dt

import pytest

from forums.agenda.kinds import KINDS
from forums.event.kinds import offered_kinds
from forums.models import Forum
from forums.results.drawings import past_drawing, season_drawing, stage_drawing
from pole.files.drawings import drawings

pytestmark = pytest.mark.any_hour("gives each date")


def on(month, day, hour=12):
    return Forum(starts_at=dt.datetime(2027, month, day, hour, tzinfo=dt.UTC))


@pytest.mark.parametrize(
    ("month", "day", "season"),
    [
        (1, 15, "hiver"), (3, 31, "hiver"), (4, 1, "printemps"), (5, 31, "printemps"), (6, 1, "ete"),
        (8, 31, "ete"), (9, 1, "automne"), (11, 30, "automne"), (12, 1, "hiver"),
    ],
)  # fmt: skip
def test_season_is_that_of_the_day_here(month, day, season):
    assert season_drawing(on(month, day)) == f"saison-{season}"


def test_season_follows_the_clock_of_the_hub():
    """One in the morning, UTC, of the first of April: still the 31st of March in Montréal."""
    assert season_drawing(on(4, 1, 1)) == "saison-hiver"


def test_every_name_is_a_drawing():
    names = {season_drawing(on(month, 15)) for month in range(1, 13)}
    names |= {stage_drawing(stage, is_voting=voting) for stage in Forum.Stage for voting in (True, False)}
    names |= {past_drawing(Forum(pk=pk, starts_at=on(1, 1).starts_at)) for pk in range(6)}
    assert len(names) == 7
    assert names <= set(drawings())


def test_a_vote_goes_before_the_stage():
    assert stage_drawing(Forum.Stage.PAST, is_voting=True) == "forum-vote"
    assert stage_drawing(Forum.Stage.RESULTS) == "forum-resultats"
    assert stage_drawing(Forum.Stage.REGISTRATION) == "forum-table"


def test_a_kind_has_one_drawing_where_staff_choose_it_and_where_the_public_reads_it():
    offered = {each.word: each.drawing for each in offered_kinds()}
    assert offered == {each.word: each.drawing for each in KINDS.values()}
    assert set(offered.values()) <= set(drawings())
