"""The face of someone beside their name: a portrait, or their initials in a disc."""

from __future__ import annotations

from django.utils.safestring import SafeString

from pole.text.markup import Markup

_PORTRAIT = Markup(
    '<img class="face {focus}" src="{url}" width="{size}" height="{size}" alt="" loading="lazy">'
)
_INITIALS = Markup('<span class="face face--drawn" aria-hidden="true">{initials}</span>')
# Of the place that the stylesheet gives, in pixels.
SIZE_PX = 88


def face_html(name: str, url: str = "", focus: str = "") -> SafeString:
    """`name` is written beside it: it says nothing to those who do not see it. `focus`: `Focus.classes` of the portrait."""
    if not url:
        return _INITIALS(initials=initials_of(name))
    return _PORTRAIT(url=url, focus=focus, size=SIZE_PX)


def initials_of(name: str) -> str:
    """Those of the first and of the last word that begin with a letter: « Anne-Marie de la Salle (elle) », AS.

    Where none does, as « @rose », its first letter.
    """
    words = [word for word in name.split() if word[0].isalpha()]
    letters = [word[0] for word in words] or [each for each in name if each.isalpha()][:1]
    return "".join(letters[:1] + letters[1:][-1:]).upper()
