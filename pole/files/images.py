"""Uploaded pictures: checked by content, decoded within limits, re-encoded as WebP.

Only the pixels of the uploaded file are stored: no metadata, no profile, no trailing data, no
name. The limits hold before anything is decoded, so that a small file cannot become a large memory.
"""

from __future__ import annotations

import io
import math
import secrets
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageCms, PngImagePlugin

from pole.files.uploads import MEBIBYTE, read_upload
from pole.text.focus import Focus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django_stubs_ext import StrOrPromise

    from pole.files.uploads import Upload

MAX_BYTES: Final = 5 * MEBIBYTE
MAX_PIXELS: Final = 25_000_000
# libwebp decodes through two whole canvases, and gives a copy: 16 bytes for each pixel.
MAX_WEBP_PIXELS: Final = 8_000_000
# A progressive JPEG is held whole, as coefficients, before its first pixel is known.
MAX_COEFFICIENT_BYTES: Final = 110 * MEBIBYTE
# Each scan of a JPEG may go over the whole image again; cameras and editors write ten or so.
MAX_JPEG_SCANS: Final = 100
# What is stored: enough for the widest rendition on a dense screen, and for tall posters.
MAX_STORED_WIDTH_PX: Final = 2_048
MAX_STORED_PIXELS: Final = 6_000_000
MAX_WEBP_SIDE_PX: Final = 16_383

# What networks show of a link: https://developers.facebook.com/docs/sharing/webmasters/images/
SHARED_SIZE_PX: Final = (1_200, 630)
# Of the top of the home page, and the most of a logo at the foot of pages.
HOME_SIZE_PX: Final = (1_600, 640)
PARTNER_SIZE_PX: Final = (480, 160)
RENDITION_WIDTHS_PX: Final = (480, 960, 1600)
EXTENSION: Final = "webp"
_QUALITY: Final = 82
_STRIP_ROWS: Final = 128
_ORIENTATION_TAG: Final = 0x0112
_TRANSPOSITIONS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What Pillow raises on damaged or hostile files.
_DECODING_ERRORS: Final = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    struct.error,
    LookupError,
    TypeError,
    ArithmeticError,
)

# A PNG may contain compressed texts; Pillow decompresses up to 64 MB of them by default.
PngImagePlugin.MAX_TEXT_MEMORY = 4 * MEBIBYTE


@dataclass(frozen=True, slots=True)
class ReencodedImage:
    """A picture as stored: WebP bytes, and its size once turned upright."""

    content: bytes
    width_px: int
    height_px: int
    extension: str

    def as_file(self) -> ContentFile[bytes]:
        """To be stored, under a name that nobody can guess."""
        return ContentFile(self.content, name=random_name(self.extension))


def random_name(extension: str) -> str:
    """A file name that nobody can guess: 32 hexadecimal digits, a dot and `extension`."""
    return f"{secrets.token_hex(16)}.{extension}"


def reencode(upload: Upload, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS) -> ReencodedImage:
    """The JPEG, PNG or WebP picture in `upload` as an upright sRGB WebP without metadata.

    It is made smaller when wider than `MAX_STORED_WIDTH_PX` or larger than `MAX_STORED_PIXELS`.
    Raises `ValidationError` with code "file_too_heavy", "file_empty", "image_format",
    "image_too_large", "image_animated" or "image_damaged".
    """
    content = read_upload(upload, max_bytes=max_bytes)
    kind = _detect_format(content)
    _check_header(content, kind, max_pixels)
    # In a function of its own, so that the decoded original is freed before the encoding.
    upright = _decode(content, kind, max_pixels)
    return ReencodedImage(_encode_webp(upright), *upright.size, EXTENSION)


def renditions(content: bytes, widths_px: Iterable[int] = RENDITION_WIDTHS_PX) -> dict[int, bytes]:
    """WebP versions of a stored picture by width, in pixels; none wider than the picture itself.

    `content` comes from `reencode`. A width equal to the picture's gives `content` itself.
    """
    with Image.open(io.BytesIO(content), formats=["WEBP"]) as image:
        width, height = image.size
        made = {}
        for wanted in sorted(wanted for wanted in widths_px if wanted <= width):
            size = (wanted, max(1, round(height * wanted / width)))
            made[wanted] = content if wanted == width else _encode_webp(_resized(image, size))
    return made


def jpeg_of(content: bytes, most_px: int) -> bytes:
    """A stored picture as a JPEG of at most this width, on white. `content` comes from `reencode`."""
    with Image.open(io.BytesIO(content), formats=["WEBP"]) as image:
        image.load()
        width = min(most_px, image.width)
        whole = _resized(image, (width, max(1, round(image.height * width / image.width))))
    return _jpeg(whole)


def _jpeg(whole: Image.Image) -> bytes:
    """On white."""
    flat = Image.new("RGB", whole.size, "white")
    flat.paste(whole, mask=whole.getchannel("A") if whole.mode == "RGBA" else None)
    buffer = io.BytesIO()
    flat.save(buffer, "JPEG", quality=_QUALITY, progressive=True)
    return buffer.getvalue()


def cut(image: ReencodedImage, width_px: int, height_px: int) -> ReencodedImage:
    """The middle of a picture at exactly this size; raises `ValidationError` when it would have to be enlarged."""
    if image.width_px < width_px or image.height_px < height_px:
        raise ValidationError(
            _(
                "This image is too small, or too long: at least %(least)s pixels once cut. Choose another one."
            ),
            code="image_too_small",
            params={"least": f"{width_px} × {height_px}"},
        )
    scale = max(width_px / image.width_px, height_px / image.height_px)
    size = (max(width_px, round(image.width_px * scale)), max(height_px, round(image.height_px * scale)))
    with Image.open(io.BytesIO(image.content), formats=["WEBP"]) as whole:
        resized = _resized(whole, size)
    left, top = (size[0] - width_px) // 2, (size[1] - height_px) // 2
    middle = resized.crop((left, top, left + width_px, top + height_px))
    return ReencodedImage(_encode_webp(middle), width_px, height_px, EXTENSION)


def fitted(image: ReencodedImage, width_px: int, height_px: int) -> ReencodedImage:
    """The whole of a picture, no wider nor higher than this."""
    scale = min(width_px / image.width_px, height_px / image.height_px)
    if scale >= 1:
        return image
    size = (max(1, round(image.width_px * scale)), max(1, round(image.height_px * scale)))
    with Image.open(io.BytesIO(image.content), formats=["WEBP"]) as whole:
        return ReencodedImage(_encode_webp(_resized(whole, size)), *size, EXTENSION)


def shared_size(size: tuple[int, int]) -> tuple[int, int]:
    """Of the part of a picture that networks show: at most `SHARED_SIZE_PX`, never enlarged."""
    left, top, right, bottom = Focus().box(size, SHARED_SIZE_PX)
    width = min(SHARED_SIZE_PX[0], right - left)
    return width, max(1, round((bottom - top) * width / (right - left)))


def shared_jpeg_of(content: bytes, focus: Focus) -> bytes:
    """The part of a stored picture that networks show, around its point, as a JPEG. `content` comes from `reencode`."""
    with Image.open(io.BytesIO(content), formats=["WEBP"]) as image:
        image.load()
        part = image.crop(focus.box(image.size, SHARED_SIZE_PX))
        return _jpeg(_resized(part, shared_size(image.size)))


# --- Checks before decoding -----------------------------------------------------------------------


def _detect_format(content: bytes) -> str:
    """Pillow's name of the format, by the first bytes of `content`. Raises `ValidationError` for another format."""
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "WEBP"
    raise ValidationError(_format_refusal(content[:512]), code="image_format")


def _format_refusal(head: bytes) -> StrOrPromise:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"GIF87a", b"GIF89a")):
        return _("GIF images are not accepted: save the image as JPEG, PNG or WebP.")
    if head[4:8] == b"ftyp":
        return _("HEIC and AVIF images are not accepted: save or share the photo as JPEG.")
    if text.startswith(b"<svg") or (text.startswith((b"<?xml", b"<!doctype svg")) and b"<svg" in text):
        return _("SVG images are not accepted: save the image as PNG or WebP.")
    return _("This file is not a JPEG, PNG or WebP image.")


def _check_pixels(size: tuple[int, int], max_pixels: int) -> None:
    if size[0] * size[1] > max_pixels:
        raise _too_large_error(max_pixels)


def _too_large_error(max_pixels: int) -> ValidationError:
    return ValidationError(
        _("This image has too many pixels: at most %(limit)d megapixels are accepted. Reduce it."),
        code="image_too_large",
        params={"limit": max_pixels // 1_000_000},
    )


def _damaged_error() -> ValidationError:
    return ValidationError(
        _("This image is damaged or incomplete: open it and save it again."), code="image_damaged"
    )


def _check_header(content: bytes, kind: str, max_pixels: int) -> None:
    """What must be known before Pillow opens the file.

    It prepares the canvas of a WebP at once; and each scan of a JPEG, of a few bytes, may go over
    the whole image again.
    """
    if kind == "JPEG" and content.count(b"\xff\xda") > MAX_JPEG_SCANS:
        raise _damaged_error()
    if kind == "WEBP":
        size = _webp_size(content)
        if size is None:
            raise _damaged_error()
        _check_pixels(size, min(max_pixels, MAX_WEBP_PIXELS))


def _webp_size(content: bytes) -> tuple[int, int] | None:
    """(width, height) that the first chunk of a WebP file announces, None when it has none."""
    chunk, data = content[12:16], content[20:30]
    if len(data) < 10:
        return None
    if chunk == b"VP8X":
        return int.from_bytes(data[4:7], "little") + 1, int.from_bytes(data[7:10], "little") + 1
    if chunk == b"VP8L":
        bits = int.from_bytes(data[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 ":
        width, height = struct.unpack("<HH", data[6:10])
        return width & 0x3FFF, height & 0x3FFF
    return None


def _check_frames(image: Image.Image) -> None:
    """Refuse animations. Cameras add previews to a JPEG as frames: only its first is read."""
    if image.format in {"PNG", "WEBP"} and getattr(image, "is_animated", False):
        message = _("Animated images are not accepted: save one picture as JPEG, PNG or WebP.")
        raise ValidationError(message, code="image_animated")


def _check_coefficients(image: Image.Image, content: bytes) -> None:
    """Refuse a JPEG in several scans that libjpeg would hold in memory, two bytes a sample."""
    # (identifier, horizontal sampling, vertical sampling, quantisation table) of each component
    layers: list[tuple[int, int, int, int]] = getattr(image, "layer", [])
    if not layers or (_first_scan_components(content) == len(layers) and "progressive" not in image.info):
        return
    sampling = [horizontal * vertical for _id, horizontal, vertical, _table in layers]
    samples_per_pixel = sum(sampling) / max(1, *sampling)
    if 2 * samples_per_pixel * image.width * image.height > MAX_COEFFICIENT_BYTES:
        message = _("This progressive JPEG is too large: reduce it, or save it as not progressive.")
        raise ValidationError(message, code="image_too_large")


def _first_scan_components(content: bytes) -> int:
    """How many components the first scan of a JPEG holds; 0 when there is no scan."""
    position = 2
    while position + 4 < len(content) and content[position] == 0xFF:
        marker = content[position + 1]
        if marker == 0xDA:
            return content[position + 4]
        if marker == 0xFF:  # padding
            position += 1
        else:
            position += 2 + int.from_bytes(content[position + 2 : position + 4], "big")
    return 0


# --- Decoding -------------------------------------------------------------------------------------


def _decode(content: bytes, kind: str, max_pixels: int) -> Image.Image:
    """A new image: RGB or RGBA in sRGB, upright, within the stored size."""
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as image:
            _check_pixels(image.size, max_pixels)
            _check_frames(image)
            _check_coefficients(image, content)
            return _load_upright(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large_error(max_pixels) from error
    except _DECODING_ERRORS as error:
        raise _damaged_error() from error


def _load_upright(image: Image.Image) -> Image.Image:
    orientation = _exif_orientation(image)
    is_sideways = orientation >= 5
    size = _stored_size(*_swapped(image.size, if_=is_sideways))
    size = _swapped(size, if_=is_sideways)
    # The JPEG decoder itself halves large photos: less memory, as sharp.
    image.draft(None, size)
    image.load()
    resized = _in_srgb(_resized(image, size), image.info.get("icc_profile"))
    return resized.transpose(_TRANSPOSITIONS[orientation]) if orientation in _TRANSPOSITIONS else resized


def _swapped(size: tuple[int, int], *, if_: bool) -> tuple[int, int]:
    return (size[1], size[0]) if if_ else size


def _stored_size(width: int, height: int) -> tuple[int, int]:
    """The size within the stored limits, proportions kept, never enlarged."""
    scale = min(
        1.0,
        MAX_STORED_WIDTH_PX / width,
        math.sqrt(MAX_STORED_PIXELS / (width * height)),
        MAX_WEBP_SIDE_PX / max(width, height),
    )
    return max(1, int(width * scale)), max(1, int(height * scale))


def _exif_orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except _DECODING_ERRORS:
        # Damaged metadata, which is dropped anyway, is no reason to refuse a picture.
        return 1


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """A new image of `size`, strip by strip: a whole copy in another mode may take 100 MB."""
    mode = _working_mode(image)
    result = Image.new(mode, size)
    scale = image.height / size[1]
    margin = 4 * math.ceil(scale)  # beyond what the Lanczos filter reads
    for top in range(0, size[1], _STRIP_ROWS):
        bottom = min(top + _STRIP_ROWS, size[1])
        first = max(0, math.floor(top * scale) - margin)
        last = min(image.height, math.ceil(bottom * scale) + margin)
        strip = _converted(image.crop((0, first, image.width, last)), mode)
        box = (0, top * scale - first, image.width, min(bottom * scale - first, strip.height))
        if size == image.size:
            strip = strip.crop((0, top - first, image.width, bottom - first))
        else:
            strip = strip.resize((size[0], bottom - top), Image.Resampling.LANCZOS, box=box)
        result.paste(strip, (0, top))
    return result


def _working_mode(image: Image.Image) -> str:
    if image.has_transparency_data:
        return "RGBA"
    return "CMYK" if image.mode == "CMYK" else "RGB"


def _converted(strip: Image.Image, mode: str) -> Image.Image:
    if strip.mode.startswith("I"):
        # 16-bit greys: Pillow would clip them to white instead of scaling them.
        strip = strip.convert("I").point(lambda value: value / 256).convert("L")
    return strip.convert(mode)


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as they were meant; a profile that cannot be read, or of other colours, is ignored."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if source.profile.xcolor_space.strip() == image.mode.removesuffix("A"):
                return _through_profile(image, source)
        except (ImageCms.PyCMSError, *_DECODING_ERRORS):
            pass
    return image.convert("RGB") if image.mode == "CMYK" else image


def _through_profile(image: Image.Image, source: ImageCms.ImageCmsProfile) -> Image.Image:
    colours = image if image.mode == "CMYK" else image.convert("RGB")
    target = ImageCms.createProfile("sRGB")
    converted = ImageCms.profileToProfile(colours, source, target, outputMode="RGB")
    if converted is None:
        return image.convert("RGB")
    if image.mode == "RGBA":
        converted.putalpha(image.getchannel("A"))
    return converted


def _encode_webp(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=_QUALITY, method=4)
    return buffer.getvalue()
