"""Requests that are too large are refused before anything of them is read."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

# A PDF document of 20 MB and the form around it; each kind of file has a narrower limit of its own.
# deploy/nginx.conf has the same.
MAX_REQUEST_BYTES = 24 * 1024 * 1024


class RequestSizeLimitHandler(FileUploadHandler):
    """First of `FILE_UPLOAD_HANDLERS`: the other would read the whole file first."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],  # noqa: N803 - Django names it so
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        if content_length > MAX_REQUEST_BYTES:
            raise RequestDataTooBig(f"{content_length} bytes")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
