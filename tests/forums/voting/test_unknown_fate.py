"""A cast whose answer is lost: the same request, sent again, tells what became of it; the box agrees."""

from __future__ import annotations

import html
import re

import psycopg
import pytest
from django.db import OperationalError, connection
from django.test import Client

from forums.models import Ballot
from forums.vote import casting
from forums.vote.rounds import close_round
from tests.forums.vote.conftest import CHOICES, KEPT, address, cast, codes_of, receipt_on

pytestmark = pytest.mark.django_db(transaction=True)
FORMER, OTHER = "la-clef-du-premier-envoi", {"q1": ["2"]}


@pytest.fixture
def round(open_vote):
    return open_vote(people=1)


@pytest.fixture
def phone(round):
    """As a browser sees it: a failure is a page."""
    client = Client(raise_request_exception=False)
    (code,) = codes_of(round.forum)
    assert client.get(f"/vote/{code}/").status_code == 302
    return AnswersApart(client)


class AnswersApart:
    """Posts as the server does: Django puts a lost connection away between two requests."""

    def __init__(self, client):
        self.client, self.cookies, self.get = client, client.cookies, client.get

    def post(self, *values, **options):
        answer = self.client.post(*values, **options)
        if not connection.is_usable():
            connection.close()
        return answer


def end_connection():
    """The server ends our connection, and we learn it by the next use."""
    lost = connection.connection.info
    with psycopg.connect(lost.dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 10000)", [lost.backend_pid])


@pytest.fixture
def cut(monkeypatch):
    """`cut("before" | "during" | "after")`: the server ends the connection of the next cast there, once."""
    real = casting.fetch_row

    def install(when):
        def lose(statement, values):
            monkeypatch.setattr(casting, "fetch_row", real)
            if when == "before":
                end_connection()
                with connection.wrap_database_errors:
                    connection.connection.execute(statement, values)
            elif when == "during":
                # Ended by itself once the ballot is written and before it is committed.
                end = "SELECT pg_terminate_backend(pg_backend_pid()) FROM cast_now"
                real(f"WITH cast_now AS MATERIALIZED ({statement}) {end}", values)
            else:
                real(statement, values)
                end_connection()
                with connection.wrap_database_errors:
                    connection.connection.execute("SELECT 1")
            raise AssertionError("the connection was not lost")

        monkeypatch.setattr(casting, "fetch_row", lose)

    return install


def fields_of(response):
    """Hidden fields of the page that sends again, as a browser would post them."""
    found = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', response.text)
    return [(name, html.unescape(value)) for name, value in found]


def kept():
    return [ballot.choices for ballot in Ballot.objects.filter(is_withdrawn=False)]


@pytest.mark.parametrize("is_script", [False, True])
@pytest.mark.parametrize("then", ["open", "closed"])
@pytest.mark.parametrize("is_change", [False, True])
@pytest.mark.parametrize("when", ["before", "during", "after"])
def test_what_the_voter_is_told_last_agrees_with_the_box(round, phone, cut, when, is_change, then, is_script):
    if is_change:
        assert cast(phone, round, OTHER, FORMER).status_code == 302
    headers = {"Accept": "application/json"} if is_script else {}
    cut(when)
    lost = cast(phone, round, **headers)
    assert (lost.status_code, lost.headers["Retry-After"]) == (503, "5")
    assert "Location" not in lost.headers
    assert "recu-" not in str(lost.cookies)
    said = lost.text
    assert "Votre bulletin est" not in said
    assert "refusé" not in said
    again = dict.fromkeys(name for name, _value in fields_of(lost))
    for name in again:
        again[name] = [value for each, value in fields_of(lost) if each == name]
    assert again == {"key": ["une-clef-de-seize-signes"]} | {
        name: value if isinstance(value, list) else [value] for name, value in CHOICES.items()
    }
    if then == "closed":
        close_round(round_id=round.pk, by=None)
    is_in = when == "after" or then == "open"
    receipts = set()
    for _time in range(2):
        told = phone.post(address(round, "depot/"), again, headers=headers)
        assert told.status_code == ((200 if is_script else 302) if is_in else 409)
        receipts.add(receipt_on(phone))
    assert len(receipts) == 1
    former = [{"1": [2], "2": []}] if is_change else []
    assert kept() == ([KEPT] if is_in else former)
    if kept():
        assert Ballot.objects.get().receipt_hash == casting.receipt_hash(receipts.pop())
    if is_in and not is_script:
        page = phone.get(told.headers["Location"])
        assert page.status_code == 200
        assert ("est dans l’urne" if then == "closed" else "Votre bulletin est déposé") in page.text


def test_closed_vote_tells_nobody_else_s_ballot_and_takes_none(round, phone):
    assert cast(phone, round).status_code == 302
    (receipt,) = {receipt_on(phone)}
    close_round(round_id=round.pk, by=None)
    for choices, key in ((CHOICES, "une-tout-autre-clef-ici"), (OTHER, "une-clef-de-seize-signes")):
        assert cast(phone, round, choices, key).status_code == 409
    assert (kept(), receipt_on(phone)) == ([KEPT], receipt)
    stranger = Client()
    assert cast(stranger, round).status_code in {403, 409}
    assert "recu-" not in str(stranger.cookies)


def test_ballot_that_was_replaced_or_withdrawn_is_not_acknowledged_after_closing(round, phone):
    assert cast(phone, round, OTHER, FORMER).status_code == 302
    assert cast(phone, round).status_code == 302
    close_round(round_id=round.pk, by=None)
    late = cast(phone, round, OTHER, FORMER)
    assert late.status_code == 409
    assert "déjà servi" in late.text


def test_withdrawal_is_sent_again_until_it_is_known(round, phone, monkeypatch):
    assert cast(phone, round).status_code == 302

    def lose(**_values):
        raise OperationalError

    with monkeypatch.context() as lost:
        lost.setattr("forums.views.vote.ballot.withdraw_ballot", lose)
        answer = phone.post(address(round, "retrait/"))
    assert answer.status_code == 503
    assert "Pas encore confirmé" in answer.text
    for _time in range(2):
        assert phone.post(address(round, "retrait/")).status_code == 302
    assert kept() == []


def test_sealed_vote_says_that_nobody_can_tell_any_more(round, phone):
    from forums.event.open_and_seal import seal_vote

    assert cast(phone, round).status_code == 302
    close_round(round_id=round.pk, by=None)
    seal_vote(round_id=round.pk, by=None)
    told = cast(phone, round)
    assert told.status_code == 409
    assert re.search(r'<p class="message message--warning" data-unknown>[^<]*', told.text)


def test_form_too_old_does_not_say_that_nothing_was_kept(round, phone):
    """The token of the form changes when one signs in from another tab: the first request may be in the box."""
    cast(phone, round)
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = phone.cookies
    refused = cast(browser, round)
    assert (refused.status_code, "Ballot-Refused" in refused.headers) == (403, False)
    assert "un essai précédent" in refused.text


def test_cast_that_waits_for_a_lock_is_neither_kept_nor_refused(round, phone, monkeypatch):
    cast(phone, round)

    def wait(*values, **options):
        raise OperationalError from psycopg.errors.LockNotAvailable

    monkeypatch.setattr("forums.views.vote.ballot.current_voter", wait)
    assert (cast(phone, round).status_code, cast(phone, round).headers["Retry-After"]) == (503, "5")
    assert "Pas encore confirmé" in cast(phone, round).text


@pytest.mark.parametrize("is_withdrawn", [True, False])
def test_withdrawal_repeated_after_the_closing_is_not_told_as_a_late_ballot(round, phone, is_withdrawn):
    cast(phone, round)
    if is_withdrawn:
        phone.client.post(address(round, "retrait/"))
    close_round(round_id=round.pk, by=None)
    said = phone.client.post(address(round, "retrait/"))
    assert said.status_code == 409
    assert "trop tard" not in said.text
    assert ("Votre bulletin est dans l’urne." in said.text) != is_withdrawn
