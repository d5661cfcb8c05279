"""Voting slips, ten a sheet: number, code to type, code to scan."""

from __future__ import annotations

import io
from collections.abc import Iterable

from django.conf import settings
from django.utils.translation import gettext as _

from forums import printing
from forums.models import Forum
from forums.vote.codes import hyphenated
from pole.text.bilingual import current_language


def slips_pdf(forum: Forum, slips: Iterable[tuple[int, str]]) -> bytes:
    """The slips of (number, code), in the language of the page."""
    address = f"{settings.BASE_URL}/vote/"
    data = {
        "title": _("Voting slips: %(forum)s") % {"forum": forum.title},
        "forum": forum.shown_title,
        "heading": _("Voting slip"),
        "instruction": _("Scan it, or open %(address)s and type this code:")
        % {"address": address.partition("://")[2].rstrip("/")},
        "secret": _("This code is yours: show it to nobody."),
        "scan": _("Code to scan, of the same slip"),
        "slips": [
            {"number": number, "code": hyphenated(code), "qr": qr(f"{address}{code}/")}
            for number, code in slips
        ],
    }
    return printing.compile("cartons", data, current_language())


def qr(address: str) -> str:
    """The SVG of a code to scan, as `drawing` of frame.typ takes it."""
    import segno  # noqa: PLC0415 - few pages draw one

    out = io.BytesIO()
    segno.make(address, error="m", boost_error=False).save(out, kind="svg", border=2, xmldecl=False)
    return out.getvalue().decode()
