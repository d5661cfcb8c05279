"""Every package that production installs has a licence that may be joined to the portal's, and docs/licences.md says which."""

from __future__ import annotations

import pytest

from release import licences
from release.licences import UnknownLicence, licence_of
from release.locks import RUN_LOCK, Package, read_lock

pytestmark = pytest.mark.any_hour("files alone")


def package(name, version="1.0", marker=""):
    return Package(name, version, marker, ("a" * 64,))


def test_page_is_that_of_the_lock():
    assert licences.PAGE.read_text("utf-8") == licences.page()
    rows = licences.PAGE.read_text("utf-8").split("What no lock file names")[0].count("\n| ")
    assert rows == len(read_lock(RUN_LOCK)) + 1 > 40


@pytest.mark.parametrize(
    "said",
    ["AGPL-3.0-only", "GPL-2.0-only", "MIT AND SSPL-1.0", "Apache-2.0 OR BUSL-1.1", "LicenseRef-Proprietary", "CC-BY-NC-4.0"],
)  # fmt: skip
def test_licence_that_is_not_allowed_is_refused(monkeypatch, said):
    monkeypatch.setattr(
        licences.metadata, "distribution", lambda _name: Installed({"License-Expression": said})
    )
    with pytest.raises(UnknownLicence, match=r"new==1\.0"):
        licence_of(package("new"))


class Installed:
    version = "1.0"

    def __init__(self, said):
        self.metadata = said


@pytest.mark.parametrize(
    "said",
    [{}, {"License": ""}, {"License": "BSD"}, {"License": "UNKNOWN"}, {"License": "Copyright (c) 2018\nAll rights reserved."}],
)  # fmt: skip
def test_package_that_names_no_licence_waits_for_someone_to_read_it(monkeypatch, said):
    monkeypatch.setattr(licences.metadata, "distribution", lambda _name: Installed(said))
    with pytest.raises(UnknownLicence, match="nobody has read its text"):
        licence_of(package("new"))


def test_another_version_is_read_again():
    (version, licence) = licences.READ["colorama"]
    assert licence_of(package("colorama", version, "sys_platform == 'win32'")) == licence
    with pytest.raises(UnknownLicence, match="nobody has read"):
        licence_of(package("colorama", "99.0", "sys_platform == 'win32'"))


def test_package_that_is_not_installed_or_not_at_its_version_is_refused():
    with pytest.raises(UnknownLicence, match="not installed"):
        licence_of(package("nowhere-to-be-found"))
    with pytest.raises(UnknownLicence, match="is installed"):
        licence_of(package("django", "1.0"))


def test_what_was_read_is_still_in_the_lock_and_still_has_to_be():
    packages = {each.name: each for each in read_lock(RUN_LOCK)}
    assert {name: packages[name].version for name in licences.READ} == {
        name: version for name, (version, _licence) in licences.READ.items()
    }
    assert [name for name in licences.READ if licences._declared(packages[name])] == []


def test_fonts_of_typst_are_those_of_the_page():
    """Each has a licence of its own, which nothing in the package says."""
    import typst

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[])
    (row,) = (part.what for part in licences.OTHER_PARTS if part.where == "in `typst`")
    assert {font.family.removesuffix(" Math") for font in fonts.fonts()} == {
        name.strip() for name in row.partition(": ")[2].split(",")
    }
