"""Whatever people do, in whatever order: the tally is that of a plain model, and the sums agree."""

from __future__ import annotations

from collections import Counter

import pytest
from allauth.account.models import EmailAddress
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.models import User
from forums.event.open_and_seal import seal_vote
from forums.models import PaperBallot, RollEntry
from forums.registration import identities
from forums.tally import box as boxes
from forums.tally.outcome import from_json
from forums.vote import casting, paper_issue, roll, rounds
from forums.vote.methods.registry import COUNTING
from tests.factories import QuestionFactory, RegistrationFactory, RoundFactory, UserFactory

pytestmark = pytest.mark.any_hour("hundreds of random votes, for their sums")

OPTIONS = range(1, 6)
approvals = st.sets(st.sampled_from(OPTIONS), max_size=3).map(sorted)
shares = st.dictionaries(st.sampled_from(OPTIONS), st.integers(1, 4), max_size=2).map(
    lambda given: sorted(given.items())
)
GRADES = 5
judgments = st.dictionaries(st.sampled_from(OPTIONS), st.integers(0, GRADES - 1), max_size=3).map(
    lambda given: sorted(given.items())
)
orders = st.lists(st.sampled_from(OPTIONS), max_size=3, unique=True)
choices = st.fixed_dictionaries({1: approvals, 2: shares, 3: orders, 4: judgments})


# Of everyone: two names that the door saw arrive are two people, whatever addresses an account verifies.
NAME = "Camille Roy"


class Person:
    """What the model knows of someone."""

    def __init__(self, entry, email, user=None, registration=None):
        self.entry, self.email, self.user, self.registration = entry, email, user, registration
        self.ballot = None
        self.receipt = ""
        self.is_on_paper = self.is_void = False
        self.sent: list[tuple[str, dict]] = []


class Vote(RuleBasedStateMachine):
    @initialize(size=st.integers(1, 14))
    def open(self, size):
        planned = RoundFactory()
        QuestionFactory(round=planned, position=1, limits={"limit": 3}, to_retain=2, options=5)
        points = {"method": "points", "limits": {"points": 10, "points_each": 4}}
        QuestionFactory(round=planned, position=2, to_retain=2, options=5, **points)
        ranking = {"method": "ranking", "limits": {"ranks": 3}}
        QuestionFactory(round=planned, position=3, to_retain=2, options=5, **ranking)
        judged = {"method": "judgment", "limits": {"grades": GRADES}}
        QuestionFactory(round=planned, position=4, to_retain=2, options=5, **judged)
        for registration in RegistrationFactory.create_batch(size, forum=planned.forum, name=NAME):
            assert registration.pk
        self.round = rounds.open_round(round_id=planned.pk, by=None)
        self.staff = UserFactory(is_staff=True)
        self.people = [
            Person(entry.pk, entry.registration.email, registration=entry.registration)
            for entry in RollEntry.objects.filter(round=self.round)
            .select_related("registration")
            .order_by("pk")
        ]
        self.counter = 0
        self.voided = self.added = 0
        self.is_one_unnoted = False

    def _someone(self, data):
        return data.draw(st.sampled_from(self.people))

    @rule(data=st.data(), chosen=choices, is_proven=st.booleans())
    def vote_or_change(self, data, chosen, is_proven):
        person = self._someone(data)
        self.counter += 1
        key = f"k{self.counter}"
        proof = {"receipt": person.receipt} if is_proven else {}
        try:
            given = casting.cast_ballot(
                round=self.round, entry_id=person.entry, choices=chosen, idempotency_key=key, **proof
            )
        except casting.NotOnRoll:
            assert person.is_void
        except casting.VotesOnPaper:
            assert person.is_on_paper
        except casting.ReceiptNeeded:
            assert person.ballot is not None
            assert not is_proven
        else:
            assert not person.is_void
            assert not person.is_on_paper
            assert given.is_change is (person.ballot is not None)
            person.ballot, person.receipt = chosen, given.receipt
            person.sent.append((key, chosen))

    @precondition(lambda self: any(person.sent for person in self.people))
    @rule(data=st.data())
    def repeat_an_old_request(self, data):
        person = data.draw(st.sampled_from([person for person in self.people if person.sent]))
        key, chosen = data.draw(st.sampled_from(person.sent))
        before = person.ballot
        try:
            given = casting.cast_ballot(
                round=self.round, entry_id=person.entry, choices=chosen, idempotency_key=key, has_account=True
            )
        except casting.BallotRefused:
            assert before is None or key != person.sent[-1][0] or person.is_on_paper or person.is_void
        else:
            assert (given.receipt, person.ballot) == (person.receipt, chosen)

    @rule(data=st.data())
    def withdraw(self, data):
        person = self._someone(data)
        try:
            casting.withdraw_ballot(round_id=self.round.pk, entry_id=person.entry, receipt=person.receipt)
        except casting.NotOnRoll:
            assert person.is_void
        except casting.VotesOnPaper:
            assert person.is_on_paper
        else:
            person.ballot = None

    @rule(data=st.data())
    def take_a_paper(self, data):
        person = self._someone(data)
        try:
            had_ballot = paper_issue.issue_paper(round_id=self.round.pk, entry_id=person.entry)
        except casting.NotOnRoll:
            assert person.is_void
        else:
            assert had_ballot is (person.ballot is not None)
            person.ballot, person.is_on_paper = None, True

    @rule()
    def give_a_paper_and_forget_to_note_it(self):
        self.is_one_unnoted = True

    @rule()
    def add(self):
        registration = RegistrationFactory(forum=self.round.forum, name=NAME)
        for _again in range(2):
            roll.add_latecomers(forum_id=self.round.forum_id, registration=registration)
        entry = RollEntry.objects.get(round=self.round, registration=registration)
        self.people.append(Person(entry.pk, registration.email, registration=registration))
        self.added += 1

    # Whoever holds a paper keeps it, and counts: it may be in the box.
    @rule(data=st.data())
    def void(self, data):
        person = self._someone(data)
        if person.is_void:
            return
        roll.void_entry(round_id=self.round.pk, entry_id=person.entry, reason="Erreur", by=self.staff)
        person.ballot, person.is_void = None, True
        self.voided += 1

    @rule(data=st.data())
    def join_an_account(self, data):
        person = self._someone(data)
        if person.is_void or person.user:
            return
        person.user = self._signed_up(person.email)
        assert roll.find_or_add_entry_of_user(self.round, person.user).pk == person.entry

    @rule(data=st.data(), chosen=st.none() | choices)
    def turn_out_to_be_registered_twice(self, data, chosen):
        person = self._someone(data)
        if person.is_void:
            return
        registration = RegistrationFactory(forum=self.round.forum, name=NAME)
        roll.add_latecomers(forum_id=self.round.forum_id, registration=registration)
        second = RollEntry.objects.get(round=self.round, registration=registration)
        self.counter += 1
        if chosen is not None:
            given = casting.cast_ballot(
                round=self.round, entry_id=second.pk, choices=chosen, idempotency_key=f"k{self.counter}"
            )
        person.user = person.user or self._signed_up(person.email)
        EmailAddress.objects.create(user=person.user, email=registration.email, verified=True)
        identities.link_registrations_to_account(person.user)
        self.added += 1
        self.voided += 1
        dropped = Person(second.pk, registration.email)
        if chosen is not None and person.ballot is None and not person.is_on_paper:
            dropped = Person(person.entry, person.email)
            person.entry, person.email = second.pk, registration.email
            person.ballot, person.receipt = chosen, given.receipt
            person.sent = [(f"k{self.counter}", chosen)]
        dropped.is_void = True
        self.people.append(dropped)

    @rule(data=st.data())
    def erase_and_sign_up_again(self, data):
        person = self._someone(data)
        if person.is_void or not person.user:
            return
        identities.anonymise_registrations(person.user)
        User.objects.filter(pk=person.user.pk).delete()
        person.user = self._signed_up(person.email)
        assert roll.find_or_add_entry_of_user(self.round, person.user).pk == person.entry

    @staticmethod
    def _signed_up(email):
        user = UserFactory(email=email)
        EmailAddress.objects.update_or_create(
            user=user, email=email, defaults={"verified": True, "primary": True}
        )
        return user

    def teardown(self):
        if not hasattr(self, "people"):
            return
        voted = sum(person.ballot is not None for person in self.people)
        on_paper = sum(person.is_on_paper for person in self.people)
        on_roll = sum(not person.is_void or person.is_on_paper for person in self.people)
        assert casting.turnout(self.round.pk) == (voted + on_paper, on_roll)
        online = [person for person in self.people if not person.is_void and not person.is_on_paper]
        unnoted = online[0] if online and self.is_one_unnoted else None
        returned = on_paper + (unnoted is not None)
        if returned:
            paper_issue.print_papers(round_id=self.round.pk, count=returned + 2)
        rounds.close_round(round_id=self.round.pk, by=None)
        papers = []
        for place, row in enumerate(PaperBallot.objects.filter(round=self.round)[:returned]):
            row.outcome, row.choices, counted = _typed(place)
            row.save()
            papers.append(counted)
        if unnoted:
            assert paper_issue.note_paper_late(
                round_id=self.round.pk, entry_id=unnoted.entry, reason="Oubli", by=self.staff
            )
            unnoted.ballot = None
        voted = [person.ballot for person in self.people if person.ballot is not None]
        sealed = seal_vote(round_id=self.round.pk, by=None)
        told = [{place: [*map(_pair, given)] for place, given in ballot.items()} for ballot in voted]
        self._check(sealed, [*told, *papers], on_roll)

    def _check(self, sealed, ballots, on_roll):
        said = sealed.reconciliation
        assert (said["on_roll"], said["added"], said["voided"]) == (on_roll, self.added, self.voided)
        assert said["online"] + said["papers_counted"] + said["papers_blank"] + said[
            "papers_rejected"
        ] == len(ballots)
        assert sum(row["on_roll"] for row in said["turnout"]) == on_roll
        outcome = from_json(sealed.outcome)
        for question in outcome.questions:
            answers = [ballot[question.position] for ballot in ballots]
            counted = [answer for answer in answers if answer is not None]
            expected: Counter[int] = Counter()
            for answer in counted if question.position < 4 else ():
                # Of a ranking, totals are first choices.
                added = answer[:1] if question.position == 3 else answer
                expected.update(dict(added) if question.position == 2 else added)
            if question.position == 4:
                assert dict(question.detail["profile"]) == _profile(counted)
            else:
                assert {row.number: row.total for row in question.totals} == {
                    number: expected[number] for number in OPTIONS
                }
            assert question.blank == sum(not answer for answer in counted)
            assert question.rejected == answers.count(None)
        if sealed.text:
            assert boxes.read(sealed.text, COUNTING).questions[2].ballots == _orders_of(ballots)
            assert len(ballots) >= 10
            assert boxes.seal(sealed.text) == self.round.__class__.objects.get(pk=self.round.pk).seal
        else:
            assert len(ballots) < 10


def _orders_of(ballots):
    """As they are in the box: each in the order of preference, all of them sorted."""
    return tuple(sorted(tuple(ballot[3]) for ballot in ballots if ballot[3]))


def _pair(part):
    return tuple(part) if isinstance(part, list) else part


def _profile(answers):
    """By option, how many of those that grade something give it each grade: the lowest where they say nothing."""
    given = {number: [dict(each).get(number, 0) for each in answers if each] for number in OPTIONS}
    return {number: tuple(map(grades.count, range(GRADES))) for number, grades in given.items()}


def _typed(place):
    """A paper's outcome, what is kept of it, and what the model counts: typed, blank, rejected, in turn."""
    if place % 4 == 1:
        return PaperBallot.Outcome.BLANK, {"1": [], "2": [], "3": [], "4": []}, {1: [], 2: [], 3: [], 4: []}
    if place % 4 == 2:
        return PaperBallot.Outcome.REJECTED, {}, dict.fromkeys(range(1, 5))
    if place % 4 == 3:
        return PaperBallot.Outcome.TYPED, {"1": [2], "3": [5, 1]}, {1: [2], 2: None, 3: [5, 1], 4: None}
    kept = {"1": [1, 5], "2": [[3, 4]], "3": [4], "4": [[2, 4], [3, 0]]}
    return PaperBallot.Outcome.TYPED, kept, {1: [1, 5], 2: [(3, 4)], 3: [4], 4: [(2, 4), (3, 0)]}


@pytest.mark.django_db
def test_whatever_people_do_the_tally_is_right():
    run_state_machine_as_test(
        Vote,
        settings=settings(
            max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
