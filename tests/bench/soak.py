"""A vote while the database and the web server are killed, again and again: `make soak`.

Each voter sends the same request until it is acknowledged, as a phone does. At the end, every ballot
that was acknowledged must be in the sealed box, once, and the count must be that of what was sent, by
the portal and by `recompter.py`. The control lets PostgreSQL acknowledge before it has written
(`synchronous_commit=off`): it must lose some, or this test could not see a loss.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from pole.server import embedded_postgres
from tests.bench import run, serving
from tests.bench.votes import Cast, casts, open_round
from tests.waiting import free_port

BALLOTS, CONTROL_BALLOTS = 100_000, 8_000
PHONES, KILLS = 24, 3
PATIENCE_SECONDS = 120


class Portal:
    """The portal on its own database and port, which can be killed and comes back."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.data_dir = folder / "postgres"
        self.environment = environment
        self.port = free_port()
        self.held: list[embedded_postgres.ServerLease] = []
        self.server: subprocess.Popen[bytes] | None = None
        self.start_database()

    def start_database(self) -> None:
        self.held.append(embedded_postgres.acquire(self.data_dir))

    def start_server(self) -> None:
        command = serving.granian(serving.PORTAL, self.port, workers=serving.cores())
        self.server = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=serving.ROOT,
            env={**os.environ, **self.environment, "PORT": str(self.port)},
            start_new_session=True,
            stderr=subprocess.DEVNULL,
        )
        serving.wait_until_it_answers(self.port, self.server)

    def kill_database(self) -> None:
        postmaster = int((self.data_dir / "postmaster.pid").read_text().split()[0])
        family = [postmaster, *_children(postmaster)]
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while any(Path(f"/proc/{pid}/stat").exists() and not _is_zombie(pid) for pid in family):
            time.sleep(0.01)
        self.start_database()

    def kill_server(self) -> None:
        assert self.server is not None
        os.killpg(self.server.pid, signal.SIGKILL)
        self.server.wait()
        self.start_server()

    def stop(self) -> None:
        if self.server:
            with suppress(ProcessLookupError):
                os.killpg(self.server.pid, signal.SIGKILL)
            self.server.wait()
        for hold in self.held:
            hold.release()


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _is_zombie(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


def vote(portal: Portal, wanted: list[Cast]) -> dict[int, str]:
    """Everyone votes while the killing goes on; gives each receipt by the place of its voter."""
    waiting: SimpleQueue[int] = SimpleQueue()
    for place in range(len(wanted)):
        waiting.put(place)
    receipts: dict[int, str] = {}
    failures: list[str] = []
    phones = [
        threading.Thread(target=_phone, args=(portal.port, wanted, waiting, receipts, failures))
        for _phone_number in range(PHONES)
    ]
    for phone in phones:
        phone.start()
    for number in range(2 * KILLS):
        while len(receipts) < (number + 1) * len(wanted) // (2 * KILLS + 1) and not failures:
            time.sleep(0.02)
        (portal.kill_database if number % 2 == 0 else portal.kill_server)()
        _print(f"killed {'PostgreSQL' if number % 2 == 0 else 'the server'}: {len(receipts):,} acknowledged")
    for phone in phones:
        phone.join()
    if failures:
        sys.exit(f"a phone gave up: {failures[0]}")
    return receipts


def _phone(
    port: int, wanted: list[Cast], waiting: SimpleQueue[int], receipts: dict[int, str], failures: list[str]
) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    while not failures:
        try:
            place = waiting.get_nowait()
        except Empty:
            return
        head, _blank, body = wanted[place].request.partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                connection.request("POST", first.split()[1], body, headers)
                answer = connection.getresponse()
                said = answer.read()
                if answer.status == 200:
                    receipts[place] = json.loads(said)["receipt"]
                    break
                if answer.status < 500:
                    failures.append(f"{answer.status}: {said[:300]!r}")
                    return
            except (OSError, HTTPException):
                connection.close()
            if time.monotonic() > deadline:
                failures.append("no answer")
                return
            time.sleep(0.1)


def judge(round: Any, wanted: list[Cast], receipts: dict[int, str]) -> dict[str, Any]:
    """Closes, seals, counts, recounts, and compares with what was sent and acknowledged."""
    from django.db import connection

    from forums.event.open_and_seal import seal_vote
    from forums.tally import box as boxes
    from forums.vote.methods.registry import COUNTING
    from forums.vote.rounds import close_round

    connection.close()
    close_round(round_id=round.pk, by=None)
    sealed = seal_vote(round_id=round.pk, by=None)
    (question,) = boxes.read(sealed.text, COUNTING).questions
    hashes = {boxes.receipt_hash(receipt) for receipt in receipts.values()}
    sent = Counter(number for cast in wanted for number in cast.choices)
    counted = {row["number"]: row["total"] for row in sealed.outcome["questions"][0]["totals"]}
    recounted = _recounted(sealed.text)
    return {
        "acknowledged": len(receipts),
        "lost": len(hashes - set(sealed.receipts)),
        "doubled": question.cast - len(set(sealed.receipts)),
        "in_box": question.cast,
        "is_tally_of_what_was_sent": counted == {number: sent[number] for number in counted},
        "is_recount_equal": recounted == counted,
    }


def _recounted(text: str) -> dict[int, int]:
    """Totals by the script that anyone downloads, in an interpreter that knows nothing of the portal."""
    script = serving.ROOT / "forums" / "tally" / "recompter.py"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "urne.json").write_text(text, encoding="utf-8")
        done = subprocess.run(
            [
                sys.executable,
                "-I",
                "-S",
                str(script),
                "urne.json",
                "--json",
                "--sceau",
                hashlib.sha256(text.encode()).hexdigest(),
            ],
            cwd=folder,
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
    totals = json.loads(done.stdout)["questions"][0]["totals"]
    return {row["number"]: row["total"] for row in totals}


@contextmanager
def _portal(folder: Path) -> Iterator[Portal]:
    address = embedded_postgres.address(folder / "postgres")
    environment = run.environment(address.url, folder)
    os.environ |= environment
    portal = Portal(folder, environment)
    try:
        yield portal
    finally:
        portal.stop()


def soak(portal: Portal, name: str, ballots: int, *, durably: bool) -> dict[str, Any]:
    _print(f"{name}: {ballots:,} people enter the roll")
    opened = open_round(f"{name}-{time.time_ns()}", people=ballots)
    wanted = casts(opened, portal.port)
    # The opening itself is never what is lost.
    _durably(on=durably)
    start = time.monotonic()
    receipts = vote(portal, wanted)
    seconds = time.monotonic() - start
    _durably(on=True)
    found = {"name": name, "seconds": int(seconds), **judge(opened, wanted, receipts)}
    print(json.dumps(found, indent=1), flush=True)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ballots", type=int, default=BALLOTS)
    parser.add_argument("--control-ballots", type=int, default=CONTROL_BALLOTS)
    given = parser.parse_args()
    folder = serving.ROOT / "var" / "soak"
    folder.mkdir(parents=True, exist_ok=True)
    with _portal(folder) as portal:
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0, interactive=False)
        _durably(on=True)
        portal.start_server()
        real = soak(portal, "soak", given.ballots, durably=True)
        control = soak(portal, "control", given.control_ballots, durably=False)
    is_sound = (
        real["lost"] == real["doubled"] == 0
        and real["acknowledged"] == real["in_box"] == given.ballots
        and real["is_tally_of_what_was_sent"]
        and real["is_recount_equal"]
    )
    if not control["lost"]:
        print("The control lost nothing: this run proves nothing.", file=sys.stderr)
    return 0 if is_sound and control["lost"] else 1


def _durably(*, on: bool) -> None:
    """Whether PostgreSQL writes before it acknowledges; if not, it may wait for seconds."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"ALTER SYSTEM SET synchronous_commit = {'on' if on else 'off'}")
        cursor.execute(f"ALTER SYSTEM SET wal_writer_delay = '{'200ms' if on else '10s'}'")
        cursor.execute("SELECT pg_reload_conf()")
    connection.close()


def _print(text: str) -> None:
    print(f"… {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
