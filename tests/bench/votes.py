"""Votes: a crowd that casts ballots over HTTP, a crowd that watches the screen, and a large box to seal."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from datetime import timedelta
from typing import Any

PEOPLE, OPTIONS, TICKS = 100_000, 20, 5

# As many entries and ballots as are asked, drawn by PostgreSQL: it takes seconds, not minutes.
ROLL = """
INSERT INTO forums_rollentry (round_id, email_hash, kind, is_late, is_on_paper, voided_because)
SELECT %(round)s, md5(number::text) || md5((-number)::text), 'citizen', false, false, ''
FROM generate_series(1, %(people)s) number
"""
BALLOTS = """
INSERT INTO forums_ballot (id, round_id, voter_key, choices, is_withdrawn, receipt_hash, used_keys)
SELECT gen_random_uuid(), %(round)s, decode(md5(number::text), 'hex'),
    jsonb_build_object('1', (
        SELECT jsonb_agg(option ORDER BY option) FROM (
            SELECT option FROM generate_series(1, %(options)s) option
            ORDER BY random() + number * 0 LIMIT 1 + number %% %(ticks)s
        ) drawn
    )), false, encode(sha256(number::text::bytea), 'hex'), ARRAY['0']
FROM generate_series(1, %(people)s) number
"""


def open_round(slug: str) -> Any:
    """An open round by approval, alone in a forum of this name."""
    from django.utils import timezone

    from forums.models import Forum, Option, Question, Round
    from forums.rounds import open_round

    now = timezone.now()
    forum = Forum.objects.create(
        slug=slug, title="Banc d’essai", starts_at=now, ends_at=now + timedelta(days=1), announced_at=now
    )
    round = Round.objects.create(
        forum=forum, number=1, opens_at=now, closes_at=now + timedelta(days=1), title="Priorités"
    )
    question = Question.objects.create(
        round=round, position=1, title="Quelles priorités ?", limit=TICKS, to_retain=TICKS
    )
    Option.objects.bulk_create(
        Option(question=question, number=number, title=f"Option {number}")
        for number in range(1, OPTIONS + 1)
    )
    return open_round(round_id=round.pk, by=None)


def sealed(*, people: int = PEOPLE) -> dict[str, float]:
    """Seconds to close, seal and count a round of so many ballots, and the memory it took, in MiB.

    In a process of its own, whose memory is measured from its start.
    """
    from django.db import connection

    round = open_round(f"urne-{time.time_ns()}")
    asked = {"round": round.pk, "people": people, "options": OPTIONS, "ticks": TICKS}
    with connection.cursor() as cursor:
        cursor.execute(ROLL, asked)
        cursor.execute(BALLOTS, asked)
        cursor.execute("ANALYZE forums_ballot, forums_rollentry")
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.votes", str(round.pk)], stdout=subprocess.PIPE, check=True, text=True
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _seal(round_id: int) -> dict[str, float]:
    import django

    django.setup()
    from forums.rounds import close_round
    from forums.sealing import seal_round

    start = time.perf_counter()
    close_round(round_id=round_id, by=None)
    seal_round(round_id=round_id, by=None)
    seconds = time.perf_counter() - start
    return {
        "seconds": seconds,
        "mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


if __name__ == "__main__":
    print(json.dumps(_seal(int(sys.argv[1]))))
