"""A device that several people vote with: the page of one never votes for another."""

from __future__ import annotations

import re

import pytest

from forums.models import Ballot
from tests.forums.vote.conftest import CHOICES, address, cast, codes_of, receipt_on

pytestmark = pytest.mark.django_db(transaction=True)
# What page each form of a vote is on, and where it posts.
FORMS = [("", ""), ("", "depot/"), ("recu/", "retrait/")]


def voter_on(page):
    return re.search(r'name="voter" value="(\w+)"', page.text)[1]


@pytest.fixture
def two(open_vote, client):
    round = open_vote(people=2)
    return round, *codes_of(round.forum)


@pytest.mark.parametrize(("page", "to"), FORMS)
def test_page_of_one_voter_is_refused_once_another_has_opened_theirs(two, client, page, to):
    round, first, second = two
    client.get(f"/vote/{first}/")
    if page:
        cast(client, round)
    shown = voter_on(client.get(address(round, page)))
    client.get(f"/vote/{second}/")
    if page:
        cast(client, round, key="une-autre-clef-de-seize")
    before = sorted(Ballot.objects.values_list("pk", "is_withdrawn"))
    sent = client.post(address(round, to), {"key": "clef-du-premier-onglet", "voter": shown, **CHOICES})
    assert (sent.status_code, "Ballot-Refused" in sent.headers) == (403, False)
    assert "Cet appareil sert maintenant à une autre personne" in sent.text
    assert sorted(Ballot.objects.values_list("pk", "is_withdrawn")) == before


def test_page_of_one_voter_serves_again_once_their_code_is_typed_again(two, client):
    round, first, second = two
    client.get(f"/vote/{first}/")
    form = {"key": "clef-du-premier-onglet", "voter": voter_on(client.get(address(round))), **CHOICES}
    client.get(f"/vote/{second}/")
    assert client.post(address(round, "depot/"), form).status_code == 403
    client.get(f"/vote/{first}/")
    assert client.post(address(round, "depot/"), form).status_code == 302
    assert receipt_on(client)


def test_device_that_no_longer_says_who_votes_is_not_told_that_nothing_was_kept(two, client):
    """The vote has closed, and the first request of the voter may be in the box."""
    from forums.vote.rounds import close_round

    round, first, _second = two
    client.get(f"/vote/{first}/")
    cast(client, round)
    client.post("/vote/terminer/")
    close_round(round_id=round.pk, by=None)
    again = cast(client, round)
    assert again.status_code == 403
    assert "trop tard" not in again.text
