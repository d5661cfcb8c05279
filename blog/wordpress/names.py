"""Titles, names and tags of the old site on one line of plain text: entities, doubled ones too, and tags resolved.

And its addresses, as they were written.
"""

from __future__ import annotations

import html
import re
from urllib.parse import SplitResult, urlsplit

from pole.text.plaintext import clean_line

# Those that people put in a title; « a < b » and « <3 » are words.
_TAG = re.compile(
    r"</?(?:a|abbr|b|big|cite|code|del|div|em|font|h[1-6]|i|img|ins|mark|p|q|s|small|span|strike|strong|sub|sup|u|wbr)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


def plain_name(text: str) -> str:
    text = _TAG.sub("", _BREAK.sub(" ", text))
    for _time in range(3):
        # Twice or more when a plugin escaped what was escaped.
        resolved = html.unescape(text) if re.search(r"&#?\w+;", text) else text
        if resolved == text:
            break
        text = resolved
    return clean_line(text)


def parts_of(address: str) -> SplitResult:
    """Empty parts when nobody could read it: « http://[ » is of no host."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")
