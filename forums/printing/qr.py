"""QR codes, as a picture in a page or as a file for a mail. Pure: text in, picture out."""

from __future__ import annotations

from io import BytesIO

import segno
from django.utils.safestring import SafeString, mark_safe

# A quarter of the modules may be hidden by a crease or a glare.
ERROR_LEVEL = "m"


def as_svg(text: str) -> SafeString:
    """An `<svg>` element, black on white whatever the theme, as wide as what holds it."""
    code = segno.make(text, error=ERROR_LEVEL, micro=False)
    svg = code.svg_inline(
        border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr__image", lineclass=None
    )
    return mark_safe(svg)  # noqa: S308 - drawn from modules; the text itself is not in it


def as_png(text: str) -> bytes:
    file = BytesIO()
    segno.make(text, error=ERROR_LEVEL, micro=False).save(file, kind="png", scale=8, border=4)
    return file.getvalue()
