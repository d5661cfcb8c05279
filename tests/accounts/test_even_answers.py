"""What is answered of an address tells nothing by the time it takes."""

from __future__ import annotations

import time

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from pole.server.even_answers import time_left
from tests.accounts.test_equal_answers import SIGN_UP
from tests.factories import ForumFactory, UserFactory


@given(elapsed=st.floats(0, 60), step=st.floats(0.05, 5))
def test_answer_ends_with_a_step(elapsed, step):
    steps = (elapsed + time_left(elapsed, step)) / step
    assert steps == pytest.approx(round(steps), abs=1e-6)
    assert 0 <= time_left(elapsed, step) <= step
    assert time_left(elapsed, 0) == 0


def _seconds_to_read(address):
    begun = time.monotonic()
    Client().get(address)
    return time.monotonic() - begun


@pytest.mark.parametrize(
    "address",
    ["/compte/inscription/", "/compte/connexion/", "/compte/code/", "/compte/mot-de-passe/oublie/", "forum"],
)
def test_every_page_that_takes_an_address_waits_for_the_step(settings, db, address):
    settings.EVEN_ANSWER_SECONDS = 1.0
    person = UserFactory()
    if address == "forum":
        address = f"{ForumFactory().get_absolute_url()}inscription/"
    # Reading waits for nothing, however slow the machine is once or twice.
    assert min(_seconds_to_read(address) for _time in range(4)) < 1
    begun = time.monotonic()
    Client().post(address, SIGN_UP | {"email": person.email, "login": person.email, "action": "code"})
    assert time.monotonic() - begun >= 1
