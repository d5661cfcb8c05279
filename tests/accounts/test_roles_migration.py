"""Roles of a portal that knew the team alone, and the way back."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.models import User
from pole.server.database import repeatable_sql
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
TEAM = ["editorial", "directory", "forums"]


def migrate(name):
    executor = MigrationExecutor(connection)
    executor.migrate([("accounts", name)])
    # What deferred constraints have yet to check stands in the way of the next change.
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_team_is_the_same_after_the_way_back_and_forth(superuser):
    UserFactory(email="equipe@exemple.example", roles=["forums"])
    UserFactory(email="public@exemple.example")
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes("accounts")[0][1]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        migrate("0001_initial")
        cursor.execute("SELECT email, is_staff, is_superuser FROM accounts_user ORDER BY email")
        assert cursor.fetchall() == sorted(
            [
                (superuser.email, True, True),
                ("equipe@exemple.example", True, False),
                ("public@exemple.example", False, False),
            ]
        )
    migrate(latest)
    repeatable_sql.apply_changed()
    assert dict(User.objects.values_list("email", "roles")) == {
        superuser.email: ["direction"],
        "equipe@exemple.example": TEAM,
        "public@exemple.example": [],
    }
    assert not repeatable_sql.difference(repeatable_sql.read_files())
