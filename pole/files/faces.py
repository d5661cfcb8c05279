"""The face of someone beside their name: a portrait, or their initials in a disc."""

from __future__ import annotations

from django.utils.safestring import SafeString

from pole.text.markup import Markup

_PORTRAIT = Markup('<img class="face" src="{url}" width="{size}" height="{size}" alt="" loading="lazy">')
_INITIALS = Markup('<span class="face face--drawn" aria-hidden="true">{initials}</span>')
# Of the place that the stylesheet gives, in pixels.
SIZE_PX = 88


def face_html(name: str, url: str = "") -> SafeString:
    """`name` is written beside it: it says nothing to those who do not see it."""
    return _PORTRAIT(url=url, size=SIZE_PX) if url else _INITIALS(initials=initials_of(name))


def initials_of(name: str) -> str:
    """Those of the first and of the last word that begin with a letter: « Anne-Marie de la Salle », AS."""
    words = [word for word in name.split() if word[0].isalpha()]
    ends = words[:1] + words[1:][-1:]
    return "".join(word[0] for word in ends).upper()
