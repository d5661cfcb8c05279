"""Files sent with a form that was refused: kept an hour for whoever sent them, so that they need not be chosen again.

A kept file is outside the media folder, which is served and saved. A signed token names it, its sender and its
name; it is given back once, to that person alone.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.forms import BaseForm, BoundField, FileField
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from pole.access import SignedToken
from pole.files.upload_limit import MAX_REQUEST_BYTES
from pole.files.whole import StorageUnavailable, WholeFilesMixin, disk_errors

LIFETIME: Final = timedelta(hours=1)
# Of one person, the newest; of everyone, none once the folder holds this much.
MAX_OF_ONE: Final = 6
MAX_BYTES: Final = 20 * MAX_REQUEST_BYTES
# Beside the name of a field: the token of its file, and the box by which it is left out.
KEPT, LEFT = "-kept", "-left"
# The file, whoever sent it, and its name there.
_TOKEN = SignedToken("pole.kept_upload", (str, int, str), LIFETIME)


class LostFile:
    """In place of a file whose time is over, or which was given back already."""


class KeptFiles(MultiValueDict[str, Any]):
    """The files of a request, and those kept for the same person which its form names and does not replace."""

    def __init__(self, request: HttpRequest, *, peeks: bool = False) -> None:
        super().__init__({name: request.FILES.getlist(name) for name in request.FILES})
        self.owner: int = request.user.pk or 0
        for field, token in _named_in(request):
            is_replaced = (
                field in self or f"{field}{LEFT}" in request.POST or f"{field}-clear" in request.POST
            )
            if not is_replaced:
                self[field] = take(token, self.owner, peeks=peeks) or LostFile()
            elif not peeks:
                take(token, self.owner)


def _named_in(request: HttpRequest) -> Iterator[tuple[str, str]]:
    for name, token in request.POST.items():
        if name.endswith(KEPT) and isinstance(token, str) and token:
            yield name.removesuffix(KEPT), token


def files_of(request: HttpRequest, *, peeks: bool = False) -> KeptFiles | None:
    """What forms take for `request.FILES`; None, as they expect, when nothing is sent. A preview only `peeks`."""
    if request.method != "POST":
        return None
    # What is given back once is there for the whole of the request.
    if "kept_files" not in request.__dict__:
        request.__dict__["kept_files"] = KeptFiles(request, peeks=peeks)
    found: KeptFiles = request.__dict__["kept_files"]
    return found


def keep(upload: UploadedFile[bytes], *, owner: int) -> str:
    """The token of `upload`, kept from now on; nothing when there is no room for it."""
    forget_old(timezone.now())
    if not owner or not upload.size or _is_full(upload.size):
        return ""
    upload.seek(0)
    key, name = f"{owner}-{secrets.token_hex(16)}", (upload.name or "")[-150:]
    try:
        with disk_errors():
            _storage().save(key, ContentFile(upload.read()))
            moment = timezone.now().timestamp()
            os.utime(_folder() / key, (moment, moment))
            _forget_more_than(MAX_OF_ONE, owner)
    except StorageUnavailable:
        return ""
    upload.seek(0)
    return _TOKEN.make(key, owner, name)


def take(token: str, owner: int, *, peeks: bool = False) -> UploadedFile[bytes] | None:
    """The file that `token` names, if it is kept for `owner`: to whoever comes first, and then to nobody."""
    held = _TOKEN.read(token)
    if not held or not owner or held[1] != owner:
        return None
    key, _owner, name = held
    path = _folder() / key
    try:
        content = path.read_bytes()
        if not peeks:
            path.unlink()
    except OSError:
        return None
    return SimpleUploadedFile(name, content)


def forget_old(now: datetime) -> int:
    """How many files."""
    forgotten = 0
    for path in _files():
        with suppress(OSError):
            if path.stat().st_mtime < (now - LIFETIME).timestamp():
                path.unlink()
                forgotten += 1
    return forgotten


def _forget_more_than(most: int, owner: int) -> None:
    own = sorted(_folder().glob(f"{owner}-*"), key=lambda path: path.stat().st_mtime)
    for path in own[:-most]:
        path.unlink(missing_ok=True)


def _is_full(size: int) -> bool:
    return size + sum(path.stat().st_size for path in _files()) > MAX_BYTES


def _folder() -> Path:
    return Path(settings.KEPT_UPLOADS_DIR)


def _files() -> list[Path]:
    return [path for path in _folder().glob("*-*") if path.is_file()]


def _storage() -> WholeFilesMixin:
    return WholeFilesMixin(location=_folder(), file_permissions_mode=0o600)


class KeptFileField(FileField):
    """A file that is kept when its form is refused for another reason than itself."""

    default_error_messages = {"required": _("Choose a file.")}

    def clean(self, data: Any, initial: Any = None) -> Any:
        if isinstance(data, LostFile):
            raise ValidationError(_("The file is no longer kept: choose it again."), code="file_lost")
        return super().clean(data, initial)

    def get_bound_field(self, form: BaseForm, field_name: str) -> BoundField:
        return KeptBoundField(form, self, field_name)


class KeptBoundField(BoundField):
    """Its input, beside what is kept of it: a form that is shown again was refused."""

    @cached_property
    def kept_token(self) -> str:
        files, upload = self.form.files, self.data
        if not isinstance(files, KeptFiles) or not isinstance(upload, UploadedFile) or self.errors:
            return ""
        return keep(upload, owner=files.owner)

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Any = None) -> dict[str, Any]:
        built = super().build_widget_attrs(attrs, widget)
        if self.kept_token:
            built.pop("required", None)
        return built

    @property
    def aria_describedby(self) -> str | None:
        described = super().aria_describedby
        return f"{described or ''} {self.auto_id}_kept".strip() if self.kept_token else described

    def as_widget(self, *args: Any, **kwargs: Any) -> SafeString:
        input_html = super().as_widget(*args, **kwargs)
        if not self.kept_token:
            return input_html
        shown = {
            "name": self.html_name, "id": self.auto_id, "token": self.kept_token, "file_name": self.data.name,
            "is_required": self.field.required,
        }  # fmt: skip
        return SafeString(input_html + render_to_string("components/kept_file.html", shown))
