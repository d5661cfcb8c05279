"""Turnout, and what was rejected, are the same numbers wherever they are read."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from forums.dossier.files import build_files
from forums.models import Results
from forums.vote.screen_state import screen_figures
from tests.forums.published.conftest import (
    OTHER_TITLES,
    asked,
    count_vote,
    own_page,
    read_everywhere,
    whole_page,
)

pytestmark = pytest.mark.django_db

ONLINE = [((1, 2), (1,))] * 9 + [((), (2,)), ((), ())]
# One is whole, one blank throughout, one over-marked on one question, one on both; one more never comes back.
PAPERS = [((1,), (2,)), ((), ()), (None, (1,)), (None, None)]
VOTED, ON_ROLL = len(ONLINE) + len(PAPERS) + 1, len(ONLINE) + len(PAPERS) + 1 + 3


@pytest.fixture
def round(db):
    seen = {}

    def note(round):
        seen.update(screen_figures(round))

    questions = [asked("Que faire d’abord?"), asked("Où aller?", titles=OTHER_TITLES)]
    round = count_vote(questions, ONLINE, papers=PAPERS, lost=1, roll=3, at_closing=note)
    # What the projector said at the closing is what is published after.
    assert (seen["voted"], seen["roll"]) == (VOTED, ON_ROLL)
    return round


def test_turnout_is_one_number_everywhere(round, client, staff_client):
    said = f"Ont voté : {VOTED} sur {ON_ROLL}"
    for name, text in read_everywhere(round, client, staff_client).items():
        assert said in text, name
        assert set(re.findall(r"Ont voté : (\d+ sur \d+)", text)) == {f"{VOTED} sur {ON_ROLL}"}, name
    data = json.loads(client.get(whole_page(round, "resultats.json")).content)["rounds"][0]
    assert data["turnout"] == {"voted": VOTED, "on_roll": ON_ROLL}
    kinds = data["reconciliation"]["turnout"]
    assert sum(each["voted"] for each in kinds) == VOTED
    assert sum(each["on_roll"] for each in kinds) == ON_ROLL
    table = client.get(whole_page(round, "resultats.csv")).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table), delimiter=";"))
    assert {(row["voted"], row["on_roll"]) for row in rows} == {(str(VOTED), str(ON_ROLL))}
    results = Results.objects.for_page().get(forum=round.forum)
    files = {file.name: file.content for file in build_files(results, at=results.published_at)}
    sent = csv.DictReader(io.StringIO(files["3-priorites.csv"].decode("utf-8-sig")), delimiter=";")
    assert {(row["voted"], row["on_roll"]) for row in sent} == {(str(VOTED), str(ON_ROLL))}


def test_rejected_ballots_are_counted_alike_everywhere(round, client, staff_client):
    """By question, where a paper is over-marked; a paper over-marked throughout is said to be so."""
    for name, text in read_everywhere(round, client, staff_client).items():
        if name == "projector":
            continue
        assert "10 bulletins remplis, 3 blancs, 2 rejetés." in text, name
        assert "Question 1 : 10 remplis + 3 blancs + 2 rejetés = 15" in text, name
        assert "Question 2 : 12 remplis + 2 blancs + 1 rejeté = 15" in text, name
        assert "4 revenus + 1 perdu = 5 remis" in text, name
        assert re.search(r"dont rejetés en entier 1\b", text), name
        assert re.search(r"dont blancs en entier 1\b", text), name
    data = json.loads(client.get(own_page(round, "resultats.json")).content)["rounds"][0]
    assert [each["rejected"] for each in data["questions"]] == [2, 1]
    table = client.get(own_page(round, "resultats.csv")).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table), delimiter=";"))
    assert {(row["question"], row["rejected"]) for row in rows} == {("1", "2"), ("2", "1")}
