"""Pictures of the demonstration, drawn for it: files beside its texts, in the format that the portal stores."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from pole.files.images import EXTENSION, ReencodedImage


def read_picture(folder: Path, name: str) -> ReencodedImage:
    path = folder / f"{name}.{EXTENSION}"
    with Image.open(path) as image:
        return ReencodedImage(path.read_bytes(), *image.size, EXTENSION)
