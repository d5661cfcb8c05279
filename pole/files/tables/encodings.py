"""The bytes of a text file as its text, whatever program saved it, and text that a program read with the wrong letters.

Excel writes UTF-8, what Windows writes in French (cp1252), or on demand that of the Macintosh or of MS-DOS; nothing in
the file says which, so the one that gives most French letters, and fewest impossible ones, is chosen.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

DESTROYED = "\N{REPLACEMENT CHARACTER}"
# As browsers read it: the five bytes that Windows leaves undefined are control characters.
_WINDOWS_TABLE = "".join(
    chr(byte) if byte in {0x81, 0x8D, 0x8F, 0x90, 0x9D} else bytes([byte]).decode("cp1252")
    for byte in range(256)
)
_WINDOWS = "windows"
# In the order of preference. The name is what people know it by.
_ENCODINGS = {_WINDOWS: "Windows", "mac_roman": "Macintosh", "cp850": "MS-DOS"}
_FRENCH = re.compile("[àâçèéêëîïôùûüœÀÂÇÈÉÊËÎÏÔÙÛÜŒ’«»]")
_ODD = re.compile(
    # A capital inside a word, or what no French text has.
    r"(?<=[a-zà-öø-ÿœ])[À-ÖØ-Þ‡†‰™](?=[a-zà-öø-ÿœ\W]|\Z)"
    # « LÇry », « CÏur », « Ç La Ruche È ».
    r"|(?<=[A-ZÀ-ÖØ-Þ])[À-ÖØ-Þ](?=[a-zà-öø-ÿœ])|(?<!\w)[ÇÈ](?!\w)"
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
    texts = {name: _decoded(content, name) for name in _ENCODINGS}
    chosen = max(texts, key=lambda name: _likelihood(texts[name][:200_000]))
    if chosen == _WINDOWS:
        return texts[chosen], ""
    return texts[chosen], _(
        "The accents of this file are written as %(system)s does: look at a few names before you go on."
    ) % {"system": _ENCODINGS[chosen]}


def _decoded(content: bytes, encoding: str) -> str:
    if encoding == _WINDOWS:
        return codecs.charmap_decode(content, "strict", _WINDOWS_TABLE)[0]
    return content.decode(encoding)


def _encoded(text: str, encoding: str) -> bytes:
    """Raises `UnicodeError`."""
    if encoding == _WINDOWS:
        return codecs.charmap_encode(text, "strict", codecs.charmap_build(_WINDOWS_TABLE))[0]
    return text.encode(encoding)


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


_PLAUSIBLE = "".join(map(chr, range(0xA0, 0x100))) + "ŒœŸ‘’“”‹›–—…•€™\u202f\u2009\u2011"
# How each looks when its UTF-8 was read as something else: "Ã©", "√©" and "├®" are « é ».
_TWICE_ENCODED = {
    _decoded(character.encode(), encoding): character
    for encoding in (_WINDOWS, "latin-1", "mac_roman", "cp850")
    for character in _PLAUSIBLE
}
# Alone, they may be right: a name in capitals that ends with "Â", then a no-break space.
_DOUBTFUL = frozenset(each for each in _TWICE_ENCODED if each.startswith("Â") and each not in {"Â«", "Â»"})
_ANY_TWICE = re.compile("|".join(sorted(map(re.escape, _TWICE_ENCODED), key=len, reverse=True)))
_SURELY_TWICE = re.compile(
    "|".join(sorted(map(re.escape, _TWICE_ENCODED.keys() - _DOUBTFUL), key=len, reverse=True))
)


def _repair_twice_encoded(rows: list[list[str]]) -> list[tuple[str, str]]:
    """ "CoopÃ©rative" is « Coopérative », encoded twice; one cell may be so among others that are right."""
    repaired: list[tuple[str, str]] = []
    accented = list(_cells_with_accents(rows))
    if not any(_SURELY_TWICE.search(cell) for _row, _at, cell in accented):
        return repaired
    for row, at, cell in accented:
        if (fixed := _once_encoded(cell)) != cell:
            row[at] = fixed
            repaired.append((cell, fixed))
    return repaired


def _once_encoded(cell: str) -> str:
    fixed = cell
    # Twice, or three times.
    for _time in range(3):
        again = _ANY_TWICE.sub(lambda found: _TWICE_ENCODED[found[0]], fixed)
        if again == fixed:
            break
        # A no-break space that became a space: "Ã la carte".
        fixed = re.sub("Ã(?= )", "à", again)
    return fixed


def _repair_confused(rows: list[list[str]]) -> list[tuple[str, str]]:
    """ "CoopŽrative" and "CoopÈrative" are « Coopérative », between a Macintosh and Windows: a whole file is so, or nothing."""
    accented = list(_cells_with_accents(rows))
    odd = [cell for _row, _at, cell in accented if _ODD.search(cell.replace(DESTROYED, ""))]
    if len(odd) < _FEWEST_CONFUSED:
        return []
    for read, written in _CONFUSIONS:
        if all(_read_again(cell, read, written) for cell in odd):
            repaired = []
            for row, at, cell in accented:
                if text := _read_again(cell, read, written):
                    row[at] = text
                    repaired.append((cell, text))
            return repaired
    return []


def _read_again(cell: str, read: str, written: str) -> str:
    """The cell as it was before it was read with the wrong letters, if it is good so; else ""."""
    try:
        text = _decoded(_encoded(cell, read), written)
    except UnicodeError:
        return ""
    return text if _FRENCH.search(text) and not _ODD.search(text) else ""
