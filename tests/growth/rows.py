"""Thousands of rows of every kind that a hub can have, by SQL: copies of the few that factories made.

Nothing is listed but what does not grow: a table that is added tomorrow grows as the others, and one whose copies its
constraints refuse fails until `VALUES` says what differs from one row to the next.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db import connection

# The keys of the copies start here: the row of the same rank in another table has the same key.
FIRST_KEY = 10_000_000
# What a hub has one of, what comes with the code or with the region, and what the portal forgets by itself.
FIXED = {
    "django_migrations", "django_content_type", "auth_permission", "auth_group", "auth_group_permissions",
    "accounts_user_groups", "accounts_user_user_permissions",
    "pole_hub", "pole_setup", "pole_mrc", "pole_municipality", "pole_municipalityboundary", "pole_cache",
    "pole_contentversion", "pole_noted_change", "pole_numbered_change", "pole_changed_row", "pole_territoryupload",
    "pole_menuitem", "pole_partner", "pole_sql_file", "pole_keptfinding", "pole_retentionrun", "enterprises_sector", "forums_noticetext", "forums_ratelimitcounter",
    "procrastinate_workers", "procrastinate_periodic_defers",
}  # fmt: skip
# Of which a hub has a few hundred at most, since its region or the portal has no more: read whole, and on purpose.
FEW = {
    "pole_formermunicipality",
    "pole_synonymgroup",
    "pole_teammember",
    "pole_partner",
    "accounts_incident",
    "accounts_incidententry",
    "accounts_teaminvitation",
    "blog_missedaddress",
    "forums_season",
}
MOST_OF_A_FEW = 200
# Of which what they belong to has a few, as a forum has tracks: one each for the copies.
# table.column: what it belongs to.
A_FEW_EACH = {
    "blog_byline.post_id", "blog_post_documents.post_id", "blog_post_tags.post_id",
    "desk_presence.draft_id", "desk_reading.draft_id", "desk_remark.reading_id",
    "enterprises_checkup.listing_id", "enterprises_claim.listing_id", "enterprises_invitation.listing_id",
    "enterprises_listing.parent_id", "enterprises_listing_sectors.listing_id", "enterprises_listing_territory.listing_id",
    "enterprises_listingdocument.listing_id", "enterprises_listingphoto.listing_id", "enterprises_listingrole.listing_id",
    "enterprises_mention.listing_id", "enterprises_proposal.listing_id", "enterprises_attestation.listing_id",
    "forums_activityproposal.listing_id", "forums_answer.dossier_id", "forums_attendance.forum_id", "forums_dayteammember.forum_id",
    "forums_dossier.results_id", "forums_dossierevent.dossier_id", "forums_dossierfile.dossier_id",
    "forums_forum_documents.forum_id", "forums_option.question_id",
    "forums_papertyping.paper_id", "forums_priority.results_id", "forums_priorityupdate.priority_id",
    "forums_season_forums.forum_id", "forums_programmeitem.forum_id", "forums_question.round_id", "forums_recommendationevent.recommendation_id",
    "forums_registrationanswer.registration_id", "forums_sessionchoice.registration_id",
    "forums_sessionattendance.registration_id", "forums_registrationquestion.forum_id", "forums_results_rounds.results_id",
    "forums_round.forum_id", "forums_roundevent.round_id", "forums_session.forum_id", "forums_track.forum_id", "forums_notice.registration_id",
    "mfa_authenticator.user_id", "account_emailaddress.user_id", "procrastinate_events.job_id",
}  # fmt: skip
# Which of the first rows are copied, where the others are few in any hub: votes under way.
MODELS = {"forums_round": "sealed_at IS NOT NULL"}
# What a copy holds where the general rule would break a constraint; {own} is what the first row holds, {key} the key.
VALUES = {
    # The two ends are in order.
    "enterprises_duplicatepair.first_id": "{own}",
    "enterprises_duplicatepair.second_id": "{key}",
    "enterprises_listing.neq": "CASE WHEN {own} = '' THEN '' ELSE '11' || lpad(i::text, 8, '0') END",
    "blog_post.translation_of_id": "NULL::bigint",
    # A few among thousands.
    "accounts_user.roles": "'{{}}'",
    "accounts_user.is_superuser": "false",
    "forums_attendance.kind": "{own}",
    "forums_registrationquestion.position": "{own}",
    "forums_session.position": "{own} + mod(model.id, 20000)::int",
    "forums_session.starts_at": "{own} - i * interval '1 day'",
    "forums_session.ends_at": "{own} - i * interval '1 day'",
    "forums_registration.email": "CASE WHEN {own} = '' THEN '' ELSE i || {own} END",
    "forums_recommendation.survivor_id": "CASE WHEN {own} IS NOT NULL THEN {key} + 1 END",
    "forums_rollentry.user_id": "CASE WHEN {own} IS NOT NULL THEN {key} END",
    "forums_rollentry.registration_id": "CASE WHEN {own} IS NOT NULL THEN {key} END",
} | dict.fromkeys(A_FEW_EACH, "CASE WHEN {own} IS NOT NULL THEN {key} END")
# A hub has held thousands of forums, and a few are to come.
VALUES |= {
    f"forums_forum.{moment}": "{own} - i * interval '1 day'"
    for moment in (
        *("starts_at", "ends_at", "announced_at", "cancelled_at"),
        *("registration_opens_at", "registration_closes_at"),
    )
}
# To how many of the first rows half of the copies belong.
CROWDED = 4


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str
    # The most characters that it holds; 0 when it says none.
    length: int
    # The table that it names a row of.
    to: str


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    columns: tuple[Column, ...]
    # The columns of each unique index.
    unique: tuple[frozenset[str], ...]


_COLUMNS = """
    SELECT relation.relname, attribute.attname, format_type(attribute.atttypid, NULL),
        CASE WHEN attribute.atttypid = 'varchar'::regtype AND attribute.atttypmod > 0 THEN attribute.atttypmod - 4 ELSE 0 END,
        coalesce((SELECT confrelid::regclass::text FROM pg_constraint
            WHERE conrelid = relation.oid AND contype = 'f' AND conkey = ARRAY[attribute.attnum] LIMIT 1), '')
    FROM pg_class relation JOIN pg_attribute attribute ON attribute.attrelid = relation.oid
    WHERE relation.relkind = 'r' AND relation.relnamespace = 'public'::regnamespace
        AND attribute.attnum > 0 AND NOT attribute.attisdropped AND attribute.attgenerated = ''
    ORDER BY relation.relname, attribute.attnum
"""
# The names in an expression are columns or functions: an index of lower(email) holds what email holds.
_UNIQUE = """
    SELECT entry.indrelid::regclass::text, string_agg(pg_get_indexdef(entry.indexrelid, place, true), ' ')
    FROM pg_index entry, generate_series(1, entry.indnkeyatts) AS place
    WHERE entry.indisunique GROUP BY entry.indexrelid, entry.indrelid
"""


def growing_tables() -> list[Table]:
    """Every table that grows, as the catalogue describes it."""
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        columns: dict[str, list[Column]] = {}
        for table, *column in cursor.fetchall():
            columns.setdefault(table, []).append(Column(*column))
        cursor.execute(_UNIQUE)
        unique: dict[str, set[frozenset[str]]] = {}
        for table, keys in cursor.fetchall():
            names = {column.name for column in columns.get(table, ())} & set(re.findall(r"\w+", keys))
            unique.setdefault(table, set()).add(frozenset(names))
    return [
        Table(name, tuple(found), tuple(unique.get(name, ())))
        for name, found in columns.items()
        if name not in FIXED
    ]


def grow(before: int, size: int) -> None:
    """Copies the first rows of each table until it has `size` more of them; `before` of those are there already."""
    tables = growing_tables()
    growing = {table.name for table in tables}
    with connection.cursor() as cursor:
        # Neither triggers, which would note each row, nor foreign keys: both ends are copied.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in tables:
            most = min(size, MOST_OF_A_FEW) if table.name in FEW else size
            cursor.execute(_copies(table, growing), {"before": before + 1, "size": most})
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute("ANALYZE")


def _copies(table: Table, growing: set[str]) -> str:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    values = ", ".join(_value(table, column, growing) for column in table.columns)
    key = next((column for column in table.columns if column.name == "id"), table.columns[0])
    copied = [f'"{key.name}" < {FIRST_KEY}'] if key.type in _WHOLE else []
    copied += [MODELS[table.name]] if table.name in MODELS else []
    first = f"WHERE {' AND '.join(copied)}" if copied else ""
    return f"""
        WITH model AS (
            SELECT *, row_number() OVER (ORDER BY "{key.name}" DESC) AS model_rank, count(*) OVER () AS models
            FROM "{table.name}" {first}
        )
        INSERT INTO "{table.name}" ({names})
        SELECT {values} FROM generate_series(%(before)s, %(size)s) AS i
        JOIN model ON model_rank = 1 + (i / 2) %% CASE WHEN i %% 2 = 0 THEN least(models, {CROWDED}) ELSE models END
    """


def _value(table: Table, column: Column, growing: set[str]) -> str:
    """What the i-th copy holds in a column.

    Half of the rows belong to what a few of the first ones belong to, which then has thousands; the others to a copy each.
    """
    own = f'model."{column.name}"'
    if given := VALUES.get(f"{table.name}.{column.name}"):
        return given.format(own=own, key=f"({FIRST_KEY} + i)")
    if column.name == "id" and column.type in _WHOLE:
        return f"{FIRST_KEY} + i"
    of = [names for names in table.unique if column.name in names]
    if column.to:
        return own if column.to not in growing else _named(table, column, of, own, growing)
    if any(_varying(table, names, growing) == {column.name} for names in of):
        return _differing(column, own)
    return f"{own} - i * interval '1 second'" if column.type == _MOMENT else own


def _named(table: Table, column: Column, of: list[frozenset[str]], own: str, growing: set[str]) -> str:
    """A row of what was there or a copy of it: every second time, or always where each must name one of its own."""
    if column.to == table.name and not of:
        return own
    copied = f"CASE WHEN {own} IS NULL THEN NULL ELSE {FIRST_KEY} + i END"
    kept = 0
    for names in of:
        varying = sorted(_varying(table, names, growing))
        if varying == [column.name]:
            return copied
        if column.name in varying:
            kept = varying.index(column.name) % 2
    return f"CASE WHEN i %% 2 = {kept} THEN {own} ELSE {copied} END"


def _varying(table: Table, names: frozenset[str], growing: set[str]) -> set[str]:
    """What makes the rows of a unique index differ: a column long enough for that, or the rows that it names."""
    columns = [column for column in table.columns if column.name in names]
    free = [column for column in columns if not column.to and column.type in _DIFFERING]
    roomy = [column for column in free if not 0 < column.length <= SHORT]
    foreign = {column.name for column in columns if column.to in growing}
    if roomy:
        return {min(roomy, key=lambda column: list(_DIFFERING).index(column.type)).name}
    return foreign or {column.name for column in free}


_MOMENT = "timestamp with time zone"
_WHOLE = {"integer", "bigint"}
# The first of them that a unique index has takes another value in each copy.
_DIFFERING = (
    "uuid",
    "bytea",
    "text",
    "character varying",
    *_WHOLE,
    "smallint",
    _MOMENT,
    "date",
    "text[]",
    "character varying[]",
)
# Codes, kinds, states: as many characters do not make thousands of values.
SHORT = 12


def _differing(column: Column, own: str) -> str:
    """What no other copy of this row holds."""
    if 0 < column.length <= SHORT:
        return f"lpad(to_hex(i), {column.length}, 'x')"
    kept = f"left({own}, {column.length - 9})" if column.length else own
    text = f"CASE WHEN {own} = '' THEN '' ELSE {kept} || '-' || i END"
    by_type = {
        "smallint": "1000 + i %% 30000",
        "uuid": "gen_random_uuid()",
        "bytea": f"substring(sha256({own} || i::text::bytea) FROM 1 FOR greatest(1, length({own})))",
        "date": f"{own} - i",
        _MOMENT: f"{own} - i * interval '1 second'",
        **dict.fromkeys(("character varying", "text"), text),
        **dict.fromkeys(_WHOLE, f"{own} + {FIRST_KEY} + i"),
        **dict.fromkeys(("text[]", "character varying[]"), f"{own} || i::text"),
    }
    return by_type[column.type]
