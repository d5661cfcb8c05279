"""Files that are written whole or not at all: a full disk, or a kill, leaves neither half a file nor an empty one."""

from __future__ import annotations

import errno
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final

from django.core.files.storage import FileSystemStorage
from django.utils.translation import gettext_lazy as _

from pole.refusals import Refusal
from pole.server.whole_files import PARTIAL, synchronise

_LEFTOVER_SECONDS: Final = 3600
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# Whatever the disk answers by these is nobody's mistake in the code.
DISK_ERRORS: Final = FULL | {errno.EROFS, errno.EIO}


class StorageUnavailable(Refusal):
    """The disk refused a file, of which nothing is left there."""

    messages = {
        "no_room": _(
            "The server has no room left: nothing was saved. The team is told; keep your file, and send it again later."
        ),
        "not_writable": _(
            "The server can’t store files at the moment: nothing was saved. The team is told; keep your file, and send"
            " it again later."
        ),
    }


@contextmanager
def disk_errors() -> Iterator[None]:
    """What the disk refuses in the block is raised as `StorageUnavailable`."""
    try:
        yield
    except OSError as error:
        raise StorageUnavailable("no_room" if error.errno in FULL else "not_writable") from error


class WholeFilesMixin(FileSystemStorage):
    """A storage of files on disk whose readers never see part of a file."""

    def _save(self, name: str, content: IO[Any]) -> str:
        partial = f"{PARTIAL}/{secrets.token_hex(16)}"
        final = Path(self.path(name))
        try:
            self._delete_leftovers()
            super()._save(partial, content)  # type: ignore[misc]  # Django's own, which its stubs leave out
            synchronise(Path(self.path(partial)))
            final.parent.mkdir(parents=True, exist_ok=True)
            Path(self.path(partial)).replace(final)
        except BaseException:
            with suppress(OSError):
                Path(self.path(partial)).unlink()
            raise
        return name

    def _delete_leftovers(self) -> None:
        """Of processes that were killed while they wrote."""
        with suppress(OSError), os.scandir(self.path(PARTIAL)) as found:
            for entry in found:
                if time.time() - entry.stat().st_mtime > _LEFTOVER_SECONDS:
                    Path(entry.path).unlink()

    def check_room(self, size: int) -> None:
        """Reserves as many bytes, then gives them back. Raises `StorageUnavailable`."""
        path = Path(self.path(PARTIAL)) / secrets.token_hex(16)
        with disk_errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                try:
                    os.posix_fallocate(descriptor, 0, max(size, 1))
                finally:
                    os.close(descriptor)
            finally:
                path.unlink(missing_ok=True)
