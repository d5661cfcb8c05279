"""`docs/database.md` says what the database enforces today, each thing with its purpose."""

from __future__ import annotations

import re

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from pole.server.database import document

pytestmark = pytest.mark.django_db


def do(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def without_purpose() -> list[str]:
    """Functions, triggers and constraints of ours that nothing describes."""
    functions = [
        signature
        for _name, signature, purpose in document._fetch_all(
            document.FUNCTIONS, document._ours(document.PACKAGES)
        )
        if not purpose
    ]
    triggers = [
        f"{name} on {table}"
        for table, name, _definition, purpose in document._fetch_all(document.TRIGGERS)
        if not purpose and re.match(document._ours(document.PACKAGES), table)
    ]
    messages = document._messages()
    constraints = [
        f"{name} on {table}"
        for table, name, _definition, purpose in document._fetch_all(document.CONSTRAINTS)
        if re.match(document._ours(document.PACKAGES), table)
        and not (purpose or name in messages)
        # Named by Django after the table and its columns.
        and not (name.startswith(f"{table}_") or name.endswith("_uniq"))
    ]
    return functions + triggers + constraints


def test_page_is_current():
    call_command("database_doc", check=True)


@pytest.mark.parametrize(
    "change",
    [
        "COMMENT ON FUNCTION forums_random() IS 'Autre chose.'",
        "COMMENT ON TRIGGER blog_post_raises_blog ON blog_post IS 'Autre chose.'",
        "DROP TRIGGER blog_post_raises_blog ON blog_post",
        "ALTER TABLE forums_round DROP CONSTRAINT round_closes_after_it_opens",
        "DROP INDEX flag_once_a_person",
        "COMMENT ON CONSTRAINT hub_is_single ON pole_hub IS 'Autre chose.'",
    ],
)
def test_page_of_another_database_is_refused(change):
    do(change)
    with pytest.raises(CommandError, match="n’est pas à jour"):
        call_command("database_doc", check=True)


def test_page_is_written_anew(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs").mkdir()
    call_command("database_doc")
    assert (tmp_path / "docs" / "database.md").read_text(encoding="utf-8") == document.page()
    call_command("database_doc", check=True)


def test_everything_says_its_purpose():
    assert without_purpose() == []
    do("COMMENT ON FUNCTION forums_random() IS NULL")
    do("COMMENT ON TRIGGER blog_post_raises_blog ON blog_post IS NULL")
    do("COMMENT ON CONSTRAINT hub_is_single ON pole_hub IS NULL")
    do("COMMENT ON INDEX flag_once_a_person IS NULL")
    assert without_purpose() == [
        "forums_random()",
        "blog_post_raises_blog on blog_post",
        "flag_once_a_person on comments_flag",
        "hub_is_single on pole_hub",
    ]
