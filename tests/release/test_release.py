"""`make release` makes the same files for anyone, and nothing of what is not ready."""

from __future__ import annotations

import json
import subprocess
import tarfile
from datetime import date

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from release import make, parts
from release.locks import RUN_LOCK, read_lock

pytestmark = pytest.mark.any_hour("its dates are given")
TODAY = date(2026, 12, 14)


def git(folder, *arguments):
    subprocess.run(
        ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false", *arguments],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip


@pytest.fixture
def tree(tmp_path):
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "pyproject.toml").write_text('[project]\nversion = "1.1.0"\n')
    (folder / "CHANGELOG.md").write_text("# Changelog\n\n## 1.1.0, 14 December 2026\n\n- One.\n\n## 1.0.0\n")
    (folder / "run").write_text("x")
    (folder / "run").chmod(0o755)
    git(folder, "init", "--quiet")
    commit(folder)
    return folder


def commit(folder):
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "x")


def test_version_is_ready_when_all_agree(tree):
    assert make.ready_version(tree, TODAY) == "1.1.0"


def test_tree_that_is_not_clean_is_refused(tree):
    (tree / "new").write_text("")
    with pytest.raises(make.NotReady, match="not clean"):
        make.ready_version(tree, TODAY)


@pytest.mark.parametrize(
    ("top", "why"),
    [
        ("To come", "begins with “To come”"),
        ("1.2.0, 14 December 2026", "not with “1.1.0"),
        ("1.1.0", "begins with “1.1.0”"),
        ("1.1.0, 31 November 2026", "is no day"),
        ("1.1.0, 15 December 2026", "of a day to come"),
    ],
)
def test_changelog_that_does_not_begin_with_it_is_refused(tree, top, why):
    (tree / "CHANGELOG.md").write_text(f"# Changelog\n\n## {top}\n\n- One.\n")
    commit(tree)
    with pytest.raises(make.NotReady, match=why):
        make.ready_version(tree, TODAY)


def test_changelog_without_a_section_is_refused(tree):
    (tree / "CHANGELOG.md").write_text("# Changelog\n")
    commit(tree)
    with pytest.raises(make.NotReady, match="begins with nothing"):
        make.ready_version(tree, TODAY)


def test_tag_of_another_commit_is_refused_and_its_own_is_kept(tree, monkeypatch):
    for name in ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"):
        monkeypatch.setenv(name, "x")
    for name in ("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"):
        monkeypatch.setenv(name, "x@example.org")
    make.tag(tree, "1.1.0")
    assert make.ready_version(tree, TODAY) == "1.1.0"
    make.tag(tree, "1.1.0")
    commit(tree)
    with pytest.raises(make.NotReady, match="tag of another commit"):
        make.ready_version(tree, TODAY)


def test_archive_is_the_same_whoever_makes_it(tree, tmp_path):
    make.write_archive(tree, "1.1.0", tmp_path / "one.tar")
    git(tree, "config", "tar.umask", "0077")
    git(tree, "config", "core.autocrlf", "true")
    make.write_archive(tree, "1.1.0", tmp_path / "two.tar")
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()
    with tarfile.open(tmp_path / "one.tar") as archive:
        modes = {member.name: oct(member.mode) for member in archive}
    assert modes == {
        "pole-1.1.0": "0o755",
        "pole-1.1.0/CHANGELOG.md": "0o644",
        "pole-1.1.0/pyproject.toml": "0o644",
        "pole-1.1.0/run": "0o755",
    }


def test_checksums_are_read_by_sha256sum(tmp_path):
    (tmp_path / "a.tar").write_text("a")
    make.write_checksums(tmp_path)
    check = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    assert subprocess.run(check, cwd=tmp_path, check=False, capture_output=True).returncode == 0
    (tmp_path / "a.tar").write_text("b")
    assert subprocess.run(check, cwd=tmp_path, check=False, capture_output=True).returncode == 1


# --- The bill of materials ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bill():
    return json.loads(parts.bill_of_materials(1_700_000_000))


def test_bill_names_each_package_once_with_its_licence_and_its_hashes(bill):
    packages = {f"pkg:pypi/{each.name}@{each.version}": each for each in read_lock(RUN_LOCK)}
    assert [component["bom-ref"] for component in bill["components"]] == sorted(packages)
    for component in bill["components"]:
        package = packages[component["purl"]]
        (source,) = component["externalReferences"]
        assert {each["content"] for each in source["hashes"]} == set(package.hashes)
        assert component["licenses"]
        marker = [{"name": "cdx:python:package:marker", "value": package.marker}]
        assert component.get("properties") == (marker if package.marker else None)


def test_bill_says_what_asks_for_what(bill):
    needs = {each["ref"]: each["dependsOn"] for each in bill["dependencies"]}
    assert len(needs) == len(bill["dependencies"]) == len(bill["components"]) + 1
    versions = {component["name"]: component["bom-ref"] for component in bill["components"]}
    assert versions["django"] in needs["pole"]
    assert versions["asgiref"] in needs[versions["django"]]
    assert versions["asgiref"] not in needs["pole"]
    assert {*needs["pole"], *(one for each in needs.values() for one in each)} == set(versions.values())


def test_bill_is_valid_and_the_same_twice(bill):
    text = parts.bill_of_materials(1_700_000_000)
    assert json.loads(text) == bill
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert bill["metadata"]["timestamp"] == "2023-11-14T22:13:20+00:00"


def test_compound_licence_is_an_expression_and_no_identifier(bill):
    licences = {component["name"]: component["licenses"] for component in bill["components"]}
    assert licences["cryptography"] == [{"expression": "Apache-2.0 OR BSD-3-Clause"}]
    assert licences["django"] == [{"license": {"id": "BSD-3-Clause"}}]


def test_bill_that_its_format_refuses_is_not_written(monkeypatch):
    listed = {"components": [], "metadata": {"component": {"name": "pole"}}, "bomFormat": "SomethingElse"}
    monkeypatch.setattr(parts, "_listed", lambda _made_at: listed)
    with pytest.raises(parts.InvalidBill):
        parts.bill_of_materials(0)


def test_both_versions_of_a_package_have_their_own_place(tmp_path, monkeypatch):
    """A lock for every system may split one by markers: two components, and no reference twice."""
    hashes = f" \\\n    --hash=sha256:{'a' * 64}\n    # via pole (pyproject.toml)\n"
    lock = tmp_path / "requirements.lock"
    lock.write_text(
        f"numpy==1.0 ; python_version < '3.13'{hashes}numpy==2.0 ; python_version >= '3.13'{hashes}"
        f"other==3.0{hashes.replace('pole (pyproject.toml)', 'numpy')}"
    )
    monkeypatch.setattr(parts, "RUN_LOCK", lock)
    monkeypatch.setattr(parts, "licence_of", lambda _package: "MIT")
    bill = json.loads(parts.bill_of_materials(0))
    numpy = ["pkg:pypi/numpy@1.0", "pkg:pypi/numpy@2.0"]
    assert [component["bom-ref"] for component in bill["components"]] == [*numpy, "pkg:pypi/other@3.0"]
    needs = {each["ref"]: each["dependsOn"] for each in bill["dependencies"]}
    assert needs == {
        "pole": numpy,
        **dict.fromkeys(numpy, ["pkg:pypi/other@3.0"]),
        "pkg:pypi/other@3.0": [],
    }


def test_what_packages_hold_of_other_languages_is_given_as_they_say_it():
    """OpenSSL within psycopg, among others: no lock file names it."""
    bills = parts.bills_within_packages()
    (psycopg,) = (text for name, text in bills.items() if name.startswith("psycopg-binary"))
    assert json.loads(psycopg)["bomFormat"] == "CycloneDX"
