"""Files of the whole directory, which the worker makes; a file that someone asks for is cut out of one.

One for each format and language, in the order of names: the text of every listing, then where each ends. A request takes
from it what has not changed since, by the journal of search (pole/sql/03_search_changes.sql), and writes the rest
itself: what it gives is never older than the page. Nothing else serves these files; they may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import logging
import mmap
import struct
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import batched
from pathlib import Path

from django.conf import settings
from django.utils import translation

from enterprises.exporting.formats import FORMATS, Format
from enterprises.exporting.rows import listings_of
from enterprises.models import Listing
from enterprises.search.snapshot import SCOPE, Snapshot, snapshot_of_database
from pole.caching.in_process import BoundedCache, process_cache
from pole.caching.public_pages import PublicState
from pole.search.index import JOURNAL_TRUSTED, changed_keys
from pole.server.whole_files import writing_whole
from pole.text.bilingual import current_language

_log = logging.getLogger(__name__)
# At its end: the content version of the listings, the second at which it was read, how many listings there are, where the
# text of the last one ends, what the texts depend on beside them, and what these bytes are.
_END = struct.Struct("=qqqq20s8s")
_MARK = b"POLEROW2"
# Bytes sent at a time, and listings written at a time by whoever has no file.
_BLOCK, _CHUNK = 256_000, 500
# More listings changed since: the worker makes the file again soon, and meanwhile nothing of it serves.
MAX_CHANGED = 2_000
# More than these to write: nobody’s request does, and the file is waited for.
MAX_WRITTEN = 5_000
# How often the worker makes them (`enterprises.tasks.renew_exports`), and what it needs for a directory that is large.
RENEWED_EVERY, MAKING_TAKES = timedelta(minutes=5), timedelta(minutes=1)
# That of a directory where nothing changes is made again, so that the journal tells of all that changes after it.
RENEWED_AFTER = timedelta(days=1)


class BeingMade(Exception):
    """The file is too long to be written by a request, and the worker has not made it yet."""

    def __init__(self, ready_at: datetime) -> None:
        super().__init__(ready_at)
        self.ready_at = ready_at


class MadeFile:
    """One that was made, read where it lies."""

    def __init__(self, path: Path) -> None:
        """Raises OSError, or ValueError if it is no such file."""
        with path.open("rb") as file:
            self._content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if len(self._content) < _END.size:
            raise ValueError(path)
        end = _END.unpack(self._content[-_END.size :])
        self.version, self._read_at, count, self.last, self.depends_on, mark = end
        if mark != _MARK or len(self._content) != self.last + 24 * count + _END.size:
            raise ValueError(path)
        # In the order of keys; read where they lie, whatever their number.
        table = memoryview(self._content)[self.last : self.last + 24 * count].cast("q")
        self._keys, self._starts, self._ends = (table[at * count : (at + 1) * count] for at in range(3))

    def age(self, now: datetime) -> timedelta:
        return now - datetime.fromtimestamp(self._read_at, UTC)

    def text_of(self, key: int) -> bytes | None:
        """Of a listing."""
        at = bisect_left(self._keys, key)
        if at == len(self._keys) or self._keys[at] != key:
            return None
        return self._content[self._starts[at] : self._ends[at]]

    def whole(self) -> Iterator[bytes]:
        """From its opening to its last listing."""
        for start in range(0, self.last, _BLOCK):
            yield self._content[start : min(start + _BLOCK, self.last)]


# By path, with the time at which it was made.
_opened: BoundedCache[Path, tuple[int, MadeFile]] = process_cache(limit=2 * len(FORMATS))


def _path(kind: str, language: str) -> Path:
    return Path(settings.EXPORTS_DIR) / f"{kind}-{language}"


def _made(kind: str, language: str) -> MadeFile | None:
    path = _path(kind, language)
    try:
        made_at = path.stat().st_mtime_ns
        known = _opened.get(path)
        if known is None or known[0] != made_at:
            known = _opened[path] = (made_at, MadeFile(path))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        _log.warning("export %s: its file can't be read, and does not serve", path.name)
        return None
    return known[1]


def _depends_on(snapshot: Snapshot, public_state: PublicState) -> bytes:
    """What the texts are made of beside the listings: places, sectors, the code."""
    sectors = [(each.pk, each.slug, each.name, each.name_en) for each in snapshot.sectors.values()]
    parts = (settings.RELEASE, settings.BASE_URL, public_state.version_of("hub"), snapshot.places, sectors)
    return hashlib.sha256(repr(parts).encode()).digest()[:20]


# --- For a visitor ----------------------------------------------------------------------------------


def pieces(
    kind: str, keys: Sequence[int] | None, snapshot: Snapshot, public_state: PublicState
) -> Iterator[bytes]:
    """The file of these listings, in their order; of all of them, by name, when they are None. In the current language.

    No query for what a made file has; else one for each 500 listings, and never more of them in memory. Raises `BeingMade`
    when they are more than `MAX_WRITTEN`.
    """
    known, changed = usable(kind, snapshot, public_state)
    if keys is None and known and not changed and known.version == public_state.version_of(SCOPE):
        return _whole(FORMATS[kind], known)
    if known is None and (snapshot.total if keys is None else len(keys)) > MAX_WRITTEN:
        raise BeingMade(_next_time(public_state.now))
    if keys is None:
        keys = list(Listing.objects.published().values_list("pk", flat=True))
    return _cut_out(FORMATS[kind], keys, snapshot, current_language(), known, changed)


def _next_time(now: datetime) -> datetime:
    """When the worker will have made it: it begins at each fifth minute of the clock."""
    return now + RENEWED_EVERY - (now - datetime.min.replace(tzinfo=UTC)) % RENEWED_EVERY + MAKING_TAKES


def usable(
    kind: str, snapshot: Snapshot, public_state: PublicState
) -> tuple[MadeFile | None, frozenset[int]]:
    """The made file, if there is one that may serve, and the listings that changed since. One query, or none."""
    known, version = _made(kind, current_language()), public_state.version_of(SCOPE)
    if known is None or known.depends_on != _depends_on(snapshot, public_state) or known.version > version:
        return None, frozenset()
    if known.version == version:
        return known, frozenset()
    if known.age(public_state.now) >= JOURNAL_TRUSTED:
        return None, frozenset()
    _now, keys = changed_keys(SCOPE, known.version, version, MAX_CHANGED)
    return (None, frozenset()) if keys is None else (known, frozenset(keys))


def _whole(form: Format, known: MadeFile) -> Iterator[bytes]:
    yield from known.whole()
    yield form.closing


def _cut_out(
    form: Format,
    keys: Sequence[int],
    snapshot: Snapshot,
    language: str,
    known: MadeFile | None,
    changed: frozenset[int],
) -> Iterator[bytes]:
    with translation.override(language):
        waiting = [form.opening(snapshot).encode()]
    size, separator = 0, b""
    for chunk in batched(keys, _CHUNK, strict=False):
        # Never active across a `yield`: the thread serves other requests in between.
        with translation.override(language):
            texts = _texts(form, chunk, snapshot, known, changed)
        for key in chunk:
            if key in texts:
                waiting += [separator, texts[key]]
                size += len(texts[key])
                separator = form.between
        if size > _BLOCK:
            yield b"".join(waiting)
            waiting, size = [], 0
    waiting.append(form.closing)
    yield b"".join(waiting)


def _texts(
    form: Format, keys: Sequence[int], snapshot: Snapshot, known: MadeFile | None, changed: frozenset[int]
) -> dict[int, bytes]:
    """Of those that are published, in the current language: as they were made, or written now, by one query."""
    texts = {}
    for key in keys if known else ():
        if key not in changed and (text := known.text_of(key)) is not None:  # type: ignore[union-attr]  # tested above
            texts[key] = text
    if others := [key for key in keys if key not in texts]:
        texts |= {row.pk: form.item(row, snapshot).encode() for row in listings_of(others)}
    return texts


# --- For the worker ---------------------------------------------------------------------------------


def renew(public_state: PublicState) -> list[str]:
    """Makes again each file that is not of this state, out of what it has that is still right; the names of these."""
    snapshot = snapshot_of_database(public_state)
    renewed = []
    for language, _name in settings.LANGUAGES:
        for kind in FORMATS:
            with translation.override(language):
                known, changed = usable(kind, snapshot, public_state)
                if known and _is_recent(known, public_state):
                    continue
                # What is hidden now lies in no file while another is made, nor if none can be.
                if known is None:
                    forget(kind, language)
                _make(FORMATS[kind], language, snapshot, public_state, known, changed)
                renewed.append(_path(kind, language).name)
    return renewed


def _is_recent(known: MadeFile, public_state: PublicState) -> bool:
    return known.version == public_state.version_of(SCOPE) and known.age(public_state.now) < RENEWED_AFTER


def forget(kind: str, language: str) -> None:
    with suppress(FileNotFoundError):
        _path(kind, language).unlink()


def _make(
    form: Format,
    language: str,
    snapshot: Snapshot,
    public_state: PublicState,
    known: MadeFile | None,
    changed: frozenset[int],
) -> None:
    """In the memory of some chunks, whatever there is to write. One query for the order, and one for each 500 listings."""
    order = Listing.objects.published().order_by("name_key", "id").values_list("pk", flat=True)
    places: list[tuple[int, int, int]] = []
    with writing_whole(_path(form.kind, language)) as file:
        file.write(form.opening(snapshot).encode())
        for chunk in batched(order.iterator(chunk_size=5_000), _CHUNK, strict=False):
            texts = _texts(form, chunk, snapshot, known, changed)
            for key in chunk:
                if key in texts:
                    file.write(form.between if places else b"")
                    start = file.tell()
                    file.write(texts[key])
                    places.append((key, start, file.tell()))
        last = file.tell()
        for column in zip(*sorted(places), strict=True):
            file.write(array("q", column).tobytes())
        version = public_state.version_of(SCOPE)
        read_at = int(public_state.now.timestamp())
        file.write(_END.pack(version, read_at, len(places), last, _depends_on(snapshot, public_state), _MARK))
