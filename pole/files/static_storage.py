"""Static files as they are served: joined, hashed names, cached for a year, compressed once.

In production `collectstatic` makes them; the demonstration does so at its start, when one has changed (`collect_if_changed`).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, Storage
from django.core.management import call_command
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

from pole.files.joined_assets import SCRIPTS, SHEETS, joined
from pole.files.whole import WholeFilesMixin
from pole.server.whole_files import write_whole

# What public pages ask for; the sources of Leaflet are beside it.
SHOWN = (SHEETS, SCRIPTS, "js_lib_leaflet/leaflet.")

type Sources = Mapping[str, tuple[Storage, str]]

# In the folder of static files: from what they were last made, by the demonstration.
MADE_FROM = "made-from"


class PortalStaticFilesStorage(WholeFilesMixin, CompressedManifestStaticFilesStorage):
    """Written whole: half a file would be kept by each later `collectstatic`, which finds it there and newer."""

    # ES modules import each other by name: the hashed names must follow.
    support_js_module_import_aggregation = True

    def post_process(self, paths: Sources, dry_run: bool = False, **options: Any) -> Iterator[Any]:
        sources = {**paths, **_joined(paths)}
        return super().post_process(sources, dry_run=dry_run, **options)  # type: ignore[no-any-return]  # untyped

    def create_compressor(self, **options: Any) -> Compressor:
        return _WholeCompressor(**options)

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Those with a hash in their name, which pages ask for, and that are not compressed yet: their content never changes.

        In the demonstration, whose visitors are on the machine, our own and the map’s: the editor takes ten seconds. Never those
        by which developers find the source of a script: megabytes that no page asks for.
        """
        hashed = set(self.hashed_files.values()) & set(paths)
        served = (name for name in hashed if not name.endswith(".map"))
        wanted = (name for name in served if settings.PRODUCTION or name.startswith(SHOWN))
        return super().compress_files(  # type: ignore[no-any-return]  # untyped
            [name for name in wanted if not Path(self.path(f"{name}.gz")).exists()]
        )

    def delete(self, name: str) -> None:
        """But not the manifest, which is replaced at once: without it no page has its style."""
        if name != self.manifest_name:
            super().delete(name)


class _WholeCompressor(Compressor):
    def write_data(self, path: str, data: bytes, suffix: str, stat_result: os.stat_result) -> str:
        compressed = f"{path}{suffix}"
        write_whole(Path(compressed), data, mode=settings.FILE_UPLOAD_PERMISSIONS)
        os.utime(compressed, (stat_result.st_atime, stat_result.st_mtime))
        return compressed


def _joined(paths: Sources) -> dict[str, tuple[Storage, str]]:
    memory = InMemoryStorage()

    def read(name: str) -> str:
        storage, path = paths[name]
        with storage.open(path) as file:
            return bytes(file.read()).decode()

    made: dict[str, tuple[Storage, str]] = {}
    for name in paths:
        text = joined(name, read)
        if text is not None:
            made[name] = (memory, memory.save(name, ContentFile(text.encode())))
    return made


def collect_if_changed() -> bool:
    """Make the static files unless they were made from the same ones; whether it made them."""
    mark = Path(settings.STATIC_ROOT) / MADE_FROM
    now = _fingerprint()
    if mark.exists() and mark.read_text() == now:
        return False
    call_command("collectstatic", interactive=False, verbosity=0)
    mark.write_text(now)
    return True


def _fingerprint() -> str:
    """Of every static file, and of what makes them: by their size and the moment of their last change."""
    makers = [*Path(__file__).parent.glob("*.py"), Path(settings.BASE_DIR, "requirements.lock")]
    files = [(str(path), path) for path in sorted(makers)]
    files += [
        (name, Path(storage.path(name))) for finder in get_finders() for name, storage in finder.list([])
    ]
    digest = hashlib.sha256(str(settings.PRODUCTION).encode())
    for name, path in files:
        found = path.stat()
        digest.update(f"{name}\0{found.st_size}\0{found.st_mtime_ns}\0".encode())
    return digest.hexdigest()
