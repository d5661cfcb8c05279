"""Votes: a crowd that casts ballots over HTTP, a crowd that watches the screen, and a large box to seal."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.bench import serving

PEOPLE, OPTIONS, TICKS = 100_000, 20, 5
ROOM = 5_000

# As many entries and ballots as are asked, drawn by PostgreSQL: it takes seconds, not minutes.
ROLL = """
INSERT INTO forums_rollentry (round_id, email_hash, kind, is_late, is_on_paper, voided_because)
SELECT %(round)s, md5(number::text) || md5((-number)::text), 'citizen', false, false, ''
FROM generate_series(1, %(people)s) number
"""
BALLOTS = """
INSERT INTO forums_ballot (id, round_id, voter_key, choices, is_withdrawn, receipt_hash, idempotency_key_hashes)
SELECT gen_random_uuid(), %(round)s, decode(md5(number::text), 'hex'),
    jsonb_build_object('1', (
        SELECT jsonb_agg(option ORDER BY option) FROM (
            SELECT option FROM generate_series(1, %(options)s) option
            ORDER BY random() + number * 0 LIMIT 1 + number %% %(ticks)s
        ) drawn
    )), false, encode(sha256(number::text::bytea), 'hex'), ARRAY['0']
FROM generate_series(1, %(people)s) number
"""


def open_round(slug: str, *, people: int = 0) -> Any:
    """An open round by approval, alone in a forum of this name, with so many arrivals on its roll."""
    from django.utils import timezone

    from forums.models import Forum, Option, Question, Registration, Round
    from forums.vote.rounds import open_round

    now = timezone.now()
    forum = Forum.objects.create(
        slug=slug,
        title="Banc d’essai",
        starts_at=now - timedelta(days=3),
        ends_at=now - timedelta(days=2),
        announced_at=now - timedelta(days=9),
    )
    round = Round.objects.create(
        forum=forum, number=1, opens_at=now, closes_at=now + timedelta(days=1), title="Priorités"
    )
    question = Question.objects.create(
        round=round, position=1, title="Quelles priorités ?", limits={"limit": TICKS}, to_retain=TICKS
    )
    Option.objects.bulk_create(
        Option(question=question, number=number, title=f"Option {number}") for number in range(1, OPTIONS + 1)
    )
    Registration.objects.bulk_create(
        (
            Registration(
                forum=forum,
                name=f"Personne {number}",
                email=f"personne{number}@exemple.example",
                state=Registration.State.CONFIRMED,
                checked_in_at=now,
            )
            for number in range(people)
        ),
        batch_size=2000,
    )
    return open_round(round_id=round.pk, by=None)


@dataclass(frozen=True, slots=True)
class Cast:
    """One voter's request, whole, and what it says."""

    request: str
    choices: tuple[int, ...]


def casts(round: Any, port: int, *, seed: int = 1) -> list[Cast]:
    """A request for everyone on the roll, as a phone sends it that scanned a link."""
    from django.conf import settings
    from django.http import HttpResponse
    from django.middleware.csrf import _get_new_csrf_string
    from django.urls import reverse

    from forums.models import RollEntry
    from forums.views.vote.voter_cookies import set_pass_cookie
    from forums.vote.voter import LINK, VotingPass

    drawn = random.Random(seed)
    token = _get_new_csrf_string()
    path = reverse("forums:round_cast", args=[round.forum.slug, round.number])
    made = []
    for registration in RollEntry.objects.filter(round=round).values_list("registration_id", flat=True):
        response = HttpResponse()
        set_pass_cookie(response, VotingPass(LINK, registration, round.pk))
        cookies = [f"{name}={morsel.coded_value}" for name, morsel in response.cookies.items()]
        choices = tuple(sorted(drawn.sample(range(1, OPTIONS + 1), drawn.randint(0, TICKS))))
        fields = [("csrfmiddlewaretoken", token), ("key", f"cle-{registration:012}")]
        body = urlencode([*fields, *(("q1", str(number)) for number in choices)])
        lines = [
            f"POST {path} HTTP/1.1",
            f"Host: localhost:{port}",
            f"Cookie: {settings.CSRF_COOKIE_NAME}={token}; {'; '.join(cookies)}",
            "Accept: application/json",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body)}",
        ]
        made.append(Cast("\r\n".join([*lines, "", body]), choices))
    return made


def screen_of(round: Any) -> str:
    """The URL that the page projected in the hall polls."""
    from django.urls import reverse

    return reverse("forums:round_screen_state", args=[round.forum.slug, round.number])


def annul(round: Any) -> None:
    """Ends a round of the bench, so that no page of the next run shows an open vote."""
    from forums.vote.rounds import annul_round

    annul_round(round_id=round.pk, reason="Banc d’essai", by=None)


def sealed(*, people: int = PEOPLE) -> dict[str, float]:
    """Seconds to close, seal and count a round of so many ballots, and the memory it took, in MiB.

    In a process of its own, whose memory is measured from its start.
    """
    round = open_round(f"urne-{time.time_ns()}")
    _fill(round, people)
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.votes", str(round.pk)],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _fill(round: Any, people: int) -> None:
    from django.db import connection

    asked = {"round": round.pk, "people": people, "options": OPTIONS, "ticks": TICKS}
    with connection.cursor() as cursor:
        cursor.execute(ROLL, asked)
        cursor.execute(BALLOTS, asked)
        cursor.execute("ANALYZE forums_ballot, forums_rollentry")


def published(port: int, *, people: int) -> float:
    """Seconds from the closing of a round of so many ballots to its page, PDF and open data, read over HTTP."""
    from django.urls import reverse
    from django.utils import timezone

    from desk.publishing import publish
    from forums.event.open_and_seal import seal_vote
    from forums.models import Results
    from forums.vote.rounds import close_round

    round = open_round(f"parution-{time.time_ns()}")
    _fill(round, people)
    start = time.perf_counter()
    close_round(round_id=round.pk, by=None)
    seal_vote(round_id=round.pk, by=None)
    publish(owner=Results.objects.get(forum=round.forum), at=None, now=timezone.now())
    for name in ("results", "results_pdf", "results_csv", "results_json", "results_box"):
        status, _headers, _body = serving.get(port, reverse(f"forums:{name}", args=[round.forum.slug]))
        assert status == 200, name
    return time.perf_counter() - start


def _seal(round_id: int) -> dict[str, float]:
    import django

    django.setup()
    from forums.event.open_and_seal import seal_vote
    from forums.vote.rounds import close_round

    start = time.perf_counter()
    close_round(round_id=round_id, by=None)
    seal_vote(round_id=round_id, by=None)
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "mebibytes": _peak_mebibytes()}


def _peak_mebibytes() -> float:
    """Of this program alone: `getrusage` would count the process that started it, too."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    print(json.dumps(_seal(int(sys.argv[1]))))
