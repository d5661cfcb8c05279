"""What the closing fixes before any paper is typed: the receipts, then the tellers' part in the lottery."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from forums import tasks
from forums.event.open_and_seal import close_vote, seal_vote
from forums.models import Ballot, PaperBallot, PaperTyping, Round, RoundSecret, SealedBox
from forums.tally import box as boxes
from forums.tally import recompter, ties
from forums.vote import casting, paper_entry, paper_issue, rounds, tellers
from forums.vote.methods.registry import COUNTING
from forums.vote.paper_entry import Answer
from forums.vote.rounds import RoundRefused
from pole.refusals import Refusal
from tests.factories import UserFactory
from tests.forums.voting.conftest import entries_of, together

ANSWERS = {1: Answer([2]), 2: Answer([])}


def cast_all(round, entries):
    return [
        casting.cast_ballot(round=round, entry_id=entry.pk, choices={1: [1]}, idempotency_key="a").receipt
        for entry in entries
    ]


def fingerprint(receipts):
    return boxes.receipts_fingerprint(map(boxes.receipt_hash, receipts))


def type_twice(round, serial):
    for typist in ("day:1", "day:2"):
        paper_entry.type_paper(
            round_id=round.pk, serial=serial, answers=ANSWERS, typist=typist, typist_name=typist
        )


def test_closing_fixes_the_receipts_in_force(open_vote):
    round = open_vote(people=4)
    people = entries_of(round)
    receipts = cast_all(round, people[:3])
    casting.withdraw_ballot(round_id=round.pk, entry_id=people[0].pk, receipt=receipts[0])
    again = casting.cast_ballot(
        round=round, entry_id=people[1].pk, choices={1: [2]}, idempotency_key="b", receipt=receipts[1]
    ).receipt
    closed = rounds.close_round(round_id=round.pk, by=None)
    assert (closed.receipts_count, closed.receipts_fingerprint) == (2, fingerprint([again, receipts[2]]))
    with (
        pytest.raises(IntegrityError, match="keeps its rules"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE forums_round SET receipts_count = 3 WHERE id = %s", [round.pk])


def test_receipt_of_a_paper_noted_late_is_listed_apart_and_the_fingerprint_rebuilt(open_vote):
    round = open_vote(people=13)
    people = entries_of(round)
    serials = paper_issue.print_papers(round_id=round.pk, count=2)
    paper_issue.issue_paper(round_id=round.pk, entry_id=people[12].pk)
    receipts = cast_all(round, people[:12])
    shown = rounds.close_round(round_id=round.pk, by=None).receipts_fingerprint
    for serial in serials:
        type_twice(round, serial)
    paper_issue.note_paper_late(round_id=round.pk, entry_id=people[0].pk, reason="Oubli", by=UserFactory())
    sealed = seal_vote(round_id=round.pk, by=None)
    box = boxes.read(sealed.text, COUNTING)
    assert box.removed_receipts == (boxes.receipt_hash(receipts[0]),)
    assert set(box.receipts) == set(map(boxes.receipt_hash, receipts[1:]))
    assert recompter.fingerprint_at_closing(json.loads(sealed.text)) == shown == fingerprint(receipts)
    assert list(recompter.box_faults(sealed.text, json.loads(sealed.text))) == []
    assert not RoundSecret.objects.exists()


def test_ballot_that_appears_after_the_closing_is_not_sealed(open_vote):
    round = open_vote(people=3)
    cast_all(round, entries_of(round)[:2])
    rounds.close_round(round_id=round.pk, by=None)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE forums_ballot DISABLE TRIGGER USER")
    Ballot.objects.create(
        round=round,
        voter_key=b"k" * 32,
        choices={"1": [1], "2": []},
        receipt_hash="0" * 64,
        idempotency_key_hashes=["0" * 64],
    )
    with pytest.raises(ValueError, match="1 receipts of round"):
        seal_vote(round_id=round.pk, by=None)
    assert not SealedBox.objects.exists()


def test_round_closed_before_receipts_were_kept_is_sealed_as_it_was(open_vote):
    round = open_vote(people=12)
    cast_all(round, entries_of(round))
    rounds.close_round(round_id=round.pk, by=None)
    RoundSecret.objects.update(closing_receipts=None)
    assert boxes.read(seal_vote(round_id=round.pk, by=None).text, COUNTING).removed_receipts == ()


def test_paper_typed_before_the_worker_closed_finds_it_done(open_vote):
    round = open_vote(people=3)
    (serial,) = paper_issue.print_papers(round_id=round.pk, count=1)
    cast_all(round, entries_of(round)[:2])
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE forums_round DISABLE TRIGGER forums_protect_opened_round")
    past = timezone.now() - timedelta(seconds=1)
    Round.objects.update(
        opens_at=past - timedelta(hours=1), opened_at=past - timedelta(hours=1), closes_at=past
    )
    type_twice(round, serial)
    assert Round.objects.get(pk=round.pk).receipts_count == 2


# --- The tellers' part


@pytest.fixture
def with_tellers(open_vote):
    def make(**kwargs):
        return open_vote(people=12, tellers_add=True, **kwargs)

    return make


def test_part_is_entered_after_the_closing_before_any_paper_and_draws(with_tellers):
    round = with_tellers()
    (serial,) = paper_issue.print_papers(round_id=round.pk, count=1)
    paper_issue.issue_paper(round_id=round.pk, entry_id=entries_of(round)[11].pk)
    cast_all(round, entries_of(round)[:11])
    with pytest.raises(RoundRefused):
        tellers.enter_part(round_id=round.pk, part="4 2 6", by=None)
    close_vote(round_id=round.pk, by=None)
    with pytest.raises(paper_entry.TypingClosed) as refused:
        type_twice(round, serial)
    assert refused.value.code == "tellers_first"
    with pytest.raises(RoundRefused) as refused:
        seal_vote(round_id=round.pk, by=None)
    assert refused.value.code == "tellers_awaited"
    tellers.enter_part(round_id=round.pk, part=" 4 2\x00 6\n", by=None)
    # A second click changes nothing; another part is refused, and so is dropping it.
    tellers.enter_part(round_id=round.pk, part="4 2  6", by=None)
    for refuse in (
        lambda: tellers.enter_part(round_id=round.pk, part="1 1 1", by=None),
        lambda: tellers.drop_part(round_id=round.pk, reason="Oubli", by=None),
    ):
        with pytest.raises(tellers.PartRefused) as refused:
            refuse()
        assert refused.value.code == "part_given"
    type_twice(round, serial)
    sealed = seal_vote(round_id=round.pk, by=None)
    box = boxes.read(sealed.text, COUNTING)
    assert box.tellers_part == "4 2 6"
    assert json.loads(sealed.text)["tie_rule"]["id"] == ties.RULE_WITH_TELLERS
    assert recompter.recount(json.loads(sealed.text)) == sealed.outcome
    assert [event.reason for event in round.events.filter(kind="tellers")] == ["4 2 6"]


def test_without_paper_the_seal_waits_for_the_part(with_tellers, caplog):
    round = with_tellers()
    cast_all(round, entries_of(round))
    assert close_vote(round_id=round.pk, by=None) is None
    tasks.end_rounds(timestamp=0)
    assert (SealedBox.objects.exists(), caplog.messages) == (False, [])
    tellers.drop_part(round_id=round.pk, reason="Personne n’est venu.", by=None)
    tellers.drop_part(round_id=round.pk, reason="Autre motif", by=None)
    with pytest.raises(tellers.PartRefused) as refused:
        tellers.enter_part(round_id=round.pk, part="4 2 6", by=None)
    assert refused.value.code == "part_dropped"
    tasks.end_rounds(timestamp=0)
    box = boxes.read(SealedBox.objects.get().text, COUNTING)
    assert (box.tellers_part, json.loads(SealedBox.objects.get().text)["tie_rule"]["id"]) == (None, ties.RULE)
    assert Round.objects.get().tellers_dropped_because == "Personne n’est venu."
    assert round.events.filter(kind="dropped").count() == 1


def test_part_that_would_come_after_a_paper_is_refused(with_tellers):
    round = with_tellers()
    paper_issue.print_papers(round_id=round.pk, count=1)
    rounds.close_round(round_id=round.pk, by=None)
    PaperTyping.objects.create(
        paper=PaperBallot.objects.get(), typist="day:1", typist_name="Lou", outcome="blank"
    )
    with pytest.raises(tellers.PartRefused) as refused:
        tellers.enter_part(round_id=round.pk, part="4 2 6", by=None)
    assert refused.value.code == "papers_typed"


@pytest.mark.parametrize("part", ["", "  ", "\x00\n", "\u200b", "\u202e\u3164"])
def test_empty_part_is_refused(with_tellers, part):
    round = with_tellers()
    rounds.close_round(round_id=round.pk, by=None)
    with pytest.raises(tellers.PartRefused) as refused:
        tellers.enter_part(round_id=round.pk, part=part, by=None)
    assert refused.value.code == "part_empty"


def test_part_holds_nothing_that_nobody_sees(with_tellers):
    round = with_tellers()
    rounds.close_round(round_id=round.pk, by=None)
    assert tellers.enter_part(round_id=round.pk, part=" 4\u202e 2\u200b\t6 ", by=None).tellers_part == "4 2 6"


def test_part_of_a_vote_that_did_not_announce_it_is_refused(open_vote):
    round = open_vote()
    rounds.close_round(round_id=round.pk, by=None)
    for refuse in (tellers.enter_part, tellers.drop_part):
        with pytest.raises(RoundRefused):
            refuse(
                round_id=round.pk, by=None, **{"part" if refuse is tellers.enter_part else "reason": "4 2 6"}
            )


@pytest.mark.parametrize(
    "change",
    ["tellers_add = NOT tellers_add", "tellers_part = 'x'", "tellers_dropped_because = 'x'"],
)
def test_database_keeps_what_the_tellers_gave_and_what_was_announced(with_tellers, change):
    round = with_tellers()
    if change.startswith("tellers_add"):
        before = True
    else:
        before = False
        rounds.close_round(round_id=round.pk, by=None)
        tellers.enter_part(round_id=round.pk, part="4 2 6", by=None)
    with (
        pytest.raises(IntegrityError, match="keeps its rules"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE forums_round SET {change} WHERE id = %s", [round.pk])
    assert Round.objects.get().tellers_part == ("" if before else "4 2 6")


@pytest.mark.django_db(transaction=True)
@pytest.mark.any_hour("takes real locks")
def test_part_that_races_the_papers_the_seal_and_another_part_is_one_or_none(with_tellers):
    for _time in range(4):
        round = with_tellers()
        (serial,) = paper_issue.print_papers(round_id=round.pk, count=1)
        rounds.close_round(round_id=round.pk, by=None)
        first = {
            "round_id": round.pk,
            "serial": serial,
            "answers": ANSWERS,
            "typist": "day:1",
            "typist_name": "Lou",
        }
        results = together(
            partial(tellers.enter_part, round_id=round.pk, part="4 2 6", by=None),
            partial(tellers.enter_part, round_id=round.pk, part="1 1 1", by=None),
            partial(tellers.drop_part, round_id=round.pk, reason="Absents", by=None),
            partial(paper_entry.type_paper, **first),
            partial(seal_vote, round_id=round.pk, by=None),
        )
        settled = [each for each in results[:3] if isinstance(each, Round)]
        found = Round.objects.get(pk=round.pk)
        assert (len(settled), found.awaits_tellers) == (1, False)
        assert not any(isinstance(each, Exception) and not isinstance(each, Refusal) for each in results)
        kinds = list(found.events.filter(kind__in=["tellers", "dropped"]).values_list("kind", flat=True))
        assert kinds == ["dropped" if found.tellers_dropped_because else "tellers"]
