"""The room's screen: turnout alone while people vote, cheap to ask for, then the reveal and the seal."""

from __future__ import annotations

import json
import re
import threading
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.db import connection

from forums.event.open_and_seal import seal_vote
from forums.models import Ballot, RollEntry, Round
from forums.tally.canonical import in_groups
from forums.vote import screen_state, tellers
from forums.vote.casting import cast_ballot
from forums.vote.paper_issue import issue_paper
from forums.vote.roll import add_latecomers, void_entry
from forums.vote.rounds import annul_round, close_round, prolong_round
from pole.caching.in_process import clear_caches
from tests.conftest import signed_in
from tests.factories import RegistrationFactory, UserFactory
from tests.forums.vote.conftest import address, cast, entry_of
from tests.forums.vote.test_ways_in import text


@pytest.fixture
def screen(client, round):
    """`screen()` is the page; `screen("etat.json")` what it polls, as a process that knows nothing answers."""
    base = address(round).replace("vote/", "ecran/")

    def get(rest="", **headers):
        clear_caches()
        return client.get(base + rest, headers=headers)

    return get


def test_screen_shows_questions_way_in_and_turnout(screen, round, phone):
    cast(phone(), round)
    page = text(screen())
    assert "Ont voté\u00a0: 1 sur 3" in page
    assert all(question.title in page for question in round.questions.all())
    assert "localhost:8000/vote/" in page
    assert '<svg viewBox="0 0' in page
    assert "style=" not in page
    assert f"à noter dès maintenant\u00a0: <code>{in_groups(Round.objects.get().seed_hash)}<" in page
    assert screen("etat.json").json() == {
        "state": "open", "voted": 1, "roll": 3, "added": 0, "voided": 0,
        "closes_at": Round.objects.get().closes_at.isoformat(),
    }  # fmt: skip


def test_screen_counts_who_was_added_and_taken_off(screen, round, staff):
    assert '<p class="screen__changes" data-changed hidden>' in text(screen())
    latecomer = RegistrationFactory(forum=round.forum)
    add_latecomers(forum_id=round.forum_id, registration=latecomer)
    entry = RollEntry.objects.get(registration=latecomer)
    assert screen("etat.json").json()["added"] == 1
    void_entry(round_id=round.pk, entry_id=entry.pk, reason="Une erreur.", by=staff)
    shown = screen("etat.json").json()
    assert (shown["roll"], shown["added"], shown["voided"]) == (3, 1, 1)
    assert "Personnes ajoutées à la liste depuis l’ouverture\u00a0: 1. Retirées\u00a0: 1." in text(screen())


def test_nobody_sees_partial_results(round, phone, client):
    """Two boxes with the same turnout and opposite ballots make the same pages, staff included."""
    cast(phone(), round, {"q1": ["1"]})
    staff = signed_in(UserFactory(is_staff=True, is_superuser=True), second_factor=True)
    base = address(round).replace("vote/", "ecran/")

    def seen():
        clear_caches()
        return [viewer.get(base + rest).content for viewer in (client, staff) for rest in ("", "etat.json")]

    def without_tokens(pages):
        import re

        return [re.sub(rb'value="\w{64}"', b"", page) for page in pages]

    before = seen()
    Ballot.objects.update(choices={"1": [5], "2": [[1, 4]]})
    assert without_tokens(seen()) == without_tokens(before)


def test_state_is_304_until_something_changes(screen, round, phone):
    first = screen("etat.json")
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert first.cookies == {}
    etag = first.headers["ETag"]
    again = screen("etat.json", if_none_match=etag)
    assert (again.status_code, again.content) == (304, b"")
    cast(phone(), round)
    assert screen("etat.json", if_none_match=etag).json()["voted"] == 1


def test_paper_counts_as_a_vote_when_it_is_given(screen, round, phone):
    cast(phone(), round)
    issue_paper(round_id=round.pk, entry_id=entry_of(round, 0).pk)
    issue_paper(round_id=round.pk, entry_id=entry_of(round, 1).pk)
    assert (screen("etat.json").json()["voted"], Ballot.objects.count()) == (2, 0)


def test_a_process_reads_once_a_second_whoever_asks(client, round, django_assert_num_queries, monkeypatch):
    path = address(round).replace("vote/", "ecran/etat.json")
    now = [1000.0]
    monkeypatch.setattr(screen_state.time, "monotonic", lambda: now[0])
    with django_assert_num_queries(3):
        bodies = {client.get(path).content for _ in range(500)}
    assert len(bodies) == 1
    now[0] += 0.99
    with django_assert_num_queries(0):
        client.get(path)
    now[0] += 0.01
    with django_assert_num_queries(3):
        client.get(path)


def test_while_one_reads_others_get_what_is_known(round, monkeypatch):
    slug, number = round.forum.slug, round.number
    now = [1000.0]
    monkeypatch.setattr(screen_state.time, "monotonic", lambda: now[0])
    known = screen_state.cached_screen_state(slug, number)
    now[0] += 5
    with screen_state._refresh_lock:
        answers = []
        others = [
            threading.Thread(target=lambda: answers.append(screen_state.cached_screen_state(slug, number)))
            for _ in range(5)
        ]
        for thread in others:
            thread.start()
        for thread in others:
            thread.join(timeout=5)
    assert answers == [known] * 5


def test_answer_says_its_age_rounded_up(client, round, monkeypatch):
    path = address(round).replace("vote/", "ecran/etat.json")
    now = [1000.0]
    monkeypatch.setattr(screen_state.time, "monotonic", lambda: now[0])
    first = client.get(path)
    now[0] += 0.5
    unchanged = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert unchanged.status_code == 304
    assert [each.headers["Age"] for each in (first, unchanged)] == ["0", "1"]
    now[0] += 5
    with screen_state._refresh_lock:
        assert client.get(path).headers["Age"] == "6"


def test_screens_that_do_not_exist_are_not_kept(client, round):
    for number in (round.number + 1, round.number + 2):
        assert client.get(f"/forums/{round.forum.slug}/tours/{number}/ecran/etat.json").status_code == 404
    assert screen_state._cache == {}


def test_screen_follows_prolonging_closing_and_annulling(screen, round, staff):
    until = round.closes_at + timedelta(hours=1)
    prolong_round(round_id=round.pk, until=until, by=staff)
    assert screen("etat.json").json()["closes_at"] == until.isoformat()
    with time_machine.travel(until):
        assert screen("etat.json").json()["state"] == "closed"
        assert "Vote fermé" in text(screen())
        assert "<svg viewBox" not in text(screen()).partition("<main")[2]
    close_round(round_id=round.pk, by=None)
    assert screen("etat.json").json()["state"] == "closed"
    annul_round(round_id=round.pk, reason="Une panne.", by=None)
    assert screen("etat.json").json() == {"state": "annulled"}
    assert "Une panne." in text(screen())


def test_closed_screen_shows_the_fingerprint_of_the_receipts_then_the_tellers_part(
    screen, round, phone, staff
):
    cast(phone(), round)
    assert "fixed" not in screen("etat.json").json()
    closed = close_round(round_id=round.pk, by=staff)
    page = text(screen())
    shown = in_groups(closed.receipts_fingerprint)
    assert (
        f"Empreinte des reçus à la fermeture (1 reçu), à noter dès maintenant\u00a0: <code>{shown}<" in page
    )
    # What the page compares with what it polls, to be shown anew.
    assert unescape(re.search(r'data-fixed="([^"]*)"', page)[1]) == json.dumps(
        screen("etat.json").json()["fixed"], separators=(",", ":"), ensure_ascii=False
    )
    seal_vote(round_id=round.pk, by=None)
    assert f"<code>{shown}<" in text(screen())


def test_screen_projects_the_part_of_the_tellers_as_soon_as_it_is_entered(screen, round, staff):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE forums_round DISABLE TRIGGER forums_protect_opened_round")
        cursor.execute("UPDATE forums_round SET tellers_add = true")
        cursor.execute("ALTER TABLE forums_round ENABLE TRIGGER forums_protect_opened_round")
    close_round(round_id=round.pk, by=staff)
    before = screen("etat.json").json()["fixed"]
    assert "ajouteront maintenant leur part" in text(screen())
    tellers.enter_part(round_id=round.pk, part="Quatre, deux & six", by=staff)
    assert screen("etat.json").json()["fixed"] != before
    assert (
        "Part des scrutatrices et scrutateurs dans le tirage\u00a0: <strong>Quatre, deux &amp; six<"
        in text(screen())
    )


def test_sealed_screen_lists_what_is_retained_in_order_then_the_seal(screen, round):
    entries = RollEntry.objects.filter(round=round)
    for entry, choices in zip(
        entries, ({1: [1, 2]}, {1: [2], 2: [(3, 4)]}, {1: [2], 2: [(3, 1), (4, 2)]}), strict=True
    ):
        cast_ballot(round=round, entry_id=entry.pk, choices=choices, idempotency_key="k" * 20)
    close_round(round_id=round.pk, by=None)
    seal_vote(round_id=round.pk, by=None)
    page = text(screen())
    sealed = Round.objects.get()
    titles = {
        (question.position, option.number): option.title
        for question in sealed.questions.all()
        for option in question.options.all()
    }
    order = [titles[1, 2], titles[1, 1], titles[2, 3], titles[2, 4], in_groups(sealed.seal)]
    places = [page.index(words) for words in order]
    assert places == sorted(places)
    assert titles[1, 3] not in page
    assert page.count('class="screen__total">') == 4
    assert "data-poll" not in page
    assert screen("etat.json").json() == {"state": "sealed"}


def test_sealed_screen_without_a_choice_says_that_nothing_is_retained(screen, round):
    for entry in RollEntry.objects.filter(round=round):
        cast_ballot(round=round, entry_id=entry.pk, choices={}, idempotency_key="k" * 20)
    close_round(round_id=round.pk, by=None)
    seal_vote(round_id=round.pk, by=None)
    assert text(screen()).count("Aucune priorité retenue") == 2
