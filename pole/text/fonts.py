"""The fonts of what Typst draws: those embedded in it and, where they are installed, Debian's fonts-noto-core and
fonts-noto-cjk."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typst

# Of Debian's packages.
FOLDERS = (Path("/usr/share/fonts/truetype/noto"), Path("/usr/share/fonts/opentype/noto"))


@functools.cache
def fonts() -> typst.Fonts:
    """Found once: a portal that runs sees new fonts when it starts again."""
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=True,
        font_paths=[str(folder) for folder in FOLDERS if folder.is_dir()],
    )


@functools.cache
def fingerprint() -> str:
    """It differs where other fonts are installed."""
    found = sorted(f"{font.family} {font.style} {font.weight}" for font in fonts().fonts())
    return hashlib.sha256("\n".join(found).encode()).hexdigest()


def run(function: Callable[..., Any], **arguments: Any) -> Any:
    """A function of Typst, which raises TypstError for a panic of Rust too, as over some marks upon Arabic letters.

    Such a panic is no Exception of Python, and would end a worker.
    """
    try:
        return function(**arguments)
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise typst.TypstError(str(error), "") from None
