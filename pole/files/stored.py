"""Files that follow the rows that name them: none is left by a transaction that is rolled back."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import partial
from typing import IO, Any, cast

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from pole.files import images
from pole.files.whole import StorageUnavailable, WholeFilesMixin, disk_errors
from pole.hooks.team_alerts import tell_team
from pole.server.whole_files import in_words

log = logging.getLogger(__name__)

_written: ContextVar[list[str]] = ContextVar("written")


class PortalStorage(WholeFilesMixin):
    """The default storage: it notes what is written within `atomic_with_files`, by forms and models too.

    What the disk refuses is `pole.files.whole.StorageUnavailable`.
    """

    def save(self, name: str | None, content: IO[Any], max_length: int | None = None) -> str:
        with disk_errors():
            stored = super().save(name, content, max_length)
        _written.get([]).append(stored)
        return stored


def check_room(size: int) -> None:
    """That the media folder takes `size` bytes more: asked by forms, which then keep what was typed.

    Raises `ValidationError`, of a code of `StorageUnavailable`.
    """
    try:
        cast("WholeFilesMixin", default_storage).check_room(size)
    except StorageUnavailable as refusal:
        tell_team_of_disk(refusal)
        raise ValidationError(refusal.message, code=refusal.code) from refusal


def tell_team_of_disk(error: Exception) -> None:
    """Once an hour; the log has it each time. The database may be on the disk that is full."""
    cause = error.__cause__ or error
    log.error("the disk refused a file: %s", cause)
    with suppress(Exception):
        tell_team("storage_failed", values={"problem": in_words(cause)})


@contextmanager
def atomic_with_files() -> Iterator[None]:
    """`transaction.atomic` for an act that may write files: refused, it deletes them again.

    Whatever transaction is around it must be one of these too.
    """
    written: list[str] = []
    token = _written.set(written)
    try:
        with transaction.atomic():
            # What comes after the commit may fail: by then, rows name the files.
            transaction.on_commit(written.clear)
            yield
    except BaseException:
        _delete_files(written)
        raise
    finally:
        _written.reset(token)
    _written.get([]).extend(written)


def delete_at_commit(names: list[str]) -> None:
    transaction.on_commit(partial(_delete_files, names))


def _delete_files(names: list[str]) -> None:
    for name in names:
        default_storage.delete(name)


def store_picture(image: images.ReencodedImage, *, folder: str) -> dict[str, Any]:
    """Writes a picture and its narrower renditions; the fields of the `pole.models.StoredPicture` that names them."""
    upload = image.as_file()
    name = default_storage.save(f"{folder}/{upload.name}", upload)
    narrower = {
        width: made for width, made in images.renditions(image.content).items() if width < image.width_px
    }
    for width, made in narrower.items():
        default_storage.save(f"{name.removesuffix('.webp')}-{width}.webp", ContentFile(made))
    return {"file": name, "renditions": sorted(narrower)}
