"""What was decided, on every page and file that says it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from forums.event.open_and_seal import seal_vote
from forums.models import PaperBallot, Question, RollEntry
from forums.vote import casting, paper_entry, paper_issue, rounds
from forums.vote.casting import cast_ballot
from forums.vote.paper_entry import parse_answer, type_paper
from forums.vote.rounds import open_round
from tests.factories import (
    RegistrationFactory,
    RoundFactory,
)
from tests.forums.decisions.conftest import PROPOSAL, QUORUM, TWO_THIRDS, decision, pdf_text, text
from tests.forums.rounds.conftest import address as staff_address
from tests.forums.rounds.conftest import close, entries
from tests.forums.sealed import past_forum, publish_results, seal

pytestmark = pytest.mark.django_db


def ballots(in_favour, against, abstentions=0, blank=0):
    answers = ["for"] * in_favour + ["against"] * against + ["abstention"] * abstentions
    return [(answer,) for answer in answers] + [()] * blank


@pytest.mark.parametrize(
    ("cast", "limits", "roll", "verdict", "is_adopted"),
    [
        (ballots(6, 5), {}, 0, "Proposition adoptée. 6 pour, 5 contre, 0 abstention.", True),
        (ballots(6, 6), {}, 0, "Proposition non adoptée. 6 pour, 6 contre, 0 abstention.", False),
        (ballots(8, 4, 2), TWO_THIRDS, 0, "Proposition adoptée. 8 pour, 4 contre, 2 abstentions.", True),
        (ballots(7, 4, 2), TWO_THIRDS, 0, "Proposition non adoptée. 7 pour, 4 contre, 2 abstentions.", False),
        (ballots(9, 1), QUORUM, 10, "Proposition adoptée. 9 pour, 1 contre, 0 abstention.", True),
        (
            ballots(9, 1),
            QUORUM,
            11,
            "Proposition non adoptée : le quorum n’est pas atteint. 9 pour, 1 contre, 0 abstention.",
            False,
        ),
        (ballots(0, 0, 10, 1), {}, 0, "Proposition non adoptée. 0 pour, 0 contre, 10 abstentions.", False),
    ],
)
def test_decision_is_said_on_page_projector_pdf_and_data(client, cast, limits, roll, verdict, is_adopted):
    round = seal(cast, method="decision", titles=[PROPOSAL], limits=limits, roll=roll)
    results = publish_results(round.forum)
    base = f"/forums/{round.forum.slug}/"
    whole = text(client.get(base + "resultats/"))
    assert verdict in whole
    assert ">Réponse</th>" in whole
    assert 'id="decisions"' in whole
    assert 'id="priorites"' not in whole
    assert list(results.priorities.all()) == []
    assert verdict in text(client.get(f"{base}tours/{round.number}/resultats/"))
    screen = text(client.get(f"{base}tours/{round.number}/ecran/"))
    assert verdict in screen
    assert ("screen__verdict--not" in screen) is not is_adopted
    assert "Ce que nous avons décidé" in screen
    assert "Ouvrir le samedi" in screen
    printed = pdf_text(client.get(base + "resultats.pdf").content)
    assert verdict in printed
    assert "Réponse Total Part" in printed
    data = json.loads(client.get(base + "resultats.json").content)
    question = data["rounds"][0]["questions"][0]
    assert (question["method"], question["limits"], question["options"]) == ("decision", limits, [])
    found = question["decision"]
    assert found["adopted"] is is_adopted
    assert found["proposal"]["title"] == "Ouvrir le samedi"
    assert found["answers"]["for"]["total"] == sum(each == ("for",) for each in cast)
    table = client.get(base + "resultats.csv").content.decode()
    assert "for" in table
    assert "abstention" in table
    assert data["rounds"][0]["count"]["questions"][0]["detail"]["adopted"] is is_adopted


def test_ballots_that_count_for_the_quorum_are_said_even_when_a_paper_was_lost(client):
    """« Ont voté » counts a paper that was given; the quorum counts those that came back."""
    round = RoundFactory(forum=past_forum())
    decision(round, limits=QUORUM)
    RegistrationFactory.create_batch(12, forum=round.forum)
    rounds.draw_ballot(round_id=round.pk)
    paper_issue.print_papers(round_id=round.pk, count=1)
    rounds.open_round(round_id=round.pk, by=None)
    holder, *voters = entries(round)
    for voter in voters[:3]:
        casting.cast_ballot(
            round=round, entry_id=voter.pk, choices={1: ["for"]}, idempotency_key="a", receipt=""
        )
    close(round, papers_of=[holder])
    paper_entry.declare_papers_lost(round_id=round.pk, count=1, reason="Laissé sur une chaise.")
    seal_vote(round_id=round.pk, by=None)
    publish_results(round.forum)
    page = text(client.get(f"/forums/{round.forum.slug}/resultats/"))
    assert "4 sur 12" in page
    assert "Proposition non adoptée : le quorum n’est pas atteint." in page
    assert "Pour le quorum : 3 bulletins déposés." in page


def test_tellers_sign_what_was_decided(staff_client):
    round = seal(ballots(8, 4, 2), method="decision", titles=[PROPOSAL], limits=TWO_THIRDS)
    record = pdf_text(staff_client.get(staff_address("round_record", round)).content)
    assert "Ouvrir le samedi" in record
    assert "Adoptée si les pour font au moins les deux tiers des pour et des contre." in record
    assert "Proposition adoptée. 8 pour, 4 contre, 2 abstentions." in record
    assert "Réponse Total Pour 8 Contre 4 Abstention 2" in record


def test_decision_beside_priorities_leaves_them_as_they_were(client):
    """Two questions on one ballot: the priorities retained, and the decision."""
    round = seal(method="approval", limits={"limit": 3})
    opens_at = timezone.now() + timedelta(minutes=1)
    times = {"opens_at": opens_at, "closes_at": opens_at + timedelta(hours=1)}
    other = seal(ballots(11, 1), forum=round.forum, method="decision", titles=[PROPOSAL], **times)
    results = publish_results(round.forum)
    assert [priority.title for priority in results.priorities.all()] == ["Toits abordables", "Navette rurale"]
    page = text(client.get(f"/forums/{other.forum.slug}/resultats/"))
    assert "Proposition adoptée. 11 pour, 1 contre, 0 abstention." in page


def test_decision_reads_in_english(client):
    round = seal(ballots(11, 1, 1), method="decision", titles=[PROPOSAL], limits=TWO_THIRDS)
    publish_results(round.forum)
    page = text(client.get(f"/en/forums/{round.forum.slug}/resultats/"))
    assert "Adopted. 11 for, 1 against, 1 abstention." in page


def test_answers_are_told_apart_on_screen_and_on_paper(client, planned):
    """As for options: from ten ballots of each kind, with a rejected paper among them."""
    round = planned(people=21)
    rounds.draw_ballot(round_id=round.pk)
    paper_issue.print_papers(round_id=round.pk, count=11)
    open_round(round_id=round.pk, by=None)
    round.refresh_from_db()
    entries = list(RollEntry.objects.filter(round=round).order_by("pk"))
    for number, entry in enumerate(entries[:10]):
        answer = "for" if number < 6 else "against"
        cast_ballot(round=round, entry_id=entry.pk, choices={1: [answer]}, idempotency_key=f"clef-{number}")
    for entry in entries[10:]:
        paper_issue.issue_paper(round_id=round.pk, entry_id=entry.pk)
    rounds.close_round(round_id=round.pk, by=None)
    question = Question.objects.prefetch_related("options").get(round=round)
    typed_marks = ["2"] * 7 + ["1", "3", "3", "1 2 x"]
    for serial, marks in zip(PaperBallot.objects.values_list("serial", flat=True), typed_marks, strict=True):
        for typist in ("user:0", "day:2"):
            type_paper(
                round_id=round.pk,
                serial=serial,
                answers={1: parse_answer(question, marks)},
                typist=typist,
                typist_name=typist,
            )
    seal_vote(round_id=round.pk, by=None)
    publish_results(round.forum)
    data = json.loads(client.get(f"/forums/{round.forum.slug}/resultats.json").content)
    found = data["rounds"][0]["questions"][0]["decision"]["answers"]
    by_channel = {key: (each["online"], each["paper"], each["total"]) for key, each in found.items()}
    assert by_channel == {"for": (6, 1, 7), "against": (4, 7, 11), "abstention": (0, 2, 2)}
