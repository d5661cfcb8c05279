"""The sums that must agree, what is said when they don't, and the seal that waits for them."""

from __future__ import annotations

import hashlib
import html
import io

import pytest
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from forums import paper_typing
from forums.models import PaperBallot, Results, Round, SealedBox
from forums.tally.box import read
from tests.forums.rounds.conftest import address, close, entries, fresh, serials, type_twice, vote


def text_of(response):
    return html.unescape(response.content.decode()).replace("\u00a0", " ")


@pytest.fixture
def evening(make_round):
    """Twelve vote online, three on paper; closed: (round, serials)."""
    round = make_round("open", people=15, papers=6)
    people = entries(round)
    for place, entry in enumerate(people[:12]):
        vote(round, entry, [1, 2 + place % 3], [(1 + place % 2, 3)])
    close(round, papers_of=people[12:])
    return fresh(round), serials(round)


def sums(staff_client, round):
    response = staff_client.get(address("reconciliation", round))
    return [(each.left, each.right, each.agrees) for each in response.context["sums"]], text_of(response)


def test_sums_agree_step_by_step_and_only_then_is_it_sealed(evening, staff_client):
    round, found = evening
    state, text = sums(staff_client, round)
    assert state == [(3, 0, False), (15, 12, False)]
    assert "Il manque 3 bulletins" in text
    assert "Sceller l’urne" not in text
    type_twice(round, found[0])
    type_twice(round, found[1], [], [])
    assert "Il manque 1 bulletin :" in sums(staff_client, round)[1]
    refused = staff_client.post(address("round_seal", round))
    assert refused.url == address("reconciliation", round)
    assert fresh(round).sealed_at is None
    type_twice(round, found[2], [2], [(5, 4)])
    state, text = sums(staff_client, round)
    assert state == [(3, 3, True), (15, 15, True)]
    assert "Sceller l’urne" in text
    for _click in range(2):
        staff_client.post(address("round_seal", round))
    box = SealedBox.objects.get()
    assert box.outcome["questions"][0]["ballots"] == 14
    assert box.outcome["questions"][0]["blank"] == 1
    assert fresh(round).state_at(timezone.now()) == Round.State.SEALED


def test_paper_typed_once_blocks_the_seal_in_words(evening, staff_client):
    round, found = evening
    for serial in found[:2]:
        type_twice(round, serial)
    paper_typing.type_paper(
        round_id=round.pk, serial=found[2],
        answers={1: paper_typing.Answer([1]), 2: paper_typing.Answer([])}, typist="user:9", typist_name="x",
    )  # fmt: skip
    assert "1 bulletin n’a été saisi que par une personne" in sums(staff_client, round)[1]
    staff_client.post(address("round_seal", round))
    assert fresh(round).sealed_at is None


def test_lost_paper_is_declared_publicly_and_taken_back(evening, staff_client):
    round, found = evening
    for serial in found[:2]:
        type_twice(round, serial)
    page = address("papers_lost", round)
    assert staff_client.post(page, {"count": 1, "reason": ""}).status_code == 422
    text = text_of(staff_client.post(page, {"count": 4, "reason": "Partis"}, follow=True))
    assert "plus de bulletins perdus que de bulletins remis" in text
    staff_client.post(page, {"count": 1, "reason": "Parti avec quelqu’un."})
    assert sums(staff_client, round)[0] == [(3, 3, True), (15, 15, True)]
    staff_client.post(page, {"count": 0, "reason": ""})
    assert (fresh(round).papers_lost, fresh(round).papers_lost_because) == (0, "")
    staff_client.post(page, {"count": 1, "reason": "Parti avec quelqu’un."})
    staff_client.post(address("round_seal", round))
    assert SealedBox.objects.get().reconciliation["papers_lost"] == 1
    refused = text_of(staff_client.post(page, {"count": 0, "reason": ""}, follow=True))
    assert "Le scrutin n’en est plus là" in refused
    assert fresh(round).papers_lost == 1


def test_more_papers_than_were_given_is_said(evening, staff_client):
    round, found = evening
    for serial in found[:4]:
        type_twice(round, serial)
    state, text = sums(staff_client, round)
    assert state[0] == (3, 4, False)
    assert "Il est revenu 1 bulletin de plus qu’il n’en a été remis" in text
    staff_client.post(address("round_seal", round))
    assert fresh(round).sealed_at is None


def test_sums_are_not_shown_while_the_vote_is_open(make_round, staff_client):
    round = make_round("open", papers=1)
    assert staff_client.get(address("reconciliation", round)).url == address("round", round)
    staff_client.post(address("papers_lost", round), {"count": 0, "reason": ""})
    assert fresh(round).papers_lost is None


def test_box_and_record_are_those_of_the_seal(evening, staff_client):
    round, found = evening
    for serial in found[:3]:
        type_twice(round, serial)
    assert staff_client.get(address("round_box", round)).status_code == 404
    staff_client.post(address("round_seal", round))
    round = fresh(round)
    content = staff_client.get(address("round_box", round)).content
    assert hashlib.sha256(content).hexdigest() == round.seal
    assert read(content.decode()).round_number == 1
    record = staff_client.get(address("round_record", round))
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(record.content)).pages)
    assert round.seal[:8] in words
    assert "Procès-verbal du vote" in words


def test_fewer_than_ten_ballots_leave_no_box(make_round, staff_client):
    round = make_round("sealed")
    assert staff_client.get(address("round_box", round)).status_code == 404
    assert "Moins de 10 bulletins" in text_of(staff_client.get(address("round", round)))


def test_from_the_last_paper_to_the_published_page_in_two_clicks(evening, staff_client, client):
    round, found = evening
    for serial in found[:3]:
        type_twice(round, serial)
    staff_client.post(address("round_seal", round))
    staff_client.post(address("round_publish", round))
    assert Results.objects.get().published_at is not None
    assert client.get(reverse("forums:results", args=[round.forum.slug])).status_code == 200


def test_sealed_page_still_has_all_numbers(evening, staff_client):
    round, found = evening
    for serial in found[:3]:
        type_twice(round, serial)
    before = staff_client.get(address("reconciliation", round)).context["found"]
    staff_client.post(address("round_seal", round))
    assert staff_client.get(address("reconciliation", round)).context["found"] == before
    assert PaperBallot.objects.count() == 0


@pytest.mark.parametrize("state", ["drawn", "open", "closed", "sealed"])
def test_page_of_a_round_asks_the_same_queries_for_few_and_many(make_round, staff_client, state):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for people in (1, 3):
        round = make_round(state, people=people, papers=0 if state == "sealed" else people)
        staff_client.get(address("round", round))
        with CaptureQueriesContext(connection) as queries:
            staff_client.get(address("round", round))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 20
