"""Rows of a prepared query as models: where a page needs what their methods say, not their columns alone."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import Parameter, Signature
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import FETCH_RAISE, Model


class RowOf[M: Model]:
    """What `prepared` takes for rows: models of these columns, whose other fields are deferred and may not be read.

        _row = RowOf(Listing, without=("document",), joined={"municipality": Municipality})

        @prepared(_row)
        def listings(slug: str) -> QuerySet[Listing, Any]:
            return Listing.objects.filter(slug=slug).values_list(*_row.columns)

    `joined`: the models at the end of foreign keys that are read with it, by their path, each after the one it hangs on.
    """

    def __init__(
        self,
        model: type[M],
        *,
        without: tuple[str, ...] = (),
        joined: Mapping[str, type[Model]] | None = None,
    ) -> None:
        self._model = model
        self._names = _names(model, without)
        self._joined = [(path, each, _names(each)) for path, each in (joined or {}).items()]
        self.columns = (
            *self._names,
            *(f"{path}__{name}" for path, _model, names in self._joined for name in names),
        )
        self.__signature__ = Signature([Parameter(each, Parameter.POSITIONAL_ONLY) for each in self.columns])

    def __call__(self, *values: Any) -> M:
        at = len(self._names)
        row = _instance(self._model, self._names, values[:at])
        for path, model, names in self._joined:
            *owners, last = path.split("__")
            owner: Any = row
            for each in owners:
                owner = owner and getattr(owner, each)
            own = values[at : at + len(names)]
            at += len(names)
            if owner:
                is_there = own[names.index(model._meta.pk.attname)] is not None
                setattr(owner, last, _instance(model, names, own) if is_there else None)
        return row


def _names(model: type[Model], without: tuple[str, ...] = ()) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields if field.name not in without]


def _instance[M: Model](model: type[M], names: list[str], values: tuple[Any, ...]) -> M:
    return model.from_db(DEFAULT_DB_ALIAS, names, values, fetch_mode=FETCH_RAISE)
