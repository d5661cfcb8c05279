"""Answers older than they may be, while someone writes: a title, a comment that is hidden, a post unpublished or scheduled.

The writer notes the instants before and after each commit; each reader, those before it asks and after it is answered.
An answer is late when it shows what was replaced by a commit that ended more than the bound before the question.
"""

from __future__ import annotations

import random
import re
import threading
import time
import uuid
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection

import psycopg

from tests.bench.data import BenchError

WRITES, READERS = 10_000, 6
# Between two writes, in seconds: a burst, and rests in which answers are kept.
PAUSES = (0.0, 0.0, 0.002, 0.03)
# How long before its instant a post is scheduled.
AHEAD = 0.06
# Long ago: a page that was begun before the commit finds a date that is not to come.
PAST = "now() - interval '1 hour'"
SLUG = "banc-qui-change"
TITLE, TOKEN, OTHER = "Banc d’essai n", "Jeton qui se cache", "Billet qui va et vient"


@dataclass(slots=True)
class Fact:
    """What one page shows of one row, change after change. Instants are `time.time()`, in order."""

    name: str
    path: str
    read: Callable[[str], str]
    begun: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    # (instant, place) of the changes that the clock makes, once all could know of them: no bound excuses those.
    by_clock: list[tuple[float, int]] = field(default_factory=list)
    seen: list[tuple[float, float, float, str]] = field(default_factory=list)

    def note(self, begun: float, ended: float, state: str) -> None:
        self.begun.append(begun)
        self.ended.append(ended)
        self.states.append(state)

    def note_instant(self, at: float, state: str) -> None:
        self.by_clock.append((at, len(self.states)))
        self.note(at, at, state)

    def late(self) -> int:
        """How many answers show none of the states that they could."""
        return sum(not self._is_possible(*each) for each in self.seen)

    def _is_possible(self, bound: float, asked: float, answered: float, state: str) -> bool:
        # The last change that had ended for as long as the bound, and those begun before the answer.
        first = max(0, bisect_right(self.ended, asked - bound) - 1)
        if passed := bisect_right(self.by_clock, (asked, len(self.states))):
            first = max(first, self.by_clock[passed - 1][1])
        return state in self.states[first : bisect_right(self.begun, answered)]


def watch(post: str, bounds: Mapping[int, float], own: str, writes: int) -> dict[str, tuple[int, int]]:
    """By fact: (answers, how many of them are late). `bounds` is in seconds, by port of a portal."""
    with psycopg.connect(own, autocommit=True) as connection:
        before = _prepare(connection, post)
        facts = {
            "title": Fact(
                "a title", post, lambda body: (re.search(rf"<h1>{TITLE}(\d+)<", body) or [""] * 2)[1]
            ),
            "comment": Fact("a hidden comment", post, lambda body: str(TOKEN in body)),
            "post": Fact("an unpublished post", "/billets/", lambda body: str(OTHER in body)),
            "scheduled": Fact("a scheduled post", "/billets/?page=1", lambda body: str(OTHER in body)),
        }
        over, failures = threading.Event(), list[BaseException]()
        readers = [
            threading.Thread(target=_read, args=(port, bound, list(facts.values()), over, failures))
            for port, bound in bounds.items()
            for _reader in range(READERS // len(bounds))
        ]
        try:
            _Writer(connection, facts).note_all()
            for reader in readers:
                reader.start()
            _Writer(connection, facts).write(writes)
        finally:
            over.set()
            for reader in readers:
                if reader.is_alive():
                    reader.join()
            _restore(connection, post, before)
    if failures:
        raise BenchError(f"a reader stopped: {failures[0]!r}")
    return {fact.name: (len(fact.seen), fact.late()) for fact in facts.values()}


class _Writer:
    def __init__(self, connection: psycopg.Connection[tuple[object, ...]], facts: Mapping[str, Fact]) -> None:
        self.connection, self.facts = connection, facts
        self.drawn = random.Random(1)

    def note_all(self) -> None:
        """What is there at first."""
        self.title(0)
        self.comment(0)
        self.post(0)

    def write(self, writes: int) -> None:
        for number in range(1, writes + 1):
            if number % 100 == 0:
                self.scheduled()
            else:
                self.drawn.choice([self.title, self.title, self.comment, self.post])(number)
            time.sleep(self.drawn.choice(PAUSES))

    def _commit(self, statement: str, given: list[object]) -> tuple[float, float]:
        begun = time.time()
        self.connection.execute(statement, given)
        return begun, time.time()

    def title(self, number: int) -> None:
        instants = self._commit("UPDATE blog_post SET title = %s WHERE slug = %s", [f"{TITLE}{number}", _slug(self.facts["title"].path)])  # fmt: skip
        self.facts["title"].note(*instants, str(number))

    def comment(self, number: int) -> None:
        is_shown = number % 2 == 0
        instants = self._commit(
            "UPDATE comments_comment SET state = %s WHERE text = %s",
            ["published" if is_shown else "hidden", TOKEN],
        )
        self.facts["comment"].note(*instants, str(is_shown))

    def post(self, number: int) -> None:
        is_shown = number % 2 == 0
        instants = self._commit(
            f"UPDATE blog_post SET published_at = {PAST if is_shown else 'NULL'} WHERE slug = %s", [SLUG]
        )
        for name in ("post", "scheduled"):
            self.facts[name].note(*instants, str(is_shown))

    def scheduled(self) -> None:
        at = time.time() + AHEAD
        instants = self._commit(
            "UPDATE blog_post SET published_at = to_timestamp(%s) WHERE slug = %s", [at, SLUG]
        )
        for name in ("post", "scheduled"):
            self.facts[name].note(*instants, "False")
            if instants[1] < at - AHEAD / 2:
                self.facts[name].note_instant(at, "True")
            else:
                self.facts[name].note(at, max(at, instants[1]), "True")
        time.sleep(max(0.0, at - time.time()) + 0.05)


def _read(
    port: int, bound: float, facts: list[Fact], over: threading.Event, failures: list[BaseException]
) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    drawn = random.Random(port)
    try:
        while not over.is_set():
            path = drawn.choice(facts).path
            asked = time.time()
            connection.request("GET", path, headers={"Host": f"localhost:{port}"})
            answer = connection.getresponse()
            body = answer.read().decode()
            answered = time.time()
            if answer.status != 200:
                raise BenchError(f"{path}: {answer.status}")
            for fact in facts:
                if fact.path == path:
                    fact.seen.append((bound, asked, answered, fact.read(body)))
    except BaseException as error:
        failures.append(error)
    finally:
        connection.close()


def _slug(path: str) -> str:
    return path.strip("/").rpartition("/")[2]


def _prepare(connection: psycopg.Connection[tuple[object, ...]], path: str) -> object:
    """A post of its own, a comment to hide; the title of the one that is there, to give back."""
    from comments.models import Comment
    from tests.factories import PostFactory

    connection.execute("DELETE FROM blog_post WHERE slug = %s", [SLUG])
    PostFactory(slug=SLUG, title=OTHER)
    row = connection.execute(
        "SELECT title, thread_id FROM blog_post WHERE slug = %s", [_slug(path)]
    ).fetchone()
    assert row is not None
    comment = Comment.objects.filter(thread_id=row[1], parent=None).earliest("pk")
    comment.pk, comment.idempotency_key, comment.text = None, uuid.uuid4(), TOKEN
    comment.save(force_insert=True)
    return row[0]


def _restore(connection: psycopg.Connection[tuple[object, ...]], path: str, title: object) -> None:
    connection.execute("UPDATE blog_post SET title = %s WHERE slug = %s", [title, _slug(path)])
    connection.execute("DELETE FROM comments_comment WHERE text = %s", [TOKEN])
    connection.execute("UPDATE blog_post SET published_at = NULL WHERE slug = %s", [SLUG])
