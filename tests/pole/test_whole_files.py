"""Files on the server's disk that are not uploads: whole, or as they were."""

from __future__ import annotations

import errno
import os
import resource
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from django.core.files.base import ContentFile

from forums import printing
from forums.printing import pdf_cache
from pole.files.disks import check_media
from pole.files.static_storage import PortalStaticFilesStorage
from pole.files.stored import tell_team_of_disk
from pole.files.whole import StorageUnavailable, disk_errors
from pole.hooks.diagnostics import DiagnosticError
from pole.server import whole_files
from pole.server.whole_files import write_whole
from tests.factories import UserFactory


@contextmanager
def room_for(size):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_file_that_does_not_fit_leaves_the_former_one(tmp_path):
    path = tmp_path / "made" / "a.json"
    write_whole(path, b"former")
    with room_for(10), pytest.raises(OSError, match="File too large"):
        write_whole(path, b"longer than ten bytes")
    assert path.read_bytes() == b"former"
    assert [found.name for found in path.parent.iterdir()] == ["a.json"]
    assert path.stat().st_mode & 0o077 == 0


def static_storage(folder):
    return PortalStaticFilesStorage(location=folder, base_url="/static/")


def test_static_files_that_do_not_fit_leave_the_former_manifest(tmp_path):
    storage = static_storage(tmp_path)
    storage.hashed_files = {"a.css": "a.123.css"}
    storage.save_manifest()
    storage.hashed_files |= {f"{number}.css": f"{number}.123.css" for number in range(100)}
    with room_for(100), disk_errors_expected():
        storage.save_manifest()
    assert static_storage(tmp_path).hashed_files == {"a.css": "a.123.css"}
    storage.save_manifest()
    assert len(static_storage(tmp_path).hashed_files) == 101
    with room_for(10), disk_errors_expected():
        storage._save("b.css", ContentFile(b"longer than ten bytes"))
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["staticfiles.json"]


@contextmanager
def disk_errors_expected():
    with pytest.raises(StorageUnavailable), disk_errors():
        yield


def test_pdf_is_given_although_its_cache_has_no_room(settings, tmp_path, monkeypatch):
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(printing, "hub_data", lambda language: {})
    monkeypatch.setattr(printing, "compile", lambda *_, **__: b"%PDF-1.7 and more than ten bytes")
    with room_for(10):
        made = pdf_cache.compile_cached("poster", {}, "fr", at=datetime.now(UTC))
    assert made.startswith(b"%PDF")
    assert list((tmp_path / "printed").iterdir()) == []
    assert pdf_cache.compile_cached("poster", {}, "fr", at=datetime.now(UTC)) == made
    assert len(list((tmp_path / "printed").iterdir())) == 1


@pytest.mark.parametrize("name", ["ENOSPC", "EDQUOT", "EFBIG", "EROFS", "EIO", "EACCES", "EPERM", "ENOENT"])
def test_team_and_operators_read_in_french_what_the_disk_refused(settings, db, monkeypatch, mailoutbox, name):
    UserFactory(is_staff=True, roles=["direction"])
    error = OSError(getattr(errno, name), os.strerror(getattr(errno, name)))

    def refuse(*values, **options):
        raise error

    tell_team_of_disk(error)
    monkeypatch.setattr("pole.files.disks.write_whole", refuse)
    with pytest.raises(DiagnosticError) as said:
        check_media()
    for text in (str(said.value), mailoutbox[0].body):
        assert os.strerror(error.errno) not in text
        assert whole_files.in_french(error) in text
