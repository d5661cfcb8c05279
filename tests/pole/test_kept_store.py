"""How much is kept, what goes first, and what replaces what."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from sys import getsizeof
from time import monotonic

import pytest
from django.http import HttpResponse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from pole.caching.kept_store import LARGEST_SHARE, KeptAnswer, KeptStore
from pole.caching.public_pages import Freshness
from pole.caching.version_reader import Reading
from pole.caching.visitor_requests import Address

BUDGET = 200_000


def answer_of(body: bytes, *, headers: int = 3, number: int = 1, scope: str = "essai") -> KeptAnswer:
    return KeptAnswer(
        status="200 OK",
        headers=[("Content-Type", "text/html"), *((f"X-{each}", "y" * each) for each in range(headers))],
        etag='W/"a"',
        body=body,
        freshness=Freshness(((scope, number),), timezone.now() + timedelta(hours=1), (), when_away=True),
        kept_at=monotonic(),
    )


def address_of(name: object) -> Address:
    return Address("http", "localhost", f"/{name}/", "")


def held(store: KeptStore) -> int:
    """Bytes of the bodies, headers and addresses that the store holds, counted apart."""
    total = 0
    for address, answer in store._answers.items():
        total += sum(map(len, address)) + sum(
            len(body) for body in {id(body): body for _headers, body in answer.bodies.values()}.values()
        )
        total += sum(len(name) + len(value) for name, value in answer.bodies[""][0])
    return total


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 60_000), st.sampled_from(["", "gzip", "br"])),
        max_size=60,
    )
)
def test_never_more_than_the_budget_whatever_the_sizes(steps):
    store, drawn = KeptStore(BUDGET), random.Random(1)
    for name, length, coding in steps:
        address = address_of(name)
        answer = answer_of(drawn.randbytes(length // 2).hex().encode(), headers=name)
        is_kept = store.put(address, answer)
        assert is_kept == (store.get(address) is answer) or not is_kept
        store.body(address, answer, coding)
        assert held(store) <= store.used <= BUDGET
        assert store.used == sum(store._sizes.values())
        assert store._sizes.keys() == store._answers.keys()


def test_size_is_told_whenever_another_thread_adds_a_form(monkeypatch):
    looks = 0

    def look(each):
        nonlocal looks
        looks += 1
        if looks == moment:
            answer.encode("br")
        return getsizeof(each)

    monkeypatch.setattr("pole.caching.kept_store.getsizeof", look)
    moment = 0
    answer_of(b"une phrase " * 200).size()
    for moment in range(1, looks + 1):
        looks, answer = 0, answer_of(b"une phrase " * 200)
        answer.encode("gzip")
        assert answer.size() > len(answer.bodies[""][1])
        assert len(answer.bodies) == 3, moment


def test_budget_holds_between_threads():
    store = KeptStore(BUDGET)

    def use(seed):
        drawn = random.Random(seed)
        for _time in range(400):
            address = address_of(drawn.randrange(30))
            answer = store.get(address)
            if answer is None:
                answer = answer_of(drawn.randbytes(drawn.randrange(6000)).hex().encode())
                store.put(address, answer)
            store.body(address, answer, drawn.choice(["", "br", "gzip"]))
            if drawn.random() < 0.1:
                store.discard(address, answer)

    with ThreadPoolExecutor(5) as threads:
        list(threads.map(use, range(5)))
    assert 0 < held(store) <= store.used <= BUDGET
    assert store.used == sum(store._sizes.values())
    for address, answer in store._answers.items():
        assert store._sizes[address] == answer.size() + getsizeof(address) + sum(map(getsizeof, address))


def test_least_recently_used_go_first():
    store = KeptStore(BUDGET)
    for name in range(8):
        store.put(address_of(name), answer_of(b"x" * 20_000))
    store.get(address_of(0))
    before = len(store)
    for name in "abc":
        store.put(address_of(name), answer_of(b"x" * 20_000))
    assert len(store) == before
    gone = [name for name in range(8) if address_of(name) not in store._answers]
    assert gone == [1, 2, 3]


def test_what_is_too_large_is_not_kept_and_drives_nothing_out():
    store = KeptStore(BUDGET)
    store.put(address_of("petite"), answer_of(b"x"))
    assert not store.put(address_of("grande"), answer_of(b"x" * (BUDGET // LARGEST_SHARE)))
    assert store.put(address_of("moyenne"), answer_of(b"x" * (BUDGET // LARGEST_SHARE - 5000)))
    assert len(store) == 2


def test_newer_versions_replace_older_ones():
    store = KeptStore(BUDGET)
    two, one, three = (answer_of(b"x", number=number) for number in (2, 1, 3))
    for answer, there in ((two, two), (one, two), (three, three)):
        store.put(address_of(""), answer)
        assert store.get(address_of("")) is there
    store.discard(address_of(""), two)
    assert store.get(address_of("")) is three
    # A database that was restored has lower numbers: what it refutes is forgotten first.
    store.discard(address_of(""), three)
    store.put(address_of(""), one)
    assert store.get(address_of("")) is one
    assert len(store) == 1


@pytest.mark.parametrize(
    ("numbers", "agrees"),
    [({"essai": 1}, True), ({"essai": 1, "autre": 5}, True), ({"essai": 2}, False), ({"essai": 0}, False), ({}, False)],
)  # fmt: skip
def test_answer_agrees_with_equal_versions_alone(numbers, agrees):
    answer = answer_of(b"x")
    for _time in range(2):
        assert answer.agrees_with(Reading(numbers, 0.0)) is agrees
    assert not answer.agrees_with(Reading({"essai": 9}, 0.0))


def test_scope_that_never_changed_is_at_zero():
    answer = answer_of(b"x", number=0)
    assert answer.agrees_with(Reading({}, 0.0))
    assert not answer.agrees_with(Reading({"essai": 1}, 0.0))


def test_size_counts_each_form_once():
    text = b"Une phrase qui se repete. " * 400
    answer = answer_of(text)
    plain = answer.size()
    _headers, body = answer.encode("br")
    assert len(body) < len(text) / 10
    assert answer.size() - plain >= len(body)
    # What gains nothing is the plain one.
    random_bytes = answer_of(random.Random(1).randbytes(2000))
    plain = random_bytes.size()
    assert random_bytes.encode("br")[1] is random_bytes.bodies[""][1]
    assert random_bytes.size() - plain < 500


def test_response_has_no_header_twice():
    from pole.caching.kept_store import kept_headers

    response = HttpResponse(headers={"Vary": "cookie", "X-Request-ID": "a", "Content-Length": "1"})
    assert [name for name, _value in kept_headers(response)] == ["Content-Type", "Vary"]
    assert dict(kept_headers(response))["Vary"] == "cookie, Accept-Encoding"
