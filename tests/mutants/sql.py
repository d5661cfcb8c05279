"""One hand-made mutant for each condition of each SQL function of the vote, which no measure of Python sees.

A function is mutated in the text that PostgreSQL gives of it (`pg_get_functiondef`): one fragment, found there once,
is replaced. A trigger is mutated by removing each of its events in turn. `test_catalogue` checks that no function,
no condition and no trigger escapes these lists.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

# All of `forums_…`, and so those that protect the history of recommendations too.
FUNCTIONS = """
SELECT proname, pg_get_functiondef(oid) FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'forums\\_%' ORDER BY proname
"""
TRIGGERS = """
SELECT tgname, tgrelid::regclass::text, pg_get_triggerdef(pg_trigger.oid)
FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
WHERE NOT tgisinternal AND proname LIKE 'forums\\_%' ORDER BY tgrelid::regclass::text, tgname
"""
CONDITION = re.compile(r"(?<!END )\b(IF|AND|OR|NOT|WHERE|WHEN)\b(?! REPLACE)")


def columns_made_mutable(*names: str) -> list[tuple[str, str]]:
    """Each column is added to the list of those that may change."""
    return [("ARRAY['closes_at'", f"ARRAY['{name}', 'closes_at'") for name in names]


def columns_made_immutable(*names: str) -> list[tuple[str, str]]:
    """Each column is taken from the list of those that may change."""
    return [(f"'{name}',", "") for name in names]


def immutable_but(link: str) -> list[tuple[str, str]]:
    """The conditions of a row that may change in one link alone, and only to lose it."""
    return [
        (f"(NEW.{link} IS NULL OR NEW.{link} IS NOT DISTINCT FROM OLD.{link})", "true"),
        (f"NEW.{link} IS NULL OR", ""),
        (f"OR NEW.{link} IS NOT DISTINCT FROM OLD.{link})", ")"),
        (f"AND to_jsonb(NEW) - '{link}' = to_jsonb(OLD) - '{link}'", ""),
    ]


MUTATIONS: dict[str, list[tuple[str, str]]] = {
    "forums_cast": [
        ("is_change := false;", "is_change := true;"),
        ("PERFORM pg_advisory_xact_lock_shared(1987015781, p_round_id::int);", ""),
        ("ON round_secret.round_id = id", "ON true"),
        (
            "WHERE id = p_round_id AND forums_is_open(forums_round)\n",
            "WHERE forums_is_open(forums_round)\n",
        ),
        ("AND forums_is_open(forums_round)\n", ""),
        ("AND forums_round.key_hash = encode(sha256(p_round_key), 'hex')", ""),
        ("IF NOT FOUND THEN", "IF false THEN"),
        (
            "WHERE round_id = p_round_id AND forums_is_open(forums_round);",
            "WHERE forums_is_open(forums_round);",
        ),
        ("WHERE round_id = p_round_id AND forums_is_open(forums_round);", "WHERE round_id = p_round_id;"),
        (
            "IF FOUND THEN\n            outcome := 'suspended'",
            "IF false THEN\n            outcome := 'suspended'",
        ),
        ("PERFORM pg_advisory_xact_lock(forums_voter_lock(v_voter_key));", ""),
        ("WHERE id = p_entry_id;", "LIMIT 1;"),
        ("IF NOT FOUND OR entry.round_id", "IF entry.round_id"),
        ("OR entry.round_id <> p_round_id", ""),
        ("OR entry.voided_at IS NOT NULL", ""),
        ("IF entry.is_on_paper THEN", "IF false THEN"),
        ("ON CONFLICT (round_id, voter_key) DO NOTHING", ""),
        # After the closing.
        (
            "WHERE round_id = p_round_id AND voter_key = forums_voter_key",
            "WHERE voter_key = forums_voter_key",
        ),
        ("AND voter_key = forums_voter_key(round_secret, p_round_key, p_entry_id)", ""),
        ("AND key_hash = ANY (idempotency_key_hashes);", ";"),
        ("IF FOUND THEN\n            SELECT", "IF true THEN\n            SELECT"),
        ("IF FOUND THEN\n            SELECT", "IF false THEN\n            SELECT"),
        (
            "FROM forums_roundsecret round_secret WHERE round_id = p_round_id;",
            "FROM forums_roundsecret round_secret LIMIT 1;",
        ),
        ("            is_change := cardinality(former.idempotency_key_hashes) > 1;\n", ""),
        (
            "            is_change := cardinality(former.idempotency_key_hashes) > 1;",
            "            is_change := cardinality(former.idempotency_key_hashes) > 0;",
        ),
        # While it is open.
        ("IF FOUND THEN\n        outcome", "IF true THEN\n        outcome"),
        ("IF FOUND THEN\n        outcome", "IF false THEN\n        outcome"),
        ("WHERE round_id = p_round_id AND voter_key = v_voter_key", "WHERE voter_key = v_voter_key"),
        ("AND voter_key = v_voter_key;", ";"),
        ("IF key_hash = ANY (former.idempotency_key_hashes) THEN", "IF true THEN"),
        ("IF key_hash = ANY (former.idempotency_key_hashes) THEN", "IF false THEN"),
        ("is_change := cardinality(former.idempotency_key_hashes) > 1;\n        outcome", "outcome"),
        (
            "cardinality(former.idempotency_key_hashes) > 1;\n        outcome",
            "cardinality(former.idempotency_key_hashes) > 0;\n        outcome",
        ),
        ("is_change := NOT former.is_withdrawn;", "is_change := true;"),
        ("is_change := NOT former.is_withdrawn;", "is_change := false;"),
        ("IF is_change AND", "IF"),
        ("AND NOT p_has_account", ""),
        ("AND p_shown_receipt_hash <> former.receipt_hash", ""),
        ("SET choices = p_choices, is_withdrawn", "SET is_withdrawn"),
        ("is_withdrawn = false, receipt_hash = v_receipt_hash,", "receipt_hash = v_receipt_hash,"),
        ("is_withdrawn = false, receipt_hash = v_receipt_hash,", "is_withdrawn = false,"),
        ("former.idempotency_key_hashes || key_hash", "ARRAY[key_hash]"),
        ("former.idempotency_key_hashes || key_hash", "former.idempotency_key_hashes"),
        ("WHERE id = former.id", ""),
    ],
    "forums_outcome_of_known_key": [
        (
            "WHEN ((key_hash = ((ballot).idempotency_key_hashes[cardinality((ballot).idempotency_key_hashes)])::text) AND",
            "WHEN (",
        ),
        ("AND (NOT (ballot).is_withdrawn)", ""),
        ("AND ((ballot).choices = p_choices)", ""),
    ],
    "forums_protect_opened_round": [
        ("IF OLD.opened_at IS NULL THEN", "IF true THEN"),
        ("IF OLD.opened_at IS NULL THEN", "IF false THEN"),
        ("RETURN COALESCE(NEW, OLD);", "RETURN NEW;"),
        ("IF TG_OP = 'DELETE' THEN", "IF false THEN"),
        ("IF OLD.sealed_at IS NOT NULL OR", "IF"),
        ("OR OLD.annulled_at IS NOT NULL", ""),
        *columns_made_mutable(
            "id", "forum_id", "number", "title", "title_en", "is_trial", "public", "reading"
        ),
        *columns_made_mutable("opens_at", "drawn_at", "opened_at", "seed_hash", "key_hash"),
        *columns_made_immutable(
            "closes_at", "closed_at", "sealed_at", "seal", "annulled_at", "annulled_because"
        ),
        *columns_made_immutable("papers_lost", "papers_lost_because", "receipts_fingerprint"),
        *columns_made_immutable("receipts_count", "tellers_part"),
        (", 'tellers_dropped_because']", "]"),
        ("IF to_jsonb(NEW) - may_change <> to_jsonb(OLD) - may_change\n       OR", "IF"),
        ("OLD.closed_at IS NOT NULL", "true"),
        *(
            (f"NEW.{name}{after}", f"OLD.{name}{after}")
            for name, after in (
                *(("closed_at", ", NEW"), ("closes_at", ", NEW"), ("receipts_fingerprint", ", NEW")),
                ("receipts_count", ")"),
            )
        ),
        (
            "OR (OLD.closed_at IS NOT NULL\n           AND (NEW.closed_at, NEW.closes_at,"
            " NEW.receipts_fingerprint, NEW.receipts_count)\n               IS DISTINCT FROM"
            " (OLD.closed_at, OLD.closes_at, OLD.receipts_fingerprint, OLD.receipts_count))",
            "",
        ),
        (
            "OR ((OLD.tellers_part, OLD.tellers_dropped_because) <> ('', '')\n           AND",
            "OR (",
        ),
        (
            "OR ((OLD.tellers_part, OLD.tellers_dropped_because) <> ('', '')\n           AND"
            " (NEW.tellers_part, NEW.tellers_dropped_because)\n               <>"
            " (OLD.tellers_part, OLD.tellers_dropped_because))",
            "",
        ),
        ("(NEW.tellers_part, NEW", "(OLD.tellers_part, NEW"),
        ("NEW.tellers_dropped_because)", "OLD.tellers_dropped_because)"),
        ("OR (NEW.closed_at IS NULL AND NEW.closes_at < OLD.closes_at)", ""),
        ("NEW.closed_at IS NULL AND", ""),
        ("NEW.closes_at < OLD.closes_at", "NEW.closes_at <= OLD.closes_at"),
    ],
    "forums_protect_round_questions": [
        ("bool_or(opened_at IS NOT NULL)", "bool_and(opened_at IS NOT NULL)"),
        ("opened_at IS NOT NULL", "true"),
        ("WHERE id IN (COALESCE(NEW.round_id, OLD.round_id),", "WHERE id IN ("),
        (", COALESCE(OLD.round_id, NEW.round_id)", ""),
        ("IF is_opened AND NOT", "IF NOT"),
        ("NOT (TG_OP = 'UPDATE'\n        AND", "NOT ("),
        *immutable_but("track_id"),
        ("RETURN COALESCE(NEW, OLD);", "RETURN NEW;"),
    ],
    "forums_protect_round_options": [
        ("COALESCE(NEW.question_id, OLD.question_id),", ""),
        (",\n                                    COALESCE(OLD.question_id, NEW.question_id)", ""),
        ("opened_at IS NOT NULL", "true"),
        ("WHERE id = (SELECT round_id FROM forums_question WHERE id = question)", ""),
        ("FROM forums_question WHERE id = question", "FROM forums_question LIMIT 1"),
        ("IF is_opened AND NOT", "IF NOT"),
        ("NOT (TG_OP = 'UPDATE'\n            AND", "NOT ("),
        *immutable_but("recommendation_id"),
        ("RETURN COALESCE(NEW, OLD);", "RETURN NEW;"),
    ],
    "forums_written_once": [
        ("IF TG_OP = 'UPDATE' AND to_jsonb(NEW) ? 'by_id'", "IF to_jsonb(NEW) ? 'by_id'"),
        ("AND to_jsonb(NEW) ? 'by_id'", ""),
        ("AND to_jsonb(NEW)->>'by_id' IS NULL", ""),
        ("AND to_jsonb(NEW) - 'by_id' = to_jsonb(OLD) - 'by_id'", ""),
        ("to_jsonb(OLD) - 'by_id' THEN\n        RETURN NEW;", "to_jsonb(OLD) - 'by_id' THEN\n        NULL;"),
        ("IF TG_OP = 'UPDATE' AND TG_TABLE_NAME", "IF TG_TABLE_NAME"),
        ("AND TG_TABLE_NAME = 'forums_dossierevent'", ""),
        ("AND to_jsonb(NEW)->>'detail' = ''", ""),
        ("AND to_jsonb(NEW) - 'detail' = to_jsonb(OLD) - 'detail'", ""),
        (
            "to_jsonb(OLD) - 'detail' THEN\n        RETURN NEW;",
            "to_jsonb(OLD) - 'detail' THEN\n        NULL;",
        ),
    ],
    "forums_dates_of_sessions": [
        ("min(starts_at) FILTER (WHERE cancelled_at IS NULL)", "min(starts_at)"),
        ("max(ends_at) FILTER (WHERE cancelled_at IS NULL)", "max(ends_at)"),
        ("WHERE forum_id = activity", ""),
    ],
    "forums_follow_sessions": [
        ("CASE TG_OP WHEN 'DELETE' THEN OLD.forum_id ELSE NEW.forum_id END", "NEW.forum_id"),
        ("WHERE id = activity AND", "WHERE"),
        ("AND dates.first IS NOT NULL", ""),
        ("AND (starts_at, ends_at) <> (dates.first, dates.last)", ""),
    ],
    "forums_keep_dates_of_sessions": [("IF dates.first IS NOT NULL THEN", "IF false THEN")],
    "forums_revise_session": [
        ("IF (NEW.title,", "IF true OR (NEW.title,"),
        ("NEW.revision = OLD.revision + 1;", "NEW.revision = OLD.revision;"),
        ("NEW.changed_at = now();", ""),
    ],
    "forums_is_running": [
        ("((round).opened_at IS NOT NULL) AND", ""),
        ("AND ((round).closed_at IS NULL)", ""),
        ("AND ((round).annulled_at IS NULL)", ""),
    ],
    "forums_is_open": [
        ("forums_is_running(round) AND", ""),
        ("AND (clock_timestamp() < (round).closes_at)", ""),
        # What the clock said when the request came, before it waited for the lock.
        ("clock_timestamp() < (round)", "statement_timestamp() < (round)"),
    ],
    "forums_ballot_needs_open_round": [
        ("WHERE id = NEW.round_id AND", "WHERE"),
        ("AND forums_is_running(forums_round)", ""),
        ("IF NOT FOUND THEN", "IF false THEN"),
    ],
    "forums_never_truncated": [("RAISE EXCEPTION", "RETURN NULL; RAISE EXCEPTION")],
    "forums_hmac": [
        ("sha256((outer_block ||", "sha256((inner_block ||"),
        ("sha256((inner_block || message))", "sha256(message)"),
        ("inner_block || message", "inner_block"),
    ],
    "forums_voter_key": [
        ("(secret).inner_block, (secret).outer_block", "(secret).outer_block, (secret).inner_block"),
        ("'voter:'::text || p_entry_id", "'voter:'::text"),
        ("'voter:'::text || p_entry_id", "'receipt:'::text || p_entry_id"),
        ("p_round_key ||", ""),
    ],
    "forums_find_ballot": [
        ("WHERE ((secret.round_id = forums_find_ballot.p_round_id) AND", "WHERE ("),
        ("AND (ballot.voter_key = ", "AND (ballot.voter_key <> "),
    ],
    "forums_shuffle_ballots": [
        ("WHERE round_id = p_round_id RETURNING", "RETURNING"),
        ("ORDER BY gen_random_uuid()", ""),
    ],
    "forums_voter_lock": [("substr(voter_key, 1, 8)", "substr(voter_key, 1, 1)")],
    "forums_lock_voters": [
        ("WHERE round_id = p_round_id ORDER BY 1", "ORDER BY 1"),
        ("ORDER BY 1", ""),
        ("PERFORM pg_advisory_xact_lock(lock_key);", ""),
    ],
    "forums_receipt": [
        ("|| p_voter_key", ""),
        ("p_round_key ||", ""),
        ("|| convert_to(p_idempotency_key, 'UTF8')", ""),
        ("'receipt:'::bytea", "'voter:'::bytea"),
        ("substr(digest, 1, 10)", "substr(digest, 2, 10)"),
        ("1..80 BY 5", "1..75 BY 5"),
        ("BY 5 LOOP", "BY 6 LOOP"),
        ("0123456789ABCDEFGHJKMNPQRSTVWXYZ", "0123456789ABCDEFGHIJKLMNOPQRSTUV"),
    ],
    "forums_random": [
        (
            "uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) || uuid_send(gen_random_uuid())",
            "''::bytea)",
        ),
    ],
    "forums_draw_secret": [
        ("secret bytea := forums_random()", "secret bytea := sha256('')"),
        ("seed bytea := forums_random()", "seed bytea := sha256('')"),
        ("0..63 LOOP", "0..62 LOOP"),
        ("# 54", "# 55"),
        ("# 92", "# 93"),
        ("encode(seed, 'hex')", "''"),
    ],
    "forums_protect_recommendation_history": [
        ("IF TG_OP = 'UPDATE'\n        AND", "IF"),
        ("(NEW.by_id IS NULL OR NEW.by_id IS NOT DISTINCT FROM OLD.by_id)", "true"),
        ("NEW.by_id IS NULL OR", ""),
        ("OR NEW.by_id IS NOT DISTINCT FROM OLD.by_id)", ")"),
        ("AND (NEW.helper_id IS NULL OR NEW.helper_id IS NOT DISTINCT FROM OLD.helper_id)", ""),
        ("NEW.helper_id IS NULL OR", ""),
        ("OR NEW.helper_id IS NOT DISTINCT FROM OLD.helper_id)", ")"),
        ("AND to_jsonb(NEW) - 'by_id' - 'helper_id' = to_jsonb(OLD) - 'by_id' - 'helper_id'", ""),
        ("RETURN NEW;", ""),
    ],
    "forums_history_never_truncated": [("RAISE EXCEPTION", "RETURN NULL; RAISE EXCEPTION")],
}

# No test can tell these from the function: why.
EQUIVALENT: dict[tuple[str, str, str], str] = {
    ("forums_cast", "IF FOUND THEN\n        outcome", "IF false THEN\n        outcome"): (
        "what was just cast is then read again, and answered as its own repetition: it only takes longer"
    ),
    ("forums_follow_sessions", "AND dates.first IS NOT NULL", ""): "dates that are NULL differ from none",
    ("forums_follow_sessions", "AND (starts_at, ends_at) <> (dates.first, dates.last)", ""): (
        "what is written is then what was there: it only takes longer"
    ),
    ("forums_written_once", "IF TG_OP = 'UPDATE' AND TG_TABLE_NAME", "IF TG_TABLE_NAME"): "as below",
    (
        "forums_written_once",
        "IF TG_OP = 'UPDATE' AND to_jsonb(NEW) ? 'by_id'",
        "IF to_jsonb(NEW) ? 'by_id'",
    ): ("when a row is deleted NEW is null, and so is what is asked of it: the condition only says it aloud"),
    ("forums_protect_recommendation_history", "IF TG_OP = 'UPDATE'\n        AND", "IF"): "as above",
}


@dataclass(frozen=True, slots=True)
class Change:
    """A mutant of the database: `apply` is the statement that breaks it, `undo` the one that restores it."""

    function: str
    description: str
    apply: str
    undo: str


def changes(fetch_all: Callable[[str], list[tuple[str, ...]]]) -> Iterator[Change]:
    """Every mutant that is not equivalent."""
    for function, source in fetch_all(FUNCTIONS):
        for fragment, other in MUTATIONS[function]:
            if (function, fragment, other) not in EQUIVALENT:
                description = " ".join(f"{fragment}  →  {other}".split())
                yield Change(function, description, source.replace(fragment, other), source)
    for trigger, table, source in fetch_all(TRIGGERS):
        yield from _without_an_event(trigger, table, source)


def _without_an_event(trigger: str, table: str, source: str) -> Iterator[Change]:
    replaced = source.replace("CREATE TRIGGER", "CREATE OR REPLACE TRIGGER", 1)
    before, when, events, after = re.split(r" (BEFORE|AFTER) (.+?) ON ", replaced, maxsplit=1)
    named = events.split(" OR ")
    for event in named:
        others = " OR ".join(each for each in named if each != event)
        apply = (
            f"{before} {when} {others} ON {after}"
            if others
            else f"ALTER TABLE {table} DISABLE TRIGGER {trigger}"
        )
        undo = replaced if others else f"ALTER TABLE {table} ENABLE TRIGGER {trigger}"
        yield Change(f"{trigger} on {table}", f"not {when.lower()} {event}", apply, undo)
