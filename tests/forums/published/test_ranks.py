"""A rank is the same number wherever it is read: within its question, and the same for equals."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from forums.dossier.files import build_files
from forums.models import Results
from tests.forums.published.conftest import (
    OTHER_TITLES,
    asked,
    count_vote,
    own_page,
    read_everywhere,
    text_of,
    whole_page,
)

pytestmark = pytest.mark.django_db

# The first question retains 1 then 2; in the second, 1 and 2 are equals.
BALLOTS = [((1, 2), (1, 2))] * 6 + [((1,), (1, 2))] * 2 + [((3,), (3,))] * 3 + [((), ())]
FIRST, SECOND = ("Toits abordables", "Navette rurale"), ("Scierie", "Buanderie")


@pytest.fixture
def round(db):
    questions = [asked("Que faire d’abord?"), asked("Où aller?", titles=OTHER_TITLES)]
    return count_vote(questions, BALLOTS)


def _listed(markup):
    """[(rank, title)] of the lists of priorities, in order."""
    found = r'class="priority__rank">(\d+)</span>\s*<h\d class="priority__title"[^>]*>([^<]+)<'
    return [(int(rank), title) for rank, title in re.findall(found, markup)]


def _is_known(pairs):
    """Numbered from 1 in each question, the equals of the second alike, in whatever order the lottery gave."""
    return pairs[:2] == [(1, FIRST[0]), (2, FIRST[1])] and set(pairs[2:]) == {(1, each) for each in SECOND}


def test_each_question_is_numbered_from_one_and_equals_alike(round, client, staff_client):
    for where in (whole_page(round), own_page(round)):
        assert _is_known(_listed(client.get(where).content.decode())), where
    screen = client.get(own_page(round, "ecran/")).content.decode()
    shown = re.findall(r'screen__rank">(\d+)</span><span class="screen__name">([^<]+)<', screen)
    assert _is_known([(int(rank), title) for rank, title in shown])
    texts = read_everywhere(round, client, staff_client)
    for title, ranks in zip((*FIRST, *SECOND), "1211", strict=True):
        for name in ("PDF", "PDF of the vote"):
            # In its table: the rank, the option, its number on the ballot.
            assert re.search(rf"\b{ranks} {title} nº \d \d", texts[name]), (name, title)
        for name in ("page", "page of the vote"):
            assert re.search(rf"\b{ranks} {title} nº \d \d", texts[name]), (name, title)
        assert re.search(rf"\b{ranks} {title} \(nº \d\)", texts["record"]), title
    for title, rank in zip((*FIRST, *SECOND), "1211", strict=True):
        assert re.search(rf"\b{rank}\. {title}", texts["PDF"]), title
    for name, text in texts.items():
        assert "Égalité de 2 options" in text, name
        assert "« Scierie » et « Buanderie »" in text, name


def test_data_and_dossier_number_priorities_as_the_page_does(round, client):
    data = json.loads(client.get(whole_page(round, "resultats.json")).content)
    assert _is_known([(each["place"], each["title"]) for each in data["priorities"]])
    options = [option for question in data["rounds"][0]["questions"] for option in question["options"]]
    assert {each["title"]: each["shown_rank"] for each in options if each["place"]} == {
        **dict(zip(FIRST, (1, 2), strict=True)),
        **dict.fromkeys(SECOND, 1),
    }
    table = client.get(whole_page(round, "resultats.csv")).content.decode("utf-8-sig")
    rows = {row["title"]: row["shown_rank"] for row in csv.DictReader(io.StringIO(table), delimiter=";")}
    assert [rows[title] for title in (*FIRST, *SECOND)] == ["1", "2", "1", "1"]
    results = Results.objects.for_page().get(forum=round.forum)
    files = {file.name: file.content for file in build_files(results, at=results.published_at)}
    sent = csv.DictReader(io.StringIO(files["3-priorites.csv"].decode("utf-8-sig")), delimiter=";")
    lines = [(int(row["place"]), row["title"], row["question"]) for row in sent]
    assert _is_known([line[:2] for line in lines])
    assert {line[2] for line in lines[2:]} == {"Où aller?"}


def test_lists_of_several_forums_claim_no_rank(round, client):
    for where in ("/", "/forums/", "/priorites/", whole_page(round, "suivi/")):
        markup = client.get(where).content.decode()
        before = markup.split("Scierie")[0]
        assert "Scierie" in markup, where
        assert before.rfind("<ul") > before.rfind("<ol"), where
        assert "priority__rank" not in markup, where


def test_number_on_the_ballot_never_stands_where_a_rank_is_read(client, staff_client):
    # The fifth on the ballot comes first.
    round = count_vote([asked("Que faire d’abord?", to_retain=1)], [((5,),)] * 11)
    texts = read_everywhere(round, client, staff_client)
    for name, text in texts.items():
        assert "Halte-garderie" in text, name
        assert not re.search(r"\b5\.? Halte-garderie", text), name
    for name in ("page", "PDF", "PDF of the vote"):
        assert re.search(r"Halte-garderie \(?nº 5\b", texts[name]), name


def test_balanced_reading_that_decides_numbers_its_places(client, staff_client):
    """Totals give 6, 6 and 5; the third weighs more than what is left of the first two."""
    ballots = [((1, 2),)] * 6 + [((3,),)] * 5
    round = count_vote([asked("Que faire d’abord?")], ballots, reading="balanced")
    (first, _title), (second, shared) = _listed(client.get(own_page(round)).content.decode())
    assert (first, second, shared) == (1, 2, "Cuisine partagée")
    texts = read_everywhere(round, client, staff_client)
    for name in ("PDF", "PDF of the vote", "record"):
        assert re.search(r"\b2 Cuisine partagée", texts[name]), name
        assert re.search(r"– Atelier d’outils", texts[name]), name


def test_equal_weights_share_their_place_in_the_balanced_reading(client):
    round = count_vote([asked("Que faire d’abord?")], [((1,),)] * 6 + [((2,),)] * 6, reading="balanced")
    assert {rank for rank, _title in _listed(client.get(own_page(round)).content.decode())} == {1}


def test_priorities_written_by_hand_beside_a_vote_are_apart(round, client):
    results = Results.objects.get(forum=round.forum)
    results.priorities.create(position=5, title="Relève agricole")
    markup = client.get(whole_page(round)).content.decode()
    assert _listed(markup)[4:] == [(1, "Relève agricole")]
    assert "Autres priorités" in text_of(markup)


def test_order_of_the_working_copy_never_changes_a_rank(round, client):
    results = Results.objects.get(forum=round.forum)
    for priority in results.priorities.all():
        results.priorities.filter(pk=priority.pk).update(position=100 - priority.position)
    assert _is_known(_listed(client.get(whole_page(round)).content.decode()))
