"""Each condition of the SQL functions of the vote, by itself: `tests.mutants.sql` takes them out one by one."""

from __future__ import annotations

import hmac
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from forums.event.open_and_seal import seal_vote
from forums.models import (
    Ballot,
    DayTeamMember,
    Dossier,
    DossierEvent,
    Option,
    Question,
    RecommendationEvent,
    RollEntry,
    RoundEvent,
    RoundSecret,
    SealedBox,
    Track,
)
from forums.tally.ties import seed_hash
from forums.vote import casting, round_keys, rounds
from tests.factories import (
    ForumFactory,
    OptionFactory,
    QuestionFactory,
    RecommendationFactory,
    ResultsFactory,
    RoundFactory,
    UserFactory,
)
from tests.forums.voting.conftest import entries_of

ONE, TWO = {1: [1]}, {1: [2]}


def run(statement, *params):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.rowcount


def refused(because, statement, *params):
    """By the function itself: the message is its own."""
    with pytest.raises(IntegrityError, match=because):
        run(statement, *params)


def cast(round, entry, choices=ONE, key="a", **proof):
    return casting.cast_ballot(round=round, entry_id=entry.pk, choices=choices, idempotency_key=key, **proof)


def asked(round, entry, choices="{}", key="a"):
    """What the function answers by itself, whatever `forums.vote.casting` asks beforehand."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT outcome, is_change FROM forums_cast(%s, %s, %s, %s, %s, '', false)",
            [round.pk, round_keys.read_key(round.key_hash) or b"", entry.pk, choices, key],
        )
        return cursor.fetchone()


@pytest.fixture
def annulled(open_vote):
    """Annulled by hand: its roll and its secret are left."""
    round = open_vote()
    run("UPDATE forums_round SET annulled_at = now(), annulled_because = 'x' WHERE id = %s", round.pk)
    return round


@pytest.fixture
def closed(open_vote):
    """Closed by hand, hours before its time."""
    round = open_vote()
    run("UPDATE forums_round SET closed_at = now() WHERE id = %s", round.pk)
    return round


@pytest.fixture
def planned(db):
    """Not opened, though it has its secret and a roll."""
    round = RoundFactory()
    QuestionFactory(round=round, position=1, options=2)
    run("SELECT forums_draw_secret(%s)", round.pk)
    RollEntry.objects.create(round=round, email_hash="x" * 64)
    return round


# --- forums_cast


@pytest.mark.parametrize("state", ["planned", "closed", "annulled"])
def test_nothing_is_cast_in_a_round_that_is_not_open_though_another_is(request, open_vote, state):
    open_vote()
    round = request.getfixturevalue(state)
    assert asked(round, entries_of(round)[0]) == ("not_open", False)


def test_nothing_is_cast_for_an_entry_that_is_on_no_roll(open_vote):
    round = open_vote()
    nobody = RollEntry(pk=entries_of(round)[-1].pk + 1)
    assert asked(round, nobody) == ("not_on_roll", False)
    assert not Ballot.objects.exists()


@pytest.mark.parametrize("given", [b"", b"k" * 32, None])
def test_nothing_is_cast_under_another_key_than_that_of_the_round(open_vote, monkeypatch, given):
    """Under another key the ballot that a voter has is not found."""
    round = open_vote()
    other = open_vote()
    entry = entries_of(round)[0]
    another = round_keys.key_of_round(other.pk) if given is None else given
    monkeypatch.setattr(round_keys, "read_key", lambda key_hash: another)
    assert asked(round, entry) == ("suspended", False)
    assert not Ballot.objects.exists()
    run("UPDATE forums_round SET closed_at = now() WHERE id = %s", round.pk)
    assert asked(round, entry) == ("not_open", False)


def test_first_ballot_and_its_repetition_change_nothing_and_the_second_does(open_vote):
    round = open_vote()
    entry = entries_of(round)[0]
    assert [cast(round, entry, key="a").is_change for _again in range(2)] == [False, False]
    assert [cast(round, entry, TWO, "b", has_account=True).is_change for _again in range(2)] == [True, True]


def test_each_round_makes_keys_of_its_own_secret(open_vote):
    for round in [open_vote(), open_vote()]:
        entry = entries_of(round)[-1]
        cast(round, entry)
        secret = bytes(byte ^ 0x36 for byte in RoundSecret.objects.get(round=round).inner_block)[:32]
        round_key = round_keys.key_of_round(round.pk)
        voter_key = hmac.digest(secret, round_key + b"voter:%d" % entry.pk, "sha256")
        assert bytes(Ballot.objects.get(round=round).voter_key) == voter_key


def test_ballot_that_is_changed_is_that_of_its_voter_and_round_alone(open_vote):
    round, other = open_vote(), open_vote()
    first, second, third = entries_of(round)
    for entry in (first, second, third):
        cast(round, entry)
    of_first = Ballot.objects.get(round=round, receipt_hash=casting.receipt_hash(cast(round, first).receipt))
    Ballot.objects.create(
        round=other, voter_key=of_first.voter_key, receipt_hash="x", idempotency_key_hashes=["x"]
    )
    assert cast(round, first, TWO, "b", has_account=True).is_change
    of_first.refresh_from_db()
    assert of_first.choices["1"] == [2]
    others = Ballot.objects.exclude(pk=of_first.pk).order_by("round_id")
    assert [ballot.choices.get("1") for ballot in others] == [[1], [1], None]


def test_same_request_after_withdrawing_is_stale_even_when_it_says_nothing(open_vote):
    round = open_vote()
    entry = entries_of(round)[0]
    assert asked(round, entry) == ("cast", False)
    assert asked(round, entry) == ("cast", False)
    casting.withdraw_ballot(round_id=round.pk, entry_id=entry.pk, has_account=True)
    assert asked(round, entry) == ("stale", False)


def test_former_request_is_stale_though_it_says_the_same_as_the_newer(open_vote):
    round = open_vote()
    entry = entries_of(round)[0]
    cast(round, entry, key="a")
    cast(round, entry, key="b", has_account=True)
    with pytest.raises(casting.StaleBallot):
        cast(round, entry, key="a", has_account=True)


def test_every_former_request_is_remembered(open_vote):
    round = open_vote()
    entry = entries_of(round)[0]
    for key in "abc":
        cast(round, entry, key=key, has_account=True)
    for key in "ab":
        with pytest.raises(casting.StaleBallot):
            cast(round, entry, key=key, has_account=True)
    assert len(Ballot.objects.get().idempotency_key_hashes) == 3


def test_ballot_after_a_withdrawn_one_needs_no_receipt_and_replaces_nothing(open_vote):
    round = open_vote()
    entry = entries_of(round)[0]
    cast(round, entry)
    casting.withdraw_ballot(round_id=round.pk, entry_id=entry.pk, has_account=True)
    again = cast(round, entry, TWO, "b")
    ballot = Ballot.objects.get()
    assert (again.is_change, ballot.is_withdrawn, ballot.choices["1"]) == (False, False, [2])
    assert ballot.receipt_hash == casting.receipt_hash(again.receipt)


# --- forums_draw_secret


def test_seed_is_published_by_its_hash(open_vote):
    round = open_vote()
    assert round.seed_hash == seed_hash(bytes(RoundSecret.objects.get(round=round).seed).hex())


# --- forums_protect_opened_round


@pytest.mark.parametrize(
    "change",
    [
        "id = id + 1000",
        "forum_id = %(forum)s",
        "number = 99",
        "title = 'Autre'",
        "title_en = 'Other'",
        "is_trial = true",
        "public = 'accounts'",
        "reading = 'balanced'",
        "opens_at = opens_at - interval '1 minute'",
        "drawn_at = drawn_at - interval '1 minute'",
        "opened_at = opened_at - interval '1 minute'",
        "opened_at = NULL",
        "seed_hash = 'x'",
        "key_hash = 'x'",
        "closes_at = closes_at - interval '1 minute'",
    ],
)
def test_each_rule_of_an_open_round_is_kept(open_vote, change):
    round = open_vote()
    change = change % {"forum": ForumFactory().pk}
    refused(
        "a round that was opened keeps its rules", f"UPDATE forums_round SET {change} WHERE id = {round.pk}"
    )


@pytest.mark.parametrize(
    "change",
    [
        "closed_at = NULL",
        "closed_at = closed_at + interval '1 second'",
        "closes_at = closes_at + interval '1 minute'",
        "closes_at = closes_at - interval '1 second'",
        "receipts_fingerprint = repeat('0', 64)",
        "receipts_count = 99",
    ],
)
def test_round_that_is_closed_stays_closed(open_vote, change):
    round = open_vote()
    rounds.close_round(round_id=round.pk, by=None)
    refused("keeps its rules", f"UPDATE forums_round SET {change} WHERE id = %s", round.pk)


@pytest.mark.parametrize("change", ["papers_lost = 1", "papers_lost_because = 'Parti avec la personne.'"])
def test_closed_round_may_declare_papers_lost(open_vote, change):
    round = open_vote()
    rounds.close_round(round_id=round.pk, by=None)
    assert run(f"UPDATE forums_round SET {change} WHERE id = %s", round.pk) == 1


def test_open_round_is_never_deleted_and_a_planned_one_may_change_and_go(open_vote, planned):
    refused("is never deleted", "DELETE FROM forums_round WHERE id = %s", open_vote().pk)
    assert run("UPDATE forums_round SET title = 'Autre' WHERE id = %s", planned.pk) == 1
    for rows in (Option.objects.filter(question__round=planned), planned.questions, RollEntry.objects):
        rows.filter().delete()
    RoundSecret.objects.filter(round=planned).delete()
    assert run("DELETE FROM forums_round WHERE id = %s", planned.pk) == 1


def test_annulled_round_never_changes(annulled):
    never = "sealed or annulled never changes"
    refused(never, "UPDATE forums_round SET annulled_because = 'y' WHERE id = %s", annulled.pk)


def test_sealed_round_never_changes(sealed):
    refused("sealed or annulled never changes", "UPDATE forums_round SET seal = 'y'")


@pytest.fixture
def sealed(open_vote):
    round = open_vote(people=11)
    for entry in entries_of(round):
        cast(round, entry)
    rounds.close_round(round_id=round.pk, by=None)
    seal_vote(round_id=round.pk, by=None)
    return round


# --- forums_protect_round_questions, forums_protect_round_options


@pytest.fixture
def tied(db):
    """An open round whose questions and options came of tracks and recommendations, and a planned one beside it."""
    planned = RoundFactory()
    QuestionFactory(round=planned, position=1, options=2)
    round = RoundFactory()
    tracks = [Track.objects.create(forum=round.forum, position=n, title=f"Axe {n}") for n in (1, 2)]
    asked = QuestionFactory(round=round, position=1, track=tracks[0], options=1)
    RecommendationFactory.create_batch(2, forum=round.forum, track=tracks[0], is_on_ballot=True)
    QuestionFactory(round=round, position=2, options=2)
    rounds.open_round(round_id=round.pk, by=None)
    return planned, round, asked, tracks


NEVER = "of an opened round never change"


def test_questions_of_an_open_round_are_neither_added_changed_moved_nor_taken(tied):
    planned, round, asked, _tracks = tied
    of_planned = planned.questions.get()
    with pytest.raises(IntegrityError, match=NEVER), transaction.atomic():
        Question.objects.create(round=round, position=3, title="Une de plus", limits={"limit": 1})
    refused(NEVER, "UPDATE forums_question SET title = 'x' WHERE id = %s", asked.pk)
    refused(NEVER, "UPDATE forums_question SET title = 'x', track_id = NULL WHERE id = %s", asked.pk)
    refused(NEVER, "DELETE FROM forums_question WHERE id = %s", asked.pk)
    move = "UPDATE forums_question SET round_id = %s, position = 9 WHERE id = %s"
    refused(NEVER, move, round.pk, of_planned.pk)
    refused(NEVER, move, planned.pk, asked.pk)


def test_question_of_an_open_round_may_only_lose_its_track(tied):
    _planned, round, asked, tracks = tied
    change = "UPDATE forums_question SET track_id = %s WHERE id = %s"
    refused(NEVER, change, tracks[1].pk, asked.pk)
    assert run(change, tracks[0].pk, asked.pk) == 1
    assert run(change, None, asked.pk) == 1
    refused(NEVER, change, tracks[0].pk, asked.pk)
    assert Question.objects.get(pk=asked.pk).track is None


def test_options_of_an_open_round_are_neither_added_changed_moved_nor_taken(tied):
    planned, _round, asked, _tracks = tied
    of_planned = planned.questions.get().options.first()
    drawn = asked.options.exclude(recommendation=None).first()
    with pytest.raises(IntegrityError, match=NEVER), transaction.atomic():
        Option.objects.create(question=asked, number=9, title="Une de plus")
    refused(NEVER, "UPDATE forums_option SET title = 'x' WHERE id = %s", drawn.pk)
    refused(NEVER, "UPDATE forums_option SET title = 'x', recommendation_id = NULL WHERE id = %s", drawn.pk)
    refused(NEVER, "DELETE FROM forums_option WHERE id = %s", drawn.pk)
    move = "UPDATE forums_option SET question_id = %s, number = 9 WHERE id = %s"
    refused(NEVER, move, asked.pk, of_planned.pk)
    refused(NEVER, move, of_planned.question_id, drawn.pk)


def test_option_of_an_open_round_may_only_lose_its_recommendation(tied):
    _planned, _round, asked, _tracks = tied
    first, second = asked.options.exclude(recommendation=None)
    change = "UPDATE forums_option SET recommendation_id = %s WHERE id = %s"
    another = RecommendationFactory(forum=tied[1].forum)
    refused(NEVER, change, another.pk, first.pk)
    assert run(change, first.recommendation_id, first.pk) == 1
    assert run(change, None, first.pk) == 1
    refused(NEVER, change, another.pk, first.pk)
    assert list(asked.options.exclude(recommendation=None)) == [second]


def test_questions_and_options_of_a_planned_round_change_and_go(tied):
    planned = tied[0]
    question = planned.questions.get()
    another = OptionFactory(question=question, number=3)
    assert run("UPDATE forums_option SET title = 'x' WHERE id = %s", another.pk) == 1
    assert run("DELETE FROM forums_option WHERE question_id = %s", question.pk) == 3
    assert run("UPDATE forums_question SET title = 'x' WHERE id = %s", question.pk) == 1
    assert run("DELETE FROM forums_question WHERE id = %s", question.pk) == 1


# --- forums_written_once


def test_who_acted_may_be_forgotten_and_nothing_else_changes_in_the_log(open_vote):
    by = UserFactory(is_staff=True)
    event = RoundEvent.objects.create(round=open_vote(), kind="added", at=timezone.now(), by=by)
    once = "forums_roundevent is written once"
    change = "UPDATE forums_roundevent SET {} WHERE id = %s"
    refused(once, change.format("by_id = by_id"), event.pk)
    refused(once, change.format(f"by_id = {UserFactory().pk}"), event.pk)
    refused(once, change.format("by_id = NULL, reason = 'x'"), event.pk)
    refused(once, "DELETE FROM forums_roundevent WHERE id = %s", event.pk)
    assert run(change.format("by_id = NULL"), event.pk) == 1
    refused(once, change.format("reason = 'x'"), event.pk)
    event.refresh_from_db()
    assert (event.by, event.reason) == (None, "")


def test_box_is_written_once_even_as_it_is(sealed):
    once = "forums_sealedbox is written once"
    refused(once, "UPDATE forums_sealedbox SET text = text")
    refused(once, "DELETE FROM forums_sealedbox")
    assert SealedBox.objects.filter(round=sealed).exists()


# --- forums_ballot_needs_open_round


@pytest.mark.parametrize("state", ["planned", "closed", "annulled"])
def test_ballot_enters_an_open_round_alone_though_another_is_open(request, open_vote, state):
    other, round = open_vote(), request.getfixturevalue(state)
    ballot = {"voter_key": b"x", "receipt_hash": "x", "idempotency_key_hashes": ["x"]}
    with pytest.raises(IntegrityError, match="a ballot needs an open round"), transaction.atomic():
        Ballot.objects.create(round=round, **ballot)
    kept = Ballot.objects.create(round=other, **ballot)
    refused("a ballot needs an open round", "UPDATE forums_ballot SET round_id = %s", round.pk)
    assert Ballot.objects.get() == kept


# --- forums_never_truncated, and the history of recommendations


@pytest.mark.parametrize(
    "table",
    ["round", "question", "option", "roundevent", "sealedbox", "ballot", "rollentry", "recommendationevent"],
)
def test_each_table_refuses_by_itself_to_be_truncated(db, table):
    refused(f"forums_{table} is never truncated", f"TRUNCATE forums_{table} CASCADE")


def test_history_of_a_recommendation_may_only_lose_who_acted(db):
    by, another = UserFactory(), UserFactory()
    row = RecommendationFactory()
    helper, other = (
        DayTeamMember.objects.create(
            forum=row.forum, name=name, token_hash=name * 64, valid_until=timezone.now()
        )
        for name in "ab"
    )
    event = RecommendationEvent.objects.create(recommendation=row, action="edited", by=by, helper=helper)
    once, change = (
        "the history of a recommendation is written once",
        "UPDATE forums_recommendationevent SET {}",
    )
    refused(once, change.format("reason = 'x'"))
    refused(once, change.format("reason = 'x', by_id = NULL, helper_id = NULL"))
    refused(once, change.format(f"by_id = {another.pk}"))
    refused(once, change.format(f"helper_id = {other.pk}"))
    refused(once, "DELETE FROM forums_recommendationevent")
    assert run(change.format("reason = reason")) == 1
    assert run(change.format("helper_id = NULL")) == 1
    refused(once, change.format(f"helper_id = {helper.pk}"))
    assert run(change.format("by_id = NULL")) == 1
    refused(once, change.format(f"by_id = {by.pk}"))
    event.refresh_from_db()
    assert (event.by, event.helper, event.reason) == (None, None, "")


def test_log_of_a_dossier_is_neither_changed_nor_deleted(db):
    results = ResultsFactory()
    dossier = Dossier.objects.create(
        results=results,
        organisation="MRC",
        email="mrc@exemple.example",
        expires_at=timezone.now() + timedelta(days=1),
    )
    DossierEvent.objects.create(dossier=dossier, kind="sent", at=timezone.now())
    once = "forums_dossierevent is written once"
    refused(once, "UPDATE forums_dossierevent SET detail = 'autre chose'")
    refused(once, "DELETE FROM forums_dossierevent")
