"""What the fonts can show. Whatever they can't is replaced by a visible mark, so that no character loses a document.

Typst itself is asked, once for each sign that is not plain, since only a trial tells what shaping makes of a base
and its marks.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import typst

from pole.text.fonts import fonts, run

MARK = "□"
# What the embedded fonts have: a test prints all of it.
PLAIN = re.compile(r"[\n -~\u00a0-\u00ac\u00ae-\u017f‘’“”–—…\u202f•✓□]*")
MAX_KNOWN = 20_000
# The mark of order of bytes, which PDF/UA refuses, and the soft hyphen, over which Typst stumbles in a link.
UNSEEN = "\ufeff\u00ad"

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_EMOJI_MODIFIERS = range(0x1F3FB, 0x1F400)
_TAGS = range(0xE0020, 0xE0080)
ZERO_WIDTH_JOINER = "\u200d"
# Every weight and family of the templates, since each has its own fonts.
_TRIAL = b"""#set document(title: "x")
#set text(font: "Libertinus Serif")
#for sign in json(bytes(sys.inputs.signs)) {
  for weight in ("regular", "semibold", "bold") { par(text(weight: weight, sign)) }
  par(text(font: "DejaVu Sans Mono", sign))
}
"""

# Whether a sign can be shown. Cleared when full.
_known: dict[str, bool] = {}


def printable(value: Any) -> Any:
    """`value`, as JSON holds it, with MARK for each sign of its texts that no font has. A caller holds the lock of Typst."""
    unknown = {sign for text in _texts(value) for sign in _signs(text)} - _known.keys()
    if unknown:
        if len(_known) > MAX_KNOWN:
            _known.clear()
            return printable(value)
        # What a sign begins with is shown alone, if its marks can't be.
        parts = sorted(unknown | {sign[0] for sign in unknown})
        missing = _missing(parts)
        _known.update((part, part not in missing) for part in parts)
    return _mapped(value, _shown)


def cautious(value: Any) -> Any:
    """`printable`, with nothing but plain characters in the texts that Typst refuses as a whole."""
    shown = {text: printable(text) for text in _texts(value)}
    refused = _missing(sorted(set(shown.values())))
    return _mapped(value, lambda text: _plain(text) if shown[text] in refused else shown[text])


def plain(value: Any) -> Any:
    """`value` with nothing but plain characters in its texts: what can always be printed."""
    return _mapped(value, _plain)


def _plain(text: str) -> str:
    return "".join(each if PLAIN.fullmatch(each) else MARK for each in unicodedata.normalize("NFC", text))


def _mapped(value: Any, change: Any) -> Any:
    if isinstance(value, str):
        return value if PLAIN.fullmatch(value) else change(_cleaned(value))
    if isinstance(value, dict):
        return {name: _mapped(each, change) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_mapped(each, change) for each in value]
    return value


def _texts(value: Any) -> Iterator[str]:
    """Those that are not plain, cleaned."""
    if isinstance(value, str):
        if not PLAIN.fullmatch(value):
            yield _cleaned(value)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def _cleaned(text: str) -> str:
    """Composed, without control characters, nor what means nothing outside one computer."""
    text = unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", text).replace("\t", " "))
    kept = []
    for each in text:
        category = unicodedata.category(each)
        if category in {"Cn", "Co", "Cs"}:
            kept.append(MARK)
        elif (category != "Cc" or each == "\n") and each not in UNSEEN:
            kept.append(each)
    # PDF/UA refuses a heading without text.
    return "".join(kept) or MARK


def _signs(text: str) -> Iterator[str]:
    """What is drawn as one sign: a character with its marks, or several that are joined. Plain characters are left out."""
    sign = ""
    for each in text:
        if sign and (sign[-1] == ZERO_WIDTH_JOINER or _extends(each)):
            sign += each
            continue
        if sign and not PLAIN.fullmatch(sign):
            yield sign
        sign = each
    if sign and not PLAIN.fullmatch(sign):
        yield sign


def _extends(character: str) -> bool:
    point = ord(character)
    return (
        character == ZERO_WIDTH_JOINER
        or unicodedata.category(character).startswith("M")
        or point in _EMOJI_MODIFIERS
        or point in _TAGS
    )


def _shown(text: str) -> str:
    """`text` with MARK for what is known not to be shown."""
    shown, rest = [], text
    for sign in _signs(text):
        before, _found, rest = rest.partition(sign)
        shown.append(before)
        if _known[sign]:
            shown.append(sign)
        elif len(sign) > 1 and (PLAIN.fullmatch(sign[0]) or _known[sign[0]]):
            shown.append(sign[0] + MARK)
        else:
            shown.append(MARK)
    return "".join([*shown, rest])


def _missing(signs: list[str]) -> set[str]:
    if not signs or _can_show(signs):
        return set()
    if len(signs) == 1:
        return set(signs)
    half = len(signs) // 2
    return _missing(signs[:half]) | _missing(signs[half:])


def _can_show(signs: list[str]) -> bool:
    try:
        run(
            typst.compile,
            input=_TRIAL,
            font_paths=fonts(),
            ignore_system_fonts=True,
            sys_inputs={"signs": json.dumps(signs, ensure_ascii=False)},
            pdf_standards=["ua-1"],
        )
    except typst.TypstError:
        return False
    return True
