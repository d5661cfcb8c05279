"""QR codes, as a picture in a page or as a file for a mail. Pure: text in, picture out."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from django.utils.safestring import SafeString, mark_safe

if TYPE_CHECKING:
    from segno import QRCode

# A quarter of the modules may be hidden by a crease or a glare.
ERROR_LEVEL = "m"


def _code(text: str) -> QRCode:
    # Few pages draw one.
    import segno  # noqa: PLC0415

    return segno.make(text, error=ERROR_LEVEL, micro=False)


def as_svg(text: str) -> SafeString:
    """An `<svg>` element, black on white whatever the theme, as wide as what holds it."""
    svg = _code(text).svg_inline(
        border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr__image", lineclass=None
    )
    return mark_safe(svg)  # noqa: S308 - drawn from modules; the text itself is not in it


def as_png(text: str) -> bytes:
    file = BytesIO()
    _code(text).save(file, kind="png", scale=8, border=4)
    return file.getvalue()
