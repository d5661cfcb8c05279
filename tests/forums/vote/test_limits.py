"""Codes that nobody has are counted by address; a code that someone has is never refused."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from forums.models import Ballot, RateLimitCounter
from forums.vote import rate_limits, slips
from tests.forums.vote.conftest import cast, codes_of
from tests.forums.vote.test_ways_in import text

MINUTE = datetime(2026, 11, 7, 14, 30, 15, tzinfo=UTC)


@pytest.fixture
def few(monkeypatch):
    """Three tries a minute: the limits themselves are read by the last test."""
    for what in RateLimitCounter.Kind:
        monkeypatch.setitem(rate_limits._LIMITS, what, 3)


@pytest.fixture
def at():
    with time_machine.travel(MINUTE, tick=False) as clock:
        yield clock


def unknown(client, **headers):
    return client.post("/vote/", {"code": slips.new_code()}, headers=headers).status_code


def test_unknown_codes_beyond_the_limit_are_slowed_for_a_minute(client, db, few, at, caplog):
    with caplog.at_level(logging.WARNING):
        assert [unknown(client) for _ in range(5)] == [404, 404, 404, 429, 429]
    assert [record.getMessage() for record in caplog.records if record.name == "forums.vote.rate_limits"] == [
        "more than 3 tries of code in a minute from one address"
    ]
    slowed = client.get(f"/vote/{slips.new_code()}/")
    assert (slowed.status_code, slowed.headers["Retry-After"]) == (429, "60")
    at.move_to(MINUTE + timedelta(seconds=44))
    assert unknown(client) == 429
    at.move_to(MINUTE + timedelta(seconds=45))
    assert unknown(client) == 404


def test_valid_code_is_never_refused_even_from_a_slowed_address(client, round, codes, few):
    while unknown(client) != 429:
        pass
    assert client.get(f"/vote/{codes[0]}/").status_code == 302
    assert client.post("/vote/", {"code": codes[1]}).status_code == 302
    assert cast(client, round).status_code == 302


def test_mistyped_and_known_codes_are_not_counted(client, round, codes, few):
    wrong = codes[0][:-1] + ("0" if codes[0][-1] != "0" else "2")
    for typed in (wrong, "", "!!!", codes[0]) * 3:
        client.post("/vote/", {"code": typed})
    assert RateLimitCounter.objects.count() == 0


def test_addresses_are_counted_apart_and_kept_as_hashes(db, few, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    for address_ in ("192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "2001:db8:1::1"):
        unknown(Client(REMOTE_ADDR=address_))
    # Two addresses of one IPv6 network are one.
    assert sorted(RateLimitCounter.objects.values_list("count", flat=True)) == [1, 1, 1, 2]
    assert all(len(row.address_hash) == 64 for row in RateLimitCounter.objects.all())


def test_staff_home_says_bursts_of_the_last_day(staff_client, few, at, monkeypatch):
    monkeypatch.setattr(rate_limits, "MAX_UNKNOWN_CODES_A_MINUTE", 3)
    for _ in range(4):
        unknown(Client())
    assert rate_limits.minutes_over_limit(MINUTE) == 1
    assert "rafale de codes de vote inconnus" in text(staff_client.get("/gestion/"))
    assert rate_limits.minutes_over_limit(MINUTE + timedelta(days=1, seconds=1)) == 0


def test_old_counts_are_forgotten(client, db, at):
    unknown(client)
    rate_limits.delete_old_counters(MINUTE + timedelta(days=1))
    assert RateLimitCounter.objects.count() == 1
    rate_limits.delete_old_counters(MINUTE + timedelta(days=3))
    assert RateLimitCounter.objects.count() == 0


def test_room_behind_one_address_votes_while_someone_there_tries_codes(opened, few):
    """Twenty times as many people as the limit here lets try: none of them is counted."""
    round = opened(60)
    stranger = Client()
    while unknown(stranger) != 429:
        pass
    refused = []
    for code in codes_of(round.forum):
        phone = Client()
        statuses = (phone.get(f"/vote/{code}/").status_code, cast(phone, round).status_code)
        if statuses != (302, 302):
            refused.append(statuses)
    assert (refused, Ballot.objects.count()) == ([], 60)


def test_limits_are_those_promised():
    assert (rate_limits._LIMITS[RateLimitCounter.Kind.CODE], rate_limits.MAX_UNKNOWN_CODES_A_MINUTE) == (
        300,
        300,
    )
    assert rate_limits._LIMITS[RateLimitCounter.Kind.RECEIPT] == 600
