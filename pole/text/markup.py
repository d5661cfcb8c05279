"""HTML that functions write, where a loop of templates would cost more than all that it says.

    _ENTRY = Markup('<li class="entry"{lang}><a href="{address}">{title}</a></li>')

    def entry(post: ListedPost, language: str) -> SafeString:
        return _ENTRY(lang=post.shown_title.lang_attr, address=POST(language, post.slug), title=post.title)

What goes into a place is escaped, unless it is HTML already: as a variable of a template is.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from django.utils.safestring import SafeString

_SPECIAL = re.compile("[&<>\"']")
_PLACE = re.compile(r"\{(\w+)\}")


class Markup:
    """A piece of page with named places, `{title}`; called with what goes there."""

    __slots__ = ("_pattern",)

    def __init__(self, text: str) -> None:
        """`text` is written in the code; a `{` that opens no place is one."""
        self._pattern = _PLACE.sub(r"%(\1)s", text.replace("%", "%%"))

    def __call__(self, **values: str | int) -> SafeString:
        return SafeString(
            self._pattern
            % {
                name: value if value.__class__ is SafeString else escaped(value)
                for name, value in values.items()
            }
        )


def escaped(value: object) -> str:
    """As `{{ value }}` writes a text, HTML, or a whole number."""
    if hasattr(value, "__html__"):
        return str(value.__html__())
    text = str(value)
    return html.escape(text) if _SPECIAL.search(text) else text


def joined(pieces: Iterable[SafeString]) -> SafeString:
    return SafeString("".join(pieces))


EMPTY = SafeString("")
