"""Storing pictures: the whole one re-encoded, and narrower renditions beside it."""

from __future__ import annotations

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from accounts.models import User
from desk.models import Picture
from pole import images


def store_picture(image: images.ReencodedImage, *, description: str, by: User | None) -> Picture:
    """Adds a picture and its renditions to the library.

    The files are written first: a row never points to a file that isn't there.
    """
    narrower = images.renditions(image.content)
    name = default_storage.save(f"pictures/{images.random_name(image.extension)}", ContentFile(image.content))
    stem = name.removesuffix(f".{image.extension}")
    widths = sorted(width for width in narrower if width < image.width_px)
    for width in widths:
        default_storage.save(f"{stem}-{width}.webp", ContentFile(narrower[width]))
    with transaction.atomic():
        return Picture.objects.create(
            file=name, renditions=widths, description=description[:240], uploaded_by=by
        )
