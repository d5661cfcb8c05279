"""Names as they are written: quotation marks that wrap the whole go, those inside stay, in French typography."""

from __future__ import annotations

import re

from pole.text.plaintext import clean_line
from pole.text.typography import fix_text

_PAIRS = {'"': '"', "'": "'", "«": "»", "“": "”", "‘": "’", "„": "“", "‹": "›"}
# As keyboards have them, and programs that know no others.
_WRITTEN_AS = (
    (re.compile("<<"), "«"),
    (re.compile(">>"), "»"),
    (re.compile(r"''|``|´´|[❝❞〝〞＂]"), '"'),
    (re.compile(r"(?<=[^\W\d_])[`´](?=[^\W\d_])"), "’"),
)
_ENGLISH_MARKS = "“”„"


def clean_name(cell: str) -> str:
    text = clean_line(cell)
    for written, mark in _WRITTEN_AS:
        text = written.sub(mark, text)
    return fix_text(without_wrapping_quotes(_with_matching_marks(text)))


def _with_matching_marks(text: str) -> str:
    """`text` with straight marks for English ones that do not open and close in turn: « “Le Pré“ », « “Le Pré" »."""
    marks = [each for each in text if each in f'{_ENGLISH_MARKS}"']
    pairs = ["".join(pair) for pair in zip(marks[::2], marks[1::2], strict=False)]
    is_paired = len(marks) % 2 == 0 and all(pair in {"“”", "„“", "„”", '""'} for pair in pairs)
    return text if is_paired else re.sub(f"[{_ENGLISH_MARKS}]", '"', text)


def without_wrapping_quotes(text: str) -> str:
    """`text` without the marks that open at its beginning and close at its end, nor one that nothing closes."""
    while len(text) > 1 and _wraps_whole(text):
        text = text[1:-1].strip()
    if text.count('"') == 1 and text[0] != text[-1]:
        text = text.strip('"').strip()
    if (text.startswith("«") and "»" not in text) or (text.endswith("»") and "«" not in text):
        text = text.strip("«»").strip() or text
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
