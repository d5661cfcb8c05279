"""Sealed rounds for tests: the ballots are given, everything else is what the portal does."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from desk.publishing import publish
from forums.event.open_and_seal import seal_vote
from forums.models import Ballot, Results
from forums.vote.round_keys import key_of_round
from forums.vote.rounds import close_round, open_round
from tests.factories import ForumFactory, OptionFactory, QuestionFactory, RegistrationFactory, RoundFactory

TITLES = ("Toits abordables", "Navette rurale", "Cuisine partagée", "Atelier d’outils", "Halte-garderie")
# Twelve ballots of three ticks at most on five options; the last is blank.
BALLOTS = ((1, 2), (1, 2), (1, 2), (1, 2, 3), (1, 3), (2, 3), (1, 4), (1, 2), (4,), (3, 4), (1, 2, 4), ())


LIMITS = {
    "approval": {"limit": 3},
    "points": {"points": 10, "points_each": 4},
    "judgment": {"grades": 5},
    "ranking": {"ranks": 3},
    "decision": {},
}


def past_forum(**changes):
    return ForumFactory(**{"starts_at": timezone.now() - timedelta(days=1)} | changes)


def seal(
    ballots=BALLOTS,
    *,
    forum=None,
    titles=TITLES,
    method="approval",
    to_retain=2,
    questions=1,
    roll=0,
    kind="citizen",
    limits=None,
    **changes,
):
    """A round whose `ballots` were cast online; the same ones for each question. `roll`: people who did not vote.

    Options are numbered as `titles` are: the draw by lot is undone, so that tests can name them.
    """
    forum = forum or past_forum()
    round = RoundFactory(forum=forum, number=forum.rounds.count() + 1, **changes)
    limits = LIMITS[method] if limits is None else limits
    for position in range(1, questions + 1):
        question = QuestionFactory(
            round=round, position=position, method=method, to_retain=to_retain, options=0, limits=limits
        )
        for number, title in enumerate(titles, start=1):
            values = {"title": title} if isinstance(title, str) else title
            OptionFactory(**{"question": question, "number": number, **values})
    RegistrationFactory.create_batch(len(ballots) + roll, forum=forum, kind=kind)
    round.drawn_at = timezone.now()
    round.save(update_fields=["drawn_at"])
    open_round(round_id=round.pk, by=None)
    _cast(round, ballots, questions)
    close_round(round_id=round.pk, by=None)
    seal_vote(round_id=round.pk, by=None)
    round.refresh_from_db()
    return round


def _cast(round, ballots, questions):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT forums_voter_key(secret, %s, entry.id) FROM forums_rollentry entry"
            " JOIN forums_roundsecret secret USING (round_id) WHERE round_id = %s ORDER BY entry.id",
            [key_of_round(round.pk), round.pk],
        )
        keys = [key for (key,) in cursor.fetchall()]
    Ballot.objects.bulk_create(
        Ballot(
            round=round,
            voter_key=key,
            choices={
                str(position): [list(part) if isinstance(part, tuple) else part for part in ballot]
                for position in range(1, questions + 1)
            },
            receipt_hash=hashlib.sha256(secrets.token_bytes(8)).hexdigest(),
            idempotency_key_hashes=[],
        )
        for key, ballot in zip(keys, ballots, strict=False)
    )


def publish_results(forum, *, at=None):
    results = Results.objects.get(forum=forum)
    return publish(owner=results, at=at, now=timezone.now())
