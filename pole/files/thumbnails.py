"""A picture in a list: cut to the list's proportions by the stylesheet, around its focal point; a drawing where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.core.files.storage import default_storage
from django.utils.safestring import SafeString

from pole.caching.in_process import BoundedCache, process_cache
from pole.files.drawings import drawing_html
from pole.models import StoredPicture
from pole.text.focus import Focus
from pole.text.markup import EMPTY, Markup

_THUMBNAIL = Markup(
    '<img class="{css}{focus}" src="{url}"{choice} width="{width}" height="{height}" alt=""{loading}>'
)
_CHOICE = Markup(' srcset="{srcset}" sizes="{sizes}"')
# By its file, whose name never stands for another picture.
_made: BoundedCache[tuple[str, Focus, str, str, bool], SafeString] = process_cache(limit=2_000)
_LAZY = SafeString(' loading="lazy"')
# Columns of a model, in the order of `Thumbnail`.
COLUMNS = ("file", "width_px", "height_px", "renditions")


class Thumbnail(NamedTuple):
    """What a row of a list reads of a `StoredPicture`."""

    file: str
    width_px: int
    height_px: int
    # Widths in pixels, narrowest first.
    renditions: Sequence[int]
    focus: Focus = Focus()

    @classmethod
    def of(cls, picture: StoredPicture) -> Thumbnail:
        """Of a row that was read whole."""
        focus = getattr(picture, "focus", Focus())
        return cls(str(picture.file), picture.width_px, picture.height_px, picture.renditions, focus)

    @property
    def url(self) -> str:
        return narrowest_url(self.file, self.renditions)

    @property
    def srcset(self) -> str:
        return ", ".join(f"{url} {width}w" for url, width in self._files())

    def _files(self) -> list[tuple[str, int]]:
        whole = default_storage.url(self.file)
        stem = whole.removesuffix(".webp")
        return [*((f"{stem}-{width}.webp", width) for width in self.renditions), (whole, self.width_px)]


def narrowest_url(file: str, renditions: Sequence[int]) -> str:
    """Of the files of a picture."""
    whole = default_storage.url(file)
    return f"{whole.removesuffix('.webp')}-{renditions[0]}.webp" if renditions else whole


def thumbnail_html(
    picture: Thumbnail | None, drawing: str, *, sizes: str = "", css: str = "thumb", is_eager: bool = False
) -> SafeString:
    """An `<img>` of class `css`; that of `drawing` where there is no picture, with the class `thumb--drawn` besides.

    It has no alternative text: the title beside it is what is chosen by. `sizes` as of `<img>`; without it, as where a picture is
    the width of a thumb, the narrowest file is the only one.
    """
    if picture is None:
        return drawing_html(drawing, f"{css} thumb--drawn", is_eager=is_eager)
    key = (picture.file, picture.focus, sizes, css, is_eager)
    if (made := _made.get(key)) is None:
        made = _made[key] = _made_of(picture, sizes, css, is_eager=is_eager)
    return made


def _made_of(picture: Thumbnail, sizes: str, css: str, *, is_eager: bool) -> SafeString:
    return _THUMBNAIL(
        css=css,
        focus=EMPTY if picture.focus.is_default else f" {picture.focus.classes}",
        url=picture.url,
        choice=_CHOICE(srcset=picture.srcset, sizes=sizes) if sizes else EMPTY,
        width=picture.width_px,
        height=picture.height_px,
        loading=EMPTY if is_eager else _LAZY,
    )
