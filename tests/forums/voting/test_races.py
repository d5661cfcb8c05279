"""Real connections at the same instant: whoever wins, the sums are right and nothing breaks."""

from __future__ import annotations

import hashlib
import threading
import time
from datetime import timedelta
from functools import partial

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from forums.event.open_and_seal import seal_vote
from forums.models import (
    Ballot,
    Forum,
    Option,
    PaperBallot,
    Question,
    RollEntry,
    Round,
    RoundEvent,
    RoundSecret,
    SealedBox,
)
from forums.tally.outcome import from_json
from forums.tally.ties import seed_hash
from forums.vote import casting, locks, paper_issue, roll, rounds
from tests.factories import ForumFactory, UserFactory
from tests.forums.closing import bring_closing
from tests.forums.rounds.conftest import type_twice
from tests.forums.vote.conftest import codes_of
from tests.forums.voting.conftest import entries_of, kinds, together
from tests.waiting import wait_for

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_hour("waits for locks and for real closings"),
]

ONE = {1: [1]}


def cast(round, entry, choices=ONE, key="a", **proof):
    return casting.cast_ballot(round=round, entry_id=entry.pk, choices=choices, idempotency_key=key, **proof)


@pytest.mark.parametrize("is_same", [True, False])
def test_fifty_casts_of_one_voter_make_one_ballot(open_vote, is_same):
    round = open_vote(people=1)
    (entry,) = entries_of(round)
    jobs = [
        partial(cast, round, entry, {1: [1 if is_same else place % 5 + 1]}, "a" if is_same else f"k{place}")
        for place in range(50)
    ]
    results = together(*jobs)
    assert Ballot.objects.filter(round=round, is_withdrawn=False).count() == 1
    receipts = {result.receipt for result in results if isinstance(result, casting.CastAcknowledgement)}
    assert len(receipts) == 1
    assert kinds(results) == (
        {casting.CastAcknowledgement} if is_same else {casting.CastAcknowledgement, casting.ReceiptNeeded}
    )


def test_limit_of_the_server_on_locks_does_not_cut_a_cast(open_vote):
    round = open_vote(people=1)
    (entry,) = entries_of(round)
    waits, begun = [], threading.Event()

    def closing():
        with transaction.atomic():
            locks.lock_round_exclusive(round.pk)
            begun.set()
            deadline = time.monotonic() + 20
            with connection.cursor() as cursor:
                while not waits and time.monotonic() < deadline:
                    # Within a transaction, what the view shows stays as it was first seen.
                    cursor.execute("SELECT pg_stat_clear_snapshot()")
                    cursor.execute(
                        "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%forums_cast%'"
                        " AND datname = current_database() AND clock_timestamp() - query_start > interval '0.3 s'"
                    )
                    waits.extend(cursor.fetchall())

    def voting():
        begun.wait(20)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
        return cast(round, entry)

    assert kinds(together(closing, voting)) == {type(None), casting.CastAcknowledgement}
    assert waits


def test_account_that_changes_fifty_times_at_once_keeps_one_ballot(open_vote):
    round = open_vote(people=1)
    (entry,) = entries_of(round)
    results = together(
        *(
            partial(cast, round, entry, {1: [place % 5 + 1]}, f"k{place}", has_account=True)
            for place in range(50)
        )
    )
    assert kinds(results) == {casting.CastAcknowledgement}
    ballot = Ballot.objects.get()
    assert len(ballot.idempotency_key_hashes) == 50
    last = {
        result.receipt for result in results if casting.receipt_hash(result.receipt) == ballot.receipt_hash
    }
    assert len(last) == 1


def _sent(round, code, key, tick):
    """The status of a ballot that a phone sends with a code."""
    phone = Client(raise_request_exception=False)
    phone.get(f"/vote/{code}/")
    address = f"/forums/{round.forum.slug}/tours/{round.number}/vote/depot/"
    return phone.post(address, {"key": key, "q1": [str(tick)]}).status_code


def test_fifty_requests_of_one_voter_are_answered_and_one_is_kept(open_vote):
    round = open_vote(people=1)
    (code,) = codes_of(round.forum)
    answers = together(*(partial(_sent, round, code, f"clef-du-bulletin-{n}", n % 5 + 1) for n in range(50)))
    assert (answers.count(302), answers.count(409)) == (1, 49)
    assert Ballot.objects.count() == 1


def test_requests_that_race_the_closing_are_answered_302_or_409_and_counted_so(open_vote):
    round = open_vote(people=24)
    first, second, third, *others = codes_of(round.forum)
    # Three at least: of fewer the totals are not kept.
    for code in (first, second, third):
        assert _sent(round, code, "clef-du-premier-bulletin", 1) == 302

    def close_soon():
        time.sleep(0.15)
        rounds.close_round(round_id=round.pk, by=None)

    answers = together(
        *(partial(_sent, round, code, f"clef-du-bulletin-{n}", 1) for n, code in enumerate(others)),
        close_soon,
    )[:-1]
    assert set(answers) <= {302, 409}
    kept = 3 + answers.count(302)
    assert Ballot.objects.count() == kept
    sealed = seal_vote(round_id=round.pk, by=None)
    (one, *_rest) = from_json(sealed.outcome).questions[0].totals
    assert one.total == kept
    assert _sent(round, first, "clef-d-apres", 1) == 409


RACES, VOTERS = 1000, 3


def test_casts_that_race_the_closing_are_all_counted_or_all_refused(db):
    """A thousand rounds: each ballot that was acknowledged is there, and no other."""
    made = _many_open_rounds()
    outcome: list[tuple[int, int, set[type]]] = []
    for first in range(0, RACES, 4):
        some = made[first : first + 4]
        jobs = [
            partial(_cast_in_turn, [(round, entries[place]) for round, entries in some])
            for place in range(VOTERS)
        ]
        results = together(*jobs, partial(_close_in_turn, [round for round, _entries in some]))
        assert results[-1] is None
        for place, (round, _entries) in enumerate(some):
            answers = [answered[place] for answered in results[:-1]]
            acknowledged = sum(isinstance(answer, casting.CastAcknowledgement) for answer in answers)
            outcome.append((acknowledged, Ballot.objects.filter(round=round).count(), kinds(answers)))
    assert all(acknowledged == kept for acknowledged, kept, _kinds in outcome)
    assert set().union(*(seen for _a, _k, seen in outcome)) == {
        casting.CastAcknowledgement,
        casting.VoteNotOpen,
    }


def _cast_in_turn(places):
    answers = []
    for round, entry in places:
        try:
            answers.append(cast(round, entry))
        except casting.BallotRefused as refused:
            answers.append(refused)
    return answers


def _close_in_turn(some):
    for round in some:
        rounds.close_round(round_id=round.pk, by=None)


def _many_open_rounds():
    now = timezone.now()
    forums = Forum.objects.bulk_create(ForumFactory.build_batch(RACES))
    made = Round.objects.bulk_create(
        Round(forum=forum, number=1, opens_at=now, closes_at=now + timedelta(hours=1)) for forum in forums
    )
    questions = Question.objects.bulk_create(
        Question(round=round, position=1, title="Oui ?", limits={"limit": 1}, to_retain=1) for round in made
    )
    Option.objects.bulk_create(
        Option(question=question, number=number, title=f"Option {number}")
        for question in questions
        for number in (1, 2)
    )
    RoundSecret.objects.bulk_create(
        RoundSecret(round=round, inner_block=b"i" * 64, outer_block=b"o" * 64, seed=b"g" * 32)
        for round in made
    )
    settings.KEYS_DIR.mkdir()
    for number, round in enumerate(made):
        round.opened_at = round.drawn_at = now
        key = number.to_bytes(32, "big")
        round.key_hash = hashlib.sha256(key).hexdigest()
        (settings.KEYS_DIR / f"{round.key_hash}.key").write_text(key.hex())
        round.seed_hash = seed_hash((b"g" * 32).hex())
    Round.objects.bulk_update(made, ["opened_at", "drawn_at", "seed_hash", "key_hash"], batch_size=500)
    entries = RollEntry.objects.bulk_create(
        RollEntry(round=round, email_hash=f"{voter:064}") for round in made for voter in range(VOTERS)
    )
    return [(round, entries[place * VOTERS : (place + 1) * VOTERS]) for place, round in enumerate(made)]


def test_closing_does_not_wait_for_a_crowd(open_vote):
    """32 writers vote without a pause, ten times each or so; whoever closes is served before as many votes again."""
    round = open_vote(people=32)
    stop, written = threading.Event(), [0] * 32

    def write(place, entry):
        while not stop.is_set():
            try:
                cast(round, entry, key=f"k{written[place]}", has_account=True)
            except casting.VoteNotOpen:
                return
            written[place] += 1

    def close():
        try:
            wait_for(lambda: sum(written) >= 320 and all(written))
            before = sum(written)
            rounds.close_round(round_id=round.pk, by=None)
            return before, sum(written)
        finally:
            stop.set()

    writers = [partial(write, place, entry) for place, entry in enumerate(entries_of(round))]
    before, after = together(*writers, close)[-1]
    assert after < 2 * before
    assert Ballot.objects.count() == 32


def test_cast_against_paper_keeps_one_of_them(open_vote):
    round = open_vote(people=12)
    for place, entry in enumerate(entries_of(round)):
        issue = partial(paper_issue.issue_paper, round_id=round.pk, entry_id=entry.pk)
        answers = together(partial(cast, round, entry), issue)
        entry.refresh_from_db()
        assert entry.is_on_paper
        assert Ballot.objects.count() == 0
        assert answers[1] is isinstance(answers[0], casting.CastAcknowledgement)
        assert kinds(answers[:1]) <= {casting.CastAcknowledgement, casting.VotesOnPaper}
        assert casting.turnout(round.pk) == (place + 1, 12)


def test_cast_against_voiding_leaves_no_ballot(open_vote):
    round, by = open_vote(people=12), UserFactory(is_staff=True)
    for entry in entries_of(round):
        void = partial(roll.void_entry, round_id=round.pk, entry_id=entry.pk, reason="Erreur", by=by)
        answers = together(partial(cast, round, entry), void)
        assert Ballot.objects.count() == 0
        assert kinds(answers[:1]) <= {casting.CastAcknowledgement, casting.NotOnRoll}
    assert casting.turnout(round.pk) == (0, 0)


def test_cast_against_prolonging_is_never_lost(open_vote):
    round, by = open_vote(people=8), UserFactory(is_staff=True)
    later = [round.closes_at + timedelta(minutes=minutes) for minutes in range(1, 9)]
    for entry, until in zip(entries_of(round), later, strict=True):
        prolong = partial(rounds.prolong_round, round_id=round.pk, until=until, by=by)
        answers = together(partial(cast, round, entry), prolong)
        assert kinds(answers) == {casting.CastAcknowledgement, Round}
    assert Ballot.objects.count() == 8
    round.refresh_from_db()
    assert round.closes_at == later[-1]


def until_closed(round, *, and_more):
    time.sleep(max(0, (round.closes_at - rounds.database_now()).total_seconds()) + and_more)


def test_ballot_that_waited_for_a_prolongation_is_kept_after_the_former_hour(open_vote, superuser):
    """The hour is read under the lock: who comes while it is being put off is not late."""
    round = open_vote(people=1)
    (entry,) = entries_of(round)
    held, answers = threading.Event(), []
    bring_closing(round, seconds=3)

    def prolong():
        with transaction.atomic():
            rounds.prolong_round(round_id=round.pk, until=timezone.now() + timedelta(hours=1), by=superuser)
            held.set()
            until_closed(round, and_more=0.5)

    def vote():
        held.wait()
        until_closed(round, and_more=0.1)
        answers.append(cast(round, entry))

    assert together(prolong, vote) == [None, None]
    assert len(answers) == 1


def test_ballot_that_waited_past_the_hour_is_late(open_vote):
    round = open_vote(people=1)
    (entry,) = entries_of(round)
    held = threading.Event()
    bring_closing(round, seconds=1)

    def hold():
        with transaction.atomic():
            locks.lock_round_exclusive(round.pk)
            held.set()
            until_closed(round, and_more=0.3)

    def vote():
        held.wait()
        cast(round, entry)

    _held, refusal = together(hold, vote)
    assert isinstance(refusal, casting.VoteNotOpen)
    assert not Ballot.objects.exists()


def test_withdrawing_waits_for_whoever_closes(open_vote):
    round = open_vote(people=1)
    (entry,) = entries_of(round)
    cast(round, entry)
    held = threading.Event()

    def close():
        with transaction.atomic():
            locks.lock_round_exclusive(round.pk)
            Round.objects.filter(pk=round.pk).update(closed_at=timezone.now())
            held.set()
            time.sleep(0.5)

    def withdraw():
        held.wait()
        casting.withdraw_ballot(round_id=round.pk, entry_id=entry.pk, has_account=True)

    _closed, refusal = together(close, withdraw)
    assert isinstance(refusal, casting.VoteNotOpen)
    assert not Ballot.objects.get().is_withdrawn


def test_no_statement_shows_a_person_beside_choices(open_vote):
    """What PostgreSQL tells of a connection names neither the voter nor what was ticked."""
    round = open_vote(people=1)
    (entry,) = entries_of(round)
    seen = []

    def vote():
        cast(round, entry)
        seen.append(connection.connection.info.backend_pid)
        with psycopg.connect(connection.connection.info.dsn) as watcher:
            row = watcher.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", seen).fetchone()
        seen.append(row[0])

    assert together(vote) == [None]
    assert "forums_cast($1, $2" in seen[1]
    assert "{" not in seen[1]


def test_cast_against_delayed_retry_keeps_the_newer(open_vote):
    round = open_vote(people=12)
    for entry in entries_of(round):
        first = cast(round, entry, {1: [1]}, "old")
        answers = together(
            partial(cast, round, entry, {1: [1]}, "old"),
            partial(cast, round, entry, {1: [2]}, "new", receipt=first.receipt),
        )
        assert isinstance(answers[1], casting.CastAcknowledgement)
        newest = Ballot.objects.get(receipt_hash=casting.receipt_hash(answers[1].receipt))
        assert newest.choices["1"] == [2]


def test_two_who_open_close_and_seal_at_once_do_it_once(open_vote):
    round = open_vote(people=12)
    for entry in entries_of(round):
        cast(round, entry)
    together(*[partial(rounds.close_round, round_id=round.pk, by=None)] * 4)
    boxes = together(*[partial(seal_vote, round_id=round.pk, by=None)] * 4)
    assert kinds(boxes) == {SealedBox}
    logged = RoundEvent.objects.filter(round=round).values_list("kind", flat=True)
    assert sorted(logged) == ["closed", "opened", "sealed"]


def test_sealing_against_annulling_ends_in_one_of_them(open_vote):
    for _race in range(6):
        round = open_vote(people=12)
        rounds.close_round(round_id=round.pk, by=None)
        annul = partial(rounds.annul_round, round_id=round.pk, reason="Erreur", by=None)
        answers = together(partial(seal_vote, round_id=round.pk, by=None), annul)
        round.refresh_from_db()
        assert bool(round.sealed_at) != bool(round.annulled_at)
        assert kinds(answers) in ({SealedBox, rounds.RoundRefused}, {rounds.RoundRefused, Round})
        assert not Ballot.objects.filter(round=round).exists()
        assert not RoundSecret.objects.filter(round=round).exists()


def test_two_people_are_not_noted_for_one_paper(open_vote):
    """Two of the team each name someone for the paper that came back unnoted."""
    by = UserFactory(is_staff=True)
    for _race in range(5):
        round = open_vote(people=12)
        paper_issue.print_papers(round_id=round.pk, count=2)
        rounds.close_round(round_id=round.pk, by=None)
        type_twice(round, PaperBallot.objects.filter(round=round)[0].serial)
        some = entries_of(round)[:4]
        answers = together(
            *[
                partial(
                    paper_issue.note_paper_late, round_id=round.pk, entry_id=entry.pk, reason="Panne", by=by
                )
                for entry in some
            ]
        )
        assert answers.count(True) == 1
        assert kinds(answers) == {bool, paper_issue.NothingToNote}
        assert RollEntry.objects.filter(round=round, is_on_paper=True).count() == 1
