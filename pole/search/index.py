"""The search index of a process: every text that visitors search, in memory, by the `tantivy` library.

PostgreSQL is the only truth. Each scope of `settings.SEARCH_SOURCES` gives documents; they are read again from it when
the content version of their scope has risen, by the keys that triggers noted (pole/sql/03_search_changes.sql).
docs/adr/0022-search-index.md
"""

from __future__ import annotations

import logging
import os
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from operator import ge

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.module_loading import import_string
from tantivy import Index, Order, Query, Searcher

from pole.caching.in_process import BoundedCache, process_cache
from pole.caching.public_pages import PublicState, read_public_state
from pole.search.documents import (
    SCHEMA,
    WHOLE,
    WORDS,
    SearchDocument,
    any_of,
    document_id,
    term,
    written,
)

_log = logging.getLogger(__name__)

# The public documents of a scope, at a time: those of some keys, or all.
type Source = Callable[[Collection[int] | None, datetime], Iterator[SearchDocument]]

# Bytes that the writer holds before it writes a segment: the least that the library takes.
WRITER_BYTES = 15_000_000
# Above as many documents, or changes, a visitor does not wait: PostgreSQL answers meanwhile.
MAX_MADE_AT_ONCE = 500
# Seconds that a visitor waits for another's.
LOCK_SECONDS = 0.5
# The journal of changes is kept for a week: an index that was not asked for nearly so long is made again.
JOURNAL_KEPT, JOURNAL_TRUSTED = timedelta(days=7), timedelta(days=6)
# Facets that are counted, and counts that a state remembers.
MAX_VALUES = 100_000


class SearchState:
    """The documents of every scope at one moment; it never changes."""

    def __init__(
        self,
        searcher: Searcher,
        totals: dict[str, int],
        facets: dict[str, Counter[str]],
        vocabulary: dict[str, dict[str, None]],
    ) -> None:
        self.searcher = searcher
        # Every word, by scope: what a mistyped word may have meant. It may hold words that no
        # document has any more.
        self.vocabulary = vocabulary
        # Documents, and how many of them have each facet, by scope.
        self.totals, self.facets = totals, facets
        # Cache of what is computed from this state.
        self.counts: BoundedCache[str, int] = BoundedCache(MAX_VALUES)

    def count(self, query: Query) -> int:
        """How many documents match."""
        return self.searcher.search(query, limit=1).count  # type: ignore[attr-defined,no-any-return]  # not in its stubs

    def count_facets(self, query: Query) -> Counter[str]:
        """How many of the documents that match have each facet."""
        return _count_values(self.searcher, query, "facet")

    def count_pairs(self, query: Query) -> Counter[str]:
        """How many of the documents that match have each pair."""
        return _count_values(self.searcher, query, "pair")

    def keys_in_order(self, query: Query, start: int, count: int) -> list[int]:
        """Of the documents that match, in their order."""
        if count <= 0:
            return []
        found = self.searcher.search(
            query, limit=count, offset=start, order_by_field="order", order=Order.Asc, count=False
        )
        return [int(order.rpartition("\0")[2]) for order, _address in found.hits]

    def best(self, query: Query, count: int) -> tuple[list[int], list[int]]:
        """Scores and keys of the `count` best documents, best first; equals in any order."""
        hits = self.searcher.search(query, limit=count, count=False).hits
        keys = self.searcher.fast_field_values("key", [address for _score, address in hits])
        return [int(score) for score, _address in hits], [int(key or 0) for key in keys]


def _count_values(searcher: Searcher, query: Query, field: str) -> Counter[str]:
    asked = {"values": {"terms": {"field": field, "size": MAX_VALUES, "segment_size": MAX_VALUES}}}
    buckets = searcher.aggregate(query, asked)["values"]["buckets"]
    return Counter({bucket["key"]: bucket["doc_count"] for bucket in buckets})


@dataclass(frozen=True, slots=True)
class _Held:
    """Which documents of a scope are held."""

    # Its content version, and those of the other scopes that say which of its texts are public.
    number: int
    others: tuple[int, ...]
    # When others become public by themselves.
    until: datetime | None
    # When they were read, by the clock of the database.
    read_at: datetime | None = None

    @classmethod
    def of(cls, scope: str, public_state: PublicState) -> _Held:
        number, *others, until = public_state.key_of(scope, *settings.SEARCH_SOURCES[scope][1])
        return cls(number, tuple(others), until)  # type: ignore[arg-type]  # versions, then a moment

    def needs_only_changes(self, wanted: _Held, now: datetime, read_at: datetime) -> bool:
        """Whether what the triggers noted since is all that changed."""
        return (
            self.others == wanted.others
            and (self.until is None or now < self.until)
            and self.read_at is not None
            and read_at - self.read_at < JOURNAL_TRUSTED
        )


class SearchIndex:
    """Safe between threads: one writes, the others read the last state."""

    def __init__(self) -> None:
        self._index = Index(SCHEMA)
        self._index.register_tokenizer("whole", WHOLE)
        self._index.register_fast_field_tokenizer("whole", WHOLE)
        self._index.register_tokenizer("words", WORDS)
        self._index.config_reader("manual")
        self._writer = self._index.writer(WRITER_BYTES, 1)
        self._lock = threading.Lock()
        self._making = threading.Lock()
        self._held: dict[str, _Held] = {}
        self._state = SearchState(self._index.searcher(), {}, {}, {})

    def at(self, scope: str, public_state: PublicState) -> SearchState | None:
        """The documents of a scope at this state of public data, or at a later one; None while they are being read, in
        the background: the database must answer. A few queries when something has changed."""
        if self._is_held(scope, public_state):
            return self._state
        if self._making.locked() or not self._lock.acquire(timeout=LOCK_SECONDS):
            return None
        try:
            if self._is_held(scope, public_state) or self._catch_up(scope, public_state):
                return self._state
        finally:
            self._lock.release()
        self._make_in_background()
        return None

    def make_all(self) -> None:
        """Read every scope that is not held, however many documents it has."""
        with self._lock:
            public_state = read_public_state(timezone.now())
            for scope in settings.SEARCH_SOURCES:
                if not self._is_held(scope, public_state):
                    self._catch_up(scope, public_state, at_most=None)

    def _is_held(self, scope: str, public_state: PublicState) -> bool:
        held, wanted = self._held.get(scope), _Held.of(scope, public_state)
        return (
            held is not None
            and held.number >= wanted.number
            and all(map(ge, held.others, wanted.others))
            and (held.until is None or public_state.now < held.until)
        )

    def _make_in_background(self) -> None:
        if self._making.acquire(blocking=False):
            threading.Thread(target=self._make, name="search index", daemon=True).start()

    def _make(self) -> None:
        try:
            self.make_all()
        except DatabaseError as error:
            # Whoever asks next starts again.
            _log.warning("search index: not made, %s", " ".join(str(error).split()))
        finally:
            connection.close()
            self._making.release()

    # --- Writing: the lock is held

    def _catch_up(
        self, scope: str, public_state: PublicState, at_most: int | None = MAX_MADE_AT_ONCE
    ) -> bool:
        """Read what changed until this state, or the whole scope; False when it is more than `at_most` documents:
        nothing is done then. What is read may be newer than the state, and is read again at the next one."""
        held, wanted = self._held.get(scope), _Held.of(scope, public_state)
        read_at, keys = changed_keys(scope, held.number if held else -1, wanted.number, limit=at_most)
        if held is None or not held.needs_only_changes(wanted, public_state.now, read_at):
            keys = None
        source: Source = import_string(settings.SEARCH_SOURCES[scope][0])
        # A version also rises for what nobody searches.
        documents = iter(()) if keys == [] else source(keys, public_state.now)
        if at_most is not None:
            first = list(islice(documents, at_most + 1))
            if len(first) > at_most:
                return False
            documents = iter(first)
        self._replace(scope, keys, documents)
        self._held[scope] = replace(wanted, read_at=read_at)
        return True

    def _replace(self, scope: str, keys: Collection[int] | None, documents: Iterator[SearchDocument]) -> None:
        """In the place of all of a scope, or of some of its documents."""
        if keys is not None and not keys:
            return
        former = (
            term("scope", scope)
            if keys is None
            else any_of(term("id", document_id(scope, key)) for key in keys)
        )
        try:
            self._writer.delete_documents_by_query(former)
            # A copy: others look through the former one meanwhile.
            known = {} if keys is None else dict(self._state.vocabulary.get(scope, {}))
            for document in documents:
                self._writer.add_document(written(scope, document, known))
            self._writer.commit()
        except BaseException:
            self._writer.rollback()
            raise
        self._index.reload()
        self._state = self._counted(scope, keys, former, known)

    def _counted(
        self, scope: str, keys: Collection[int] | None, changed: Query, vocabulary: dict[str, None]
    ) -> SearchState:
        """What is there now: of some documents, by what they add to the counts and what they took."""
        before, searcher = self._state, self._index.searcher()
        if keys is None:
            facets = _count_values(searcher, term("scope", scope), "facet")
            total = searcher.search(term("scope", scope), limit=1).count  # type: ignore[attr-defined]  # as above
        else:
            facets = Counter(before.facets[scope])
            facets.subtract(before.count_facets(changed))
            facets.update(_count_values(searcher, changed, "facet"))
            facets = +facets
            total = before.totals[scope] - before.count(changed)
            total += searcher.search(changed, limit=1).count  # type: ignore[attr-defined]  # as above
        return SearchState(
            searcher,
            before.totals | {scope: total},
            before.facets | {scope: facets},
            before.vocabulary | {scope: vocabulary},
        )


def changed_keys(scope: str, after: int, until: int, limit: int | None) -> tuple[datetime, list[int] | None]:
    """What time it is, and the keys noted with these versions; None for all: a whole table was emptied, or they are
    more than `limit`. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT statement_timestamp(), ARRAY(SELECT DISTINCT changed.key FROM pole_numbered_change numbered"
            " JOIN pole_changed_row changed USING (scope, xact)"
            " WHERE numbered.scope = %s AND numbered.number > %s AND numbered.number <= %s LIMIT %s)",
            [scope, after, until, None if limit is None else limit + 1],
        )
        now, keys = cursor.fetchone()
    return now, None if 0 in keys or (limit is not None and len(keys) > limit) else keys


def forget_changes(before: datetime) -> int:
    """Of the journal: an index that has not read them by now is made again; how many. Two queries."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM pole_numbered_change WHERE at < %s", [before])
        cursor.execute(
            "DELETE FROM pole_changed_row changed WHERE NOT EXISTS (SELECT FROM pole_numbered_change numbered"
            " WHERE numbered.scope = changed.scope AND numbered.xact = changed.xact)"
        )
        return int(cursor.rowcount)


_kept: BoundedCache[str, SearchIndex] = process_cache(limit=1)
_kept_lock = threading.Lock()


# A child of this process has none of the threads that write.
os.register_at_fork(after_in_child=_kept.clear)


def search_index() -> SearchIndex:
    """That of this process."""
    with _kept_lock:
        return _kept.get_or_make("index", SearchIndex)


def make_in_background() -> None:
    """At the start of a process that serves pages."""
    search_index()._make_in_background()  # noqa: SLF001 - of this module
