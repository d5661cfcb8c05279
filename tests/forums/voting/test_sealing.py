"""From closed to sealed: what the box holds, what it doesn't, and what must agree before."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from comments.models import Thread
from forums import tasks
from forums.event import open_and_seal
from forums.event.open_and_seal import seal_vote
from forums.models import (
    Ballot,
    PaperBallot,
    PaperTyping,
    Recommendation,
    Results,
    Round,
    RoundSecret,
    SealedBox,
)
from forums.tally import box as boxes
from forums.vote import casting, paper_issue, roll, rounds, sealing
from forums.vote.methods.registry import COUNTING
from forums.vote.reconciliation import Reconciliation, reconcile
from tests.factories import QuestionFactory, RegistrationFactory, RoundFactory, UserFactory
from tests.forums.voting.conftest import entries_of


def cast_all(round, choices):
    """One ballot for each of the first entries; gives the receipts."""
    return [
        casting.cast_ballot(round=round, entry_id=entry.pk, choices=chosen, idempotency_key="a").receipt
        for entry, chosen in zip(entries_of(round), choices, strict=False)
    ]


def seal(round):
    rounds.close_round(round_id=round.pk, by=None)
    sealed = seal_vote(round_id=round.pk, by=None)
    round.refresh_from_db()
    return sealed


def test_box_holds_sorted_ballots_and_nothing_of_voters(open_vote):
    round = open_vote(people=12)
    chosen = [{1: [3, 1], 2: [(2, 3)]}, {1: [1]}, {}] * 4
    receipts = cast_all(round, chosen)
    secret = RoundSecret.objects.get(round=round)
    sealed = seal(round)
    box = boxes.read(sealed.text, COUNTING)
    first, second = box.questions
    assert (first.ballots, first.blank) == (((1,),) * 4 + ((1, 3),) * 4, 4)
    assert (second.ballots, second.blank) == ((((2, 3),),) * 4, 8)
    assert set(box.receipts) == {boxes.receipt_hash(receipt) for receipt in receipts}
    assert round.seal == hashlib.sha256(sealed.text.encode()).hexdigest()
    assert (box.seed, box.seed_hash) == (bytes(secret.seed).hex(), round.seed_hash)
    assert set(json.loads(sealed.text)) == {
        *(
            "format",
            "hub",
            "forum_slug",
            "forum_title",
            "forum_date",
            "round_number",
            "opened_at",
            "closed_at",
        ),
        *("reading", "tie_rule", "seed", "seed_hash", "questions", "receipts", "on_roll"),
    }


def test_withdrawn_and_replaced_receipts_are_not_in_the_box(open_vote):
    round = open_vote(people=12)
    receipts = cast_all(round, [{1: [1]}] * 12)
    first, second = entries_of(round)[:2]
    casting.withdraw_ballot(round_id=round.pk, entry_id=first.pk, receipt=receipts[0])
    newer = casting.cast_ballot(
        round=round, entry_id=second.pk, choices={1: [2]}, idempotency_key="b", receipt=receipts[1]
    ).receipt
    sealed = seal(round)
    assert set(sealed.receipts) == {boxes.receipt_hash(one) for one in [newer, *receipts[2:]]}


@pytest.mark.parametrize(("voters", "has_box"), [(9, False), (10, True)])
def test_few_ballots_leave_no_box(open_vote, voters, has_box):
    round = open_vote(people=12)
    cast_all(round, [{1: [1]}] * voters)
    sealed = seal(round)
    assert bool(sealed.text) is has_box
    assert (len(sealed.receipts), len(round.seal)) == (voters, 64)
    assert sealed.outcome["questions"][0]["totals"][0]["total"] == voters


def test_sealing_again_gives_the_same_box(open_vote):
    round = open_vote(people=10)
    cast_all(round, [{1: [1]}] * 10)
    assert seal(round).text == seal_vote(round_id=round.pk, by=None).text
    with pytest.raises(rounds.RoundRefused):
        sealing.seal_round(round_id=round.pk, by=None)
    assert SealedBox.objects.count() == 1


def test_open_annulled_or_planned_round_is_not_sealed(open_vote):
    planned, open_, annulled = RoundFactory(), open_vote(), open_vote()
    rounds.annul_round(round_id=annulled.pk, reason="Erreur", by=None)
    for round in (planned, open_, annulled):
        with pytest.raises(rounds.RoundRefused):
            seal_vote(round_id=round.pk, by=None)
    assert not SealedBox.objects.exists()


@pytest.fixture
def on_paper(open_vote):
    """Twelve people, of whom two take a paper and ten vote online."""
    round = open_vote(people=12)
    first, second = entries_of(round)[:2]
    for entry in (first, second):
        paper_issue.issue_paper(round_id=round.pk, entry_id=entry.pk)
    paper_issue.print_papers(round_id=round.pk, count=5)
    for entry in entries_of(round)[2:]:
        casting.cast_ballot(round=round, entry_id=entry.pk, choices={1: [1]}, idempotency_key="a")
    rounds.close_round(round_id=round.pk, by=None)
    return round


def settle(round, count, choices=None):
    for row in PaperBallot.objects.filter(round=round, outcome="")[:count]:
        row.outcome, row.choices = "typed", choices or {"1": [2], "2": []}
        row.save()


def test_sealing_waits_for_every_paper(on_paper):
    for settled in range(2):
        with pytest.raises(sealing.Unreconciled) as refused:
            seal_vote(round_id=on_paper.pk, by=None)
        assert refused.value.values["reconciliation"].papers_missing == 2 - settled
        settle(on_paper, 1)
    sealed = seal_vote(round_id=on_paper.pk, by=None)
    assert (sealed.reconciliation["papers_counted"], sealed.reconciliation["online"]) == (2, 10)
    assert boxes.read(sealed.text, COUNTING).questions[0].cast == 12


def test_sealing_waits_for_the_second_typing(on_paper):
    settle(on_paper, 2)
    third = PaperBallot.objects.filter(outcome="").first()
    PaperTyping.objects.create(paper=third, typist="user:1", typist_name="Lou", outcome="blank")
    with pytest.raises(sealing.Unreconciled):
        seal_vote(round_id=on_paper.pk, by=None)


def test_lost_paper_is_declared_and_counted_apart(on_paper):
    settle(on_paper, 1)
    Round.objects.filter(pk=on_paper.pk).update(papers_lost=1, papers_lost_because="Parti avec la personne.")
    sealed = seal_vote(round_id=on_paper.pk, by=None)
    assert (sealed.reconciliation["papers_issued"], sealed.reconciliation["papers_lost"]) == (2, 1)


def test_more_papers_than_were_given_are_not_sealed(on_paper):
    settle(on_paper, 3)
    with pytest.raises(sealing.Unreconciled) as refused:
        seal_vote(round_id=on_paper.pk, by=None)
    assert refused.value.values["reconciliation"].papers_missing == -1


def test_question_that_a_paper_overmarked_is_rejected_alone(on_paper):
    settle(on_paper, 1, {"2": [[1, 4]]})
    settle(on_paper, 1)
    sealed = seal_vote(round_id=on_paper.pk, by=None)
    first, second = boxes.read(sealed.text, COUNTING).questions
    assert (first.rejected, second.rejected, second.ballots) == (1, 0, (((1, 4),),))


def test_reconciliation_is_kept_as_it_was(on_paper):
    settle(on_paper, 2)
    before = reconcile(on_paper)
    sealed = seal_vote(round_id=on_paper.pk, by=None)
    assert Reconciliation.from_json(sealed.reconciliation) == before


@pytest.mark.parametrize(("papers", "has_channels"), [(9, False), (10, True)])
def test_channels_are_told_from_ten_ballots_each(open_vote, papers, has_channels):
    round = open_vote(people=20 + papers)
    for entry in entries_of(round)[:papers]:
        paper_issue.issue_paper(round_id=round.pk, entry_id=entry.pk)
    paper_issue.print_papers(round_id=round.pk, count=papers)
    for entry in entries_of(round)[papers:]:
        casting.cast_ballot(
            round=round, entry_id=entry.pk, choices={1: [1], 2: [(2, 3)]}, idempotency_key="a"
        )
    rounds.close_round(round_id=round.pk, by=None)
    settle(round, papers)
    told = seal_vote(round_id=round.pk, by=None).reconciliation["channels"]
    assert (told is not None) is has_channels
    if has_channels:
        assert {(one["question"], one["option"]): (one["online"], one["paper"]) for one in told} == {
            **{(question, option): (0, 0) for question in (1, 2) for option in range(1, 6)},
            (1, 1): (20, 0),
            (1, 2): (0, 10),
            (2, 2): (60, 0),
        }


def test_small_kinds_are_counted_together(open_vote):
    round = RoundFactory()
    QuestionFactory(round=round, position=1)
    for kind, count in (("enterprise", 6), ("partner", 4), ("other", 2)):
        RegistrationFactory.create_batch(count, forum=round.forum, kind=kind)
    round = rounds.open_round(round_id=round.pk, by=None)
    for entry in entries_of(round)[:7]:
        casting.cast_ballot(round=round, entry_id=entry.pk, choices={}, idempotency_key="a")
    assert seal(round).reconciliation["turnout"] == [
        {"kind": "", "on_roll": 6, "voted": 1},
        {"kind": "enterprise", "on_roll": 6, "voted": 6},
    ]


@pytest.mark.parametrize(
    ("people", "told"),
    [
        ({"enterprise": 6, "citizen": 6, "partner": 1}, {"enterprise": 6, "": 7}),
        ({"enterprise": 6, "partner": 1}, {"": 7}),
        ({"enterprise": 5, "citizen": 9}, {"enterprise": 5, "citizen": 9}),
    ],
)
def test_nobody_is_counted_almost_alone(db, people, told):
    round = RoundFactory()
    QuestionFactory(round=round, position=1)
    for kind, count in people.items():
        RegistrationFactory.create_batch(count, forum=round.forum, kind=kind)
    rounds.open_round(round_id=round.pk, by=None)
    rows = seal(round).reconciliation["turnout"]
    assert {row["kind"]: row["on_roll"] for row in rows} == told


def test_paper_of_someone_taken_off_the_roll_counts_in_both(open_vote):
    round, by = open_vote(people=3), UserFactory(is_staff=True)
    for entry in entries_of(round):
        paper_issue.issue_paper(round_id=round.pk, entry_id=entry.pk)
    roll.void_entry(round_id=round.pk, entry_id=entries_of(round)[0].pk, reason="Erreur", by=by)
    assert casting.turnout(round.pk) == (3, 3)
    found = reconcile(round)
    assert (found.voted, found.on_roll, found.voided) == (3, 3, 1)


def test_one_round_that_fails_keeps_none_waiting(open_vote):
    first, second = open_vote(people=10), open_vote(people=10)
    for round in (first, second):
        rounds.close_round(round_id=round.pk, by=None)
    RoundSecret.objects.filter(round=first).delete()
    with pytest.raises(ExceptionGroup) as failed:
        tasks.end_rounds(timestamp=0)
    assert [type(error) for error in failed.value.exceptions] == [RoundSecret.DoesNotExist]
    assert [Round.objects.get(pk=round.pk).sealed_at is not None for round in (first, second)] == [
        False,
        True,
    ]


def test_results_are_drafted_in_order_and_keep_what_staff_wrote(open_vote):
    round = open_vote(people=12)
    cast_all(round, [{1: [1, 2], 2: [(5, 4), (4, 1)]}] * 10 + [{1: [2]}])
    seal(round)
    results = Results.objects.get(forum=round.forum)
    options = {
        (option.question.position, option.number): option.title
        for question in round.questions.all()
        for option in question.options.all()
    }
    drafted = [priority["title"] for priority in results.draft.content["priorities"]]
    assert drafted == [options[1, 2], options[1, 1], options[2, 5], options[2, 4]]
    assert results.published_at is None


def test_trial_drafts_nothing(open_vote):
    round = open_vote(is_trial=True, people=10)
    cast_all(round, [{1: [1]}] * 10)
    seal(round)
    assert not Results.objects.exists()


def test_recommendations_become_options_of_their_track(db):
    round = RoundFactory()
    track = round.forum.tracks.create(position=1, title="Territoire")
    with_track = QuestionFactory(round=round, position=1, track=track, options=0)
    others = QuestionFactory(round=round, position=2, options=0)
    for title, of, is_on_ballot in [
        ("Dans l’axe", track, True),
        ("Aussi", track, True),
        ("Ailleurs", None, True),
        ("Encore", None, True),
        ("Non", track, False),
    ]:
        Recommendation.objects.create(
            forum=round.forum,
            track=of,
            title=title,
            state="accepted",
            is_on_ballot=is_on_ballot,
            thread=Thread.objects.create(),
        )
    rounds.open_round(round_id=round.pk, by=None)
    assert sorted(with_track.options.values_list("title", "number").order_by("number")) == sorted(
        zip(with_track.options.order_by("number").values_list("title", flat=True), (1, 2), strict=True)
    )
    assert {option.title for option in with_track.options.all()} == {"Dans l’axe", "Aussi"}
    assert {option.title for option in others.options.all()} == {"Ailleurs", "Encore"}
    Recommendation.objects.filter(title="Aussi").update(title="Reformulée")
    assert {option.title for option in with_track.options.all()} == {"Dans l’axe", "Aussi"}


def test_question_without_two_options_does_not_open(db):
    round = RoundFactory()
    question = QuestionFactory(round=round, position=1, options=1)
    with pytest.raises(rounds.NothingToVoteOn) as refused:
        rounds.open_round(round_id=round.pk, by=None)
    assert question.title in refused.value.values["sentence"]
    round.refresh_from_db()
    assert round.opened_at is None


def test_drawing_again_changes_nothing_and_undrawing_voids_the_papers(db):
    round = RoundFactory()
    QuestionFactory(round=round, position=1, options=2)
    with pytest.raises(rounds.RoundRefused):
        paper_issue.print_papers(round_id=round.pk, count=1)
    rounds.draw_ballot(round_id=round.pk)
    assert len(set(paper_issue.print_papers(round_id=round.pk, count=30))) == 30
    rounds.draw_ballot(round_id=round.pk)
    assert PaperBallot.objects.count() == 30
    rounds.undraw_ballot(round_id=round.pk)
    assert not PaperBallot.objects.exists()
    round.refresh_from_db()
    assert (round.drawn_at, round.questions.get().options.count()) == (None, 2)


def test_order_is_drawn_by_lot(db):
    round = RoundFactory()
    question = QuestionFactory(round=round, position=1, options=8)
    orders = set()
    for _draw in range(4):
        rounds.draw_ballot(round_id=round.pk)
        orders.add(tuple(question.options.order_by("number").values_list("pk", flat=True)))
        rounds.undraw_ballot(round_id=round.pk)
    assert len(orders) > 1


def test_printed_ballot_is_the_one_that_opens(db):
    round = RoundFactory()
    question = QuestionFactory(round=round, position=1, options=8)
    rounds.draw_ballot(round_id=round.pk)
    paper_issue.print_papers(round_id=round.pk, count=3)
    drawn = list(question.options.values_list("pk", "number"))
    rounds.open_round(round_id=round.pk, by=None)
    assert (list(question.options.values_list("pk", "number")), PaperBallot.objects.count()) == (drawn, 3)
    with pytest.raises(rounds.RoundRefused):
        rounds.draw_ballot(round_id=round.pk)


def test_worker_closes_and_seals_at_the_time(open_vote):
    done, with_paper, running = open_vote(people=10), open_vote(people=10), open_vote(people=10)
    paper_issue.issue_paper(round_id=with_paper.pk, entry_id=entries_of(with_paper)[0].pk)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE forums_round DISABLE TRIGGER forums_protect_opened_round")
    past = timezone.now() - timedelta(seconds=1)
    began = past - timedelta(hours=1)
    Round.objects.exclude(pk=running.pk).update(opens_at=began, opened_at=began, closes_at=past)
    tasks.end_rounds(timestamp=0)
    states = [
        Round.objects.get(pk=round.pk).state_at(timezone.now()) for round in (done, with_paper, running)
    ]
    assert states == [Round.State.SEALED, Round.State.CLOSED, Round.State.OPEN]
    assert Round.objects.get(pk=with_paper.pk).closed_at == past
    assert not Ballot.objects.filter(round=done).exists()


def test_round_that_cannot_be_sealed_is_closed_all_the_same(open_vote, monkeypatch):
    round = open_vote(people=10)

    def refuse(**_):
        raise rounds.RoundRefused

    monkeypatch.setattr(open_and_seal, "seal_vote", refuse)
    with pytest.raises(rounds.RoundRefused):
        open_and_seal.close_vote(round_id=round.pk, by=None)
    round.refresh_from_db()
    assert round.closed_at
