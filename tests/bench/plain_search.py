"""The same searches wholly in SQL: what they cost a program that remembers nothing between two of them.

The portal keeps sets of listings in memory and asks little of the database, so that its own statements
are no measure of its work. These find, count every facet and rank as the page does, but for what costs
more: no synonym, no mistyped word, one rank instead of several.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from psycopg import sql

LISTINGS_A_PAGE = 24
CONDITIONS = {
    "secteur": "sector_ids && ARRAY(SELECT id FROM enterprises_sector WHERE slug = ANY (%(secteur)s))",
    "mrc": "mrc_id = ANY (%(mrc)s)",
    "municipalite": "municipality_id = ANY (%(municipalite)s)",
    "forme": "legal_form = ANY (%(forme)s)",
}
VALUES = {
    "secteur": "unnest(sector_ids)::text",
    "mrc": "mrc_id",
    "municipalite": "municipality_id",
    "forme": "legal_form",
}
LISTINGS = (
    "enterprises_listing JOIN (SELECT code, mrc_id FROM pole_municipality) AS place"
    " ON code = municipality_id WHERE state = 'published'"
)
MATCHES = " AND document @@ to_tsquery(%(config)s, %(words)s)"
COLUMNS = "id, slug, name, legal_form, mission, mission_en, municipality_id, sector_ids"


def statements(path: str) -> list[tuple[sql.SQL, dict[str, Any]]]:
    """Two statements: every facet's counts with the total, and one page of listings."""
    from pole.search import FRENCH_CONFIG, query_words

    asked = parse_qs(urlsplit(path).query)
    words = query_words("".join(asked.get("q", [])))
    params: dict[str, Any] = {name: asked.get(name, []) for name in CONDITIONS}
    params |= {"config": FRENCH_CONFIG, "words": " | ".join(words)}
    chosen = {name: condition for name, condition in CONDITIONS.items() if name in asked}
    matching = LISTINGS + (MATCHES if words else "")
    hits = f"SELECT {COLUMNS}, mrc_id FROM {matching}"
    counts = [
        _counted(name, value, [each for other, each in chosen.items() if other != name])
        for name, value in VALUES.items()
    ]
    counts.append(_counted("total", "''", list(chosen.values())))
    facets = f"WITH hits AS MATERIALIZED ({hits}) {' UNION ALL '.join(counts)}"
    by_rank = words and asked.get("tri") != ["nom"]
    order = "ts_rank(document, to_tsquery(%(config)s, %(words)s)) DESC, " if by_rank else ""
    start = (int(asked.get("page", ["1"])[0]) - 1) * LISTINGS_A_PAGE
    page = f"SELECT {COLUMNS} FROM {_all([matching, *chosen.values()])}"
    page += f" ORDER BY {order}name_key, id LIMIT {LISTINGS_A_PAGE} OFFSET {start}"
    return [(sql.SQL(facets), params), (sql.SQL(page), params)]


def _counted(name: str, value: str, conditions: list[str]) -> str:
    where = f" WHERE {_all(conditions)}" if conditions else ""
    return f"(SELECT '{name}', {value} AS value, count(*) FROM hits{where} GROUP BY 2)"


def _all(conditions: list[str]) -> str:
    return " AND ".join(conditions)
