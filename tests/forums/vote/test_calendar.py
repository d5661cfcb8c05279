"""The times of a vote in people's calendars."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from forums.mail.ics import TIME_ZONE
from forums.models import Forum, Round
from forums.vote.rounds import annul_round, close_round, open_round, prolong_round
from tests.forums.test_calendar import unfolded, value
from tests.forums.vote.conftest import address, codes_of


def file_of(client, round, prefix=""):
    response = client.get(f"{prefix}/forums/{round.forum.slug}/tours/{round.number}/vote.ics")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    return response.content


def alarms(file):
    return [line for line in unfolded(file) if line.startswith("TRIGGER")]


def test_file_has_the_opening_and_the_closing_in_montreal(client, planned):
    round = planned()
    file = file_of(client, round)
    assert set(TIME_ZONE) <= set(unfolded(file))
    for name, moment in (("DTSTART", round.opens_at), ("DTEND", round.closes_at)):
        assert value(file, name) == f"{timezone.localtime(moment):%Y%m%dT%H%M%S}"
    assert value(file, "UID") == f"vote-{round.pk}@localhost"
    assert value(file, "STATUS") == "CONFIRMED"
    assert value(file, "URL") == f"http://localhost:8000{address(round)}"
    assert value(file_of(client, round, "/en"), "SUMMARY").startswith("Vote: ")


def test_each_change_raises_the_sequence_of_the_same_event(client, planned):
    round = planned()
    seen = [file_of(client, round)]
    Round.objects.filter(pk=round.pk).update(opens_at=round.opens_at - timedelta(minutes=5))
    seen.append(file_of(client, round))
    open_round(round_id=round.pk, by=None)
    seen.append(file_of(client, round))
    round.refresh_from_db()
    prolong_round(round_id=round.pk, until=round.closes_at + timedelta(hours=1), by=None)
    seen.append(file_of(client, round))
    round.refresh_from_db()
    assert value(seen[-1], "DTEND") == f"{timezone.localtime(round.closes_at):%Y%m%dT%H%M%S}"
    close_round(round_id=round.pk, by=None)
    seen.append(file_of(client, round))
    numbers = [int(value(file, "SEQUENCE")) for file in seen]
    assert numbers == sorted(set(numbers))
    assert len({value(file, "UID") for file in seen}) == 1


def test_reminders_suit_the_length_of_the_vote(client, planned):
    round = planned()
    for hours, expected in ((2, ["TRIGGER:P0D"]), (3, ["TRIGGER:P0D", "TRIGGER;RELATED=END:-PT1H"])):
        Round.objects.filter(pk=round.pk).update(closes_at=round.opens_at + timedelta(hours=hours))
        assert alarms(file_of(client, round)) == expected


@pytest.mark.parametrize("what", ["vote", "forum"])
def test_what_is_cancelled_says_so_and_reminds_nobody(client, opened, what):
    round = opened()
    assert alarms(file_of(client, round))
    if what == "vote":
        annul_round(round_id=round.pk, by=None, reason="Une panne.")
    else:
        Forum.objects.update(cancelled_at=timezone.now())
    file = file_of(client, round)
    assert value(file, "STATUS") == "CANCELLED"
    assert alarms(file) == []


def test_vote_of_a_draft_has_no_file(client, planned):
    round = planned(forum__announced_at=None)
    assert client.get(f"/forums/{round.forum.slug}/tours/1/vote.ics").status_code == 404


def test_pages_of_a_vote_to_come_or_open_lead_to_it_and_others_do_not(client, planned):
    round = planned()
    link = f'href="/forums/{round.forum.slug}/tours/1/vote.ics"'
    pages = (address(round), f"/forums/{round.forum.slug}/")
    assert all(link in client.get(page).text for page in pages)
    open_round(round_id=round.pk, by=None)
    client.get(f"/vote/{codes_of(round.forum)[0]}/")
    assert all(link in client.get(page).text for page in pages)
    close_round(round_id=round.pk, by=None)
    assert not any(link in client.get(page).text for page in pages)
