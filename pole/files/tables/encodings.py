"""The bytes of a text file as its text, whatever program saved it, and text that a program read with the wrong letters.

Excel writes UTF-8, what Windows writes in French (cp1252), or on demand that of the Macintosh or of MS-DOS; nothing in
the file says which, so the one that gives most French letters, and fewest impossible ones, is chosen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

DESTROYED = "\N{REPLACEMENT CHARACTER}"
_WINDOWS = "sloppy-windows-1252"
# In the order of preference. The name is what people know it by.
_ENCODINGS = {_WINDOWS: "Windows", "mac_roman": "Macintosh", "cp850": "MS-DOS"}
_FRENCH = re.compile("[àâçèéêëîïôùûüœÀÂÇÈÉÊËÎÏÔÙÛÜŒ’«»]")
_ODD = re.compile(
    # A capital inside a word, or what no French text has.
    r"(?<=[a-zà-öø-ÿœ])[À-ÖØ-Þ‡†‰™](?=[a-zà-öø-ÿœ\W]|\Z)"
    "|[^\x09\x0a\x0d\x20-\x7eÀ-ÖØ-öø-ÿŒœ’‘“”«»–—…°ºª©®™€•·\xa0\u2009\u202f\u2010\u2011\ufeffŸ½¼¾²³§´×]"
)
# Read with the first, saved with the second: the letters of a former wrong conversion.
_CONFUSIONS = (
    (_WINDOWS, "mac_roman"),
    ("mac_roman", _WINDOWS),
    (_WINDOWS, "cp850"),
    ("cp850", _WINDOWS),
)
# A single foreign name may hold odd letters; a wrong conversion spoils the whole file.
_FEWEST_CONFUSED = 3


def decode(content: bytes) -> tuple[str, str]:
    """(The text, what to say of it or ""). Raises `ValidationError` for what is no text."""
    if wide := _wide_encoding(content):
        text = content.decode(wide, errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return _decode_bytes(content)
    if "\x00" in text:
        raise not_a_table()
    return text, ""


def not_a_table() -> ValidationError:
    return ValidationError(_("This file is neither a CSV file nor an XLSX file."))


def _wide_encoding(content: bytes) -> str:
    """The UTF-16 that its mark tells, or, without one, the zero in half of its bytes; else ""."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    head = content[:4_000]
    if len(head) < 8:
        return ""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > len(head) // 3 and not even:
        return "utf-16-le"
    return "utf-16-be" if even > len(head) // 3 and not odd else ""


def _decode_bytes(content: bytes) -> tuple[str, str]:
    if b"\x00" in content:
        raise not_a_table()
    import ftfy.bad_codecs  # noqa: F401, PLC0415 - knows the sloppy encodings; large, and few files need it

    texts = {name: content.decode(name) for name in _ENCODINGS}
    chosen = max(texts, key=lambda name: _likelihood(texts[name][:200_000]))
    if chosen == _WINDOWS:
        return texts[chosen], ""
    return texts[chosen], _(
        "The accents of this file are written as %(system)s does: look at a few names before you go on."
    ) % {"system": _ENCODINGS[chosen]}


def _likelihood(text: str) -> int:
    return len(_FRENCH.findall(text)) - 3 * len(_ODD.findall(text))


# --- Text spoilt before it was saved --------------------------------------------------------------


def repair(rows: list[list[str]]) -> list[str]:
    """Repairs the cells in place where they were read with the wrong letters; what to say of it."""
    repaired = _repair_twice_encoded(rows) or _repair_confused(rows)
    notes = []
    if repaired:
        before, after = repaired[0]
        message = _(
            "Cells whose accents were damaged, and are repaired: %(count)d. For example, “%(before)s” is read “%(after)s”."
        )
        notes.append(message % {"count": len(repaired), "before": _excerpt(before), "after": _excerpt(after)})
    if destroyed := sum(DESTROYED in cell for row in rows for cell in row):
        message = _(
            "Cells where letters were lost for good (%(mark)s): %(count)d. Nobody can guess them: open the original again, save it as “CSV UTF-8”, and send it again, or correct the names afterwards."
        )
        notes.append(message % {"mark": DESTROYED, "count": destroyed})
    return notes


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:39]}…"


def _cells_with_accents(rows: list[list[str]]) -> Iterator[tuple[list[str], int, str]]:
    for row in rows:
        for at, cell in enumerate(row):
            if not cell.isascii():
                yield row, at, cell


def _repair_twice_encoded(rows: list[list[str]]) -> list[tuple[str, str]]:
    """ "CoopÃ©rative" is « Coopérative », encoded twice; one cell may be so among others that are right."""
    from ftfy import fix_encoding  # noqa: PLC0415 - large, and few processes read spreadsheets
    from ftfy.badness import is_bad  # noqa: PLC0415

    repaired = []
    for row, at, cell in _cells_with_accents(rows):
        if is_bad(cell) and (fixed := fix_encoding(cell)) != cell:
            row[at] = fixed
            repaired.append((cell, fixed))
    return repaired


def _repair_confused(rows: list[list[str]]) -> list[tuple[str, str]]:
    """ "CoopŽrative" and "CoopÈrative" are « Coopérative », between a Macintosh and Windows: the whole file is so, or nothing."""
    damaged = [
        (row, at, cell)
        for row, at, cell in _cells_with_accents(rows)
        if _ODD.search(cell.replace(DESTROYED, ""))
    ]
    if len(damaged) < _FEWEST_CONFUSED:
        return []
    for read, written in _CONFUSIONS:
        fixed = [_read_again(cell, read, written) for _row, _at, cell in damaged]
        if all(fixed):
            for (row, at, _cell), text in zip(damaged, fixed, strict=True):
                row[at] = text
            return [(cell, text) for (_row, _at, cell), text in zip(damaged, fixed, strict=True)]
    return []


def _read_again(cell: str, read: str, written: str) -> str:
    """The cell as it was before it was read with the wrong letters, if it is better so; else ""."""
    try:
        text = cell.encode(read).decode(written)
    except UnicodeError:
        return ""
    return text if _FRENCH.search(text) and not _ODD.search(text) else ""
