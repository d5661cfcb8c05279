"""The hand-made mutants of `tests.mutants.sql` are those of the functions as they are today."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.mutants import sql

pytestmark = pytest.mark.django_db


def ask(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def test_every_function_of_the_vote_has_its_mutants():
    assert sorted(sql.MUTATIONS) == [function for function, _source in ask(sql.FUNCTIONS)]


def test_each_fragment_is_there_once():
    sources = dict(ask(sql.FUNCTIONS))
    wrong = [
        (function, fragment)
        for function, mutations in sql.MUTATIONS.items()
        for fragment, other in mutations
        if sources[function].count(fragment) != 1 or fragment == other
    ]
    assert wrong == []


def test_what_is_called_equivalent_is_one_of_them():
    listed = {(function, *pair) for function, pairs in sql.MUTATIONS.items() for pair in pairs}
    assert set(sql.EQUIVALENT) <= listed


def test_every_condition_is_in_a_fragment():
    missed = []
    for function, source in ask(sql.FUNCTIONS):
        places = [
            range(start, start + len(fragment))
            for fragment, _other in sql.MUTATIONS[function]
            if (start := source.find(fragment)) >= 0
        ]
        missed += [
            (function, source[found.start() : found.start() + 60])
            for found in sql.CONDITION.finditer(source, source.index("\nAS ") if "\nAS " in source else 0)
            if not any(found.start() in place for place in places)
        ]
    assert missed == []


def test_mutants_are_accepted_by_the_database_and_undone():
    """A misspelt one would be taken for killed."""
    before = ask(sql.FUNCTIONS), ask(sql.TRIGGERS)
    for change in list(sql.changes(ask)):
        with connection.cursor() as cursor:
            cursor.execute(change.apply)
            cursor.execute(change.undo)
    assert (ask(sql.FUNCTIONS), ask(sql.TRIGGERS)) == before
