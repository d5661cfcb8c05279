"""Instances of models from the rows of a prepared query, for what reads a model: its methods, its shown fields, its template.

    FORUM = Instances(Forum, "id", "slug", "title", "title_en", municipality=Instances(Municipality, "id", "name"))

    @prepared(FORUM)
    def forum_of(slug: str) -> QuerySet[Forum, Any]:
        return Forum.objects.filter(slug=slug).values_list(*FORUM.columns)

A field that was not named raises when it is read, as after `fetch_mode(FETCH_RAISE)`: a page asks all its queries itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from inspect import Parameter, Signature
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import DEFERRED, FETCH_RAISE, ManyToOneRel, Model


class Instances[M: Model]:
    """What makes an instance of a row whose columns are `columns`, in their order.

    `names` are those of columns (`forum_id`, not `forum`), the primary key first, and of annotations; `related` gives the columns
    of what foreign keys lead to, None where they lead to nothing.
    """

    def __init__(self, model: type[M], *names: str, **related: Instances[Any]) -> None:
        self._model = model
        # (name of the relation, what makes its instance, its name on the other side when it leads back to one alone).
        self._related = [(name, made, _way_back(model, name)) for name, made in related.items()]
        fields = [field.attname for field in model._meta.concrete_fields]
        places = {name: place for place, name in enumerate(names)}
        self._places = [places.get(name) for name in fields]
        self._annotations = [(name, place) for name, place in places.items() if name not in fields]
        self._fields = fields
        self._own = len(names)
        self.columns: tuple[str, ...] = (
            *names,
            *(f"{field}__{column}" for field, made in related.items() for column in made.columns),
        )
        # What `prepared` compares with the columns of the query.
        self.__signature__ = Signature(
            [Parameter(name.replace("__", "_of_"), Parameter.POSITIONAL_ONLY) for name in self.columns]
        )
        # Makes the row alone, for what is looked at before an instance is needed.
        self.row = _Row(self.__signature__)

    def __call__(self, *row: Any) -> M:
        values = [DEFERRED if place is None else row[place] for place in self._places]
        made = self._model.from_db(DEFAULT_DB_ALIAS, self._fields, values, fetch_mode=FETCH_RAISE)
        for name, place in self._annotations:
            setattr(made, name, row[place])
        start = self._own
        for name, related, back in self._related:
            end = start + len(related.columns)
            other = None if row[start] is None else related(*row[start:end])
            if other is not None and back:
                other._state.fields_cache[back] = made
            made._state.fields_cache[name] = other
            start = end
        return made


def columns_of(model: type[Model], *, without: Iterable[str] = ()) -> tuple[str, ...]:
    """The names of its columns, the primary key first."""
    left_out = {*without}
    fields = sorted(model._meta.concrete_fields, key=lambda field: not field.primary_key)
    return tuple(field.attname for field in fields if field.attname not in left_out)


def _way_back(model: type[Model] | Model, name: str) -> str:
    """The foreign key that leads to `model` from what its relation `name` gives; "" when it is its own that leads there, or many do."""
    relation = model._meta.get_field(name)
    return relation.field.name if isinstance(relation, ManyToOneRel) else ""


class _Row:
    def __init__(self, signature: Signature) -> None:
        self.__signature__ = signature

    def __call__(self, *row: Any) -> tuple[Any, ...]:
        return row


def attach(owner: Model, name: str, rows: Iterable[Any]) -> None:
    """The rows of a relation, as `prefetch_related` leaves them: what `owner.<name>.all()` gives.

    A list: whoever would filter it is told, where a queryset would quietly ask again.
    """
    found = list(rows)
    if back := _way_back(owner, name):
        for row in found:
            row._state.fields_cache[back] = owner
    cache: dict[str, Any] = owner.__dict__.setdefault("_prefetched_objects_cache", {})
    cache[name] = found
