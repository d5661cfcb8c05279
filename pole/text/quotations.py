"""Quotation marks as the OQLF wants them: « » outside, “ ” within, ‘ ’ within those.

Marks that are not all paired stay as they are: what they enclose would be a guess.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_LEVELS = ("«»", "“”", "‘’")
_SPACE = r"[ \t\u00a0\u2009\u202f]*+"


class Edit(NamedTuple):
    """Replace the characters from `start` to `end`, of which there is at least one."""

    start: int
    end: int
    replacement: str


class _Pair(NamedTuple):
    start: int
    end: int
    kind: str  # "guillemet", "curly", "straight" or "single"
    depth: int  # 0 outside


def nested_quotes(text: str) -> Iterator[Edit]:
    pairs = _pairs(text)
    guillemets = [pair for pair in pairs if pair.kind == "guillemet"]
    # « » within “ ” is someone's own order of them; " " have none.
    ordered = [pair for pair in pairs if pair.kind != "straight"]
    if any(_is_within_others(pair, ordered) for pair in guillemets):
        return
    for pair in pairs:
        if pair.depth >= len(_LEVELS) or not text[pair.start + 1 : pair.end].strip():
            continue
        opening, closing = _LEVELS[pair.depth][0], _LEVELS[pair.depth][1]
        if (text[pair.start], text[pair.end]) == (opening, closing):
            continue
        start, end = pair.end, pair.start + 1
        if pair.kind == "guillemet":
            # The spaces that were inside « » are not inside “ ”.
            start = pair.end - len(text[: pair.end]) + len(text[: pair.end].rstrip(" \t\u00a0\u2009\u202f"))
            end = _after_spaces(text, end)
        yield Edit(pair.start, end, opening)
        yield Edit(start, pair.end + 1, closing)


def _is_within_others(pair: _Pair, ordered: list[_Pair]) -> bool:
    return any(other.kind != "guillemet" and other.start < pair.start < other.end for other in ordered)


def _after_spaces(text: str, at: int) -> int:
    match = re.compile(_SPACE).match(text, at)
    return match.end() if match else at


# --- Reading them -------------------------------------------------------------------------------

_OPENS_AFTER = frozenset("([{«“'‘’\"-–—/")
_CLOSES_BEFORE = frozenset(")]}»”.,;:!?…-–—/%'’\"")


def _straight_role(text: str, at: int) -> str:
    """The role of the `"` at `at`: "open", "close", or "" when its neighbours do not decide."""
    before, after = text[at - 1 : at] or " ", text[at + 1 : at + 2] or " "
    opens = (before.isspace() or before in _OPENS_AFTER) and not after.isspace()
    closes = (after.isspace() or after in _CLOSES_BEFORE) and not before.isspace()
    if opens == closes:
        return ""
    return "open" if opens else "close"


_MARKS = {"«": ("guillemet", "open"), "»": ("guillemet", "close")} | {
    "“": ("curly", "open"),
    "”": ("curly", "close"),
}


def _pairs(text: str) -> list[_Pair]:
    """The quotations; nothing at all when one is not closed."""
    singles = dict(_singles(text))
    roles = dict.fromkeys(singles, ("single", "open")) | dict.fromkeys(singles.values(), ("single", "close"))
    opened: list[tuple[int, str]] = []
    pairs = []
    for match in re.finditer("[\"«»“”'‘’]", text):
        at = match.start()
        if match[0] in "'‘’":
            if at not in roles:
                continue
            kind, role = roles[at]
        else:
            kind, role = _MARKS.get(match[0]) or ("straight", _straight_role(text, at))
        if role == "open":
            opened.append((at, kind))
        elif role == "close" and opened and opened[-1][1] == kind:
            pairs.append(_Pair(opened.pop()[0], at, kind, len(opened)))
        else:
            return []
    return [] if opened else pairs


# A word that begins by an apostrophe is no quotation: « 'Tit-Paul », « 'stie ». Nor is the letter of « rock 'n' roll ».
_OPENS = re.compile(
    r"(?<![\w'’])'(?=[^\W\d_])(?!(?:tit|tite|ti|tits|tites|sti|stie|est|pis|cause|ben|n)\b)|(?<!\w)‘(?=\w)",
    re.IGNORECASE,
)
_CLOSES = re.compile(r"(?<=[\w.!?…»”\"%)])['’](?![\w'])")


def _singles(text: str) -> Iterator[tuple[int, int]]:
    """(opening, closing) of the quotations between ' and ', or ‘ and ’; what is left are apostrophes."""
    if "'" not in text and "‘" not in text:
        return
    signs = [(match.start(), True) for match in _OPENS.finditer(text)]
    signs += [(match.start(), False) for match in _CLOSES.finditer(text)]
    opened = None
    for at, opens in sorted(signs):
        if opens:
            opened = at
        elif opened is not None and text[at] == ("’" if text[opened] == "‘" else "'"):
            yield opened, at
            opened = None
