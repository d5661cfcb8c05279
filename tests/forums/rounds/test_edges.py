"""The rare ways through what decides a ballot: clocks that differ, draws that repeat, states that nobody offers."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import time_machine

from forums.event.open_and_seal import seal_vote
from forums.mail import ballot_links
from forums.models import (
    Ballot,
    Option,
    PaperBallot,
    PaperTyping,
    Question,
    Registration,
    RollEntry,
    Round,
    RoundEvent,
    RoundSecret,
    SealedBox,
    Slip,
)
from forums.vote import paper_entry, paper_issue, roll, rounds, slips
from forums.vote.codes import ALPHABET
from forums.vote.paper_entry import Answer
from tests.factories import QuestionFactory, RegistrationFactory, RoundFactory, UserFactory
from tests.forums.closing import bring_closing
from tests.forums.rounds.conftest import close, entries, fresh, serials, type_twice


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (RollEntry(pk=7), "roll entry 7"),
        (Ballot(), "ballot"),
        (Slip(number=7), "slip 7"),
        (PaperBallot(serial="ABCD2345"), "ABCD2345"),
        (PaperTyping(paper_id=7), "typing of 7"),
        (Round(number=7, forum_id=8), "round 7 of forum 8"),
        (Question(title="Quoi ?"), "Quoi ?"),
        (Option(title="Ceci"), "Ceci"),
        (RoundEvent(kind="opened", round_id=7), "opened 7"),
        (RoundSecret(pk=7), "secret of 7"),
        (SealedBox(pk=7), "box of 7"),
    ],
)
def test_rows_of_a_vote_are_named_without_saying_whose_nor_what(row, name):
    assert str(row) == name


# --- The life of a round


@pytest.mark.parametrize("state", ["open", "closed", "annulled"])
def test_ballot_is_drawn_and_undrawn_before_the_opening_alone(make_round, state):
    round = make_round(state)
    for act in (rounds.draw_ballot, rounds.undraw_ballot):
        with pytest.raises(rounds.RoundRefused):
            act(round_id=round.pk)
    assert fresh(round).drawn_at == round.drawn_at


def test_undrawing_what_is_not_drawn_changes_nothing(make_round):
    round = make_round("planned")
    rounds.undraw_ballot(round_id=round.pk)
    assert (fresh(round).drawn_at, Option.objects.filter(question__round=round).count()) == (None, 10)


@pytest.mark.parametrize("state", ["closed", "sealed", "annulled"])
def test_round_that_is_over_is_not_opened_again(make_round, state):
    round = make_round(state, people=11)
    with pytest.raises(rounds.RoundRefused):
        rounds.open_round(round_id=round.pk, by=None)
    assert RoundEvent.objects.filter(round=round, kind="opened").count() == 1


@pytest.mark.parametrize("state", ["planned", "drawn", "closed", "annulled"])
def test_round_that_is_not_open_is_not_prolonged(make_round, staff, state):
    round = make_round(state)
    until = round.closes_at + timedelta(hours=1)
    with pytest.raises(rounds.RoundRefused):
        rounds.prolong_round(round_id=round.pk, until=until, by=staff)
    assert fresh(round).closes_at == round.closes_at


def test_sealing_closes_a_round_whose_time_is_over(make_round):
    round = make_round(people=11)
    with pytest.raises(rounds.RoundRefused):
        seal_vote(round_id=round.pk, by=None)
    bring_closing(round)
    seal_vote(round_id=round.pk, by=None)
    sealed = fresh(round)
    assert (sealed.closed_at, sealed.sealed_at is None) == (round.closes_at, False)
    assert sorted(RoundEvent.objects.values_list("kind", flat=True)) == ["closed", "opened", "sealed"]


def test_round_annulled_after_it_closed_is_not_sealed(make_round):
    round = make_round("closed")
    rounds.annul_round(round_id=round.pk, reason="Panne", by=None)
    with pytest.raises(rounds.RoundRefused):
        seal_vote(round_id=round.pk, by=None)
    assert not SealedBox.objects.exists()


# --- The roll, when the clock of a process is late on that of the database


def test_late_process_enters_nobody_once_the_database_says_that_it_is_over(db):
    round = RoundFactory(public="accounts")
    QuestionFactory(round=round, position=1)
    round = rounds.open_round(round_id=round.pk, by=None)
    someone = UserFactory()
    bring_closing(round)
    with time_machine.travel(round.closes_at - timedelta(seconds=1)):
        assert roll.can_be_added(round, someone)
        assert roll.find_or_add_entry_of_user(round, someone) is None
    assert not RollEntry.objects.filter(user=someone).exists()


def test_late_process_joins_nothing_once_the_database_says_that_it_is_over(db):
    round = RoundFactory(public="registrants")
    QuestionFactory(round=round, position=1)
    first, second = RegistrationFactory.create_batch(2, forum=round.forum)
    round = rounds.open_round(round_id=round.pk, by=None)
    bring_closing(round)
    with time_machine.travel(round.closes_at - timedelta(seconds=1)):
        roll.merge_entries(forum_id=round.forum_id, surviving=first, others=[second])
    assert RollEntry.objects.filter(round=round, voided_at=None).count() == 2


def test_whoever_was_taken_off_meanwhile_is_not_completed(make_round, staff):
    round = make_round(people=1)
    (entry,) = entries(round)
    roll.void_entry(round_id=round.pk, entry_id=entry.pk, reason="Erreur", by=staff)
    wanted = RollEntry(round=round, registration_id=entry.registration_id, user=UserFactory())
    roll._merge_identities(round, wanted)
    entry.refresh_from_db()
    assert (entry.user, RollEntry.objects.count()) == (None, 1)


def test_consultation_counts_the_verified_accounts_that_opening_enters(db):
    round = RoundFactory(public="accounts")
    QuestionFactory(round=round, position=1)
    UserFactory.create_batch(2)
    UserFactory(verified=False)
    UserFactory(is_active=False)
    assert roll.eligible_count(round) == 2
    rounds.open_round(round_id=round.pk, by=None)
    assert RollEntry.objects.filter(round=round).count() == 2


# --- Links, slips and papers


def test_link_opens_its_own_round_for_its_own_registration(make_round):
    round, elsewhere = make_round(), RegistrationFactory()
    mine = Registration.objects.filter(forum=round.forum).first()
    token = ballot_links.ballot_link(round, mine).rstrip("/").rpartition("/")[2]
    assert ballot_links.read_ballot_link(token) == (round, mine)
    strangers = [
        (round, elsewhere),
        (round, Registration(key=uuid.uuid4())),
        (Round(pk=round.pk + 99), mine),
    ]
    for pair in strangers:
        token = ballot_links.ballot_link(*pair).rstrip("/").rpartition("/")[2]
        assert ballot_links.read_ballot_link(token) is None
    assert ballot_links.read_ballot_link("forgé") is None


def test_slips_that_are_drawn_alike_are_drawn_again(make_round, monkeypatch):
    drawn = iter(["A" * 12, "A" * 12, "A" * 12, "B" * 12])
    monkeypatch.setattr(slips, "new_code", lambda: next(drawn))
    made = slips.create_slips(forum=make_round().forum, count=2)
    assert sorted(code for _number, code in made) == ["A" * 12, "B" * 12]


def test_serial_is_drawn_again_when_it_is_taken_or_reads_as_a_number(make_round, monkeypatch):
    round = make_round("drawn", papers=1)
    (taken,) = serials(round)
    free = next(letter for letter in ALPHABET if letter.isalpha()) * paper_issue.SERIAL_LENGTH
    drawn = iter([*taken, *"2" * paper_issue.SERIAL_LENGTH, *free])
    monkeypatch.setattr(paper_issue.secrets, "choice", lambda _alphabet: next(drawn))
    assert paper_issue.print_papers(round_id=round.pk, count=1) == [free]


def test_paper_is_given_to_whoever_has_no_registration(make_round):
    round = make_round()
    entry = RollEntry.objects.create(round=round, user=UserFactory())
    assert paper_issue.issue_paper(round_id=round.pk, entry_id=entry.pk) is False
    entry.refresh_from_db()
    assert entry.is_on_paper


# --- Typing


@pytest.fixture
def typed(make_round):
    """A closed round of two papers; the first was typed by one person."""
    round = make_round(papers=2)
    close(round, papers_of=entries(round)[:2])
    first = serials(round)[0]
    paper_entry.type_paper(
        round_id=round.pk,
        serial=first,
        answers={1: Answer([1]), 2: Answer([])},
        typist="user:1",
        typist_name="Un",
    )
    return round, PaperBallot.objects.get(round=round, serial=first)


def resolve(round, row, answers, reason="Relu à deux."):
    return paper_entry.resolve_paper(round_id=round.pk, paper_id=row.pk, answers=answers, reason=reason)


def test_paper_is_decided_once_two_people_differ_and_the_same_way_again(typed):
    round, row = typed
    decided = {1: Answer([2]), 2: Answer([])}
    with pytest.raises(paper_entry.NotInDispute):
        resolve(round, row, decided)
    paper_entry.type_paper(
        round_id=round.pk,
        serial=row.serial,
        answers={1: Answer([3]), 2: Answer([])},
        typist="user:2",
        typist_name="Deux",
    )
    with pytest.raises(ValueError, match="missing"):
        resolve(round, row, {1: Answer([2])})
    assert resolve(round, row, decided).choices["1"] == [2]
    assert resolve(round, row, decided, "Autre raison").resolved_because == "Relu à deux."
    with pytest.raises(paper_entry.NotInDispute):
        resolve(round, row, {1: Answer([1]), 2: Answer([])})


def test_paper_on_which_two_people_agree_is_not_decided(typed):
    round, row = typed
    type_twice(round, serials(round)[1], first=(2,))
    agreed = PaperBallot.objects.get(round=round, serial=serials(round)[1])
    with pytest.raises(paper_entry.NotInDispute):
        resolve(round, agreed, {1: Answer([3]), 2: Answer([])})
    assert row.outcome == ""


@pytest.mark.parametrize("serial", ["ÉÉÉÉÉÉÉÉ", "", "ABC", "22222222"])
def test_serial_that_no_paper_bears_is_unknown(typed, serial):
    round, _row = typed
    with pytest.raises(paper_entry.SerialUnknown):
        paper_entry.type_paper(
            round_id=round.pk,
            serial=serial,
            answers={1: Answer([1]), 2: Answer([])},
            typist="user:1",
            typist_name="Un",
        )
    with pytest.raises(paper_entry.SerialUnknown):
        paper_entry.delete_typing(round_id=round.pk, paper_id=0)
