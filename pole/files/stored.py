"""Files that follow the rows that name them: none is left by a transaction that is rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import IO, Any

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import transaction

from pole.files import images

_written: ContextVar[list[str]] = ContextVar("written")


class PortalStorage(FileSystemStorage):
    """The default storage: it notes what is written within `atomic_with_files`, by forms and models too."""

    def save(self, name: str | None, content: IO[Any], max_length: int | None = None) -> str:
        stored = super().save(name, content, max_length)
        _written.get([]).append(stored)
        return stored

    def _save(self, name: str, content: IO[Any]) -> str:
        """What the disk had no more room for is not left there in part."""
        try:
            stored: str = super()._save(name, content)  # type: ignore[misc]  # Django's own, which its stubs leave out
        except BaseException:
            self.delete(name)
            raise
        return stored


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
