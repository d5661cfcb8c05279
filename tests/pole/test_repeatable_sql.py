"""Functions and triggers are applied from their files after `migrate`: those that changed, all or none."""

from __future__ import annotations

import dataclasses
import re
import threading
import tomllib
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction

from pole.server.database import repeatable_sql
from pole.server.database.repeatable_sql import SqlFile, SqlFileError

CATALOGUE = """
SELECT pg_get_functiondef(oid), obj_description(oid) FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND proname ~ '^(pole|accounts|desk|comments|blog|enterprises|forums)_'
UNION ALL
SELECT pg_get_triggerdef(oid), obj_description(oid) FROM pg_trigger WHERE NOT tgisinternal
ORDER BY 1
"""
FILE = SqlFile(
    "forums/sql/99_test.sql",
    "CREATE OR REPLACE FUNCTION forums_test() RETURNS int LANGUAGE sql RETURN 1;\n",
)


def ask(statement, *params):
    with connection.cursor() as cursor:
        cursor.execute(statement, params or None)
        return cursor.fetchall() if cursor.description else None


def with_text(file, text):
    return dataclasses.replace(file, text=text)


def applied_files():
    return {path for (path,) in ask("SELECT path FROM pole_sql_file")}


def test_every_file_of_the_tree_is_read():
    found = {
        str(path.relative_to(settings.BASE_DIR)) for path in Path(settings.BASE_DIR).glob("[a-z]*/**/*.sql")
    }
    assert {path for path in found if "/sql/" in path} == {file.path for file in repeatable_sql.read_files()}


def test_files_are_read_in_the_order_of_packages_then_of_names():
    paths = [file.path for file in repeatable_sql.read_files()]
    packages = list(dict.fromkeys(path.split("/")[0] for path in paths))
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    level = {package: -at for at, layer in enumerate(layers) for package in layer.split(" | ")}
    assert packages == sorted(packages, key=level.__getitem__)
    assert set(repeatable_sql.PACKAGES) == set(level)
    assert all(
        sorted(of_it) == of_it
        for of_it in ([path for path in paths if path.startswith(f"{package}/")] for package in packages)
    )


def test_each_object_is_created_by_one_file():
    objects = [name for file in repeatable_sql.read_files() for name in file.objects]
    assert len(objects) == len(set(objects))


def test_every_statement_can_be_applied_again():
    """An object that a file creates by another statement would be missed by `SqlFile.objects`."""
    for file in repeatable_sql.read_files():
        words = [line for line in file.text.splitlines() if line.startswith("CREATE")]
        assert len(words) == len(file.objects), file.path
        for line in words:
            dropped = f"DROP {line.removeprefix('CREATE CONSTRAINT ').replace('TRIGGER ', 'TRIGGER IF EXISTS ')} ON "
            assert line.startswith("CREATE OR REPLACE ") or f"\n{dropped}" in file.text, file.path


@pytest.mark.django_db
def test_migrated_database_is_current():
    assert not repeatable_sql.difference(repeatable_sql.read_files())
    assert repeatable_sql.is_current()
    assert repeatable_sql.apply_changed() == []


@pytest.mark.django_db
def test_each_file_may_be_applied_again_by_itself():
    before = ask(CATALOGUE)
    for file in repeatable_sql.read_files():
        ask("UPDATE pole_sql_file SET sha256 = '' WHERE path = %s", file.path)
        assert repeatable_sql.apply_changed() == [file.path]
        assert ask(CATALOGUE) == before


@pytest.mark.django_db
def test_all_files_may_be_applied_again():
    before = ask(CATALOGUE)
    ask("DELETE FROM pole_sql_file")
    assert repeatable_sql.apply_changed() == [file.path for file in repeatable_sql.read_files()]
    assert ask(CATALOGUE) == before


@pytest.mark.django_db
def test_changed_file_is_applied_once():
    files = [*repeatable_sql.read_files(), FILE]
    assert repeatable_sql.apply_changed(files) == [FILE.path]
    assert ask("SELECT forums_test()") == [(1,)]
    assert repeatable_sql.apply_changed(files) == []
    files[-1] = with_text(FILE, FILE.text.replace("RETURN 1", "RETURN 2"))
    assert repeatable_sql.apply_changed(files) == [FILE.path]
    assert ask("SELECT forums_test()") == [(2,)]


@pytest.mark.django_db
def test_what_a_migration_took_away_is_made_again():
    ask("DROP TRIGGER blog_post_raises_blog ON blog_post")
    assert not repeatable_sql.is_current()
    assert repeatable_sql.apply_changed() == ["blog/sql/01_content_versions.sql"]
    assert repeatable_sql.is_current()


@pytest.mark.django_db
def test_refused_file_is_named_and_nothing_is_applied():
    wrong = SqlFile("forums/sql/99_wrong.sql", "CREATE OR REPLACE FUNCTION forums_wrong() RETURNS nothing;\n")
    with pytest.raises(SqlFileError, match=r"^forums/sql/99_wrong\.sql est refusé par la base de données : "):
        repeatable_sql.apply_changed([*repeatable_sql.read_files(), FILE, wrong])
    assert ask("SELECT proname FROM pg_proc WHERE proname = 'forums_test'") == []
    assert FILE.path not in applied_files()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "others", [[], [with_text(FILE, "-- nothing any more\n")]], ids=["no file", "emptied"]
)
def test_what_no_file_makes_any_more_is_to_be_dropped_explicitly(others):
    repeatable_sql.apply_changed([*repeatable_sql.read_files(), FILE])
    with pytest.raises(SqlFileError, match="forums_test"):
        repeatable_sql.apply_changed([*repeatable_sql.read_files(), *others])
    assert FILE.path in applied_files()
    dropping = with_text(FILE, "DROP FUNCTION IF EXISTS forums_test();\n")
    repeatable_sql.apply_changed([*repeatable_sql.read_files(), dropping])
    assert repeatable_sql.difference([*repeatable_sql.read_files(), dropping]) == repeatable_sql.Difference()
    assert repeatable_sql.apply_changed() == []
    assert FILE.path not in applied_files()


@pytest.mark.django_db
def test_functions_of_others_are_let_be():
    ask("CREATE FUNCTION reporting_total() RETURNS int LANGUAGE sql RETURN 1")
    assert repeatable_sql.is_current()


@pytest.mark.django_db
def test_migrate_applies_them():
    ask("UPDATE pole_sql_file SET sha256 = ''")
    call_command("migrate", verbosity=0, interactive=False, stdout=StringIO())
    assert repeatable_sql.is_current()


@pytest.mark.django_db
def test_nothing_is_applied_to_tables_of_another_day():
    ask("UPDATE pole_sql_file SET sha256 = ''")
    ask("DELETE FROM django_migrations WHERE app = 'forums'")
    repeatable_sql.after_migrate()
    assert ask("SELECT DISTINCT sha256 FROM pole_sql_file") == [("",)]


@pytest.mark.django_db(transaction=True)
def test_one_applies_at_a_time():
    applied = []

    def apply():
        try:
            applied.append(repeatable_sql.apply_changed())
        finally:
            connections[DEFAULT_DB_ALIAS].close()

    other = threading.Thread(target=apply)
    with transaction.atomic():
        ask("UPDATE pole_sql_file SET sha256 = '' WHERE path = 'blog/sql/01_content_versions.sql'")
        assert repeatable_sql.apply_changed() == ["blog/sql/01_content_versions.sql"]
        other.start()
        other.join(0.3)
        assert other.is_alive()
    other.join(10)
    assert applied == [[]]


@pytest.mark.django_db
def test_what_an_applied_file_drops_of_a_later_one_is_made_again():
    before = ask(CATALOGUE)
    files = repeatable_sql.read_files()
    files[0] = with_text(files[0], f"DROP FUNCTION pole_raise_version() CASCADE;\n{files[0].text}")
    applied = repeatable_sql.apply_changed(files)
    assert applied[0] == files[0].path
    assert "blog/sql/01_content_versions.sql" in applied
    assert ask(CATALOGUE) == before


@pytest.mark.django_db
def test_file_that_drops_what_an_earlier_one_creates_is_refused():
    last = with_text(FILE, f"{FILE.text}DROP TRIGGER blog_post_raises_blog ON blog_post;\n")
    with pytest.raises(SqlFileError, match="blog_post_raises_blog on blog_post"):
        repeatable_sql.apply_changed([*repeatable_sql.read_files(), last])
    assert repeatable_sql.is_current()


@pytest.mark.django_db
def test_function_with_other_parameters_is_to_be_dropped_explicitly():
    repeatable_sql.apply_changed([*repeatable_sql.read_files(), FILE])
    other = with_text(FILE, FILE.text.replace("forums_test()", "forums_test(at int)"))
    with pytest.raises(SqlFileError, match=r"forums_test\(\)"):
        repeatable_sql.apply_changed([*repeatable_sql.read_files(), other])
    dropping = with_text(other, f"DROP FUNCTION IF EXISTS forums_test();\n{other.text}")
    assert repeatable_sql.apply_changed([*repeatable_sql.read_files(), dropping]) == [FILE.path]


@pytest.mark.django_db
def test_disabled_trigger_is_enabled_again():
    ask("ALTER TABLE forums_round DISABLE TRIGGER forums_protect_opened_round")
    found = repeatable_sql.difference(repeatable_sql.read_files())
    assert found.orphaned == ("forums_protect_opened_round on forums_round (disabled)",)
    assert repeatable_sql.apply_changed() == [file.path for file in found.outdated]
    enabled = "SELECT tgenabled = 'O' FROM pg_trigger WHERE tgname = 'forums_protect_opened_round'"
    assert ask(enabled) == [(True,)]


def test_no_file_ends_the_transaction_that_applies_it():
    """All or none: what a COMMIT of its own lets through stays when a later file is refused."""
    control = re.compile(
        r"^\s*(BEGIN|START TRANSACTION|COMMIT|ROLLBACK|END)\s*;", re.MULTILINE | re.IGNORECASE
    )
    assert control.search("SELECT 1;\nCOMMIT;")
    outside_functions = {
        file.path: re.sub(r"\$\$.*?\$\$", "", file.text, flags=re.DOTALL)
        for file in repeatable_sql.read_files()
    }
    assert {path for path, text in outside_functions.items() if control.search(text)} == set()
