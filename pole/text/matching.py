"""What staff type above a list of people or things, found in what the list shows.

The database folds both sides, by `pole_matching_text`: Python and JavaScript fold nothing here, so none can disagree with it.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Func, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.lookups import GreaterThan

from pole.text.plaintext import clean_line

MAX_TYPED = 120
# Each word reads the row once more; nobody types more of a name.
MAX_WORDS = 12
_TEXTS = ArrayField(TextField())


def typed_text(typed: str) -> str:
    """`typed` as it is searched and shown again: one line of at most MAX_TYPED characters, none invisible."""
    return clean_line(typed[: 4 * MAX_TYPED])[:MAX_TYPED].strip()


def first_found(rows: QuerySet[Any], most: int) -> dict[str, Any]:
    """The first `most` of `rows` for `components/found.html`: `found`, whether it `has_more`, else the `total`. One query."""
    found = list(rows[: most + 1])
    has_more = len(found) > most
    return {"found": found[:most], "has_more": has_more, "total": "" if has_more else len(found)}


def matching_text[Rows: QuerySet[Any]](
    rows: Rows, typed: str, *fields: str | Combinable, array: str | None = None
) -> Rows:
    """The rows whose `fields` (names, or expressions) and `array` of texts together hold every word of `typed`, in any order.

    A word is found inside another one, whatever the case, the accents and the ligatures, and whatever stands for the spaces,
    hyphens and apostrophes of both (`saint-jean` finds « Saint Jean »); the digits of a number, however they are grouped.
    Nothing typed finds every row. `fields` are to be what the reader of the list may read: whatever is found is confirmed.
    """
    words = list(dict.fromkeys(typed_text(typed).split()))[:MAX_WORDS]
    if not words:
        return rows
    # One sign alone, as a hyphen, is ignored; signs alone find nothing.
    rows = rows.filter(GreaterThan(folded(Value(" ".join(words))), ""))
    rows = rows.alias(matching_text=folded(*fields, array=array))
    for word in words:
        rows = rows.filter(matching_text__contains=folded(Value(word)))
    return rows


def folded(*fields: str | Combinable, array: str | None = None) -> Func:
    """One text of several, as they are compared. An index on it has the same arguments as the search that it serves."""
    # Numbers are cast to their digits; a NULL counts for nothing.
    texts = [Func(*fields, template="ARRAY[%(expressions)s]::text[]", output_field=_TEXTS)]
    if array:
        texts.append(Func(array, template="%(expressions)s::text[]", output_field=_TEXTS))
    # Keywords in the order in which migrations write them: an index is compared with its own in that order.
    return Func(
        *texts, arg_joiner=" || ", output_field=TextField(), template="pole_matching_text(%(expressions)s)"
    )
