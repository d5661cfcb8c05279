"""Québec typography, as the Office québécois de la langue française (OQLF) describes it.

French gets a no-break space before `:`, `%` and `$`, inside « » and between groups of digits; none
before `;`, `!` and `?`; times as "14 h 30"; and, in HTML, raised ordinals. French and English both
get the apostrophe ’ and the ellipsis …; a text in any other language is left as it is.

Every function is idempotent and keeps the writer's words: beside quotation marks, apostrophes and
ellipses, only spaces change.
"""

from __future__ import annotations

import html
import re
from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pole.text.bilingual import ENGLISH, FRENCH
from pole.text.quotations import Edit, nested_quotes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

NBSP = "\N{NO-BREAK SPACE}"
# Spaces that may be typed where French wants a no-break space; never a line end.
_SPACE = r"[ \t\u00a0\u2009\u202f]"
# Stands for each character that no rule may read or change (private use, so in no pattern).
_HIDDEN = "\ue000"


class Token(NamedTuple):
    """A piece of HTML: a tag or comment (`name` in lower case, "!" for a comment), or text ("")."""

    name: str
    is_end: bool
    raw: str


@dataclass(slots=True)
class _Piece:
    """Text between two tags. `frozen` holds HTML to give back untouched, seen as one character.

    `raised` holds the spans of the ordinals' endings, None where there must be none.
    """

    text: str
    frozen: str | None = None
    raised: list[tuple[int, int]] | None = None


# --- Rules: each reads a text whose protected characters are hidden, and answers with edits -----


def _before(pattern: str) -> Callable[[str], Iterable[Edit]]:
    """A rule that puts one no-break space before the group `mark`, whatever `space` held."""
    compiled = re.compile(pattern)

    def rule(text: str) -> Iterator[Edit]:
        for match in compiled.finditer(text):
            yield from _spaced(match, "space", "mark")

    return rule


def _spaced(match: re.Match[str], space: str, mark: str) -> Iterator[Edit]:
    """Make group `space` one no-break space; when it is empty, put one before group `mark`.

    The new space goes with the mark, so that `<a>Texte</a>:` does not lengthen the link.
    """
    if match[space]:
        yield from _changed(match, space, NBSP)
    else:
        at = match.start(mark)
        yield Edit(at, at + 1, NBSP + match.string[at])


def _changed(match: re.Match[str], group: str, wanted: str) -> Iterator[Edit]:
    if match[group] != wanted:
        yield Edit(*match.span(group), wanted)


def _ellipses(text: str) -> Iterator[Edit]:
    for match in re.finditer(r"(?<![./\\])\.\.\.(?![./\\])", text):
        yield Edit(*match.span(), "…")


def _apostrophes(text: str) -> Iterator[Edit]:
    for match in re.finditer(r"(?<=[^\W\d_])'(?=[^\W_]|[«“])", text):
        yield Edit(*match.span(), "’")


def _elisions(text: str) -> Iterator[Edit]:
    """No space within « l’innovation »."""
    short = "[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|presqu|quelqu|aujourd|entr"
    pattern = rf"(?<![\w'’])(?:{short})(?P<before>{_SPACE}*+)(?P<sign>['’])(?P<after>{_SPACE}*+)(?=[aeiouyhàâäéèêëîïôöùûüœæ]|[«“](?!\s*\Z))"
    for match in re.finditer(pattern, text, re.IGNORECASE):
        # « le plan d 'avant' » may be a quotation.
        if match["before"] and (match["sign"] == "'" or match["after"]):
            continue
        for group in ("before", "after"):
            if match[group]:
                yield Edit(*match.span(group), "")


def _opening_guillemets(text: str) -> Iterator[Edit]:
    for match in re.finditer(rf"«({_SPACE}*)(?=\S)", text):
        if match[1] != NBSP:
            yield Edit(*match.span(), "«" + NBSP)


def _colons(text: str) -> Iterator[Edit]:
    pattern = rf"(?<=[^\s:/\\(\[{{«“])(?P<space>{_SPACE}*+)(?P<mark>:)(?=[\s»”)\]]|\Z)"
    for match in re.finditer(pattern, text):
        # ":sourire:" is an emoji's name, and "https:" was hidden before.
        word = re.search(r"\S*\Z", text[max(0, match.start() - 60) : match.start()])
        if match["space"] or not (word and word[0].startswith(":")):
            yield from _spaced(match, "space", "mark")


def _no_space_before_marks(text: str) -> Iterator[Edit]:
    # Only where a sentence can end: not in "a != b", " ?page=2", ";-)" or ";)".
    after = r"[!?]++(?:[\s»”\"’')\].,…]|\Z)|;(?:[\s»”\"]|\Z)"
    pattern = rf"(?<=[\w)\]»”’%$€°…]){_SPACE}++(?={after})"
    for match in re.finditer(pattern, text):
        yield Edit(*match.span(), "")


def _times(text: str) -> Iterator[Edit]:
    hour = rf"(?<![\w.,:])(?:[01]?[0-9]|2[0-4]){_SPACE}*+(?P<mark>[hH])"
    minutes = rf"(?P<space>{_SPACE}*+)(?P<minutes>[0-5][0-9])(?!\w|[.,:]\w)"
    for match in re.finditer(
        rf"(?<![\w.,:])(?:[01]?[0-9]|2[0-4]){_SPACE}*+(?P<mark>H)(?!\w|[.:]\w|{_SPACE}[0-9])", text
    ):
        yield Edit(*match.span("mark"), "h")
    for match in re.finditer(hour + minutes, text):
        # The space before it is put by the rule of hours, that comes after.
        yield from _changed(match, "mark", "h")
        yield from _spaced(match, "space", "minutes")


def _thousands(text: str) -> Iterator[Edit]:
    pattern = (
        rf"(?<![\w.,])(?<![0-9]{_SPACE})[0-9]{{1,3}}(?P<groups>(?:{_SPACE}[0-9]{{3}})++)"
        rf"(?!\w|{_SPACE}[0-9])"
    )
    for match in re.finditer(pattern, text):
        for space in re.compile(_SPACE).finditer(text, *match.span("groups")):
            if space[0] != NBSP:
                yield Edit(*space.span(), NBSP)


_FRENCH_RULES: tuple[Callable[[str], Iterable[Edit]], ...] = (
    _ellipses,
    nested_quotes,
    _elisions,
    _apostrophes,
    _no_space_before_marks,
    _opening_guillemets,
    _before(rf"(?<=\S)(?P<space>{_SPACE}*+)(?P<mark>»)"),
    _before(rf"(?<=[0-9])(?P<space>{_SPACE}*+)(?P<mark>[%‰])(?![\w%])"),
    _before(rf"(?<=[0-9])(?P<space>{_SPACE}*+)(?P<mark>[kMG]?[$€¢])(?![\w$])"),
    _colons,
    _times,
    _before(rf"(?<![\w.,:])[0-9]{{1,2}}(?P<space>{_SPACE}*+)(?P<mark>h)(?!\w|[.:]\w)"),
    _thousands,
)
_RULES = {FRENCH: _FRENCH_RULES, ENGLISH: (_ellipses, _apostrophes)}


# --- Applying them ------------------------------------------------------------------------------


def _rules_of(language: str) -> tuple[Callable[[str], Iterable[Edit]], ...]:
    """The rules of "fr", "fr-ca", "en"…; none for another language."""
    return _RULES.get(language.lower().partition("-")[0], ())


_TECHNICAL = re.compile(
    r"://|@|\\|^\W*(?:https?|ftp|mailto|tel|file|data|urn|doi):|^\W*www\.|^\W*[\w-]++(?:\.[\w-]++)++/",
    re.IGNORECASE,
)

# A character that every technical word contains: a fast path, since few paragraphs have one.
_TECHNICAL_HINT = re.compile(r"[:@\\/]|www\.", re.IGNORECASE)


def _hide_technical(text: str) -> str:
    """`text`, of the same length, with addresses, e-mails and paths hidden from the rules."""
    if not _TECHNICAL_HINT.search(text):
        return text

    def hide(match: re.Match[str]) -> str:
        word = match[0]
        return _HIDDEN * len(word) if not word.isalnum() and _TECHNICAL.search(word) else word

    return re.sub(r'[^\s"«»“”]++', hide, text)


def _fix_pieces(pieces: list[_Piece], language: str) -> None:
    """Apply the rules of `language`, in place, to the pieces read as one text."""
    text = "".join(piece.text for piece in pieces)
    hidden = _hide_technical(text)
    for rule in _rules_of(language):
        if edits := list(rule(hidden)):
            text = _apply(pieces, text, edits)
            hidden = _hide_technical(text)


def _apply(pieces: list[_Piece], text: str, edits: list[Edit]) -> str:
    """Edit the pieces of `text`; each replacement goes to the piece of the edit's first character.

    Returns the new text.
    """
    characters = list(text)
    for start, end, replacement in edits:
        characters[start:end] = [replacement] + [""] * (end - start - 1)
    offset = 0
    for piece in pieces:
        following = offset + len(piece.text)
        piece.text = "".join(characters[offset:following])
        offset = following
    return "".join(characters)


# "a.m.." and "inc..", "Which?." and "More….", before what ends a sentence; not "..", as in a path, nor an ellipsis of dots.
_ENDS = r"(?=[\s”»’\"')\]<]|&quot;|&#x27;|\Z)"
_TWO_STOPS = re.compile(rf"(?:(?<=[^\W\d_]\.)|(?<=[?!…]))\.{_ENDS}")


def one_stop(text: str) -> str:
    """A sentence ends with one sign: not two full stops after an abbreviation ("8 p.m.."), nor one after "?", "!" or "…"."""
    return _TWO_STOPS.sub("", text)


def fix_text(text: str, language: str = FRENCH) -> str:
    """Plain `text` with the typography of `language`; each line is a text of its own."""
    lines = [_Piece(line) for line in text.split("\n")]
    for line in lines:
        _fix_pieces([line], language)
    return "\n".join(line.text for line in lines)


# --- HTML ---------------------------------------------------------------------------------------

TAG_OR_COMMENT = re.compile(
    r"<!--.*?-->|<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*)(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", re.DOTALL
)
_CODE_TAGS = frozenset({"code", "kbd", "pre", "samp", "script", "style", "textarea", "var"})
INLINE_TAGS = frozenset(
    {"a", "abbr", "b", "cite", "em", "i", "mark", "q", "s", "small", "span", "strong", "sub", "sup", "u"}
    | {"code", "kbd", "samp", "var"}
)


def html_tokens(markup: str) -> Iterator[Token]:
    """Cut sanitised HTML into tags, comments and non-empty texts; their `raw` adds up to `markup`.

    For what rewrites it; `pole.text.html` is for what reads it.
    """
    position = 0
    for match in TAG_OR_COMMENT.finditer(markup):
        if match.start() > position:
            yield Token("", is_end=False, raw=markup[position : match.start()])
        yield Token((match["name"] or "!").lower(), is_end=match["end"] == "/", raw=match[0])
        position = match.end()
    if position < len(markup):
        yield Token("", is_end=False, raw=markup[position:])


def fix_html(markup: str, language: str = FRENCH) -> str:
    """Sanitised HTML with the typography of `language`, in its text only.

    Tags, attributes and code stay as they are. A sentence is read through its inline tags: the
    space of `<strong>Attention</strong> :` is fixed. Character references become characters.
    """
    if not _rules_of(language):
        return markup
    output: list[str | _Piece] = []
    run: list[_Piece] = []
    open_tags: Counter[str] = Counter()
    for token in html_tokens(markup):
        if token.name:
            open_tags[token.name] += -1 if token.is_end else 1
            output.append(token.raw)
            if token.name not in INLINE_TAGS:
                _finish(run, language)
                run = []
        else:
            run.append(_piece(token.raw, open_tags))
            output.append(run[-1])
    _finish(run, language)
    return "".join(item if isinstance(item, str) else _rendered(item) for item in output)


def _piece(raw: str, open_tags: Counter[str]) -> _Piece:
    if any(open_tags[tag] > 0 for tag in _CODE_TAGS):
        return _Piece(_HIDDEN, frozen=raw)
    in_script = open_tags["sup"] > 0 or open_tags["sub"] > 0
    return _Piece(html.unescape(raw), raised=None if in_script else [])


def _finish(run: list[_Piece], language: str) -> None:
    """Fix, in place, the pieces of one block, and mark its ordinals."""
    if not run:
        return
    _fix_pieces(run, language)
    if _rules_of(language) is _FRENCH_RULES:
        _find_ordinals(run)


# 1er, 1re, 2e, 2es, XXIe; not 1e, nor Xe or Ve, which may be other things.
_ORDINAL = re.compile(
    r"(?<![\w.,/-])(?:1(?P<first>ers?|res?)|(?:[2-9]|[1-9][0-9]+|[IVXL]{2,})(?P<other>es?))(?!\w|[-.]\w)"
)
# A verb and its pronoun, short enough for the narrowest screen: a line does not end between them in a heading.
_PRONOUN = "(?:t-)?(?:ils?|elles?|on|je|tu|nous|vous|ce)"
_INVERSION = re.compile(rf"(?<![\w-])\w{{1,12}}-{_PRONOUN}(?![\w-])")
# What every ordinal has, and every inversion.
_ORDINAL_HINT = re.compile("[0-9IVXL][er]|-[tieojnvc]")
_SPECIAL = re.compile("[&<>]")
_WHOLE = r'<span class="whole">\g<0></span>'


def _ordinal_endings(text: str) -> Iterator[tuple[int, int, int]]:
    """(start of the ordinal, start of its ending, end), where no address or path is."""
    for match in _ORDINAL.finditer(_hide_technical(text)):
        yield match.start(), *match.span("first" if match["first"] else "other")


def _find_ordinals(run: list[_Piece]) -> None:
    """Note the endings in the pieces that hold the whole ordinal; a tag inside one means "done"."""
    endings = deque(_ordinal_endings("".join(piece.text for piece in run)))
    offset = 0
    for piece in run:
        following = offset + len(piece.text)
        while endings and endings[0][0] < following:
            start, ending, end = endings.popleft()
            if end <= following and piece.raised is not None:
                piece.raised.append((ending - offset, end - offset))
        offset = following


def _rendered(piece: _Piece) -> str:
    if piece.frozen is not None:
        return piece.frozen
    parts, position = [], 0
    for start, end in piece.raised or ():
        parts += [_escaped(piece.text[position:start]), f"<sup>{piece.text[start:end]}</sup>"]
        position = end
    return "".join(parts) + _escaped(piece.text[position:])


def raised_ordinals(text: str) -> str:
    """HTML of a plain French `text`, its ordinals raised: "2<sup>e</sup> étage"; "adopte-t-il" in one piece."""
    if not _ORDINAL_HINT.search(text):
        return _escaped(text)
    endings = [(start, end) for _ordinal, start, end in _ordinal_endings(text)]
    return _INVERSION.sub(_WHOLE, _rendered(_Piece(text, raised=endings)))


def _escaped(text: str) -> str:
    return html.escape(text, quote=False) if _SPECIAL.search(text) else text
