"""No column escapes a trigger silently: each is watched, or named here with those that nothing has to watch."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests.factories import ListingFactory, RoundFactory
from tests.refusals import assert_statement_refused

pytestmark = pytest.mark.django_db

WATCHING = """
SELECT tgname::text, relname::text, array_agg(attname::text), pg_get_triggerdef(pg_trigger.oid), prosrc
FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid
JOIN pg_attribute ON attrelid = tgrelid AND attnum = ANY (tgattr)
WHERE NOT tgisinternal AND tgname !~ '^procrastinate_' GROUP BY pg_trigger.oid, tgname, relname, prosrc
"""
# Of each trigger that waits for some columns: the others of its table.
NOT_WATCHED = {
    "accounts_user_changed_raises_people": (
        "id email password language created_at last_login roles is_staff is_superuser suspended_until erasure_due_at"
    ),
    "forums_dayteammember_raises_recommendations": "id forum_id token_hash valid_until revoked_at created_at",
    # They read the dates of sessions, and whether each is held.
    "forums_session_dates_activity": "id position title title_en venue online_link trainer revision changed_at",
    "forums_forum_keeps_dates_of_sessions": "*",
    # It asks whether the person still has the direction.
    "accounts_keep_direction_changed": "*",
    # Posts name their authors, and nothing else of them.
    "blog_author_changes_search": "id user_id role role_en note note_en portrait_id",
    "enterprises_sector_renamed": "id slug",
    "enterprises_municipality_changed": "code designation latitude longitude is_homonym region is_in_territory",
    "enterprises_mrc_renamed": "code kind",
    # Neither is searched by its words: what they say is chosen from a list, or is no sentence.
    "enterprises_write_search_document": (
        "id slug state legal_form neq founded supplies licences quote_contact street postal_code latitude longitude"
        " phone phone_extension email website social_links opening_hours opening_hours_en workforce languages logo"
        " verified_on merged_into_id served name_key lost_owner_at created_at updated_at version staff_note parent_id"
    ),
    "enterprises_check_branch": "*",
    # It writes that column alone.
    "enterprises_write_served": "*",
}


def fetch_all(statement, *params):
    with connection.cursor() as cursor:
        cursor.execute(statement, params or None)
        return cursor.fetchall() if cursor.description else None


def columns_of(table):
    found = fetch_all(
        "SELECT attname::text FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
        table,
    )
    return {name for (name,) in found}


def test_triggers_that_wait_for_columns_are_those_named_here():
    assert {name for name, *_others in fetch_all(WATCHING)} == set(NOT_WATCHED)


@pytest.mark.parametrize("trigger", NOT_WATCHED)
def test_each_column_is_watched_or_named(trigger):
    [(table, watched)] = [(row[1], set(row[2])) for row in fetch_all(WATCHING) if row[0] == trigger]
    columns = columns_of(table)
    named = columns - watched if NOT_WATCHED[trigger] == "*" else set(NOT_WATCHED[trigger].split())
    assert named & watched == set()
    assert named | watched == columns


@pytest.mark.parametrize("trigger", NOT_WATCHED)
def test_trigger_waits_for_each_column_that_it_compares_or_reads(trigger):
    [(watched, definition, source)] = [
        (set(row[2]), row[3], row[4]) for row in fetch_all(WATCHING) if row[0] == trigger
    ]
    compared = set(re.findall(r"\bnew\.(\w+)", definition))
    assert not compared or compared == watched
    if "BEFORE" in definition:
        assert set(re.findall(r"\bNEW\.(\w+)", source)) - {"id"} <= watched


def test_new_column_of_a_listing_enters_its_history():
    fetch_all("ALTER TABLE enterprises_listing ADD COLUMN motto text NOT NULL DEFAULT ''")
    listing = ListingFactory()
    fetch_all("UPDATE enterprises_listing SET motto = 'Ensemble' WHERE id = %s", listing.pk)
    changed = fetch_all("SELECT changed FROM enterprises_listingversion WHERE listing_id = %s", listing.pk)
    assert changed == [(["motto"],)]


@pytest.mark.parametrize("column", ["created_at", "updated_at", "lost_owner_at", "version", "document"])
def test_what_people_do_not_write_enters_no_history(column):
    listing = ListingFactory()
    value = {"version": "version + 1", "document": "NULL"}.get(column, "now() - interval '3 days'")
    fetch_all(f"UPDATE enterprises_listing SET {column} = {value} WHERE id = %s", listing.pk)
    assert fetch_all("SELECT changed FROM enterprises_listingversion") == []


def test_new_column_of_an_opened_round_never_changes():
    fetch_all("ALTER TABLE forums_round ADD COLUMN quorum int NOT NULL DEFAULT 0")
    now = timezone.now()
    round = RoundFactory(
        opens_at=now - timedelta(hours=1), closes_at=now + timedelta(hours=1),
        drawn_at=now, opened_at=now, seed_hash="x",
    )  # fmt: skip
    assert_statement_refused(
        "a round that was opened keeps its rules",
        "UPDATE forums_round SET quorum = 1 WHERE id = %s",
        round.pk,
    )
