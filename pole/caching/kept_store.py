"""Answers kept in memory, plain and compressed, within a number of bytes; the least recently used go first."""

from __future__ import annotations

import gzip
import threading
from collections import OrderedDict
from collections.abc import Sequence
from sys import getsizeof
from time import time

import brotli
from django.http import HttpResponse
from django.utils.http import split_header_value

from pole.caching.public_pages import Freshness
from pole.caching.version_reader import Reading
from pole.caching.visitor_requests import Address

type Headers = list[tuple[str, str]]

# An answer may take this share of all: one large page must not drive the others out.
LARGEST_SHARE = 8
# Shorter bodies fit in one packet, compressed or not.
LEAST_TO_COMPRESS = 500
COMPRESSED_TYPES = ("text/", "application/json", "application/xml", "application/rss", "application/atom",
    "application/geo", "image/svg", "application/manifest")  # fmt: skip
# Two milliseconds for a page, about a tenth smaller than gzip's best; 11 would take a hundred.
BROTLI_QUALITY, GZIP_LEVEL = 5, 6
# What describes a body, which a 304 has not.
_OF_THE_BODY = {"content-type", "content-length", "content-encoding", "content-disposition"}
ALLOWED_VARY = {"cookie", "accept-encoding"}
# Of the objects that hold the rest.
_OVERHEAD = 2000


class KeptAnswer:
    """A 200 as it was made. All but the compressed bodies and `checked` stay as they are."""

    __slots__ = (
        "_lock", "bodies", "checked", "etag", "freshness", "kept_at", "since", "status", "unchanged", "until",
    )  # fmt: skip

    def __init__(
        self,
        *,
        status: str,
        headers: Sequence[tuple[str, str]],
        etag: str,
        body: bytes,
        freshness: Freshness,
        kept_at: float,
    ) -> None:
        """`headers` are those of every form of it, without a length; `kept_at` is `time.monotonic()`."""
        self.status, self.etag, self.freshness, self.kept_at = status, etag, freshness, kept_at
        # A clock that goes back to before its making may find in it what is not yet public.
        self.since, self.until = time(), freshness.until.timestamp()
        # Headers and body, by coding.
        self.bodies: dict[str, tuple[Headers, bytes]] = {"": (_with_length(headers, body), body)}
        self.unchanged: Headers = [each for each in headers if each[0].lower() not in _OF_THE_BODY]
        # The reading with which its versions were last seen to agree.
        self.checked: Reading | None = None
        self._lock = threading.Lock()

    def agrees_with(self, reading: Reading) -> bool:
        """Whether the versions are those of the reading: a scope that it lacks never changed, and is at 0."""
        if self.checked is reading:
            return True
        numbers = reading.numbers
        for scope, number in self.freshness.versions:
            if numbers.get(scope, 0) != number:
                return False
        self.checked = reading
        return True

    def is_older_than(self, other: KeptAnswer) -> bool:
        theirs = dict(other.freshness.versions)
        return any(number < theirs.get(scope, 0) for scope, number in self.freshness.versions)

    def encode(self, coding: str) -> tuple[Headers, bytes]:
        """The headers and the body in a coding, made once; the plain ones where that would gain nothing."""
        with self._lock:
            if coding not in self.bodies:
                self.bodies[coding] = self._encoded(coding)
            return self.bodies[coding]

    def _encoded(self, coding: str) -> tuple[Headers, bytes]:
        plain_headers, plain = self.bodies[""]
        kind = next((value for name, value in plain_headers if name.lower() == "content-type"), "")
        if len(plain) < LEAST_TO_COMPRESS or not kind.startswith(COMPRESSED_TYPES):
            return plain_headers, plain
        if coding == "br":
            body = brotli.compress(plain, mode=brotli.MODE_TEXT, quality=BROTLI_QUALITY)
        else:
            body = gzip.compress(plain, GZIP_LEVEL, mtime=0)
        if len(body) >= len(plain):
            return plain_headers, plain
        return [*_with_length(plain_headers, body), ("Content-Encoding", coding)], body

    def size(self) -> int:
        """Bytes in memory."""
        # A copy: another thread may be adding a form of it.
        forms = tuple(self.bodies.values())
        bodies = {id(body): getsizeof(body) for _headers, body in forms}
        texts = sum(getsizeof(name) + getsizeof(value) + 72 for name, value in self.bodies[""][0])
        lists = sum(getsizeof(headers) for headers, _body in forms) + getsizeof(self.unchanged)
        return sum(bodies.values()) + texts + lists + _OVERHEAD


def _with_length(headers: Sequence[tuple[str, str]], body: bytes) -> Headers:
    return [
        *(each for each in headers if each[0].lower() != "content-length"),
        ("Content-Length", str(len(body))),
    ]


class KeptStore:
    """Answers by address. Safe between threads: the lock is held for a few steps in memory, never while compressing."""

    def __init__(self, budget: int) -> None:
        """`budget` in bytes, all included."""
        self.budget, self.used = budget, 0
        self._lock = threading.Lock()
        self._answers: OrderedDict[Address, KeptAnswer] = OrderedDict()
        self._sizes: dict[Address, int] = {}

    def __len__(self) -> int:
        return len(self._answers)

    def get(self, address: Address) -> KeptAnswer | None:
        """The answer, from now on the last to go."""
        with self._lock:
            found = self._answers.get(address)
            if found is not None:
                self._answers.move_to_end(address)
            return found

    def put(self, address: Address, answer: KeptAnswer) -> bool:
        """Keep it, unless what is there is newer. False for one that is too large."""
        size = _size(address, answer)
        if size > self.budget // LARGEST_SHARE:
            return False
        with self._lock:
            there = self._answers.get(address)
            if there is not None and answer.is_older_than(there):
                return True
            self._drop(address)
            self._answers[address] = answer
            self._sizes[address] = size
            self.used += size
            self._shrink()
        return True

    def body(self, address: Address, answer: KeptAnswer, coding: str) -> tuple[Headers, bytes]:
        """Headers and body in a coding, made on first sight."""
        made = answer.bodies.get(coding)
        if made is None:
            made = answer.encode(coding)
            size = _size(address, answer)
            with self._lock:
                if self._answers.get(address) is answer:
                    self.used += size - self._sizes[address]
                    self._sizes[address] = size
                    self._shrink()
        return made

    def discard(self, address: Address, answer: KeptAnswer) -> None:
        """Forget this answer, which may have been replaced."""
        with self._lock:
            if self._answers.get(address) is answer:
                self._drop(address)

    def _drop(self, address: Address) -> None:
        if self._answers.pop(address, None) is not None:
            self.used -= self._sizes.pop(address)

    def _shrink(self) -> None:
        while self.used > self.budget:
            self._drop(next(iter(self._answers)))


def _size(address: Address, answer: KeptAnswer) -> int:
    return getsizeof(address) + sum(map(getsizeof, address)) + answer.size()


def may_be_kept(response: HttpResponse) -> bool:
    """Whether a response is the same for every visitor, whole, and says how it is recognised."""
    headers = response.headers
    control = {
        each.partition("=")[0].lower() for each in split_header_value(headers.get("Cache-Control", ""))
    }
    vary = {each.lower() for each in split_header_value(headers.get("Vary", ""))}
    policies = (
        headers.get(name, "") for name in ("Content-Security-Policy", "Content-Security-Policy-Report-Only")
    )
    return (
        response.status_code == 200
        and not response.streaming
        and "public" in control
        and not control & {"private", "no-store"}
        and vary <= ALLOWED_VARY
        and "ETag" in headers
        and not any(name in headers for name in ("Set-Cookie", "Content-Encoding"))
        and not response.cookies
        and not any("nonce-" in policy for policy in policies)
    )


def kept_headers(response: HttpResponse) -> Headers:
    """Those of every form of an answer: without its length and its request's id, said to differ by coding."""
    left_out = {"x-request-id", "content-length", "vary"}
    vary = [each for each in split_header_value(response.headers.get("Vary", "")) if each]
    if "accept-encoding" not in {each.lower() for each in vary}:
        vary.append("Accept-Encoding")
    return [
        *(each for each in response.items() if each[0].lower() not in left_out),
        ("Vary", ", ".join(vary)),
    ]
