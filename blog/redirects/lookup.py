"""Where an old address leads: to what was stored for it, else, once a site was brought in, to what its shape says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from urllib.parse import urlencode

from django.urls import is_valid_path, reverse
from django.utils import translation

from blog.models import Imported, OldAddress, Post
from blog.redirects.shapes import Shape, shape_of

# Of the posts that moved within the portal: they stay in the language that is read.
_OWN = "/billets/"


def new_address(path: str, query: Mapping[str, str], now: datetime) -> str | None:
    """The address in use of what was once at `path`, as it was asked; None when nothing is known of it."""
    if "\x00" in path or any("\x00" in value for value in query.values()):
        return None
    path = re.sub(r"/{2,}", "/", path)
    shape = shape_of(path, query)
    without_language = path.removeprefix("/en") if path.startswith("/en/") else path
    # As it was asked first: an old page may have had a name such as `rapport.html`.
    paths = [path, *shape.paths]
    if without_language != path:
        # An old site may have had its own English under /en/.
        paths += [without_language, *shape_of(without_language, query).paths]
    stored = _stored(paths, now)
    if shape.is_feed:
        return reverse("blog:feed") if stored or (shape.is_wordpress and was_brought_in()) else None
    if stored or not shape.is_wordpress:
        return stored
    return _guessed(shape, now) if was_brought_in() else None


def was_brought_in() -> bool:
    """Whether this hub had a site before."""
    return Imported.objects.exists()


def _stored(paths: list[str], now: datetime) -> str | None:
    wanted = [path[:301] for path in _spelt(paths)]
    if not wanted:
        return None
    rows = {
        row.path: row for row in OldAddress.objects.select_related("post", "page").filter(path__in=wanted)
    }
    for path in wanted:
        if (row := rows.get(path)) and (address := address_of(row, now)):
            return address
    return None


def _spelt(paths: list[str]) -> Iterator[str]:
    """As they were asked, then as WordPress writes them: it reads an address whatever its letters are."""
    yield from paths
    for path in paths:
        composed = unicodedata.normalize("NFC", path)
        yield from (other for other in (composed, composed.lower()) if other not in paths)


def address_of(row: OldAddress, now: datetime) -> str | None:
    """None while what it leads to is not public, or is gone."""
    text = row.post or row.page
    if row.is_file:
        file = row.file_in_library()
        return file.file.url if file else None
    if text is None:
        return _target(row.target)
    if not text.is_public(now):
        return None
    language = translation.get_language()
    if isinstance(text, Post) and not row.path.startswith(_OWN):
        language = text.language if language == "fr" else language
    with translation.override(language):
        return text.get_absolute_url()


def _target(target: str) -> str:
    english = f"/en{target}"
    is_other = translation.get_language() == "en" and not target.startswith("/en/")
    return english if is_other and is_valid_path(english.partition("?")[0]) else target


def _guessed(shape: Shape, now: datetime) -> str | None:
    posts = reverse("blog:list")
    if shape.words:
        return f"{reverse('search')}?{urlencode({'q': shape.words})}"
    if shape.is_list:
        return posts
    if shape.year:
        is_there = Post.objects.published(now).filter(published_at__year=int(shape.year)).exists()
        return f"{posts}?annee={shape.year}" if is_there else posts
    if shape.slug:
        found = Post.objects.published(now).filter(slug=shape.slug[:90]).first()
        return found.get_absolute_url() if found else None
    return None
