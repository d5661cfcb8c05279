"""What is published of a judgment: a sentence an option, a drawing with its table, on paper, on the projector, as data."""

from __future__ import annotations

import json
import re

import pytest

from forums.models import Round
from forums.results.report import round_reports
from tests.forums.decisions.conftest import pdf_text, text
from tests.forums.rounds.conftest import address as staff_address
from tests.forums.sealed import publish_results, seal

pytestmark = pytest.mark.django_db
TITLES = ("Jardin collectif", "Navette rurale", "Halte-garderie")
# Of six grades: the garden has 7 × 5, 4 × 3 and 1 × 0; the shuttle 6 × 2 and 6 × 1; nobody grades the third.
BALLOTS = [((1, 5), (2, 2))] * 6 + [((1, 5), (2, 1))] + [((1, 3), (2, 1))] * 4 + [((2, 1),)]
SENTENCES = [
    "la majorité lui donne au moins « Très bien » (7 des 12 bulletins remplis)",
    # Of the two grades in the middle, the lower one counts.
    "la majorité lui donne au moins « Insuffisant » (12 des 12 bulletins remplis)",
    "au moins la moitié des bulletins remplis lui donnent « À rejeter »",
]


def judge(ballots=BALLOTS, *, titles=TITLES, to_retain=2, grades=6):
    return seal(ballots, method="judgment", titles=titles, limits={"grades": grades}, to_retain=to_retain)


def report_of(round):
    return round_reports(Round.objects.filter(pk=round.pk))[0].questions[0]


def plain(words):
    return words.replace("\u00a0", " ")


def test_each_option_is_said_in_one_sentence_everywhere(client, staff_client):
    round = judge()
    assert [plain(row.figure) for row in report_of(round).rows] == SENTENCES
    publish_results(round.forum)
    base = f"/forums/{round.forum.slug}/"
    page, printed = (
        text(client.get(base + "resultats/")),
        pdf_text(client.get(base + "resultats.pdf").content),
    )
    for title, words in zip(TITLES, SENTENCES, strict=True):
        assert f"{title}</span> : {words}." in page
        assert f"{title} : {words}." in printed
    screen = text(client.get(f"{base}tours/{round.number}/ecran/"))
    assert re.findall(r'screen__total">([^<]+)<', screen) == ["Très bien", "Insuffisant"]
    record = pdf_text(staff_client.get(staff_address("round_record", round)).content)
    assert "Rang Option Mention majoritaire Retenue" in record
    assert "Jardin collectif (nº 1) Très bien" in record
    assert "Retenues, dans l’ordre « Jardin collectif » et « Navette rurale »" in record
    for said in (page, printed, record):
        assert "choisi" not in said
        assert "celle des totaux" not in said


def test_drawing_has_every_grade_and_marks_the_majority_one():
    report = report_of(judge())
    garden, shuttle, nursery = report.drawing.rows
    assert [(part.sign, round(part.share * 12), part.is_marked) for part in garden.parts] == [
        ("A", 7, True), ("B", 0, False), ("C", 4, False), ("D", 0, False), ("E", 0, False), ("F", 1, False),
    ]  # fmt: skip
    for stack in report.drawing.rows:
        assert sum(part.share for part in stack.parts) == pytest.approx(1)
        (marked,) = [part for part in stack.parts if part.is_marked]
        # The line in the middle is within the majority grade, or where it begins.
        assert marked.start <= 0.5 < marked.start + marked.share
        # Darker for a better grade, so that grey paper tells them apart.
        assert [part.level for part in stack.parts] == sorted(
            {part.level for part in stack.parts}, reverse=True
        )
    assert (shuttle.value, nursery.value) == ("Insuffisant", "À rejeter")
    assert report.chart.count('class="bars__marked"') == 3


def test_table_says_how_many_gave_each_grade(client):
    round = judge()
    details = report_of(round).details
    assert details.heads == ["Très bien", "Bien", "Assez bien", "Passable", "Insuffisant", "À rejeter"]
    assert details.cells == [
        ["7", "0", "4", "0", "0", "1"],
        ["0", "0", "0", "6", "6", "0"],
        ["0", "0", "0", "0", "0", "12"],
    ]
    publish_results(round.forum)
    assert "Option Très bien Bien Assez bien Passable Insuffisant À rejeter" in pdf_text(
        client.get(f"/forums/{round.forum.slug}/resultats.pdf").content
    )


def test_exact_equals_are_said_and_places_that_nothing_fills(client):
    round = judge([((1, 4), (2, 4))] * 12, to_retain=3)
    report = report_of(round)
    (tie,) = map(plain, report.ties)
    assert tie.startswith("Égalité de 2 options, qui ont reçu exactement les mêmes mentions : ")
    assert "Toutes sont retenues; le tirage au sort" in tie
    assert (
        "Une place reste libre : personne n’a donné à une autre option mieux que la plus basse mention."
        in plain(report.counted)
    )
    round = judge([((1, 4), (2, 4))] * 12, to_retain=1)
    (tie,) = map(plain, report_of(round).ties)
    assert tie.startswith(
        "Égalité de 2 options pour une place, qui ont reçu exactement les mêmes mentions : "
    )


@pytest.mark.parametrize("ballots", [[()] * 12, [((1, 0),)] * 12])
def test_nothing_is_retained_when_no_ballot_gives_more_than_the_lowest(client, ballots):
    round = judge(ballots)
    publish_results(round.forum)
    said = "Aucune priorité n’est retenue : aucun bulletin ne donne à une option mieux que la plus basse mention."
    base = f"/forums/{round.forum.slug}/"
    assert said in text(client.get(base + "resultats/"))
    assert said in text(client.get(f"{base}tours/{round.number}/ecran/"))
    assert said in pdf_text(client.get(base + "resultats.pdf").content)


def test_only_ballot_filled_in_is_no_majority():
    row = report_of(judge([((1, 5),)] + [()] * 11)).rows[0]
    assert plain(row.figure) == "le seul bulletin rempli lui donne « Très bien »"


def test_judgment_reads_in_english(client):
    round = judge()
    publish_results(round.forum)
    page = text(client.get(f"/en/forums/{round.forum.slug}/resultats/"))
    assert (
        "Jardin collectif</span>: the majority gives it at least “Very good” (7 of 12 ballots filled in)."
        in page
    )
    assert "Majority grade" in page


def test_data_have_the_whole_profile(client):
    round = judge()
    publish_results(round.forum)
    data = json.loads(client.get(f"/forums/{round.forum.slug}/resultats.json").content)
    profile = data["rounds"][0]["count"]["questions"][0]["detail"]["profile"]
    assert dict(profile) == {1: [1, 0, 0, 4, 0, 7], 2: [0, 6, 6, 0, 0, 0], 3: [12, 0, 0, 0, 0, 0]}
