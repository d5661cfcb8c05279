"""The MRCs by which the agenda is narrowed: those of the hub's territory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from forums.agenda.filters import Zone
from pole.caching.in_process import BoundedCache, process_cache
from pole.caching.public_pages import PublicState
from pole.models import Mrc, Municipality
from pole.server.database.prepared import prepared

_zones: BoundedCache[int, Mapping[str, Zone]] = process_cache(limit=2)


def zones_of(state: PublicState) -> Mapping[str, Zone]:
    """By code, in the order of their names: a query for each state of the hub."""
    return _zones.get_or_make(state.version_of("hub"), lambda: {zone.code: zone for zone in _in_territory()})


@prepared(Zone)
def _in_territory() -> QuerySet[Mrc, Any]:
    chosen = Municipality.objects.filter(is_in_territory=True).values("mrc_id")
    return Mrc.objects.filter(code__in=chosen).order_by("name", "code").values_list("code", "name")
