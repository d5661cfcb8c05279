"""Uploaded files: read within a limit; PDF documents checked by their content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from typing import Any

MEBIBYTE: Final = 1024 * 1024
MAX_PDF_BYTES: Final = 20 * MEBIBYTE
# PDF readers look for `%%EOF` this far from the end.
_PDF_TAIL_BYTES: Final = 1024


class Upload(Protocol):
    """What Django's uploaded files and binary files have in common."""

    def read(self, size: int = -1, /) -> bytes: ...
    def seek(self, offset: int, whence: int = 0, /) -> Any: ...


def read_upload(upload: Upload, *, max_bytes: int) -> bytes:
    """The content of `upload`, which is left at its beginning; never more than `max_bytes`.

    Raises `ValidationError` with code "file_too_heavy" or "file_empty".
    """
    announced = getattr(upload, "size", None)
    if isinstance(announced, int) and announced > max_bytes:
        raise _too_heavy_error(max_bytes)
    upload.seek(0)
    content = upload.read(max_bytes + 1)
    upload.seek(0)
    if len(content) > max_bytes:
        raise _too_heavy_error(max_bytes)
    if not content:
        raise ValidationError(_("This file is empty."), code="file_empty")
    return content


def _too_heavy_error(max_bytes: int) -> ValidationError:
    return ValidationError(
        _("This file is too heavy: at most %(limit)d MB are accepted."),
        code="file_too_heavy",
        params={"limit": max_bytes // MEBIBYTE},
    )


def check_pdf(upload: Upload, max_bytes: int = MAX_PDF_BYTES) -> bytes:
    """The content of a PDF file, known by its signature `%PDF-`, and by `%%EOF` near the end; anything else is refused.

    What the document holds is not checked: serve it as an attachment, in a sandbox. Raises
    `ValidationError` with code "file_too_heavy", "file_empty", "pdf_format" or "pdf_incomplete".
    """
    content = read_upload(upload, max_bytes=max_bytes)
    if not content.startswith(b"%PDF-"):
        raise ValidationError(_("This file is not a PDF document."), code="pdf_format")
    if b"%%EOF" not in content[-_PDF_TAIL_BYTES:]:
        message = _("This PDF document is incomplete: save it again, then send it again.")
        raise ValidationError(message, code="pdf_incomplete")
    return content
