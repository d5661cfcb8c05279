"""What is said of the figures is true: points, blank ballots, empty seats, and numbers before their nouns."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from forums.models import Option, Question
from forums.tally.count import count
from forums.vote.methods.base import sentence
from forums.vote.methods.registry import METHODS, method_of
from tests.forums.published.conftest import LIMITS, asked, count_vote, read_everywhere, text_of, whole_page
from tests.forums.tally.boxes import approval, box, judgment, points, ranking

# Pages that show the figure beside each option.
LISTS = ("page", "page of the vote", "PDF")


@pytest.mark.django_db
def test_points_say_how_many_and_from_how_many_ballots(client, staff_client):
    """11 points in all, 4 of them for the first option, from 2 of 15 ballots."""
    given = [((((1, 1), (2, 7)),)), ((((1, 3),)),)] + [((),)] * 13
    question = asked("Où investir?", method="points", to_retain=2)
    round = count_vote([question], given)
    texts = read_everywhere(round, client, staff_client)
    for name in LISTS:
        assert "4 des 11 points donnés, par 2 des 15 bulletins valides" in texts[name], name
        assert "7 des 11 points donnés, par 1 des 15 bulletins valides" in texts[name], name
    for name, text in texts.items():
        # A share of points is under its own head, in the whole table alone.
        assert not re.search(r"points? ?\(\d", text), name
        assert "(36,4 %)" not in text, name
    assert "Part des points donnés Bulletins" in texts["page"]


@pytest.mark.django_db
def test_only_point_given_is_not_unanimity(client, staff_client):
    round = count_vote([asked("Où investir?", method="points", to_retain=1)], [((((2, 1),)),)] + [((),)] * 11)
    texts = read_everywhere(round, client, staff_client)
    for name in LISTS:
        assert "le seul point donné, par 1 des 12 bulletins valides" in texts[name], name
    for name, text in texts.items():
        assert "1 point (100" not in text, name


def test_points_counted_before_their_ballots_were_are_not_said_to_be_anyone_s():
    question = Question(pk=1, method="points", position=1, to_retain=1, limits=LIMITS["points"])
    question._prefetched_objects_cache = {"options": [Option(number=1, title="Toits")]}
    outcome = count(box(points([{1: 4}, {1: 3}], among=1, to_retain=1))).questions[0]
    former = replace(outcome, totals=tuple(replace(each, ballots=None) for each in outcome.totals))
    said = [method_of(question).rows(question, each)[0].figure for each in (outcome, former)]
    assert said == ["7 des 7 points donnés, par 2 des 2 bulletins valides", "7 des 7 points donnés"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "to_retain", "said"),
    [
        ("points", 2, ["2 places restent vides faute d’appuis."]),
        (
            "approval",
            8,
            ["3 places restent vides faute d’options.", "5 places restent vides faute d’appuis."],
        ),
    ],
)
def test_everyone_blank_retains_nothing(client, staff_client, method, to_retain, said):
    round = count_vote([asked("Que faire?", method=method, to_retain=to_retain)], [((),)] * 12)
    for name, text in read_everywhere(round, client, staff_client).items():
        assert "Aucune priorité retenue" in text, name
        assert "retenu les mêmes" not in text, name
        # Nor in what a chart says to who does not see it.
        assert "En tête" not in text, name
        for words in said:
            assert words in text, name


@pytest.mark.django_db
def test_places_without_option_and_without_support_are_told_apart(client, staff_client):
    round = count_vote([asked("Que faire?", to_retain=8)], [((1, 2),)] * 10)
    for name, text in read_everywhere(round, client, staff_client).items():
        assert "3 places restent vides faute d’options." in text, name
        assert "3 places restent vides faute d’appuis." in text, name


@pytest.mark.django_db
def test_question_that_retains_nothing_is_said_beside_one_that_does(client):
    questions = [asked("Que faire d’abord?"), asked("Où aller?", titles=("Scierie", "Verger"))]
    round = count_vote(questions, [((1, 2), ())] * 10)
    priorities = text_of(client.get(whole_page(round)).content.decode()).split("Où en sont les priorités")[0]
    assert re.search(r"Où aller\? Aucune priorité retenue", priorities)
    assert "Toits abordables" in priorities


@pytest.mark.django_db
def test_drawn_tie_names_the_options_drawn(client, staff_client):
    round = count_vote([asked("Que faire?", to_retain=2)], [((1,),)] * 5 + [((2,),)] * 5 + [((3,),)] * 5)
    kept = [
        round.questions.get().options.get(number=number).title
        for number in round.box.outcome["questions"][0]["retained"]
    ]
    for name, text in read_everywhere(round, client, staff_client).items():
        assert "a retenu « {} » et « {} »".format(*kept) in text, name


# --- Numbers and their nouns ------------------------------------------------------------------------------------

# In French, 0 and 1 are singular; in English, 1 alone.
WRONG = {
    "fr": re.compile(
        r"\b(?:[01] (?:options|recommandations|points|appuis|bulletins|places|mentions|blancs|rejetés|remplis|abstentions|votes|rangs|personnes)"
        r"|(?:[2-9]|\d\d) (?:option|recommandation|point|appui|bulletin|place|mention|blanc|rejeté|rempli|abstention|rang|personne))\b"
    ),
    "en": re.compile(
        r"\b(?:1 (?:options|recommendations|points|supporters|ballots|places|grades|abstentions|votes|ranks|orders)"
        r"|(?:0|[2-9]|\d\d) (?:option|recommendation|point|supporter|ballot|place|grade|abstention|vote|rank|order))\b"
    ),
}
SENTENCES = ("rule", "instruction", "rule_of_results", "counted", "empty_places", "announcement")
limits = {
    "approval": st.fixed_dictionaries({"limit": st.integers(1, 3)}),
    "points": st.integers(1, 3).flatmap(
        lambda whole: st.fixed_dictionaries({"points": st.just(whole), "points_each": st.integers(1, whole)})
    ),
    "judgment": st.fixed_dictionaries({"grades": st.integers(5, 7)}),
    "ranking": st.fixed_dictionaries({"ranks": st.integers(1, 3)}),
    "decision": st.sampled_from([{}, {"quorum_numerator": 1, "quorum_denominator": 2}]),
}


@st.composite
def _questions(draw):
    method = draw(st.sampled_from(sorted(METHODS)))
    return Question(
        pk=1, method=method, position=1, to_retain=draw(st.integers(1, 4)), limits=draw(limits[method])
    )


@settings(max_examples=150, deadline=None)
@given(
    question=_questions(),
    supports=st.lists(st.integers(0, 3), min_size=1, max_size=3),
    blank=st.integers(0, 2),
    rejected=st.integers(0, 2),
    language=st.sampled_from(["fr", "en"]),
    on_paper=st.booleans(),
)
def test_no_number_stands_before_a_noun_of_the_wrong_number(
    question, supports, blank, rejected, language, on_paper
):
    """Every sentence of every method, on screen and on paper, with the limits and figures from 0 to 3."""
    question._prefetched_objects_cache = {
        "options": [
            Option(number=number, title=f"Option {'ABC'[number - 1]}")
            for number in range(1, len(supports) + 1)
        ]
    }
    outcome = None
    if question.method != "decision":
        judge = partial(judgment, grades=question.limits.get("grades"))
        make = {"approval": approval, "points": points, "judgment": judge, "ranking": ranking}[
            question.method
        ]
        chosen = [
            {number: 1} if question.method in {"points", "judgment"} else {number}
            for number, times in enumerate(supports, start=1)
            for _each in range(times)
        ]
        counted = make(
            chosen, among=len(supports), to_retain=question.to_retain, blank=blank, rejected=rejected
        )
        outcome = count(box(counted)).questions[0]
    with override(language):
        said = [sentence(question, "total", total=total) for total in range(4)]
        said += [
            sentence(question, name, on_paper=on_paper, outcome=outcome)
            for name in SENTENCES
            if outcome or name not in {"counted", "empty_places"}
        ]
        said += [
            sentence(
                question, "fault", code=code, on_paper=on_paper, limit=limit, count=limit + over, over=over
            )
            for code in ("too_many", "too_many_points", "too_many_each", "too_many_ranks", "not_a_rank")
            for limit in (1, 2)
            for over in (1, 2)
        ]
        said += [
            sentence(question, "signature", ballots=ballots, expected=expected, safe=safe)
            for ballots in (1, 2)
            for expected in range(3)
            for safe in range(3)
            if question.method == "ranking"
        ]
        if outcome:
            for row in method_of(question).rows(question, outcome):
                for shown in (row, replace(row, is_small=True)):
                    said += [shown.figure, shown.short_figure, shown.projected]
    for words in said:
        assert not WRONG[language].search(words.replace("\u00a0", " ")), words
