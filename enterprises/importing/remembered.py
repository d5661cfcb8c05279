"""What staff answered about the words of files, kept for later ones: towns, values, rows left out."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from accounts import journal
from accounts.models import User
from enterprises.models import RememberedValue
from pole.geo.gazetteer import municipality_name_key
from pole.search import unaccented

MUNICIPALITY, ROW = RememberedValue.Field.MUNICIPALITY, RememberedValue.Field.ROW
MAX_KEY = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """`values`: codes of ours; none when what bears this word is left out."""

    field: str
    written: str
    values: tuple[str, ...]


def value_key(field: str, written: str) -> str:
    """One key for the writings of one word: accents, capitals and marks change nothing."""
    if field == MUNICIPALITY:
        return municipality_name_key(written)[:MAX_KEY]
    if field == ROW:
        return hashlib.sha256(_plain(written).encode()).hexdigest()
    return _plain(written)[:MAX_KEY]


def _plain(text: str) -> str:
    return " ".join(unaccented(text).split())


def read_answers(
    fields: Collection[str], keys: Collection[str] | None = None
) -> dict[str, dict[str, list[str]]]:
    """By field and key, the codes that stand for what is written, of these `keys` alone when given: one query."""
    found: dict[str, dict[str, list[str]]] = {field: {} for field in fields}
    rows = RememberedValue.objects.filter(field__in=fields).order_by()
    if keys is not None:
        rows = rows.filter(key__in=keys)
    for field, key, values in rows.values_list("field", "key", "values"):
        found[field][key] = values
    return found


def remember(answers: Iterable[Answer], *, by: User | None) -> None:
    """Stores or replaces answers: one statement."""
    now = timezone.now()
    rows = {
        (answer.field, key): RememberedValue(
            field=answer.field,
            key=key,
            written=answer.written[:200],
            values=list(answer.values),
            said_at=now,
            said_by=by,
        )
        for answer in answers
        if (key := value_key(answer.field, answer.written))
    }
    RememberedValue.objects.bulk_create(
        rows.values(), update_conflicts=True, unique_fields=["field", "key"],
        update_fields=["written", "values", "said_at", "said_by"],
    )  # fmt: skip


def forget_written(field: str, written: Iterable[str]) -> None:
    keys = [value_key(field, each) for each in written]
    RememberedValue.objects.filter(field=field, key__in=keys).delete()


@transaction.atomic
def forget(*, keys: Collection[int], by: User) -> int:
    """Forgets answers: the next file asks again. How many there were."""
    forgotten, _each = RememberedValue.objects.filter(pk__in=keys).delete()
    if forgotten:
        journal.note(action="forgotten", kind="remembered", key=0, by=by)
    return forgotten


def codes_of_towns(answers: Mapping[str, list[str]]) -> dict[str, str]:
    """Of the answers about towns, those that choose one: by key, its code."""
    return {key: values[0] for key, values in answers.items() if values}
