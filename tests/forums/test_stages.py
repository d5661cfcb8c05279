"""The stage of a forum at the instants where it changes: a second before, at, a second after."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from forums.hooks.scheduled import next_results_at, next_stage_at
from forums.hooks.staff_home import forums_card
from forums.models import Forum, Results
from forums.vote import rounds
from tests.factories import (
    ForumFactory,
    QuestionFactory,
    RegistrationFactory,
    ResultsFactory,
    RoundFactory,
)

SECOND = timedelta(seconds=1)
ANNOUNCED = datetime(2026, 9, 1, 12, tzinfo=UTC)
OPENS = datetime(2026, 9, 15, 12, tzinfo=UTC)
CLOSES = datetime(2026, 11, 1, 12, tzinfo=UTC)
STARTS = datetime(2026, 11, 7, 14, tzinfo=UTC)
ENDS = datetime(2026, 11, 7, 21, 30, tzinfo=UTC)


def forum(**changes):
    moments = {
        "announced_at": ANNOUNCED, "registration_opens_at": OPENS, "registration_closes_at": CLOSES,
        "starts_at": STARTS, "ends_at": ENDS,
    }  # fmt: skip
    return Forum(**(moments | changes))


@pytest.mark.parametrize(
    ("instant", "before", "after"),
    [
        (ANNOUNCED, "draft", "announced"),
        (OPENS, "announced", "registration"),
        (CLOSES, "registration", "announced"),
        (STARTS, "announced", "under_way"),
        (ENDS, "under_way", "past"),
    ],
)
def test_stage_changes_at_its_instant(instant, before, after):
    stages = [forum().stage_at(instant + shift).value for shift in (-SECOND, timedelta(), SECOND)]
    assert stages == [before, after, after]


def test_page_says_that_the_vote_is_open_though_the_day_is_over(client, db):
    forum = ForumFactory(
        starts_at=timezone.now() - timedelta(days=3), ends_at=timezone.now() - timedelta(days=2)
    )
    path = forum.get_absolute_url()
    assert "Ce forum est passé." in client.get(path).content.decode()
    QuestionFactory(round=(round := RoundFactory(forum=forum)))
    RegistrationFactory(forum=forum)
    rounds.open_round(round_id=round.pk, by=None)
    page = client.get(path).content.decode()
    assert "Les échanges sont terminés et le vote est ouvert." in page
    assert "Ce forum est passé." not in page
    other = ForumFactory(
        ends_at=timezone.now() - timedelta(days=2), starts_at=timezone.now() - timedelta(days=3)
    )
    assert "Ce forum est passé." in client.get(other.get_absolute_url()).content.decode()
    rounds.close_round(round_id=round.pk, by=None)
    assert "Ce forum est passé." in client.get(path).content.decode()


def held(**changes):
    return ForumFactory(starts_at=timezone.now() - timedelta(days=3), **changes)


def listed(client, path="/forums/"):
    """The titles under each heading of the list."""
    page = client.get(path).content.decode()
    sections = re.findall(r"(?s)<section.*?<h2[^>]*>(.*?)</h2>(.*?)</section>", page)
    return {heading: re.findall(r"<a href=[^>]*>(Forum [^<]*)</a>", body) for heading, body in sections}, page


def test_list_puts_forums_that_vote_first_and_nowhere_else(client, staff_client, db):
    over, voting, coming, trying = (
        held(title="Forum clos"), held(title="Forum A"), ForumFactory(title="Forum B"), held(title="Forum C")
    )  # fmt: skip
    for each in (voting, coming, trying):
        QuestionFactory(round=(round := RoundFactory(forum=each, is_trial=each is trying)))
        RegistrationFactory(forum=each)
        rounds.open_round(round_id=round.pk, by=None)
    sections, page = listed(client)
    assert sections == {"Vote en cours": ["Forum A", "Forum B"], "Forums passés": ["Forum C", "Forum clos"]}
    assert page.count('<span class="badge badge--strong">Vote en cours</span>') == 2
    assert "Aucun forum n’est annoncé" not in page
    console = staff_client.get("/gestion/forums/").content.decode()
    assert console.count('<span class="badge badge--strong">Vote en cours</span>') == 2
    [line] = [line for line in forums_card().lines if "sans résultats" in str(line.text)]
    assert line.count == 2
    rounds.close_round(round_id=voting.rounds.get().pk, by=None)
    rounds.close_round(round_id=coming.rounds.get().pk, by=None)
    assert listed(client)[0] == {"À venir": ["Forum B"], "Forums passés": ["Forum C", "Forum A", over.title]}


def test_registration_without_end_closes_when_the_forum_begins():
    unending = forum(registration_closes_at=None)
    assert unending.stage_at(STARTS - SECOND) == "registration"
    assert unending.stage_at(STARTS) == "under_way"


def test_registration_without_beginning_never_opens():
    assert forum(registration_opens_at=None).stage_at(OPENS) == "announced"


def test_forum_never_announced_is_a_draft_even_when_over():
    assert forum(announced_at=None).stage_at(ENDS + SECOND) == "draft"


@pytest.mark.parametrize("moment", [ANNOUNCED, OPENS, STARTS, ENDS])
def test_cancelled_forum_is_cancelled_whenever(moment):
    assert forum(cancelled_at=ANNOUNCED).stage_at(moment) == "cancelled"


def test_cancelled_draft_stays_a_draft():
    assert forum(announced_at=None, cancelled_at=ANNOUNCED).stage_at(OPENS) == "draft"


@pytest.mark.parametrize("shift", [-SECOND, timedelta(), SECOND])
def test_stage_of_results_begins_when_they_are_published(shift):
    published = ENDS + timedelta(days=2)
    over = forum()
    Results(forum=over, published_at=published)
    stage = "past" if shift < timedelta() else "results"
    assert over.stage_at(published + shift) == stage


def test_results_published_before_the_end_wait_for_it():
    early = forum()
    Results(forum=early, published_at=STARTS)
    assert early.stage_at(ENDS - SECOND) == "under_way"
    assert early.stage_at(ENDS) == "results"


def test_upcoming_and_past_share_out_the_announced_forums(db):
    now = ENDS
    coming = ForumFactory(starts_at=now, ends_at=now + SECOND, announced_at=ANNOUNCED)
    over = ForumFactory(starts_at=STARTS, ends_at=now, announced_at=ANNOUNCED)
    cancelled = ForumFactory(starts_at=now + SECOND, announced_at=ANNOUNCED, cancelled_at=ANNOUNCED)
    ForumFactory(starts_at=now, announced_at=now + SECOND)
    ForumFactory(starts_at=STARTS, ends_at=ENDS, announced_at=None)
    assert list(Forum.objects.upcoming(now)) == [coming]
    assert list(Forum.objects.past(now)) == [cancelled, over]


def test_upcoming_forums_go_from_the_nearest(db):
    later = ForumFactory(starts_at=ENDS + timedelta(days=9), announced_at=ANNOUNCED)
    sooner = ForumFactory(starts_at=ENDS + timedelta(days=2), announced_at=ANNOUNCED)
    assert list(Forum.objects.upcoming(ENDS)) == [sooner, later]


def test_next_instant_is_each_change_in_turn(db, django_assert_num_queries):
    moments = {"registration_opens_at": OPENS, "registration_closes_at": CLOSES}
    ResultsFactory(
        forum=ForumFactory(starts_at=STARTS, ends_at=ENDS, announced_at=ANNOUNCED, **moments),
        published_at=ENDS + timedelta(days=1),
    )
    now, met = ANNOUNCED - SECOND, []
    with django_assert_num_queries(2 * 7):
        while instants := [each for each in (next_stage_at(now), next_results_at(now)) if each]:
            instant = min(instants)
            met.append(instant)
            now = instant
    assert met == [ANNOUNCED, OPENS, CLOSES, STARTS, ENDS, ENDS + timedelta(days=1)]
