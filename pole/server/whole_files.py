"""One file, written whole or not at all: a full disk, or a kill, leaves the former one as it was."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Where the files of a storage are while they are being written: on its disk, under a name that nothing serves.
PARTIAL: Final = ".partial"


_IN_WORDS: Final = {
    errno.ENOSPC: _("no room is left"),
    errno.EDQUOT: _("the quota is reached"),
    errno.EFBIG: _("the file is too large for this disk"),
    errno.EROFS: _("the disk is read-only"),
    errno.EIO: _("the disk is faulty"),
    errno.EACCES: _("the right to write there is missing"),
    errno.EPERM: _("the right to write there is missing"),
    errno.ENOENT: _("the folder does not exist"),
}


def in_words(error: BaseException) -> str | Promise:
    """What the disk refused, for the team and operators: the system says it in English alone."""
    code = getattr(error, "errno", None)
    return _IN_WORDS.get(code or 0) or getattr(error, "strerror", None) or str(error)


def in_french(error: BaseException) -> str:
    with translation.override("fr"):
        return str(in_words(error))


def write_whole(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Replaces the file at once by one of this content; raises OSError, and leaves the former one as it was."""
    with writing_whole(path, mode=mode) as file:
        file.write(content)


@contextmanager
def writing_whole(path: Path, *, mode: int = 0o600) -> Iterator[BinaryIO]:
    """As `write_whole`, of what is written in the block: it replaces the file at its end, or not at all if it raises."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f"{PARTIAL}-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise


def synchronise(path: Path) -> None:
    """On the disk for good: a power cut after a rename would otherwise leave an empty file under the new name."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
