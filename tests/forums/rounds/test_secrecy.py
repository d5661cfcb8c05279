"""Nothing that staff reach ties a voter to a choice, nor shows when someone voted."""

from __future__ import annotations

import logging
import re

import pytest
import time_machine
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.db.models import DateField
from django.urls import get_resolver, reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.sign_in.sessions import Session
from forums.event.open_and_seal import seal_vote
from forums.models import Ballot, PaperBallot, PaperTyping, RollEntry
from forums.tasks import end_rounds
from forums.vote import casting, paper_issue, rounds, slips
from tests.forums.rounds.conftest import entries, serials, type_twice, vote

# New at each answer: tokens against forgery, nonces, keys of forms.
NOISE = re.compile(
    rb'name="csrfmiddlewaretoken" value="[^"]+"|nonce="[^"]+"'
    rb'|value="[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"'
)
SECRET_MODELS = ("ballot", "rollentry", "roundsecret", "paperballot", "papertyping", "slip", "sealedbox")


def staff_addresses(round):
    """Every staff address that a forum, a round, its entries and its papers give arguments to."""
    entry = RollEntry.objects.filter(round=round).order_by("pk").first()
    printed = PaperBallot.objects.filter(round=round).order_by("pk").first()
    values = {
        "slug": round.forum.slug,
        "number": round.number,
        "entry_id": entry.pk if entry else 0,
        "paper_id": printed.pk if printed else 0,
        "slip_number": 1,
        "person_id": round.forum.registrations.order_by("pk").first().pk,
        "key": round.forum.registrations.order_by("pk").first().key,
    }
    known = get_resolver().namespace_dict["staff"][1].reverse_dict
    takes = {name: set(known.getlist(name)[0][0][0][1]) for name in known if isinstance(name, str)}
    names = [name for name, wanted in takes.items() if "slug" in wanted and wanted <= set(values)]
    found = [reverse(f"staff:{name}", kwargs={key: values[key] for key in takes[name]}) for name in names]
    assert len(found) > 50
    # A spreadsheet is dated to the second; its CSV has the same rows.
    found = [address for address in found if not address.endswith(".xlsx")]
    return [*sorted(found), "/gestion/", "/gestion/forums/", "/admin/"]


def read_all(client, round):
    pages = {}
    for address in staff_addresses(round):
        response = client.get(address)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        pages[address] = (response.status_code, NOISE.sub(b"", body))
    return pages


def differing(first, second):
    return [address for address in first if first[address] != second[address]]


def test_no_staff_page_changes_with_what_was_voted_nor_by_whom(make_round, superuser_client):
    """The same turnout, other ballots: every page is the same to the byte."""
    round = make_round("open", people=6, papers=2)
    slips.create_slips(forum=round.forum, count=3)
    people = entries(round)
    receipts = [vote(round, entry, [place + 1]).receipt for place, entry in enumerate(people[:3])]
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        read_all(superuser_client, round)
        before = read_all(superuser_client, round)
    for entry, receipt in zip(people[:3], receipts, strict=True):
        vote(round, entry, [4, 5], [(5, 4)], key="b", receipt=receipt)
    with time_machine.travel(now, tick=False):
        assert differing(before, read_all(superuser_client, round)) == []
    newest = [vote(round, entry, [1], key="c", receipt="").receipt for entry in people[3:5]]
    for entry in people[3:4]:
        casting.withdraw_ballot(round_id=round.pk, entry_id=entry.pk, receipt=newest[0])
    with time_machine.travel(now, tick=False):
        more = read_all(superuser_client, round)
    casting.withdraw_ballot(round_id=round.pk, entry_id=people[4].pk, receipt=newest[1])
    vote(round, people[3], [2], key="d")
    with time_machine.travel(now, tick=False):
        assert differing(more, read_all(superuser_client, round)) == []
    # Turnout is the one thing that shows: the comparison can fail.
    assert differing(before, more) != []


def traces(round):
    """What names a ballot or a voter, as a page or a row could show it."""
    found = {}
    for ballot in Ballot.objects.filter(round=round):
        key = bytes(ballot.voter_key)
        found |= dict.fromkeys(
            [key.hex(), ballot.receipt_hash, str(ballot.pk), ballot.pk.hex, *ballot.idempotency_key_hashes]
        )
    return [trace for trace in found if trace]


@pytest.mark.parametrize("state", ["open", "closed", "sealed"])
def test_no_staff_page_holds_a_receipt_or_the_key_of_a_voter(make_round, superuser_client, state):
    round = make_round("open", people=12, papers=2)
    slips.create_slips(forum=round.forum, count=1)
    receipts = [vote(round, entry, [1, 3]).receipt for entry in entries(round)[:11]]
    secrets = [*receipts, *traces(round)]
    paper_issue.issue_paper(round_id=round.pk, entry_id=entries(round)[11].pk)
    if state != "open":
        rounds.close_round(round_id=round.pk, by=None)
        type_twice(round, serials(round)[0])
    if state == "sealed":
        seal_vote(round_id=round.pk, by=None)
    pages = read_all(superuser_client, round)
    for address, (_status, body) in pages.items():
        if address.endswith(("urne.json", ".pdf")):
            # The box lists hashes of receipts, sorted and apart: they are public.
            continue
        assert [trace for trace in secrets if trace.encode() in body] == [], address


def test_sealed_database_holds_nothing_that_names_a_ballot(make_round):
    round = make_round("open", people=12)
    people = entries(round)
    for place, entry in enumerate(people):
        vote(round, entry, [1 + place % 3])
    receipt_hashes = set(Ballot.objects.values_list("receipt_hash", flat=True))
    wanted = set(traces(round)) - receipt_hashes
    rounds.close_round(round_id=round.pk, by=None)
    seal_vote(round_id=round.pk, by=None)
    assert rows_with(wanted) == []
    # The sorted hashes of receipts are in the box, and only there.
    assert {table for table, _trace in rows_with(receipt_hashes)} == {"forums_sealedbox"}


def rows_with(wanted):
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            whole = "\n".join(row[0] for row in cursor.fetchall())
            found += [(table, trace) for trace in wanted if trace in whole]
    return found


def test_ballots_know_neither_time_nor_person():
    assert [field.name for field in Ballot._meta.get_fields() if isinstance(field, DateField)] == []
    assert {field.name for field in Ballot._meta.get_fields() if field.is_relation} == {"round"}
    for model in (PaperBallot, PaperTyping):
        assert [field.name for field in model._meta.get_fields() if isinstance(field, DateField)] == []
    # No history table, no other row points to a ballot or to a voter's entry.
    pointing = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if getattr(field, "many_to_one", False) and field.related_model in {Ballot, RollEntry}
    ]
    assert pointing == []


@pytest.mark.django_db
def test_no_trigger_copies_a_ballot_elsewhere():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal"
            " AND tgrelid::regclass::text IN ('forums_ballot', 'forums_rollentry')"
        )
        triggers = {name for _table, name in cursor.fetchall()}
    assert triggers == {"forums_ballot_needs_open_round", "forums_never_truncated"}


def test_nothing_of_a_vote_is_in_the_admin():
    registered = {
        model._meta.model_name for model in admin.site._registry if model._meta.app_label == "forums"
    }
    assert registered & set(SECRET_MODELS) == set()


def test_jobs_logs_and_sessions_hold_nothing_of_a_vote(make_round, superuser_client, caplog):
    caplog.set_level(logging.DEBUG)
    round = make_round("open", people=4, papers=2)
    receipts = [vote(round, entry, [1, 3]).receipt for entry in entries(round)[:3]]
    secrets = [*receipts, *traces(round)]
    superuser_client.post(
        reverse("staff:paper_issue", args=[round.forum.slug, 1]), {"entry": entries(round)[0].pk}
    )
    rounds.close_round(round_id=round.pk, by=None)
    type_twice(round, serials(round)[0])
    seal_vote(round_id=round.pk, by=None)
    end_rounds(timestamp=0)
    kept = [str(job.args) for job in ProcrastinateJob.objects.all()]
    kept += [str(session.get_decoded()) for session in Session.objects.all()]
    kept.append(caplog.text)
    assert [(trace, text) for trace in secrets for text in kept if trace in text] == []
    assert [text for text in kept if "[1, 3]" in text or entries_named(round, text)] == []


def entries_named(round, text):
    """People of the roll whose name or address is said."""
    people = round.forum.registrations.values_list("name", "email")
    return [name for name, email in people if re.search(rf"\b{re.escape(name)}\b", text) or email in text]


# What the planner may know of the tables that sealing empties.
SAMPLED = {
    "forums_ballot": {"round_id", "is_withdrawn"},
    # Accounts and registrations are in their own tables.
    "forums_rollentry": {
        "id",
        "round_id",
        "user_id",
        "registration_id",
        "kind",
        "is_late",
        "is_on_paper",
        "voided_at",
        "voided_because",
    },
    "forums_roundsecret": {"round_id"},
    "forums_paperballot": {"id", "round_id", "is_large_print"},
    "forums_papertyping": {"id", "paper_id"},
}


@pytest.mark.django_db(transaction=True)
def test_statistics_of_the_planner_keep_nothing_of_the_ballots(make_round):
    """ANALYZE, which PostgreSQL runs by itself, notes values of each column; they stay when the rows are deleted."""
    votes = [make_round("open", people=12, papers=2) for _each in range(2)]
    for round in votes:
        for entry in entries(round)[2:]:
            vote(round, entry, [4])
        for entry in entries(round)[:2]:
            paper_issue.issue_paper(round_id=round.pk, entry_id=entry.pk)
        rounds.close_round(round_id=round.pk, by=None)
        for serial in serials(round):
            type_twice(round, serial)
    tables = sorted(SAMPLED)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(tables)}")
        for round in votes:
            seal_vote(round_id=round.pk, by=None)
        cursor.execute(f"ANALYZE {', '.join(tables)}")
        cursor.execute(
            "SELECT tablename, array_agg(attname::text) FROM pg_stats WHERE tablename = ANY (%s) GROUP BY 1",
            [tables],
        )
        known = {table: set(columns) for table, columns in cursor.fetchall()}
    assert known["forums_rollentry"] >= {"round_id"}
    for table, columns in known.items():
        assert columns <= SAMPLED[table], table
