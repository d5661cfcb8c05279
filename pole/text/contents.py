"""What a long text is about: its headings, each with an address within the page.

Identifiers are made when a text is shown, never stored: what people write holds none, and what is sanitised stays so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from pole.caching.in_process import BoundedCache, process_cache
from pole.text.bilingual import LocalizedHtml
from pole.text.richtext import plain_text
from pole.text.typography import TAG_OR_COMMENT

# A text has contents from so many headings on, or from so many words and two headings.
MANY_HEADINGS, FEW_HEADINGS, MANY_WORDS = 4, 2, 1000
MAX_IDENTIFIER = 60
# What the portal's own identifiers never begin with.
PREFIX = "s-"
# In a heading that the portal puts among what people wrote, whose headings have no class.
OF_THE_PORTAL = ' class="'


@dataclass(frozen=True, slots=True)
class Contents:
    # The text, whose headings of the second level have identifiers.
    body: LocalizedHtml
    # (identifier, words) of each heading; empty when the text is short.
    headings: tuple[tuple[str, str], ...]


# By the text and its language: the page of a post is made again whenever someone comments any of them.
_contents: BoundedCache[tuple[str, str], Contents] = process_cache(limit=100)


def contents_of(body: LocalizedHtml) -> Contents:
    """Of sanitised HTML, in the language of the text."""
    if "<h2" not in body:
        return Contents(body, ())
    return _contents.get_or_make((body, body.language), lambda: _read(body))


def _read(body: LocalizedHtml) -> Contents:
    output: list[str] = []
    headings: list[tuple[str, str]] = []
    identifier = _identifiers()
    opened: re.Match[str] | None = None
    position = 0
    for tag in TAG_OR_COMMENT.finditer(body):
        if tag["name"] != "h2":
            continue
        if not tag["end"]:
            opened = None if OF_THE_PORTAL in tag[0] else tag
        elif opened is not None:
            title = plain_text(body[opened.end() : tag.start()])
            headings.append((identifier(title), title))
            output += [body[position : opened.start()], f'<h2 id="{headings[-1][0]}">']
            position, opened = opened.end(), None
    shown = tuple(heading for heading in headings if heading[1])
    is_long = len(shown) >= MANY_HEADINGS or (len(shown) >= FEW_HEADINGS and _has_many_words(body))
    text = "".join([*output, body[position:]])
    return Contents(LocalizedHtml(text, body.language), shown if is_long else ())


def _has_many_words(body: str) -> bool:
    return len(TAG_OR_COMMENT.sub(" ", body).split()) > MANY_WORDS


def _identifiers() -> Callable[[str], str]:
    """Gives each title of a text an identifier that no other has: "s-titre", then "s-titre-2"…"""
    taken: set[str] = set()

    def identifier(title: str) -> str:
        base = PREFIX + (_slug(title) or "section")
        found, number = base, 1
        while found in taken:
            number += 1
            found = f"{base}-{number}"
        taken.add(found)
        return found

    return identifier


def _slug(title: str) -> str:
    """Letters and digits of any script, in lower case, without accents where Latin letters have them."""
    letters = unicodedata.normalize("NFKD", title.casefold())
    flat = unicodedata.normalize("NFC", "".join(each for each in letters if not unicodedata.combining(each)))
    return re.sub(r"[\W_]+", "-", flat)[:MAX_IDENTIFIER].strip("-")
