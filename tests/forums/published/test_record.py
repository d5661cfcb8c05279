"""The official record: all that tellers attest, and tables that no page cuts after a row."""

from __future__ import annotations

import io
import json
import re
from functools import partial

import pypdf
import pytest

from forums.tally.canonical import in_groups
from forums.vote import tellers
from tests.forums.published.conftest import (
    OTHER_TITLES,
    TITLES,
    asked,
    count_vote,
    pdf_text,
    read_everywhere,
    whole_page,
)
from tests.forums.rounds.conftest import address
from tests.forums.sealed import past_forum

pytestmark = pytest.mark.django_db


def record_of(round, staff_client):
    return staff_client.get(address("round_record", round)).content


@pytest.mark.parametrize("reading", ["most_supported", "balanced"])
def test_record_says_all_that_was_decided_and_how(staff_client, reading):
    forum = past_forum(venue="Salle des fêtes")
    questions = [
        asked("Que faire d’abord?"),
        asked("Où investir?", method="points", titles=OTHER_TITLES, to_retain=1),
    ]
    ballots = [((1, 2), ((1, 2), (2, 3)))] * 6 + [((3,), ((2, 1),))] * 5 + [((), ())]
    round = count_vote(questions, ballots, papers=[(None, None)], forum=forum, reading=reading, roll=2)
    said = pdf_text(record_of(round, staff_client))
    question = json.loads(round.box.text)["questions"][0]
    retained = {number: TITLES[number - 1] for number in (1, 2, 3)}
    order = {
        name: " et ".join(f"« {retained[number]} »" for number in round.box.outcome["questions"][0][name])
        for name in ("most_supported", "balanced")
    }
    labels = {"most_supported": "Les plus appuyées", "balanced": "Lecture équilibrée"}
    other = next(name for name in labels if name != reading)
    for words in (
        "Vote 1",
        "Salle des fêtes",
        "Ont voté : 13 sur 15",
        question["title"],
        "Chaque personne pouvait cocher jusqu’à 3 options",
        "Il fallait en retenir 2.",
        "Chaque personne avait 10 points à répartir, au plus 10 sur une même option",
        "Il fallait en retenir une.",
        "11 bulletins remplis, 1 blanc, 1 rejeté.",
        "Égalité de 2 options",
        f"{labels[reading]} (lecture qui décide) {order[reading]}",
        f"{labels[other]} (à titre indicatif) {order[other]}",
        "e tirage au sort, selon la règle publiée",
        "Nous avons vu",
        "Signature",
    ):
        assert words in said, words
    whole = said.replace(" ", "")
    for digits in (round.seal, round.seed_hash, json.loads(round.box.text)["seed"]):
        assert digits in whole, digits


@pytest.mark.parametrize(
    ("fix", "said"),
    [
        (
            partial(tellers.enter_part, part="4 2 6"),
            "Part des scrutatrices et scrutateurs dans le tirage : 4 2 6",
        ),
        (partial(tellers.drop_part, reason="Partis avant la fin."), "Motif : Partis avant la fin."),
        (None, "le portail a tiré seul le germe"),
    ],
)
def test_what_the_closing_fixed_is_on_every_document(client, staff_client, fix, said):
    at_closing = fix and (lambda round: fix(round_id=round.pk, by=None))
    questions = [asked("Que faire d’abord?")]
    round = count_vote(questions, [((1, 2),)] * 10, tellers_add=bool(fix), at_closing=at_closing)
    texts = read_everywhere(round, client, staff_client)
    for name in ("page", "page of the vote", "PDF", "PDF of the vote", "record"):
        assert said in texts[name], name
        assert "(10 reçus)" in texts[name], name
        for digits in (round.seed_hash, round.receipts_fingerprint):
            assert in_groups(digits) in texts[name], (name, digits)


def test_signed_sheet_bears_the_seal_and_every_sheet_its_vote(staff_client):
    titles = [f"Recommandation {number}" for number in range(1, 31)]
    round = count_vote([asked("Que faire d’abord?", titles=titles)], [((1, 2),)] * 10)
    pages = pypdf.PdfReader(io.BytesIO(record_of(round, staff_client))).pages
    texts = [page.extract_text() for page in pages]
    assert len(texts) > 2
    assert "Signature" in texts[-1]
    assert round.seal in re.sub(r"\s", "", texts[-1])
    assert all(f"Vote 1 – {round.forum.title}" in text for text in texts)


def test_record_of_a_small_vote_keeps_what_would_tell_choices(staff_client):
    round = count_vote([asked("Que faire d’abord?")], [((1, 2),)] * 3 + [((3,),)])
    said = pdf_text(record_of(round, staff_client))
    assert "Moins de 10 bulletins ont été comptés" in said
    assert "(à titre indicatif)" not in said
    assert "Germe, dévoilé" not in said
    assert round.seed_hash in said.replace(" ", "")


def test_record_of_a_trial_vote_says_so(staff_client):
    round = count_vote([asked("Que faire d’abord?")], [((1,),)] * 3, is_trial=True)
    assert "Vote d’essai 1" in pdf_text(record_of(round, staff_client))


@pytest.mark.parametrize("options", [9, 14, 45])
def test_no_page_cuts_a_table_after_a_row(client, staff_client, options):
    """A table that fits a sheet is on one; a longer one is made of several, none of a single row."""
    words = ("Recommandation", "Proposition", "Suggestion")
    questions = [
        asked(f"Question {word}?", titles=[f"{word} {number}" for number in range(1, options + 1)])
        for word in words
    ]
    round = count_vote(questions, [((1, 2), (2, 3), (1,))] * 10)
    for content, row in (
        (record_of(round, staff_client), r"{} \d+ \(nº"),
        (client.get(whole_page(round, "resultats.pdf")).content, r"{} \d+ nº \d+ \d+ \d+\s%"),
    ):
        pages = [
            page.extract_text().replace("\u00a0", " ") for page in pypdf.PdfReader(io.BytesIO(content)).pages
        ]
        for word in words:
            rows = [found for page in pages if (found := len(re.findall(row.format(word), page)))]
            assert sum(rows) == options
            assert min(rows) > 3
            assert len(rows) == 1 or options > 15
