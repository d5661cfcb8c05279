"""Uploads: what is refused, and why; what is stored, and that nothing else is."""

import io
import re
import struct
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from PIL import Image, ImageChops, ImageCms, ImageFilter

from pole.files import images, uploads
from pole.files.images import random_name, reencode, renditions
from pole.files.uploads import check_pdf, read_upload

RED, BLUE, GREEN, WHITE = (220, 20, 20), (20, 20, 220), (20, 160, 20), (255, 255, 255)


def picture(size: tuple[int, int] = (40, 20), mode: str = "RGB") -> Image.Image:
    """Red on the left half, blue on the right, a green row at the top."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, size[0], size[1]))
    image.paste(GREEN, (0, 0, size[0], max(1, size[1] // 4)))
    return image.convert(mode)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def refusal(content: bytes, **limits: int) -> str:
    with pytest.raises(ValidationError) as caught:
        reencode(SimpleUploadedFile("photo.jpg", content), **limits)
    return caught.value.code or ""


def said(error: ValidationError) -> str:
    with translation.override("en"):
        return error.messages[0]


def is_near(pixel: object, colour: tuple[int, ...], tolerance: int = 40) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(one - other) <= tolerance for one, other in zip(pixel, colour, strict=False))


# --- Accepted -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        *(("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK")),
        *(("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "L"), ("PNG", "LA"), ("PNG", "1")),
        *(("WEBP", "RGB"), ("WEBP", "RGBA")),
    ],
)
def test_reencode_gives_a_webp_of_the_same_picture(kind: str, mode: str) -> None:
    result = reencode(SimpleUploadedFile("x", saved(picture(mode=mode), kind)))
    image = opened(result.content)
    assert (image.format, image.size, result.extension) == ("WEBP", (40, 20), "webp")
    assert (result.width_px, result.height_px) == (40, 20)
    if mode in {"RGB", "RGBA", "P", "CMYK"}:
        assert is_near(image.getpixel((5, 15)), RED)
        assert is_near(image.getpixel((35, 15)), BLUE)


def test_reencode_decides_by_content_and_not_by_name() -> None:
    result = reencode(SimpleUploadedFile("page.html", saved(picture(), "PNG"), "text/html"))
    assert opened(result.content).format == "WEBP"


def test_reencode_reads_a_plain_binary_file_from_its_beginning() -> None:
    file = io.BytesIO(saved(picture(), "PNG"))
    file.read()
    assert reencode(file).width_px == 40


def test_reencode_keeps_transparency() -> None:
    image = Image.new("RGBA", (20, 20), (*RED, 0))
    image.paste((*BLUE, 255), (10, 0, 20, 20))
    result = opened(reencode(io.BytesIO(saved(image, "PNG"))).content)
    assert result.getpixel((2, 10))[3] == 0  # type: ignore[index]  # an RGBA pixel
    assert result.getpixel((18, 10))[3] == 255  # type: ignore[index]


def test_reencode_keeps_the_transparent_colour_of_a_palette() -> None:
    image = Image.new("P", (20, 20), 0)
    image.putpalette([*RED, *BLUE])
    image.paste(1, (10, 0, 20, 20))
    result = opened(reencode(io.BytesIO(saved(image, "PNG", transparency=0))).content)
    assert result.mode == "RGBA"
    assert result.getpixel((2, 10))[3] == 0  # type: ignore[index]  # an RGBA pixel


def test_reencode_scales_sixteen_bit_greys() -> None:
    image = Image.new("I;16", (16, 16), 32_768)
    pixel = opened(reencode(io.BytesIO(saved(image, "PNG"))).content).getpixel((8, 8))
    assert is_near(pixel, (128, 128, 128), tolerance=2)


@pytest.mark.parametrize(
    ("orientation", "size", "top_left"),
    [
        *((1, (40, 20), GREEN), (2, (40, 20), GREEN), (3, (40, 20), BLUE), (4, (40, 20), RED)),
        *((5, (20, 40), GREEN), (6, (20, 40), RED), (7, (20, 40), BLUE), (8, (20, 40), GREEN)),
        *((0, (40, 20), GREEN), (9, (40, 20), GREEN)),
    ],
)
def test_reencode_turns_the_picture_upright(
    orientation: int, size: tuple[int, int], top_left: tuple[int, int, int]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = saved(picture(), "JPEG", exif=exif, quality=95, subsampling=0)
    result = reencode(io.BytesIO(content))
    assert (result.width_px, result.height_px) == size
    assert is_near(opened(result.content).getpixel((3, 2)), top_left)


def test_reencode_drops_every_metadata() -> None:
    exif = Image.Exif()
    exif[0x010E] = "SECRET-DESCRIPTION"
    exif.get_ifd(0x8825)[2] = (45.0, 15.0, 0.0)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = saved(picture(), "JPEG", exif=exif, icc_profile=profile, comment=b"SECRET-COMMENT")
    content += b"<script>SECRET-TAIL</script>"
    assert content.count(b"SECRET") == 3
    result = reencode(io.BytesIO(content)).content
    assert b"SECRET" not in result
    assert {"exif", "icc_profile", "xmp"}.isdisjoint(opened(result).info)
    assert result[12:16] == b"VP8 "  # the simple form, that has no room for metadata


def test_reencode_drops_the_texts_of_a_png() -> None:
    from PIL.PngImagePlugin import PngInfo

    texts = PngInfo()
    texts.add_text("Comment", "SECRET" * 50, zip=True)
    texts.add_text("Author", "SECRET")
    result = reencode(io.BytesIO(saved(picture(), "PNG", pnginfo=texts))).content
    assert b"SECRET" not in result


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_reencode_survives_damaged_metadata() -> None:
    content = saved(
        picture(), "JPEG", exif=b"Exif\x00\x00MM\x00*\x00\x00\xff\xff\xff", icc_profile=b"no profile"
    )
    assert reencode(io.BytesIO(content)).width_px == 40


def test_reencode_converts_colours_to_srgb() -> None:
    # In this profile, made from linear light, the same middle grey is much lighter than in sRGB.
    linear = saved(Image.new("RGB", (16, 16), (128, 128, 128)), "PNG", icc_profile=linear_profile())
    plain = saved(Image.new("RGB", (16, 16), (128, 128, 128)), "PNG")
    assert is_near(opened(reencode(io.BytesIO(plain)).content).getpixel((8, 8)), (128,) * 3, tolerance=2)
    assert is_near(opened(reencode(io.BytesIO(linear)).content).getpixel((8, 8)), (188,) * 3, tolerance=4)


def linear_profile() -> bytes:
    """An sRGB profile whose tone curves are replaced by straight lines."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    tags = {}
    for index in range(int.from_bytes(profile[128:132], "big")):
        signature, offset, length = struct.unpack(">4sII", profile[132 + 12 * index : 144 + 12 * index])
        tags[signature] = profile[offset : offset + length]
    for signature in (b"rTRC", b"gTRC", b"bTRC"):
        tags[signature] = b"curv" + bytes(8)
    directory, data = b"", b""
    start = 132 + 12 * len(tags)
    for signature, value in tags.items():
        directory += struct.pack(">4sII", signature, start + len(data), len(value))
        data += value + bytes(-len(value) % 4)
    body = profile[4:128] + len(tags).to_bytes(4, "big") + directory + data
    return (len(body) + 4).to_bytes(4, "big") + body


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((2048, 100), (2048, 100)),
        ((2049, 100), (2048, 99)),
        ((4096, 1000), (2048, 500)),
        ((1000, 6000), (1000, 6000)),
        ((1000, 6100), (991, 6049)),
        ((100, 17_000), (96, 16_383)),
        ((1, 1), (1, 1)),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_reencode_keeps_within_the_stored_size(
    size: tuple[int, int], expected: tuple[int, int], kind: str
) -> None:
    result = reencode(io.BytesIO(saved(Image.new("RGB", size, RED), kind)))
    assert (result.width_px, result.height_px) == expected
    assert opened(result.content).size == expected


def test_reencode_measures_a_turned_picture_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    result = reencode(io.BytesIO(saved(Image.new("RGB", (6000, 1000), RED), "JPEG", exif=exif)))
    assert (result.width_px, result.height_px) == (1000, 6000)


def test_resizing_by_strips_gives_what_resizing_at_once_gives() -> None:
    image = Image.effect_noise((300, 900), 60).filter(ImageFilter.GaussianBlur(1)).convert("RGB")
    at_once = image.resize((211, 633), Image.Resampling.LANCZOS)
    by_strips = images._resized(image, (211, 633))
    # Pillow rounds between its two passes, whose order depends on the shape: never by more than 3.
    difference = ImageChops.difference(at_once, by_strips).convert("L")
    assert max(index for index, count in enumerate(difference.histogram()) if count) <= 3


# --- Refused --------------------------------------------------------------------------------------


def test_weight_limit_is_the_last_accepted_weight() -> None:
    content = saved(picture(), "PNG")
    assert reencode(io.BytesIO(content), max_bytes=len(content)).width_px == 40
    assert refusal(content, max_bytes=len(content) - 1) == "file_too_heavy"


def test_weight_is_refused_before_reading() -> None:
    class Heavy(io.BytesIO):
        size = images.MAX_BYTES + 1

        def read(self, size: int | None = -1, /) -> bytes:
            raise AssertionError("read")

    with pytest.raises(ValidationError) as caught:
        reencode(Heavy())
    assert said(caught.value) == "This file is too heavy: at most 5 MB are accepted."


def test_pixel_limit_is_the_last_accepted_number() -> None:
    content = saved(picture((40, 20)), "PNG")
    assert reencode(io.BytesIO(content), max_pixels=800).width_px == 40
    assert refusal(content, max_pixels=799) == "image_too_large"


def png_chunk(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")


def png_announcing(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(b"\x00" * 100)
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", data) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def webp_announcing(width: int, height: int, *, flags: int = 0) -> bytes:
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + (10).to_bytes(4, "little") + bytes([flags, 0, 0, 0]) + canvas
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def jpeg_announcing(width: int, height: int) -> bytes:
    content = bytearray(saved(Image.new("RGB", (16, 16)), "JPEG"))
    start = content.index(b"\xff\xc0")
    content[start + 5 : start + 9] = struct.pack(">HH", height, width)
    return bytes(content)


@pytest.mark.parametrize(
    ("make", "size"),
    [
        (png_announcing, (5000, 5001)),
        (png_announcing, (10_000, 10_000)),  # Pillow warns
        (png_announcing, (100_000, 100_000)),  # Pillow refuses
        (jpeg_announcing, (5000, 5001)),
        (jpeg_announcing, (65_000, 65_000)),
        (webp_announcing, (4000, 2001)),
        (webp_announcing, (16_000, 16_000)),
    ],
)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_bombs_are_refused_before_decoding(
    make: Callable[[int, int], bytes], size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def decoding(*_args: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decoding)
    monkeypatch.setattr("PIL._webp.WebPAnimDecoder", decoding)
    assert refusal(make(*size)) == "image_too_large"


# (libjpeg fills with grey what an ended JPEG lacks.)
@pytest.mark.parametrize("make", [png_announcing, webp_announcing])
def test_pictures_shorter_than_they_announce_are_damaged(make: Callable[[int, int], bytes]) -> None:
    assert refusal(make(2000, 1000)) == "image_damaged"


@pytest.mark.parametrize("kind", ["VP8 ", "VP8L", "VP8X"])
def test_webp_size_is_read_as_libwebp_reads_it(kind: str) -> None:
    image = picture((300, 200), "RGBA" if kind == "VP8X" else "RGB")
    if kind == "VP8X":
        image.putalpha(128)
    content = saved(image, "WEBP", lossless=kind == "VP8L")
    assert content[12:16] == kind.encode()
    assert images._webp_size(content) == opened(content).size == (300, 200)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.97])
def test_truncated_pictures_are_refused(kind: str, share: float) -> None:
    content = saved(Image.effect_noise((200, 200), 80).convert("RGB"), kind)
    assert refusal(content[: int(len(content) * share)]) == "image_damaged"


def test_header_alone_is_refused() -> None:
    assert refusal(b"\xff\xd8\xff") == "image_damaged"
    assert refusal(b"RIFF\x00\x00\x00\x00WEBP") == "image_damaged"
    assert refusal(b"\x89PNG\r\n\x1a\n") == "image_damaged"


HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"
AVIF = b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif"


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (saved(picture(), "GIF"), "GIF"),
        (HEIC, "HEIC"),
        (AVIF, "AVIF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "SVG"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- x --><svg onload='alert(1)'/>", "SVG"),
        (saved(picture(), "BMP"), "JPEG, PNG or WebP"),
        (saved(picture(), "TIFF"), "JPEG, PNG or WebP"),
        (b"<!doctype html><script>alert(1)</script>", "JPEG, PNG or WebP"),
        (b"%PDF-1.7", "JPEG, PNG or WebP"),
        (b"GIF", "JPEG, PNG or WebP"),
        (b" " + b"\xff\xd8\xff", "JPEG, PNG or WebP"),
    ],
)
def test_other_formats_are_refused_by_name(content: bytes, named: str) -> None:
    with pytest.raises(ValidationError) as caught:
        reencode(io.BytesIO(content))
    assert caught.value.code == "image_format"
    assert named in said(caught.value)


def test_empty_file_is_refused() -> None:
    assert refusal(b"") == "file_empty"


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_animations_are_refused(kind: str) -> None:
    frames = [Image.new("RGB", (16, 16), RED), Image.new("RGB", (16, 16), BLUE)]
    content = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
    assert refusal(content) == "image_animated"


def test_previews_inside_a_photo_are_left_out() -> None:
    frames = [picture(), Image.new("RGB", (8, 8), WHITE)]
    content = saved(frames[0], "MPO", save_all=True, append_images=frames[1:])
    assert opened(content).format == "MPO"
    result = reencode(io.BytesIO(content))
    assert (result.width_px, result.height_px) == (40, 20)


def test_picture_that_is_also_a_page_becomes_a_picture_only() -> None:
    for kind in ("JPEG", "PNG", "WEBP"):
        content = saved(picture(), kind) + b"<script>alert(1)</script>PK\x05\x06"
        result = reencode(io.BytesIO(content)).content
        assert b"<script>" not in result
        assert len(result) == int.from_bytes(result[4:8], "little") + 8


def test_jpeg_with_more_scans_than_any_camera_writes_is_refused() -> None:
    content = saved(picture(), "JPEG", progressive=True)
    own_scans = content.count(b"\xff\xda")
    last_scan = content[content.rindex(b"\xff\xda") : -2]
    most = content[:-2] + last_scan * (images.MAX_JPEG_SCANS - own_scans)
    assert reencode(io.BytesIO(most + b"\xff\xd9")).width_px == 40
    assert refusal(most + last_scan + b"\xff\xd9") == "image_damaged"


@pytest.mark.parametrize("subsampling", [0, 2])
def test_progressive_jpeg_is_refused_when_its_coefficients_would_fill_the_memory(
    subsampling: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = saved(picture((64, 64)), "JPEG", progressive=True, subsampling=subsampling)
    # Two bytes for each sample: three samples a pixel at 4:4:4, one and a half at 4:2:0.
    needed = 2 * 64 * 64 * (3 if subsampling == 0 else 3 // 2 + 0.5)
    monkeypatch.setattr(images, "MAX_COEFFICIENT_BYTES", needed)
    assert reencode(io.BytesIO(content)).width_px == 64
    monkeypatch.setattr(images, "MAX_COEFFICIENT_BYTES", needed - 1)
    assert refusal(content) == "image_too_large"


def test_baseline_jpeg_needs_no_memory_for_coefficients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_COEFFICIENT_BYTES", 1)
    assert reencode(io.BytesIO(saved(picture(), "JPEG"))).width_px == 40


def test_sequential_jpeg_in_several_scans_counts_as_progressive(monkeypatch: pytest.MonkeyPatch) -> None:
    content = bytearray(saved(picture(), "JPEG"))
    content[content.index(b"\xff\xda") + 4] = 1
    monkeypatch.setattr(images, "MAX_COEFFICIENT_BYTES", 1)
    assert refusal(bytes(content)) == "image_too_large"


# --- Renditions and names ---------------------------------------------------------------------------


def rendition_sizes(width: int, height: int) -> dict[int, tuple[int, int]]:
    content = reencode(io.BytesIO(saved(Image.new("RGB", (width, height), RED), "PNG"))).content
    made = renditions(content)
    assert all(opened(rendition).format == "WEBP" for rendition in made.values())
    return {wanted: opened(rendition).size for wanted, rendition in made.items()}


def test_renditions_are_never_wider_than_the_picture() -> None:
    assert rendition_sizes(479, 100) == {}
    assert rendition_sizes(480, 100) == {480: (480, 100)}
    assert rendition_sizes(1000, 500) == {480: (480, 240), 960: (960, 480)}
    assert rendition_sizes(3000, 1500) == {480: (480, 240), 960: (960, 480), 1600: (1600, 800)}


def test_rendition_of_the_same_width_is_the_picture_itself() -> None:
    content = reencode(io.BytesIO(saved(picture((960, 100)), "PNG"))).content
    assert renditions(content)[960] == content


def test_random_names_differ_and_tell_nothing() -> None:
    names = {random_name("webp") for _ in range(100)}
    assert len(names) == 100
    assert all(re.fullmatch(r"[0-9a-f]{32}\.webp", name) for name in names)


# --- Documents --------------------------------------------------------------------------------------


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF\n"


def pdf_refusal(content: bytes, **limits: int) -> str:
    with pytest.raises(ValidationError) as caught:
        check_pdf(SimpleUploadedFile("rapport.pdf", content), **limits)
    return caught.value.code or ""


def test_pdf_is_accepted_and_left_at_its_beginning() -> None:
    upload = SimpleUploadedFile("rapport.pdf", PDF)
    check_pdf(upload)
    assert upload.read() == PDF


def test_pdf_weight_limit_is_the_last_accepted_weight() -> None:
    check_pdf(io.BytesIO(PDF), max_bytes=len(PDF))
    assert pdf_refusal(PDF, max_bytes=len(PDF) - 1) == "file_too_heavy"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\n" + PDF, "pdf_format"),
        (b"<html>%PDF-1.7 %%EOF", "pdf_format"),
        (b"PK\x03\x04", "pdf_format"),
        (PDF[:-7], "pdf_incomplete"),
        (PDF[:-1] + b" " * 1020, "pdf_incomplete"),
    ],
)
def test_other_documents_are_refused(content: bytes, code: str) -> None:
    assert pdf_refusal(content) == code


def test_pdf_end_mark_may_be_followed_by_little() -> None:
    check_pdf(io.BytesIO(PDF[:-1] + b" " * 1019))


def test_read_upload_reads_no_more_than_one_byte_beyond_the_limit() -> None:
    class Endless(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            assert size == 11
            return b"x" * 11

    with pytest.raises(ValidationError) as caught:
        read_upload(Endless(), max_bytes=10)
    assert caught.value.code == "file_too_heavy"


def test_limits_are_the_announced_ones() -> None:
    assert (images.MAX_BYTES, images.MAX_PIXELS) == (5 * 1024 * 1024, 25_000_000)
    assert uploads.MAX_PDF_BYTES == 20 * 1024 * 1024
