"""PDF from templates in Typst: results, dossier, ballots, slips, poster.

A template is a file `<name>.typ` of this folder. It begins with

    #import "frame.typ": *
    #show: page

and reads `data`, the JSON that `compile` was given, with `data.hub` added. All text is in `data`, already
translated. What depends on a method of voting is in `templates/forums/methods/`. Texts are values, never markup: `#data.title` shows a title as it was typed, whatever it contains.
Fonts: `pole.text.fonts`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from forums.printing import fonts
from pole.caching.public_pages import read_public_state
from pole.hub import identity
from pole.models import Hub
from pole.text.fonts import fonts as font_files
from pole.text.fonts import run

FOLDER = Path(__file__).resolve().parent

# One at a time in a process: a compilation takes a whole core and some 100 MB.
_compile_lock = threading.Lock()


def compile(  # noqa: A001 - the word for it, always written printing.compile
    template: str, data: Mapping[str, Any], language: str, *, at: datetime | None = None
) -> bytes:
    """The PDF (PDF/UA-1: tagged, titled, in its language) that `<template>.typ` makes of `data`.

    A sign that no font has is `fonts.MARK`.

    `data` is whatever JSON holds, with a "title" at least, the document's own. `language` is "fr" or "en".
    The same `data` and the same moment `at` (now by default) give the same bytes. One query.
    Raises `typst.TypstError` when a template is wrong or an image has no alternative text.
    """
    content = _content(data, language)
    options = {"pdf_standards": "ua-1", "timestamp": int((at or timezone.now()).timestamp())}
    with _compile_lock:
        try:
            pdf = _pdf(template, fonts.printable(content), options)
        except typst.TypstError:
            pdf = _compile_again(template, content, options)
        _forget()
    return pdf


def _compile_again(template: str, content: dict[str, Any], options: dict[str, Any]) -> bytes:
    """Two signs that are shown apart are not together, or Typst stumbles over one: its text is made plain, else all are."""
    try:
        return _pdf(template, fonts.cautious(content), options)
    except typst.TypstError:
        return _pdf(template, fonts.plain(content), options)


def _pdf(template: str, content: dict[str, Any], options: dict[str, Any]) -> bytes:
    pdf: bytes = run(typst.compile, **_arguments(template, content), **options)
    return pdf


def _forget() -> None:
    """Lets Typst free the memory of a large document: it keeps what its last ten compilations made."""
    for _n in range(10):
        typst.compile(input=b"", font_paths=font_files(), ignore_system_fonts=True)


def count_pages(template: str, data: Mapping[str, Any], language: str) -> int:
    """How many pages the PDF would have; the template must have the metadata `<pages>`."""
    content = _content(data, language)
    with _compile_lock:
        try:
            return _count(_arguments(template, fonts.printable(content)))
        except typst.TypstError:
            return _count(_arguments(template, fonts.plain(content)))


def _count(arguments: dict[str, Any]) -> int:
    return int(run(typst.query, **arguments, selector="<pages>", field="value", one=True))


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


def _content(data: Mapping[str, Any], language: str) -> dict[str, Any]:
    with translation.override(language):
        heads = [_("What is counted"), _("Number")]
    return {**data, "language": language, "hub": hub_data(language), "pair_heads": heads}


def _arguments(template: str, content: dict[str, Any]) -> dict[str, Any]:
    return {
        "input": FOLDER / f"{template}.typ",
        "root": settings.BASE_DIR,
        "font_paths": font_files(),
        "ignore_system_fonts": True,
        "sys_inputs": {"data": json.dumps(content, ensure_ascii=False)},
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
