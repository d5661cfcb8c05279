"""Where a table begins and ends among the rows of a sheet: titles above it, totals and notes below it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

# Rows among which the header is looked for.
_LOOKED_AT = 40
_LAST_LOOKED_AT = 5
_LONGEST_HEADING = 80
# What no heading is: figures, an address, a date, a postal code.
_DATUM = re.compile(
    r"[\d\s.,()+/-]*\d[\d\s.,()+/-]*|\S+@\S+|(?:https?://|www\.)\S*|[A-Za-z]\d[A-Za-z][\s-]?\d[A-Za-z]\d"
)
_FOOTER = re.compile(
    r"(?:grand[\s-]*|sous[\s-]*)?tota(?:l|ux)(?:\s+(?:général|des?|d[’'])\b.*)?[\s:]*\d*"
    r"|(?:nombre|nb)\s+d.*|(?:sources?|notes?)\s*:.*|(?:dernière\s+)?mise\s+à\s+jour\b.*|page\s+\d+.*|[©*].*",
    re.IGNORECASE,
)

type IsKnown = Callable[[str], bool]


def find_header(rows: Sequence[list[str]], is_known: IsKnown | None) -> int:
    """The index of the row that names the columns: the one with most known headings, else the first as wide as those below it that has no data."""
    head = rows[:_LOOKED_AT]
    if is_known and (at := _most_known(head, is_known)) is not None:
        return at
    width = _usual_width(rows)
    for at, row in enumerate(head[:-1]):
        if _looks_like_header(row, width):
            return at
    return 0


def known_headings(rows: Sequence[list[str]], is_known: IsKnown) -> int:
    """How many headings the best row has: which of several sheets is meant."""
    return max((sum(map(is_known, filter(None, row))) for row in rows[:_LOOKED_AT]), default=0)


def _most_known(rows: Sequence[list[str]], is_known: IsKnown) -> int | None:
    counts = [len({cell for cell in row if cell and is_known(cell)}) for row in rows]
    most = max(counts, default=0)
    return counts.index(most) if most >= 2 else None


def _usual_width(rows: Sequence[list[str]]) -> int:
    """How many cells most rows fill, of those that fill most."""
    filled = sorted(sum(map(bool, row)) for row in rows[: 10 * _LOOKED_AT])
    return filled[len(filled) // 2] if filled else 0


def _looks_like_header(row: list[str], width: int) -> bool:
    cells = [cell for cell in row if cell]
    return (
        bool(cells)
        and 2 * len(cells) > width
        and not any(len(cell) > _LONGEST_HEADING or _DATUM.fullmatch(cell) for cell in cells)
    )


def is_header_again(row: list[str], header: list[str]) -> bool:
    """Whether a row repeats the headings, as a printed list does on each page."""
    pairs = [
        (cell.casefold(), name.casefold()) for cell, name in zip(row, header, strict=False) if cell or name
    ]
    return len(pairs) > 1 and all(cell == name for cell, name in pairs)


def count_footer(rows: Sequence[list[str]], width: int) -> int:
    """How many of the last rows are totals and notes, and no data."""
    count = 0
    for row in reversed(rows[-_LAST_LOOKED_AT:]):
        cells = [cell for cell in row if cell]
        if width < 3 or not 0 < len(cells) <= max(2, width // 2) or not _is_footer(cells):
            break
        count += 1
    return count if count < len(rows) else 0


def _is_footer(cells: list[str]) -> bool:
    return bool(_FOOTER.fullmatch(cells[0])) and all(_DATUM.fullmatch(cell) for cell in cells[1:])


def repeated(header: Sequence[str]) -> list[str]:
    """The headings that several columns have."""
    counts = Counter(name for name in header if name)
    return [name for name, count in counts.items() if count > 1]
