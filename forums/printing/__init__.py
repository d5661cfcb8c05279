"""PDF from templates in Typst: results, dossier, ballots, slips, poster.

A template is a file `<name>.typ` of this folder. It begins with

    #import "frame.typ": *
    #show: page

and reads `data`, the JSON that `compile` was given, with `data.hub` added. All text is in `data`, already
translated. What depends on a method of voting is in `templates/forums/methods/`. Texts are values, never markup: `#data.title` shows a title as it was typed, whatever it contains.
Fonts are those embedded in Typst.
"""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.utils import timezone

from pole.caching.public_pages import read_public_state
from pole.hub import identity
from pole.models import Hub

FOLDER = Path(__file__).resolve().parent

# What Typst says of a character that none of its fonts has: PDF/UA-1 refuses it.
WITHOUT_GLYPH = "could not be displayed"

# One at a time in a process: a compilation takes a whole core and some 100 MB.
_compile_lock = threading.Lock()


def compile(  # noqa: A001 - the word for it, always written printing.compile
    template: str, data: Mapping[str, Any], language: str, *, at: datetime | None = None
) -> bytes:
    """The PDF (PDF/UA-1: tagged, titled, in its language) that `<template>.typ` makes of `data`.

    A character that no font has, an emoji for example, is an empty box, and the PDF, still tagged, then claims no standard.

    `data` is whatever JSON holds, with a "title" at least, the document's own. `language` is "fr" or "en".
    The same `data` and the same moment `at` (now by default) give the same bytes. One query.
    Raises `typst.TypstError` when a template is wrong or an image has no alternative text.
    """
    given = _arguments(template, data, language)
    moment = int((at or timezone.now()).timestamp())
    with _compile_lock:
        try:
            pdf: bytes = typst.compile(**given, pdf_standards=["ua-1"], timestamp=moment)
        except typst.TypstError as error:
            if WITHOUT_GLYPH not in str(error):
                raise
            pdf = typst.compile(**given, timestamp=moment)
    return pdf


def count_pages(template: str, data: Mapping[str, Any], language: str) -> int:
    """How many pages the PDF would have; the template must have the metadata `<pages>`."""
    given = _arguments(template, data, language)
    with _compile_lock:
        return int(typst.query(**given, selector="<pages>", field="value", one=True))


def hub_data(language: str) -> dict[str, Any]:
    """The hub's identity for templates: `logo` is the list of its file's bytes, or None."""
    found = identity.get_identity(read_public_state(timezone.now()).version_of("hub")).hub
    is_english = language == "en"
    return {
        "name": (is_english and found.name_en) or found.name,
        "short_name": found.short_name,
        "colour": found.primary_colour,
        "accent": found.accent_colour,
        "phone": found.phone,
        "email": found.email,
        "logo": _logo(found),
    }


def _arguments(template: str, data: Mapping[str, Any], language: str) -> dict[str, Any]:
    given = json.dumps({**data, "language": language, "hub": hub_data(language)}, ensure_ascii=False)
    return {
        "input": FOLDER / f"{template}.typ",
        "root": settings.BASE_DIR,
        "font_paths": _fonts(),
        "ignore_system_fonts": True,
        "sys_inputs": {"data": given},
    }


def _logo(found: Hub) -> list[int] | None:
    if not found.logo:
        return None
    try:
        with found.logo.open("rb") as file:
            return list(file.read())
    except OSError:
        # A page without its logo is better than none.
        return None


@functools.cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
