"""What is published of a ranking: a sentence an option, its rounds as a drawing and a table, its ties, on paper and as data."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forums.models import Round
from forums.results.report import round_reports
from forums.vote.methods.ranking.published import votes
from tests.forums.decisions.conftest import pdf_text, text
from tests.forums.rounds.conftest import address as staff_address
from tests.forums.sealed import publish_results, seal

pytestmark = pytest.mark.django_db
TITLES = ("Jardin collectif", "Navette rurale", "Halte-garderie", "Verger")
# Nobody ranks the orchard. The nursery is last, then its ballots go to the shuttle.
BALLOTS = [(1,)] * 6 + [(2, 1)] * 5 + [(3, 2)] * 2


def rank(ballots=BALLOTS, *, titles=TITLES, to_retain=1, ranks=3):
    return seal(ballots, method="ranking", titles=titles, limits={"ranks": ranks}, to_retain=to_retain)


def report_of(round):
    return round_reports(Round.objects.filter(pk=round.pk))[0].questions[0]


def plain(words):
    return words.replace("\u00a0", " ")


def figures(round):
    return {str(row.title): plain(row.figure) for row in report_of(round).rows}


def test_each_option_is_said_in_one_sentence_everywhere(client, staff_client):
    round = rank()
    said = {
        "Navette rurale": "retenue à l’étape 2 avec 7 voix; il en fallait 7",
        "Jardin collectif": "encore en lice à la fin, avec 6 voix : les places étaient prises",
        "Halte-garderie": "éliminée après l’étape 1 : aucune n’avait moins de voix (2)",
        "Verger": "aucun bulletin ne la classe",
    }
    assert figures(round) == said
    publish_results(round.forum)
    base = f"/forums/{round.forum.slug}/"
    page, printed = (
        text(client.get(base + "resultats/")),
        pdf_text(client.get(base + "resultats.pdf").content),
    )
    for title, words in said.items():
        assert (
            f"{title}</span> : {re.sub('(1)er|(2)e', lambda m: m[0][0] + '<sup>' + m[0][1:] + '</sup>', words)}."
            in page
        )
        assert f"{title} : {words}." in printed
    assert 'screen__total">7 voix<' in text(client.get(f"{base}tours/{round.number}/ecran/"))
    record = pdf_text(staff_client.get(staff_address("round_record", round)).content)
    assert "Navette rurale (nº 2) retenue à l’étape 2" in record
    assert "Option Étape 1 Étape 2" in record
    assert "Halte-garderie 2 –" in record
    for words in (page, printed, record):
        assert "celle des totaux" not in words


def test_rounds_are_a_table_with_what_was_needed_and_what_was_lost():
    # Seats: 2. Quota: 12 // 3 + 1 = 5. The surplus of the garden, 3, goes on at 3/8 each.
    ballots = [(1, 2)] * 4 + [(1, 3)] * 3 + [(1,)] + [(2,)] * 2 + [(3,)] * 2
    details = report_of(rank(ballots, to_retain=2, titles=TITLES[:3])).details
    assert [plain(head) for head in details.heads] == ["Étape 1", "Étape 2", "Étape 3"]
    assert details.cells == [["8", "5", "5"], ["2", "3,5", "3,5"], ["2", "3,125", "–"]]
    assert [(plain(head), cells) for head, cells in details.foot] == [
        ("Voix qui ne vont plus à aucune option", ["0", "0,375", "3,5"]),
        ("Voix nécessaires : le quota", ["5", "5", "5"]),
    ]


def test_drawing_has_a_bar_for_each_change_and_the_quota():
    ballots = [(1, 2)] * 4 + [(1, 3)] * 3 + [(1,)] + [(2,)] * 2 + [(3,)] * 2
    report = report_of(rank(ballots, to_retain=2, titles=TITLES[:3]))
    steps = [[plain(step.words) for step in course.steps] for course in report.drawing.rows]
    assert steps == [
        ["Étape 1 : 8", "Étapes 2 à 3 : 5"],
        ["Étape 1 : 2", "Étapes 2 à 3 : 3,5"],
        ["Étape 1 : 2", "Étape 2 : 3,125"],
    ]
    assert (plain(report.drawing.needed), report.drawing.needed_share) == ("quota : 5", 0.625)
    assert report_of(rank()).drawing.needed == ""


def test_equals_of_the_last_place_are_said_whoever_separated_them():
    # Both have one at each round before: the lottery.
    (tie,) = map(plain, report_of(rank([(1,)] * 5 + [(2,)] * 4 + [(3, 1)] + [(4, 2)], to_retain=1)).ties[:1])
    assert tie.startswith(
        "Égalité au dernier rang de l’étape 1, avec autant de voix à chaque étape jusque-là : "
    )
    assert "« Halte-garderie » et « Verger »" in tie


def test_equals_that_an_earlier_round_separates_are_said():
    ballots = [(1,)] * 8 + [(2,)] * 4 + [(3,)] * 3 + [(4, 3)]
    assert [plain(tie) for tie in report_of(rank(ballots)).ties] == [
        "Après l’étape 2, égalité au dernier rang : « Navette rurale » et « Halte-garderie ». « Halte-garderie », qui avait moins"
        " de voix à l’étape 1, a été éliminée."
    ]


def test_places_that_nobody_fills_and_options_left_for_the_last_ones():
    round = rank([(1,)] * 6 + [(2,)] * 4, to_retain=3, titles=TITLES[:3])
    assert figures(round)["Navette rurale"] == "retenue à l’étape 1 avec 4 voix; il en fallait 3"
    assert "Une place reste libre : personne n’a classé une autre option." in plain(report_of(round).counted)
    round = rank([(1,)] * 9 + [(2,)], to_retain=2, titles=TITLES[:2])
    filled = "retenue à l’étape 1 avec 1 voix : il ne restait pas plus d’options que de places"
    assert figures(round)["Navette rurale"] == filled


@pytest.mark.parametrize("to_retain", [1, 2])
def test_blank_ballots_alone_retain_nothing_and_are_drawn(client, to_retain):
    round = rank([()] * 12, to_retain=to_retain)
    assert set(figures(round).values()) == {"aucun bulletin ne la classe"}
    publish_results(round.forum)
    base = f"/forums/{round.forum.slug}/"
    said = "Aucune priorité n’est retenue : aucun bulletin ne classe d’option."
    for page in (
        text(client.get(base + "resultats/")),
        text(client.get(f"{base}tours/{round.number}/ecran/")),
    ):
        assert said in page
    assert said in pdf_text(client.get(base + "resultats.pdf").content)


def test_ranking_reads_in_english(client):
    round = rank()
    publish_results(round.forum)
    page = text(client.get(f"/en/forums/{round.forum.slug}/resultats/"))
    assert "Navette rurale</span>: retained in stage 2 with 7 votes; 7 were needed." in page
    assert "out after stage 1, in which none had fewer votes (2)" in page


@pytest.mark.parametrize(
    ("hundred_thousandths", "shown"),
    [(0, "0"), (700_000, "7"), (633_333, "6.33333"), (10_000_000, "100"), (50_000, "0.5"), (1, "0.00001")],
)
def test_votes_are_exact(hundred_thousandths, shown):
    assert f"{votes(hundred_thousandths):f}" == shown


@given(st.integers(0, 10**12))
def test_votes_lose_nothing(hundred_thousandths):
    assert votes(hundred_thousandths) * 100_000 == Decimal(hundred_thousandths)


def test_few_ballots_are_told_by_their_first_choices_alone(client):
    """What passes on from a handful of ballots says what they hold."""
    round = rank([(1,)] * 3 + [(2, 1)] * 2 + [(3, 2)] * 2)
    assert set(figures(round).values()) == {"3 premiers choix", "2 premiers choix", "0 premier choix"}
    report = report_of(round)
    assert (report.details, report.drawing, list(report.stages)) == (None, None, [])
    publish_results(round.forum)
    base = f"/forums/{round.forum.slug}/"
    page, screen = (
        text(client.get(base + "resultats/")),
        text(client.get(f"{base}tours/{round.number}/ecran/")),
    )
    printed = pdf_text(client.get(base + "resultats.pdf").content)
    for words in (page, screen, printed):
        assert "premiers choix" in words
        assert not re.search(r"[ÉéEe]tapes? \d", words)


def test_few_ballots_say_that_lots_were_drawn_and_not_among_which():
    """Who had as many votes after a round would tell where the ballots of the one that went out passed on."""
    ballots = [(1, 2), (2, 1), (1,), (3, 1), (1, 2, 3), (2,), (3,), (4,), (4, 2)]
    said = "Au cours du dépouillement, des options avaient autant de voix : le tirage au sort"
    for few, all_of_them in ((ballots, False), ([*ballots, (1, 2)], True)):
        ties = [plain(words) for words in report_of(rank(few, to_retain=2)).ties]
        assert any("étape" in words for words in ties) is all_of_them
        assert any(title in words for words in ties for title in TITLES) is all_of_them
        assert [words.startswith(said) for words in ties] == (
            [True] if not all_of_them else [False] * len(ties)
        )


def test_few_ballots_without_lots_say_nothing_of_them():
    # The two that go first are separated by an earlier round, or by their votes: no lot is drawn.
    assert report_of(rank([(1,)] * 4 + [(2,)] * 2 + [(3, 2)])).ties == []
