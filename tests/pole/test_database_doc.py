"""`docs/database.md` says what the database enforces today, each thing with its purpose."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from pole.server.database import document

pytestmark = pytest.mark.django_db


def do(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


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
    assert document.without_purpose() == []
    do("COMMENT ON FUNCTION forums_random() IS NULL")
    do("COMMENT ON TRIGGER blog_post_raises_blog ON blog_post IS NULL")
    do("COMMENT ON CONSTRAINT hub_is_single ON pole_hub IS NULL")
    do("COMMENT ON INDEX flag_once_a_person IS NULL")
    assert document.without_purpose() == [
        "forums_random()",
        "blog_post_raises_blog on blog_post",
        "flag_once_a_person on comments_flag",
        "hub_is_single on pole_hub",
    ]
