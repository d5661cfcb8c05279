"""The words of what people type, and of what is compared with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

MAX_QUERY_LENGTH = 200
MAX_WORDS = 12

# Letters that Unicode does not decompose as the database's dictionary does (ø, ß, ı): on each line, what they become, then them.
_FOLDED_LETTERS_FILE = Path(__file__).parent.parent / "data" / "folded_letters.txt"
_FOLDED_LETTERS = {
    letter: becomes
    for becomes, letters in map(str.split, _FOLDED_LETTERS_FILE.read_text(encoding="utf-8").splitlines())
    for letter in letters
}
# Searched for, since nearly no text has one: str.translate() would look each character up.
_FOLDED_LETTER = re.compile(f"[{''.join(_FOLDED_LETTERS)}]")

# Beyond Latin and Greek letters, but for general punctuation.
_OTHER_SCRIPT = re.compile("[\u0400-\u1fff\u20d0-\U0010ffff]")
_MARKS = re.compile("[\u0300-\u036f]+")
# The articles and pronouns before an apostrophe: "d’habitation".
ELIDED = ("l", "d", "j", "qu", "n", "s", "c", "m", "t")
_ELISION = re.compile(rf"\b(?:{'|'.join(ELIDED)})['’]")
_WORD = re.compile("[a-z0-9]+")
_TYPED_WORD = re.compile(r"[^\W_]+")
# "C.D.C." or "C. D. C.": single letters, each followed by a dot but perhaps the last.
_DOTTED_ACRONYM = re.compile(r"(?<![a-z0-9])[a-z](?:\. ?[a-z])+(?![a-z0-9])")


def unaccented(text: str) -> str:
    """Lower case without accents, as `pole_unaccent_lower` does in the database."""
    folded = (
        _FOLDED_LETTER.sub(lambda found: _FOLDED_LETTERS[found[0]], text)
        .lower()
        .replace("œ", "oe")
        .replace("æ", "ae")
    )
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", folded))
    if _OTHER_SCRIPT.search(bare):
        # Marks of their own: seldom, since each character is looked at.
        return "".join(char for char in bare if not unicodedata.combining(char))
    return bare


def all_words(text: str) -> list[str]:
    """Every word in its order, unaccented: elided articles too, one word for an acronym with dots."""
    return _split(unaccented(text))


def telling_words(text: str) -> list[str]:
    """Every word in its order, unaccented, without elided articles."""
    return _split(_ELISION.sub(" ", unaccented(text)))


def _split(unaccented_text: str) -> list[str]:
    if "." in unaccented_text:
        unaccented_text = _DOTTED_ACRONYM.sub(
            lambda found: found[0].replace(".", "").replace(" ", ""), unaccented_text
        )
    return _WORD.findall(unaccented_text)


def as_typed(words: Iterable[str], text: str) -> list[str]:
    """Words that were read from a text, as it has them: with their accents."""
    typed = {unaccented(word): word for word in _TYPED_WORD.findall(unicodedata.normalize("NFC", text))}
    return [typed.get(word, word) for word in words]


def query_words(text: str) -> list[str]:
    """The words of a query, unaccented, without elided articles, each once, at most MAX_WORDS."""
    return list(dict.fromkeys(telling_words(text)))[:MAX_WORDS]
