"""A hall of people who vote by code behind one IP address: everyone types a code, opens the ballot and casts it."""

from __future__ import annotations

import random
import threading
import time
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlencode

from tests.bench.data import BenchError
from tests.bench.votes import OPTIONS, TICKS

PEOPLE, AT_ONCE = 500, 64


def codes_of(round: Any) -> list[str]:
    """An active code for everyone who arrived at the round's forum."""
    from forums.models import Registration
    from forums.vote import slips

    people = list(Registration.objects.filter(forum=round.forum).order_by("pk"))
    made = slips.create_slips(forum=round.forum, count=len(people))
    for (_number, code), person in zip(made, people, strict=True):
        slips.activate_slip(slip=slips.find_slip(forum_id=round.forum_id, written=code), registration=person)
    return [code for _number, code in made]


def seconds_to_vote(port: int, round: Any, codes: list[str]) -> float:
    """From the first code that is typed to the last receipt. Raises when anyone is refused."""
    from forums.vote.casting import turnout

    waiting: SimpleQueue[str] = SimpleQueue()
    for code in codes:
        waiting.put(code)
    refusals: list[str] = []
    phones = [threading.Thread(target=_phones, args=(port, round, waiting, refusals)) for _ in range(AT_ONCE)]
    start = time.perf_counter()
    for phone in phones:
        phone.start()
    for phone in phones:
        phone.join()
    seconds = time.perf_counter() - start
    if not refusals and turnout(round.pk)[0] != len(codes):
        refusals.append("some ballots are not in the box")
    if refusals:
        raise BenchError(f"{len(refusals)} of {len(codes)} people could not vote: {refusals[0]}")
    return seconds


def _phones(port: int, round: Any, waiting: SimpleQueue[str], refusals: list[str]) -> None:
    while True:
        try:
            code = waiting.get_nowait()
        except Empty:
            return
        try:
            _vote(_Phone(port), round, code)
        except Exception as error:
            refusals.append(repr(error))


def _vote(phone: _Phone, round: Any, code: str) -> None:
    ballot = round.get_absolute_url()
    phone.request("GET", "/vote/", 200)
    phone.request("POST", "/vote/", 302, {"code": code})
    phone.request("GET", ballot, 200)
    chosen = random.sample(range(1, OPTIONS + 1), random.randint(0, TICKS))
    phone.request("POST", f"{ballot}depot/", 302, {"key": f"cle-{code}-{code}", "q1": chosen})


class _Phone:
    """A client with cookies, on a connection of its own."""

    def __init__(self, port: int) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}

    def request(self, method: str, path: str, status: int, fields: dict[str, Any] | None = None) -> None:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if fields is not None:
            token = {"csrfmiddlewaretoken": self.cookies["csrftoken"]}
            body = urlencode({**token, **fields}, doseq=True)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        for each in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(each).items()}
        if answer.status != status:
            raise BenchError(f"{method} {path}: {answer.status} {content[:200]!r}")
