"""What a decision needs, as staff give it and as it is named before the vote opens."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from forums.models import Question, Round
from forums.tally.box import BoxError
from forums.vote import rounds
from forums.vote.methods.registry import METHODS
from forums.vote.rounds import NothingToVoteOn, open_round
from tests.factories import (
    ForumFactory,
    QuestionFactory,
    RecommendationFactory,
    RoundFactory,
)
from tests.forums.decisions.conftest import QUORUM, TWO_THIRDS, decision, text
from tests.forums.rounds.conftest import address as staff_address

pytestmark = pytest.mark.django_db


def typed(**changes):
    return {name: changes.get(name) for name in METHODS["decision"].limit_fields()}


@pytest.mark.parametrize(
    ("given", "limits"),
    [
        ({}, {}),
        ({"threshold": "majority", "threshold_numerator": 3}, {}),
        ({"threshold": "two_thirds"}, TWO_THIRDS),
        (
            {"threshold": "other", "threshold_numerator": 3, "threshold_denominator": 4},
            {"threshold_numerator": 3, "threshold_denominator": 4},
        ),
        ({"quorum_numerator": 1, "quorum_denominator": 2}, QUORUM),
        (
            {"threshold": "other", "threshold_numerator": 1, "threshold_denominator": 1},
            {"threshold_numerator": 1, "threshold_denominator": 1},
        ),
    ],
)
def test_limits_are_what_was_typed_and_are_typed_again(given, limits):
    method = METHODS["decision"]
    found, faults = method.clean_limits(typed(**given))
    assert (found, faults) == (limits, {})
    method.counting.check_limits("question", limits, 1)
    assert method.clean_limits(typed(**method.typed_limits(limits)))[0] == limits


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"threshold": "other"}, {"threshold_numerator", "threshold_denominator"}),
        ({"threshold": "other", "threshold_numerator": 3}, {"threshold_denominator"}),
        (
            {"threshold": "other", "threshold_numerator": 4, "threshold_denominator": 3},
            {"threshold_numerator"},
        ),
        ({"quorum_denominator": 3}, {"quorum_numerator"}),
        ({"quorum_numerator": 3, "quorum_denominator": 2}, {"quorum_numerator"}),
    ],
)
def test_fraction_that_is_none_is_said(given, fields):
    _limits, faults = METHODS["decision"].clean_limits(typed(**given))
    assert set(faults) == fields


def test_consultation_has_no_quorum(staff_client):
    """Whoever votes joins its roll: a quorum would always be reached."""
    from tests.forums.rounds.test_preparing import form, new, question

    asked = question(
        method="decision", limit="", options="Ouvrir le samedi", quorum_numerator=1, quorum_denominator=2
    )
    forum = ForumFactory()
    path = new(forum)
    refused = staff_client.post(path, form(asked, public="accounts"))
    assert "Une consultation n’a pas de liste établie d’avance, donc pas de quorum." in text(refused)
    assert not Round.objects.exists()
    staff_client.post(path, form(asked, public="checked_in"))
    assert Question.objects.get().limits == QUORUM


def test_consultation_forgets_the_quorum_of_a_line_that_is_removed(staff_client):
    from tests.forums.rounds.test_preparing import form, new, question

    kept = question(method="decision", limit="", options="Ouvrir le samedi")
    removed = {**kept, "quorum_numerator": 1, "quorum_denominator": 2, "DELETE": "on"}
    staff_client.post(new(ForumFactory()), form(kept, removed, public="accounts"))
    assert Question.objects.get().limits == {}


@pytest.mark.parametrize(
    ("method", "changes"),
    [
        ("approval", {"quorum_numerator": 200, "points": "x", "threshold": "?"}),
        ("decision", {"limit": 999, "points": "x", "to_retain": 0}),
    ],
)
def test_fault_where_another_method_hides_it_is_none(staff_client, method, changes):
    from tests.forums.rounds.test_preparing import form, new, question

    titles = {"approval": "Ouvrir le samedi\nFermer le lundi", "decision": "Ouvrir le samedi"}
    typed = question(method=method, options=titles[method], **changes)
    staff_client.post(new(ForumFactory()), form(typed))
    found = Question.objects.get()
    assert found.limits == ({} if method == "decision" else {"limit": int(typed["limit"])})


@pytest.mark.parametrize("proposals", [0, 2])
def test_decision_is_about_one_proposal(staff_client, proposals):
    round = RoundFactory()
    decision(round, proposals=proposals)
    message = "Une décision porte sur une seule proposition"
    assert message in text(staff_client.get(staff_address("round", round)))
    with pytest.raises(NothingToVoteOn):
        open_round(round_id=round.pk, by=None)
    assert message in text(staff_client.post(staff_address("round_draw", round), follow=True))


def test_recommendations_go_to_the_question_that_retains_some(db):
    """Those without a question of their own do not flood the decision, which is about what was typed."""
    round = RoundFactory()
    decision(round)
    QuestionFactory(round=round, position=2, options=2)
    RecommendationFactory(forum=round.forum, state="accepted", is_on_ballot=True)
    rounds.draw_ballot(round_id=round.pk)
    assert [question.options.count() for question in round.questions.order_by("position")] == [1, 3]


@pytest.mark.parametrize(
    "limits", [{"quorum_numerator": 1}, {"limit": 2}, {"threshold_numerator": 3, "threshold_denominator": 2}]
)
def test_opening_refuses_limits_that_are_none(db, limits):
    round = RoundFactory()
    decision(round, limits=limits)
    with pytest.raises(BoxError):
        open_round(round_id=round.pk, by=None)
    round.refresh_from_db()
    assert round.opened_at is None


@pytest.mark.parametrize(
    "limits",
    [
        *([], 3, "x", None, [3], [{"limit": 3}]),
        *({"limit": value} for value in (0, "3", 2.5, True, None, {}, [], [3], {"a": 3})),
    ],
)
def test_database_keeps_limits_whole_numbers(db, limits):
    round = RoundFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.create(round=round, position=1, title="Quoi?", limits=limits)
    question = Question(round=round, position=1, title="Quoi?", limits=limits)
    if limits is not None:
        with pytest.raises(ValidationError):
            question.validate_constraints()


def test_threshold_and_quorum_are_named_before_the_opening(client, staff_client, planned):
    opens_at = timezone.now() + timedelta(days=1)
    round = planned(limits=TWO_THIRDS | QUORUM, opens_at=opens_at, closes_at=opens_at + timedelta(hours=1))
    named = "Adoptée si les pour font au moins les deux tiers des pour et des contre."
    for page in (
        client.get(f"/forums/{round.forum.slug}/"),
        staff_client.get(staff_address("round", round)),
        staff_client.get(staff_address("round_open", round)),
    ):
        assert named in text(page)
        assert "Quorum : au moins 1/2 des personnes sur la liste doivent voter." in text(page)
