"""Zip files of an uploads folder: bounded, and written nowhere else."""

from __future__ import annotations

import contextlib
import io
import stat
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.wordpress import zips
from blog.wordpress.zips import BadArchive, is_plain_path, relative_upload, unpack_uploads


def packed(**members):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    content.seek(0)
    return content


def unpacked(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("wp-content/uploads/2019/04/a.jpg", "2019/04/a.jpg"),
        ("uploads/2019/04/a.JPG", "2019/04/a.JPG"),
        ("mon-site/2019/04/a.png", "2019/04/a.png"),
        ("2019/04/a.pdf", "2019/04/a.pdf"),
        ("logo.webp", "logo.webp"),
        ("2019/04/a.php", ""),
        ("2019/04/a.svg", ""),
        ("__MACOSX/2019/04/._a.jpg", ""),
        (".htaccess", ""),
    ],
)
def test_files_are_found_in_any_folder_around_them(name, kept):
    assert relative_upload(name) == kept


@pytest.mark.parametrize(
    "name",
    [
        "../a.jpg",
        "/etc/a.jpg",
        "a/../../b.jpg",
        "C:\\a.jpg",
        "a\\..\\b.jpg",
        "a\x00.jpg",
        "x" * 400 + ".jpg",
        "a\n.jpg",
    ],
)
def test_paths_that_lead_out_are_left_out(tmp_path, name):
    assert not is_plain_path(name)
    content = packed(**{name: b"x", "2019/04/a.jpg": b"y"})
    unpack_uploads(content, tmp_path / "in", room=1000)
    assert unpacked(tmp_path) == ["in/2019/04/a.jpg"]


@given(st.text(max_size=40))
def test_any_name_stays_below_the_folder(tmp_path_factory, name):
    folder = tmp_path_factory.mktemp("zip") / "in"
    try:
        content = packed(**{f"{name}.jpg": b"x"})
    except (ValueError, UnicodeEncodeError):
        return
    unpack_uploads(content, folder, room=1000)
    assert all(path.resolve().is_relative_to(folder) for path in folder.parent.rglob("*"))


def test_links_are_left_out(tmp_path):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        link = zipfile.ZipInfo("2019/04/a.jpg")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert unpack_uploads(content, tmp_path, room=1000) == (0, 1)
    assert unpacked(tmp_path) == []


def test_bombs_are_refused_before_anything_is_written(tmp_path):
    with pytest.raises(BadArchive):
        unpack_uploads(packed(**{"2019/04/a.jpg": b"\0" * 20_000_000}), tmp_path, room=10**9)
    assert unpacked(tmp_path) == []


def test_a_member_never_gives_more_than_it_announced(tmp_path):
    content = packed(**{"2019/04/a.jpg": b"abcdefgh" * 100}).getvalue()
    # In both headers, a size that is smaller than what comes.
    lying = content.replace(struct.pack("<L", 800), struct.pack("<L", 8))
    assert lying != content
    with pytest.raises(BadArchive):
        unpack_uploads(io.BytesIO(lying), tmp_path, room=1000)


@pytest.mark.parametrize("limit", ["MAX_FILES", "MAX_UNPACKED_BYTES"])
def test_number_and_size_are_bounded(tmp_path, monkeypatch, limit):
    monkeypatch.setattr(zips, limit, 1)
    with pytest.raises(BadArchive):
        unpack_uploads(packed(**{"2019/04/a.jpg": b"xx", "2019/04/b.jpg": b"y"}), tmp_path, room=1000)


def test_room_is_that_of_the_import(tmp_path):
    with pytest.raises(BadArchive):
        unpack_uploads(packed(**{"2019/04/a.jpg": b"x" * 11}), tmp_path, room=10)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 18 + b"x", b"rien"])
def test_what_is_no_zip_is_refused_or_empty(tmp_path, content):
    with contextlib.suppress(BadArchive):
        assert unpack_uploads(io.BytesIO(content), tmp_path, room=10) == (0, 0)


def test_a_file_and_a_folder_of_one_name(tmp_path):
    content = packed(**{"2019/a.jpg": b"x", "2019/a.jpg/b.jpg": b"y"})
    assert unpack_uploads(content, tmp_path, room=1000) == (1, 1)
