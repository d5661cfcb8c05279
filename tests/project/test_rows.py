"""What tests restore: every row as it was, whatever a test did, though what none touched is left in its place."""

from __future__ import annotations

import pytest
from django.db import connection

from pole.models import Municipality
from tests import rows
from tests.factories import PostFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_hour("rows have no hour")]
OTHER = "other_rows"


def as_migrated():
    rows.restore_rows("as_migrated")
    return rows.fingerprints()


def writers():
    """The transactions whose rows the table of towns holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT xmin::text FROM pole_municipality")
        return {writer for (writer,) in cursor.fetchall()}


def add():
    PostFactory()


def change():
    Municipality.objects.filter(pk=Municipality.objects.first().pk).update(name="Autre")


def remove():
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM pole_municipality WHERE code = (SELECT min(code) FROM pole_municipality)")
        cursor.execute("RESET session_replication_role")


@pytest.mark.parametrize("act", [add, change, remove])
def test_what_a_test_did_is_undone(act):
    before = as_migrated()
    act()
    assert rows.fingerprints() != before
    assert as_migrated() == before


def test_other_rows_of_a_table_replace_those_that_stand():
    before = as_migrated()
    change()
    rows.save_rows(OTHER)
    try:
        changed = rows.fingerprints()
        assert as_migrated() == before
        rows.restore_rows(OTHER)
        assert rows.fingerprints() == changed
        assert as_migrated() == before
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA {OTHER} CASCADE")


def test_what_nobody_touched_is_not_written_again():
    as_migrated()
    before = writers()
    add()
    as_migrated()
    assert writers() == before
