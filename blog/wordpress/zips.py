"""Zip files sent by people: what they hold is bounded before it is unpacked, and stays where it is put."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from pole.files.uploads import MEBIBYTE

MAX_FILES = 50_000
MAX_UNPACKED_BYTES = 2048 * MEBIBYTE
# Above it, a member is a bomb: pictures and documents hardly shrink, texts ten or twenty times.
MAX_RATIO = 200
# Below it, whatever the ratio is.
HARMLESS_BYTES = MEBIBYTE
_SYMLINK, _KINDS = 0o120000, 0o170000


class BadArchive(Exception):
    """Too large, too many, or shaped to become so."""


class Archive:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        members = [each for each in archive.infolist() if not each.is_dir()]
        if len(members) > MAX_FILES or sum(each.file_size for each in members) > MAX_UNPACKED_BYTES:
            raise BadArchive
        for each in members:
            is_large = each.file_size > HARMLESS_BYTES
            if is_large and each.file_size > MAX_RATIO * max(1, each.compress_size):
                raise BadArchive
        self._members = {
            each.filename: each
            for each in members
            if not each.flag_bits & 1 and not _is_link(each) and is_plain_path(each.filename)
        }
        # Those that are left out: outside the folder, links, under a password.
        self.left_out = len(members) - len(self._members)

    def names(self) -> list[str]:
        return sorted(self._members)

    def size_of(self, name: str) -> int:
        return self._members[name].file_size

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Never gives more than what was announced: `zipfile` stops there, and checks its sum."""
        with self._archive.open(self._members[name]) as member:
            yield member


def _is_link(member: zipfile.ZipInfo) -> bool:
    return (member.external_attr >> 16) & _KINDS == _SYMLINK


@contextmanager
def open_archive(stream: IO[bytes]) -> Iterator[Archive]:
    """Raises `BadArchive`."""
    try:
        with zipfile.ZipFile(stream) as archive:
            yield Archive(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as fault:
        raise BadArchive from fault


def is_plain_path(name: str) -> bool:
    """Whether a path goes down only, by names that any disk takes as they are."""
    path = PurePosixPath(name)
    return (
        not path.is_absolute()
        and "\\" not in name
        and "\x00" not in name
        and ":" not in name
        and name.isprintable()
        and ".." not in path.parts
        and 0 < len(name) <= 300
    )


def unpack_uploads(stream: IO[bytes], folder: Path, *, room: int) -> tuple[int, int]:
    """Writes the files of an uploads folder, `2019/04/photo.jpg` and so on, below `folder`; how many, and how many were not.

    `room` is how many bytes may be written. Raises `BadArchive`.
    """
    written = left_out = 0
    with open_archive(stream) as archive:
        for name in archive.names():
            relative = relative_upload(name)
            room -= archive.size_of(name)
            if room < 0:
                raise BadArchive
            target = folder / relative
            if not relative or target.exists():
                left_out += not relative
                continue
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
            except (FileExistsError, NotADirectoryError):
                # A file and a folder of one name.
                left_out += 1
                continue
            with archive.open(name) as member, target.open("wb") as copy:
                while chunk := member.read(MEBIBYTE):
                    copy.write(chunk)
            written += 1
        return written, left_out + archive.left_out


def relative_upload(name: str) -> str:
    """`wp-content/uploads/2019/04/a.jpg`, `uploads/2019/04/a.jpg` and `2019/04/a.jpg` are one file; of others, nothing."""
    parts = PurePosixPath(name).parts
    if "__MACOSX" in parts or not parts or parts[-1].startswith("."):
        return ""
    if "uploads" in parts:
        parts = parts[parts.index("uploads") + 1 :]
    else:
        # A folder around the years is the name of the zip.
        years = [at for at, part in enumerate(parts) if len(part) == 4 and part.isascii() and part.isdigit()]
        parts = parts[years[0] :] if years else parts
    return "/".join(parts) if parts and Path(parts[-1]).suffix.lower() in SUFFIXES else ""


# What the library of the portal takes; nothing else is unpacked.
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".pdf"})
