"""What a long text is about: its headings, each with an address within the page.

Identifiers are made when a text is shown, never stored: what people write holds none, and what is sanitised stays so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from pole.text.bilingual import LocalizedHtml
from pole.text.richtext import plain_text
from pole.text.typography import html_tokens

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


def contents_of(body: LocalizedHtml) -> Contents:
    """Of sanitised HTML, in the language of the text."""
    if "<h2" not in body:
        return Contents(body, ())
    output: list[str] = []
    headings: list[tuple[str, str]] = []
    identifier = _identifiers()
    opened_at, words = None, 0
    for token in html_tokens(body):
        if token.name == "h2" and not token.is_end and OF_THE_PORTAL not in token.raw:
            opened_at = len(output)
        elif token.name == "h2" and opened_at is not None:
            title = plain_text("".join(output[opened_at + 1 :]))
            headings.append((identifier(title), title))
            output[opened_at] = f'<h2 id="{headings[-1][0]}">'
            opened_at = None
        elif not token.name:
            words += len(token.raw.split())
        output.append(token.raw)
    least = FEW_HEADINGS if words > MANY_WORDS else MANY_HEADINGS
    shown = tuple(heading for heading in headings if heading[1])
    return Contents(LocalizedHtml("".join(output), body.language), shown if len(shown) >= least else ())


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
