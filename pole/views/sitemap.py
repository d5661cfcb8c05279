"""/sitemap.xml: one file, or the index of several."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import escape
from django.utils.module_loading import import_string

from pole.caching.public_pages import reading_page
from pole.hooks.sitemap import Section, SitemapEntry

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"
_PART = re.compile(r"(?P<section>[a-z]+)-(?P<number>[0-9]{1,9})", re.ASCII)


@reading_page(reads=("blog", "enterprises", "forums", "results", "recommendations"), parameters=("partie",))
def sitemap(request: HttpRequest) -> HttpResponse:
    """The index of every part, or one file where each section has a single part.

    `partie` is the name of one: `billets-0`; or, as it was first written, its rank in the index, from 1.
    """
    now = timezone.now()
    sections = {each.name: each for path in settings.SITEMAPS for each in import_string(path)()}
    asked = request.GET.get("partie", "")
    if found := _PART.fullmatch(asked):
        section = sections.get(found["section"])
        entries = list(section.of_part(int(found["number"]), now)) if section else []
        if not entries:
            raise Http404
        return _file(entries)
    parts = [(section, number) for section in sections.values() for number in section.parts(now)]
    if asked:
        return _file(_ranked(parts, asked, now))
    if all(not number for _section, number in parts):
        return _file(entry for section, number in parts for entry in section.of_part(number, now))
    return _index(parts)


def _ranked(parts: list[tuple[Section, int]], asked: str, now: datetime) -> Iterable[SitemapEntry]:
    rank = int(asked) if asked.isdecimal() and len(asked) < 5 else 0
    if not 0 < rank <= len(parts):
        raise Http404
    section, number = parts[rank - 1]
    return section.of_part(number, now)


def _index(parts: list[tuple[Section, int]]) -> HttpResponse:
    listed = (
        f"<sitemap><loc>{escape(settings.BASE_URL)}/sitemap.xml?partie={section.name}-{number}</loc></sitemap>\n"
        for section, number in parts
    )
    return _answer(f'<sitemapindex xmlns="{_SCHEMA}">\n', listed, "</sitemapindex>\n")


def _file(entries: Iterable[SitemapEntry]) -> HttpResponse:
    head = f'<urlset xmlns="{_SCHEMA}" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'
    return _answer(head, _lines(entries), "</urlset>\n")


def _lines(entries: Iterable[SitemapEntry]) -> Iterator[str]:
    """By hand: there are thousands of them, and a template takes ten times as long for each."""
    base = escape(settings.BASE_URL)
    for entry in entries:
        changed = f"<lastmod>{timezone.localdate(entry.changed_at)}</lastmod>" if entry.changed_at else ""
        alternates = "".join(
            f'<xhtml:link rel="alternate" hreflang="{code}" href="{base}{escape(path)}"/>'
            for code, path in entry.alternates
        )
        yield f"<url><loc>{base}{escape(entry.path)}</loc>{changed}{alternates}</url>\n"


def _answer(head: str, lines: Iterable[str], foot: str) -> HttpResponse:
    return HttpResponse("".join((_XML, head, *lines, foot)), content_type="application/xml")
