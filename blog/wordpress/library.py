"""Pictures and documents of the old site, from its uploads folder and from nowhere else."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from django.core.exceptions import ValidationError
from django.core.files import File

from blog.wordpress.known import Known, mark_of
from blog.wordpress.names import parts_of, plain_name
from blog.wordpress.reading import Export, Item
from blog.wordpress.report import Report
from desk import pictures
from desk.models import Document, Picture
from pole.files import images
from pole.text import plaintext

# The widths that WordPress makes of a picture, its reduced original, and its own edits.
_SIZE = re.compile(r"-(?:\d{1,5}x\d{1,5}|scaled|rotated)(?=\.\w+$)")
_EDITED = re.compile(r"-e\d{10,14}(?=(?:-\d{1,5}x\d{1,5})?\.\w+$)")
_PICTURE = re.compile(r"\.(?:jpe?g|png|webp)$", re.IGNORECASE)
# WordPress.com keeps the files of a site under its name, without `wp-content/uploads`.
_HOSTED = re.compile(r"(?:^|\.)files\.wordpress\.com$")
# And shows those of any site through its own servers: `https://i0.wp.com/exemple.org/wp-content/…`.
_THROUGH = re.compile(r"^i[0-9]\.wp\.com$")


def path_of(address: str) -> str:
    """Of a file: that below the folder, `2019/04/photo.jpg`; empty for what is not one."""
    parts = parts_of(address)
    path = unquote(parts.path)
    if _HOSTED.search(parts.netloc.lower()):
        return path.lstrip("/")
    return path.partition("/uploads/")[2] or path.partition("/files/")[2]


def key_of(address: str) -> str:
    """One for all the widths of a picture."""
    return _SIZE.sub("", _EDITED.sub("", path_of(address)))[:300]


class Library:
    """`folder` is that of the uploads, or None; nothing is written when `is_dry`."""

    def __init__(
        self, export: Export, known: Known, folder: Path | None, report: Report, *, is_dry: bool
    ) -> None:
        self._export, self._known, self._report, self._is_dry = export, known, report, is_dry
        self._root = folder.resolve() if folder else None
        self.items = {item.key: item for item in export.items if item.kind == "attachment"}
        self._by_file = {key_of(item.file): item for item in self.items.values()}
        # In a trial, what was met already.
        self._tried: dict[str, Picture | None] = {}

    def alternative(self, address: str) -> str:
        item = self._by_file.get(key_of(address))
        return plain_name(item.meta.get("_wp_attachment_image_alt", "")) if item else ""

    def image(self, address: str, alternative: str) -> str | None:
        picture = self.picture(address)
        described = plain_name(alternative) or self.alternative(address)
        return pictures.picture_markup(picture, described) if picture else None

    def image_of(self, key: str) -> str | None:
        """As a gallery shows it: with its own caption, if it has one."""
        item = self.items.get(key)
        image = self.image(item.file, "") if item else None
        caption = f"<figcaption>{item.excerpt}</figcaption>" if item and item.excerpt else ""
        return f"{image}{caption}" if image else None

    def pictures_of(self, key: str) -> list[str]:
        found = [
            item for item in self.items.values() if item.parent == key != "" and _PICTURE.search(item.file)
        ]
        return [item.key for item in sorted(found, key=lambda item: (item.order, int(item.key or 0)))]

    def find(self, address: str) -> Path | None:
        """The file at an old address: the whole picture, else the width that was linked."""
        relative = path_of(address)
        if self._root is None or not relative or "\x00" in relative:
            return None
        whole = _SIZE.sub("", relative)
        names = (_EDITED.sub("", whole), whole, re.sub(r"(\.\w+)$", r"-scaled\1", whole), relative)
        for name in dict.fromkeys(names):
            path = (self._root / name).resolve()
            if path.is_relative_to(self._root) and path.is_file():
                return path
        return None

    def is_picture(self, address: str) -> bool:
        return bool(_PICTURE.search(path_of(address)))

    def picture(self, address: str) -> Picture | None:
        key = key_of(address)
        if not key:
            return None
        became = self._known.became("picture", key, self._mark(key)) or self._known.became(
            "picture", _legacy(address)
        )
        if known := Picture.objects.filter(pk=became or 0).first():
            return known
        if key not in self._tried:
            self._tried[key] = self._bring_picture(address, key)
        found = self._tried[key]
        if not self._is_dry:
            # The next look finds its row, unless what was around it is rolled back.
            del self._tried[key]
        return found

    def _bring_picture(self, address: str, key: str) -> Picture | None:
        path = self.find(address)
        if path is None:
            return None
        try:
            with path.open("rb") as file:
                image = images.reencode(File(file))
        except ValidationError as error:
            self._report.add("file_refused", path.name, " ".join(error.messages))
            return None
        self._report.imported["images"] += 1
        if self._is_dry:
            size = {"width_px": image.width_px, "height_px": image.height_px}
            return Picture(file=f"pictures/{path.name[:60]}", pk=0, **size)
        described = plaintext.clean_line(self.alternative(address))
        picture = pictures.store_picture(image, description=described, by=None)
        self._known.record("picture", key, picture, self._mark(key))
        return picture

    def document(self, address: str) -> Document | None:
        key = key_of(address)
        if not key.lower().endswith(".pdf"):
            return None
        became = self._known.became("document", key, self._mark(key)) or self._known.became(
            "document", _legacy(address)
        )
        if known := Document.objects.filter(pk=became or 0).first():
            return known
        path = self.find(address)
        if path is None or self._is_dry:
            return None
        item = self._by_file.get(key)
        try:
            with path.open("rb") as file:
                title = (item.title if item else "") or path.stem
                document = pictures.store_document(File(file), title=title, by=None)
        except ValidationError as error:
            self._report.add("file_refused", path.name, " ".join(error.messages))
            return None
        self._known.record("document", key, document, self._mark(key))
        self._report.imported["documents"] += 1
        return document

    def place(self, item: Item) -> Picture | Document | None:
        return self.picture(item.file) if self.is_picture(item.file) else self.document(item.file)

    def _mark(self, key: str) -> str:
        item = self._by_file.get(key)
        return mark_of(item) if item else ""


def _legacy(address: str) -> str:
    """As imports named a file before: by its whole path."""
    try:
        return re.sub(r"-\d+x\d+(?=\.\w+$)", "", unquote(parts_of(address).path))[:300]
    except ValueError:
        return ""
