"""A ranking on a phone and on paper: what is read, kept in order, refused in words."""

from __future__ import annotations

import re

import pytest
from django.template.loader import render_to_string
from django.utils.datastructures import MultiValueDict
from hypothesis import given
from hypothesis import strategies as st

from forums.models import Ballot, Option, PaperBallot, PaperTyping, Question
from forums.vote import paper_issue, rounds
from forums.vote.casting import InvalidChoices, cast_ballot
from forums.vote.methods.base import BallotFault, sentence
from forums.vote.methods.ranking import method as ranking
from forums.vote.methods.registry import method_of
from forums.vote.paper_entry import parse_answer
from forums.vote.rules import checked_choices
from tests.conftest import signed_in
from tests.factories import UserFactory
from tests.forums.decisions.conftest import text
from tests.forums.rounds.conftest import address as staff_address
from tests.forums.rounds.conftest import serials
from tests.forums.vote.conftest import address, cast, entry_of


def unsaved(options=5, ranks=3):
    question = Question(pk=1, position=1, method="ranking", limits={"ranks": ranks}, to_retain=1)
    lines = [Option(number=number, title=f"Option {number}") for number in range(1, options + 1)]
    question._prefetched_objects_cache = {"options": lines}
    return question


def read(question, typed):
    return method_of(question).read(
        question, MultiValueDict({name: [value] for name, value in typed.items()})
    )


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        ({"q1-4": "1", "q1-2": "2", "q1-5": "3"}, [4, 2, 5]),
        ({"q1-2": "2", "q1-4": "1"}, [4, 2]),
        # A skipped rank closes up.
        ({"q1-2": "3", "q1-4": "1"}, [4, 2]),
        ({"q1-2": "2"}, [2]),
        ({"q1-2": " 2 ", "q1-3": "", "q1-1": "01"}, [1, 2]),
        # Of any script: what is shown again is what was read.
        ({"q1-2": "٢", "q1-1": "１"}, [1, 2]),
        ({}, []),
        ({"q1-1": "", "q1-2": ""}, []),
    ],
)
def test_ranks_are_read_in_order(typed, chosen):
    filled = read(unsaved(), typed)
    assert (filled.chosen, filled.has_error) == (chosen, False)
    assert [line.option.number for line in filled.chosen_options] == chosen
    assert [line.value for line in filled.chosen_options] == [str(rank + 1) for rank in range(len(chosen))]


@pytest.mark.parametrize("rank", ["0", "4", "-1", "1.5", "premier", "²", "1 2", "00000001", "é" * 99, "\x00"])
def test_rank_that_is_none_is_said_beside_its_option(rank):
    filled = read(unsaved(), {"q1-2": rank, "q1-3": "1"})
    line = filled.lines[1]
    assert line.error
    assert len(line.value) <= 40
    assert not filled.lines[2].error


def test_same_rank_twice_is_said_beside_both():
    filled = read(unsaved(), {"q1-2": "1", "q1-5": "1", "q1-3": "2"})
    assert [line.option.number for line in filled.lines if line.error] == [2, 5]
    assert [line.value for line in filled.lines] == ["", "1", "2", "", "1"]


def test_no_more_ranks_are_offered_than_there_are_options():
    filled = read(unsaved(options=3, ranks=5), {"q1-1": "4", "q1-2": "3"})
    assert [rank for rank, _words in filled.offered] == ["1", "2", "3"]
    assert "de 1 à 3" in filled.lines[0].error
    assert not filled.lines[1].error
    sheet = render_to_string("forums/vote/sheet.html", {"filled": filled})
    assert 'data-limit="3"' in sheet
    for name, values in (("rule", {}), ("instruction", {"on_paper": True}), ("rule_of_results", {})):
        assert "jusqu’à 3 " in sentence(filled.question, name, **values)
    assert sheet.count("<option") == 3 * 4
    assert re.findall(r'value="(\d+)"[^>]* selected', sheet) == ["3"]


def test_words_of_ranks_are_made_once_for_all_options(monkeypatch):
    """Sixty options of sixty ranks are 3,600 choices."""
    made = []
    monkeypatch.setattr(ranking, "plain_text", lambda *names, **values: made.append(values) or "e")
    filled = method_of(unsaved()).fill(unsaved(options=60, ranks=60), [])
    sheet = render_to_string("forums/vote/sheet.html", {"filled": filled})
    assert sheet.count("<option") == 60 * 61
    assert len(made) <= 2 * 60


@pytest.mark.parametrize(
    ("posted", "chosen"), [(["1", "2"], None), (["2", "1"], None), (["1", "1"], [2]), (["", "1"], [2])]
)
def test_option_with_two_ranks_is_refused_and_not_guessed(posted, chosen):
    question = unsaved()
    filled = method_of(question).read(question, MultiValueDict({"q1-2": posted}))
    assert bool(filled.lines[1].error) is (chosen is None)
    assert chosen is None or filled.chosen == chosen


@given(
    st.integers(1, 8).flatmap(
        lambda n: st.tuples(st.just(n), st.permutations(range(1, n + 1)), st.integers(0, n))
    )
)
def test_any_order_goes_through_the_form_and_back(drawn):
    options, order, size = drawn
    question, chosen = unsaved(options, ranks=options), list(order[:size])
    filled = method_of(question).fill(question, chosen)
    posted = {line.name: line.value for line in filled.lines}
    again = read(question, posted)
    assert (again.chosen, again.has_error) == (chosen, False)
    assert checked_choices({1: chosen}, [question]) == {"1": chosen}
    marks = method_of(question).format_marks(question, chosen)
    assert method_of(question).parse_marks(question, marks.split()) == chosen
    assert list(method_of(question).amounts(chosen)) == [(number, 1) for number in chosen[:1]]


@pytest.mark.django_db
def test_order_is_reviewed_cast_and_changed(phone, round):
    review = text(phone.post(address(round), {"key": "une-clef-de-seize-signes", "q1-4": "1", "q1-2": "2"}))
    assert 'name="q1-4" value="1"' in review
    assert 'name="q1-2" value="2"' in review
    assert cast(phone, round, {"q1-4": "1", "q1-2": "2"}).status_code == 302
    assert Ballot.objects.get().choices == {"1": [4, 2]}
    assert "si vous sautez un rang, les suivants avancent." in text(phone.get(address(round) + "?modifier"))
    again = text(phone.get(address(round) + "?modifier"))
    assert again.count('name="q1-') >= 5
    assert (
        cast(phone, round, {"q1-2": "1", "q1-4": "2"}, key="une-autre-clef-de-seize-signes").status_code
        == 302
    )
    assert Ballot.objects.get().choices == {"1": [2, 4]}
    assert cast(phone, round, {}, key="une-tierce-clef-de-seize-signes").status_code == 302
    assert Ballot.objects.get().choices == {"1": []}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"q1-1": "1", "q1-2": "1"}, "Le rang 1 est donné deux fois : chaque rang sert une fois."),
        ({"q1-1": "4"}, "Écrivez un rang de 1 à 3, ou rien."),
        ({"q1-9": "1"}, "Ce formulaire était incomplet."),
        ({"q1": "1"}, "Ce formulaire était incomplet."),
    ],
)
def test_forged_ranks_are_refused_in_words(phone, round, choices, message):
    for response in (phone.post(address(round), choices), cast(phone, round, choices)):
        assert response.status_code == 422
        assert message in text(response)
    assert not Ballot.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("chosen", [[1, 1], [1, 2, 3, 4], [9], [0]])
def test_program_can_t_cast_what_the_form_refuses(round, chosen):
    with pytest.raises(InvalidChoices):
        cast_ballot(round=round, entry_id=entry_of(round).pk, choices={1: chosen}, idempotency_key="k")


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [("4 1", [4, 1]), ("1 4", [1, 4]), ("4, 1; 5", [4, 1, 5]), ("4", [4]), ("0", []), ("blanc", [])],
)
def test_paper_is_typed_by_numbers_in_order(typed, chosen):
    question = unsaved()
    assert parse_answer(question, typed).chosen == chosen
    assert method_of(question).format_marks(question, chosen) == (" ".join(map(str, chosen)))


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("1 1", "twice"),
        ("1 2 3 4", "too_many_ranks"),
        ("9", "unknown"),
        ("1=2", "unknown"),
        ("un", "unknown"),
        ("", "empty"),
    ],
)
def test_marks_that_are_no_order_are_said(typed, code):
    with pytest.raises(BallotFault) as refused:
        parse_answer(unsaved(), typed)
    assert refused.value.code == code


def test_paper_ranked_beyond_the_limit_is_rejected_with_what_was_seen():
    answer = parse_answer(unsaved(), "4 1 2 3 x")
    assert (answer.chosen, answer.seen) == (None, (4, 1, 2, 3))


@pytest.mark.django_db
def test_same_numbers_in_another_order_are_a_discrepancy(staff_client, round):
    paper_issue.print_papers(round_id=round.pk, count=1)
    rounds.close_round(round_id=round.pk, by=None)
    (serial,) = serials(round)
    second = signed_in(UserFactory(is_staff=True), second_factor=True)
    page = text(staff_client.get(staff_address("paper_typing", round)))
    assert "Tapez les numéros des options dans l’ordre, le premier choix d’abord : 7 3 12." in page
    for client, typed in ((staff_client, "4 1"), (second, "1 4")):
        client.post(staff_address("paper_typing", round), {"serial": serial, "q1": typed})
    assert sorted(typing.choices["1"] for typing in PaperTyping.objects.all()) == [[1, 4], [4, 1]]
    assert PaperBallot.objects.get().outcome == ""
    disputes = text(staff_client.get(staff_address("paper_disputes", round)))
    assert "4 1" in disputes
    assert "1 4" in disputes
