"""Finding listings by PostgreSQL alone, while the search index of the process is being made: exact, slower, and without
forgiving slips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection

from pole.geo.levels import NO_MRC
from pole.search import ENGLISH_CONFIG, FRENCH_CONFIG, Synonyms, any_word_text

# The values of each facet that a listing has, and what tells whether it has some of the values asked for.
_FACETS = {
    "sectors": ("unnest(listing.sector_ids)", "listing.sector_ids && %s::bigint[]"),
    "mrcs": (f"coalesce(town.mrc_id, '{NO_MRC}')", f"coalesce(town.mrc_id, '{NO_MRC}') = ANY (%s)"),
    "municipalities": ("listing.municipality_id", "listing.municipality_id = ANY (%s)"),
    "legal_forms": ("nullif(listing.legal_form, '')", "listing.legal_form = ANY (%s)"),
    "supplies": ("unnest(listing.supplies)", "listing.supplies && %s::varchar[]"),
    "languages": ("unnest(listing.languages)", "listing.languages && %s::varchar[]"),
    "served": ("unnest(listing.served)", "listing.served && %s::varchar[]"),
    # Counted alone.
    "unplaced": ("CASE WHEN listing.latitude IS NULL THEN listing.municipality_id END", ""),
}
_COUNTED = "listing.municipality_id, sector_ids, legal_form, supplies, languages, served, listing.latitude"
_FROM = (
    "FROM enterprises_listing listing JOIN pole_municipality town ON town.code = listing.municipality_id"
    " WHERE listing.state = 'published'"
)
_QUERY = f"(to_tsquery('{FRENCH_CONFIG}', %s) || to_tsquery('{ENGLISH_CONFIG}', %s))"

type Condition = tuple[str, list[Any]]


class Asked(NamedTuple):
    # Values of each facet.
    chosen: Mapping[str, Sequence[Any]]
    words: Sequence[str]
    synonyms: Synonyms
    # The codes of the only municipalities, beside the facets.
    within: Sequence[str] | None

    @property
    def raw(self) -> str:
        return any_word_text(self.words, self.synonyms)

    def conditions(self) -> dict[str, Condition]:
        """By what each comes from."""
        conditions: dict[str, Condition] = {
            facet: (_FACETS[facet][1], [list(values)]) for facet, values in self.chosen.items() if values
        }
        if self.within is not None:
            conditions["within"] = (_FACETS["municipalities"][1], [list(self.within)])
        if self.words:
            conditions["words"] = (f"listing.document @@ {_QUERY}", [self.raw, self.raw])
        return conditions


def find(
    asked: Asked,
    *,
    towns: Sequence[str],
    is_ranked: bool,
    is_by_verification: bool,
    start: int,
    count: int,
) -> tuple[int, dict[str, int], list[int]]:
    """The total, how many listings have each facet ("mrcs:70") the others being as chosen, and the keys of some.

    `towns`: the codes of municipalities in the order in which their listings come, if they do; else by rank, by the day of
    the last check, or by name. Three queries.
    """
    conditions = asked.conditions()
    where, values = _where(conditions)
    order_values: list[Any]
    order, order_values = "listing.name_key, listing.id", []
    if towns:
        order, order_values = f"array_position(%s, listing.municipality_id), {order}", [list(towns)]
    elif is_by_verification:
        order = f"listing.verified_on DESC NULLS LAST, {order}"
    elif is_ranked and asked.words:
        order, order_values = f"ts_rank(listing.document, {_QUERY}) DESC, {order}", [asked.raw, asked.raw]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {_FROM}{where}", values)
        (total,) = cursor.fetchone()
        cursor.execute(
            f"SELECT listing.id {_FROM}{where} ORDER BY {order} LIMIT %s OFFSET %s",
            [*values, *order_values, count, start],
        )
        keys = [key for (key,) in cursor.fetchall()]
    return total, _count(conditions), keys


def count_all() -> tuple[int, dict[str, int]]:
    """How many listings there are, and how many have each facet: two queries."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {_FROM}")
        (total,) = cursor.fetchone()
    return total, _count({})


def count_pairs(asked: Asked) -> dict[str, int]:
    """How many listings of what is asked for have each municipality and sector ("67045 3"): one query."""
    where, values = _where(asked.conditions())
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT pair, count(*) FROM (SELECT listing.municipality_id || ' ' || unnest(listing.sector_ids) AS pair {_FROM}{where})"  # noqa: S608 - constants and parameters
            " AS counted GROUP BY pair",
            values,
        )
        return dict(cursor.fetchall())


def _count(conditions: Mapping[str, Condition]) -> dict[str, int]:
    where, values = _where(conditions)
    statements, all_values = [], [*values]
    for facet, (column, _test) in _FACETS.items():
        source = "FROM found listing JOIN pole_municipality town ON town.code = listing.municipality_id"
        if facet in conditions:
            others, own = _where({name: each for name, each in conditions.items() if name != facet})
            source = f"{_FROM}{others}"
            all_values += own
        statements.append(
            f"SELECT '{facet}:' || value, count(*) FROM (SELECT {column}::text AS value {source}) AS counted"  # noqa: S608 - likewise
            " WHERE value IS NOT NULL GROUP BY value"
        )
    with connection.cursor() as cursor:
        # What satisfies everything is looked for once, for every facet of which nothing is chosen.
        cursor.execute(
            f"WITH found AS MATERIALIZED (SELECT {_COUNTED} {_FROM}{where}) {' UNION ALL '.join(statements)}",
            all_values,
        )
        return dict(cursor.fetchall())


def _where(conditions: Mapping[str, Condition]) -> Condition:
    values = [value for _sql, own in conditions.values() for value in own]
    return "".join(f" AND {sql}" for sql, _values in conditions.values()), values
