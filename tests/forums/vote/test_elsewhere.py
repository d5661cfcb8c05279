"""What the rest of the portal says of a vote: the bar, the first card, the page of the event."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from forums.event.open_and_seal import seal_vote
from forums.hooks.scheduled import next_vote_change_at
from forums.models import Registration, Round
from forums.tally.canonical import in_groups
from forums.vote.rounds import annul_round, close_round, open_round, prolong_round
from tests.conftest import signed_in
from tests.factories import ForumFactory
from tests.forums.vote.test_ways_in import text

BAR = 'class="vote-bar '
PAGES = [
    "/billets/",
    "/repertoire/",
    "/forums/",
    "/priorites/",
    "/recherche/?q=a",
    "/nulle-part/",
    "/compte/connexion/",
]


@pytest.mark.parametrize("path", PAGES)
def test_bar_is_on_every_page_while_a_vote_is_open(client, planned, path):
    round = planned()
    assert BAR not in text(client.get(path))
    open_round(round_id=round.pk, by=None)
    page = text(client.get(path))
    assert BAR in page
    assert 'href="/vote/">Voter</a>' in page
    close_round(round_id=round.pk, by=None)
    assert BAR not in text(client.get(path))


def test_home_asks_for_a_vote_once(client, opened):
    """By its first card, in place of the bar."""
    opened()
    page = text(client.get("/"))
    assert BAR not in page
    assert page.count(">Voter<") == 1


def test_bar_of_a_consultation_leads_to_it(client, opened):
    round = opened(public=Round.Public.ACCOUNTS)
    page = text(client.get("/billets/"))
    assert f'href="/forums/{round.forum.slug}/vote/">Voter</a>' in page


def test_votes_of_forums_not_announced_are_not_said(client, opened):
    opened(forum=ForumFactory(announced_at=None))
    assert BAR not in text(client.get("/billets/"))


@pytest.mark.parametrize(("seconds", "status"), [(-1, 304), (0, 200), (1, 200)])
def test_page_changes_by_itself_when_the_vote_closes(client, opened, seconds, status):
    round = opened()
    # Within the same minute: every page changes at midnight too, with the date.
    with time_machine.travel(round.closes_at - timedelta(seconds=2), tick=False):
        first = client.get("/billets/")
    with time_machine.travel(round.closes_at + timedelta(seconds=seconds), tick=False):
        again = client.get("/billets/", headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == status
        assert (BAR in text(client.get("/billets/"))) is (status == 304)


def test_opening_prolonging_and_annulling_change_the_etag(client, planned, staff):
    round = planned()
    path = f"/forums/{round.forum.slug}/"
    tags = [client.get(path).headers["ETag"]]
    for act in (
        lambda: open_round(round_id=round.pk, by=None),
        lambda: prolong_round(round_id=round.pk, until=round.closes_at + timedelta(hours=1), by=staff),
        lambda: annul_round(round_id=round.pk, reason="Une panne.", by=staff),
    ):
        act()
        tags.append(client.get(path).headers["ETag"])
    assert len(set(tags)) == 4


def test_pages_ask_no_more_queries_during_a_vote(client, planned, django_assert_num_queries):
    round = planned()
    for act in (lambda: None, lambda: open_round(round_id=round.pk, by=None)):
        act()
        client.get("/billets/")
        # Content versions, and the posts: there is none.
        with django_assert_num_queries(2):
            client.get("/billets/")


def test_closing_is_an_instant_until_it_happened(opened, db):
    round = opened()
    assert next_vote_change_at(timezone.now()) == round.closes_at
    close_round(round_id=round.pk, by=None)
    assert next_vote_change_at(timezone.now()) is None


def test_open_vote_comes_first_on_the_home_page(client, opened):
    ForumFactory(title="Un autre forum", starts_at=timezone.now() + timedelta(days=1))
    round = opened()
    page = text(client.get("/"))
    card = page[page.index("À faire maintenant") :][:900]
    assert "Vote en cours" in card
    assert round.forum.title in card
    assert "Un autre forum" not in card


def test_event_tells_its_votes_and_their_log(client, planned, staff):
    round = planned(2)
    path = f"/forums/{round.forum.slug}/"
    assert "Prévu le" in text(client.get(path))
    open_round(round_id=round.pk, by=staff)
    prolong_round(round_id=round.pk, until=round.closes_at + timedelta(hours=1), by=staff)
    page = text(client.get(path))
    round.refresh_from_db()
    assert in_groups(round.seed_hash) in page
    assert "La lecture qui décide\u00a0: les plus appuyées." in page
    assert "dont l’arrivée au forum est confirmée" in page
    assert page.index("\xa0: ouverture") < page.index("\xa0: prolongation")
    # Who acted is for the team.
    assert staff.name not in page
    annul_round(round_id=round.pk, reason="Une recommandation manquait.", by=staff)
    assert "Une recommandation manquait." in text(client.get(path))


def test_sealed_vote_gives_its_seal_on_the_event(client, opened):
    round = opened(1)
    close_round(round_id=round.pk, by=None)
    seal_vote(round_id=round.pk, by=None)
    round.refresh_from_db()
    assert in_groups(round.seal) in text(client.get(f"/forums/{round.forum.slug}/"))


@pytest.mark.parametrize("rounds", [1, 3])
def test_event_asks_as_many_queries_whatever_its_votes(client, planned, rounds, django_assert_num_queries):
    forum = ForumFactory()
    for number in range(1, rounds + 1):
        opens_at = timezone.now() + timedelta(days=number)
        planned(0, forum=forum, number=number, opens_at=opens_at, closes_at=opens_at + timedelta(hours=1))
    path = f"/forums/{forum.slug}/"
    client.get(path)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        client.get(path)
    assert (
        len(
            [
                each
                for each in asked
                if "forums_round" in each["sql"] and 'FROM "forums_forum"' not in each["sql"]
            ]
        )
        == 3
    )


def test_person_on_the_roll_reads_the_bar_signed_in_too(opened):
    from tests.factories import UserFactory

    opened()
    assert BAR in text(signed_in(UserFactory()).get("/billets/"))
    assert Registration.objects.count() == 3
