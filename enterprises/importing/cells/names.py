"""Names as they are written: quotation marks that wrap the whole go, those inside stay, in French typography."""

from __future__ import annotations

from pole.text.plaintext import clean_line
from pole.text.typography import fix_text

_PAIRS = {'"': '"', "'": "'", "«": "»", "“": "”", "‘": "’", "„": "“", "‹": "›"}


def clean_name(cell: str) -> str:
    return fix_text(without_wrapping_quotes(clean_line(cell)))


def without_wrapping_quotes(text: str) -> str:
    """`text` without the marks that open at its beginning and close at its end, nor one that nothing closes."""
    while len(text) > 1 and _wraps_whole(text):
        text = text[1:-1].strip()
    if text.count('"') == 1 and text[0] != text[-1]:
        text = text.strip('"').strip()
    return text


def _wraps_whole(text: str) -> bool:
    opening, closing = text[0], _PAIRS.get(text[0])
    if closing is None or text[-1] != closing:
        return False
    inner = text[1:-1]
    if opening == closing:
        return opening not in inner or (len(inner) > 1 and _wraps_whole(inner.strip() or "x"))
    depth = 0
    for character in inner:
        depth += (character == opening) - (character == closing)
        if depth < 0:
            return False
    return depth == 0
