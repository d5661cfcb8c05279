"""A cache of PDF files on disk, by the hash of all that they are made of.

Beyond MAX_FILES, the least recently used are deleted. The folder may be emptied at any time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings

from forums import printing
from pole.server.whole_files import write_whole
from pole.text.fonts import fingerprint

MAX_FILES = 300


def compile_cached(template: str, data: Mapping[str, Any], language: str, *, at: datetime) -> bytes:
    """As `printing.compile`, without compiling what was compiled already."""
    made_of = [
        version("typst"),
        fingerprint(),
        (printing.FOLDER / "frame.typ").read_text(encoding="utf-8"),
        (printing.FOLDER / f"{template}.typ").read_text(encoding="utf-8"),
        printing.hub_data(language),
        *(template, data, language, at.isoformat()),
    ]
    name = hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()
    path = Path(settings.VAR_DIR) / "printed" / f"{name}.pdf"
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        content = printing.compile(template, data, language, at=at)
        # A disk that is full takes nothing from whoever asks for the PDF.
        with suppress(OSError):
            _store(path, content)
    else:
        # The time of modification is that of the last use.
        with suppress(OSError):
            path.touch()
    return content


def _store(path: Path, content: bytes) -> None:
    """Writes the file whole, then deletes those beyond MAX_FILES."""
    write_whole(path, content)
    kept = sorted(path.parent.glob("*.pdf"), key=_last_used_at, reverse=True)
    for old in kept[MAX_FILES:]:
        old.unlink(missing_ok=True)


def _last_used_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
