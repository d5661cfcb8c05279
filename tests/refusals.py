"""What the database refuses, and by which of its rules: a misspelt column is refused too, by none of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, connection, transaction


@contextmanager
def refused_by(rule: str) -> Iterator[None]:
    """The block is refused by the constraint of this name, or by a trigger with this message."""
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        yield
    diagnostic = refusal.value.__cause__.diag
    found = diagnostic.constraint_name or diagnostic.message_primary
    assert found == rule, f"refused by: {found}"


def assert_statement_refused(by: str, statement: str, *params: object) -> None:
    with refused_by(by), connection.cursor() as cursor:
        cursor.execute(statement, params)
