"""Where each text of the old site is here: its address is chosen before any is written, since they link to each other."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote

from blog.models import Page, Post
from blog.wordpress.known import Known, mark_of, source_of
from blog.wordpress.library import Library
from blog.wordpress.names import parts_of
from blog.wordpress.reading import REUSABLE, Export, Item
from pole.text.slugs import reserved_slugs, unused_slug

MODELS: dict[str, type[Post | Page]] = {"post": Post, "page": Page}
_LONGEST = {"post": 80, "page": 50}
_HOSTED = re.compile(r"^i[0-9]\.wp\.com$|(?:^|\.)files\.wordpress\.com$")


def path_of(address: str) -> str:
    """Of a page of the old site, with a slash at its end."""
    path = unquote(parts_of(address).path) or "/"
    return path if path.endswith("/") else f"{path}/"


class Places:
    """It implements `old_site.Site`: what the addresses and files of the old site are here."""

    def __init__(self, export: Export, known: Known, library: Library) -> None:
        self._export, self._known, self._library = export, known, library
        self._hosts = {source.partition("/")[0] for source in known.sources}
        self.slugs: dict[str, str] = {}
        self.paths: dict[str, str] = {}
        self._by_path: dict[str, str] = {}
        self._planned: dict[str, set[str]] = {kind: set() for kind in MODELS}
        self._shared = {item.key: item.body for item in export.items if item.kind == REUSABLE}
        for item in export.items:
            if item.kind in MODELS:
                self._plan(item)

    def _plan(self, item: Item) -> None:
        became = self._known.became(item.kind, item.key, mark_of(item))
        row = MODELS[item.kind].objects.filter(pk=became or 0).only("slug").first()
        slug = row.slug if row else self._free_slug(item)
        self.slugs[item.key] = slug
        self._planned[item.kind].add(slug)
        self.paths[item.key] = f"/billets/{slug}/" if item.kind == "post" else f"/{slug}/"
        if (path := path_of(item.link)) != "/":
            self._by_path.setdefault(path, self.paths[item.key])

    def _free_slug(self, item: Item) -> str:
        model = MODELS[item.kind]
        asked = item.slug or item.title
        slug = unused_slug(asked, model.objects.all(), fallback="texte", max_length=_LONGEST[item.kind])
        planned = self._planned[item.kind]
        base, number = slug, 2
        while (
            slug in planned
            or slug in reserved_slugs(model)
            or (number > 2 and model.objects.filter(slug=slug).exists())
        ):
            slug, number = f"{base}-{number}", number + 1
        return slug

    def is_of_the_site(self, address: str) -> bool:
        host = parts_of(address).netloc.lower()
        host = host.partition(":")[0].removeprefix("www.")
        return not host or host in self._hosts or bool(_HOSTED.search(host))

    # --- What `old_site.Site` asks --------------------------------------------------------------------

    def image(self, address: str, alternative: str) -> str | None:
        return self._library.image(address, alternative) if self.is_of_the_site(address) else None

    def image_of(self, key: str) -> str | None:
        return self._library.image_of(key)

    def pictures_of(self, key: str) -> list[str]:
        return self._library.pictures_of(key)

    def shared_text(self, key: str) -> str:
        return self._shared.get(key, "")

    def link(self, address: str) -> str | None:
        """Where a link of the old site leads now; None for a link to elsewhere, or to what did not come in."""
        if not address or address.startswith("#") or not self.is_of_the_site(address):
            return None
        parts = parts_of(address)
        query = parse_qs(parts.query)
        for name in ("p", "page_id", "attachment_id"):
            key = (query.get(name) or [""])[0]
            if key in self.paths:
                return self.paths[key]
        if found := self._by_path.get(path_of(address)):
            return found
        if document := self._library.document(address):
            return document.file.url
        # An image that was linked to its larger self.
        if self._library.is_picture(address) and (picture := self._library.picture(address)):
            return picture.file.url
        return self._home(address)

    def _home(self, address: str) -> str | None:
        home = source_of(address) in self._known.sources and not parts_of(address).query
        return "/" if home and parts_of(address).netloc else None
