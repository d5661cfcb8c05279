"""`make release`: the archive of a version, what it is made of, and their checksums, in var/release/<version>/.

Refuses a tree that is not clean, a version that the changelog does not begin with, and a tag that is elsewhere. It tags
nothing unless it is asked: `TAG=1 make release`.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from release import licences, parts
from release.locks import ROOT

_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
_DATED = re.compile(r"(\d+\.\d+\.\d+), (\d{1,2} [A-Z][a-z]+ \d{4})")


class NotReady(Exception):
    """Why this is not a release yet."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Make the files of a release.")
    parser.add_argument("--tag", action="store_true", help="tag it too")
    options = parser.parse_args(arguments)
    try:
        version = ready_version(ROOT)
        folder = write_release(ROOT, version)
        if options.tag:
            tag(ROOT, version)
    except (NotReady, licences.UnknownLicence, parts.InvalidBill) as refusal:
        print(f"No release: {refusal}", file=sys.stderr)
        return 1
    print(
        f"{version}: {folder.relative_to(ROOT)}/", *sorted(path.name for path in folder.iterdir()), sep="\n  "
    )
    print(
        "Not tagged; TAG=1 make release does." if not options.tag else f"Tagged v{version}; push it by hand."
    )
    return 0


def ready_version(root: Path, today: date | None = None) -> str:
    """That of pyproject.toml, once all agree. Raises NotReady."""
    if changed := _git(root, "status", "--porcelain"):
        raise NotReady(f"the tree is not clean: {', '.join(changed.splitlines()[:5])}")
    version: str = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    top = _SECTION.search((root / "CHANGELOG.md").read_text("utf-8"))
    dated = top and _DATED.fullmatch(top[1])
    if not dated or dated[1] != version:
        first = f"“{top[1]}”" if top else "nothing"
        raise NotReady(f"CHANGELOG.md begins with {first}, not with “{version}, <day> <month> <year>”")
    if _day(dated[2]) > (today or datetime.now().astimezone().date()):
        raise NotReady(f"CHANGELOG.md dates {version} of a day to come, {dated[2]}")
    tagged = _git(root, "tag", "--list", f"v{version}") and _git(root, "rev-list", "-n1", f"v{version}")
    if tagged and tagged != _git(root, "rev-parse", "HEAD"):
        raise NotReady(f"v{version} is a tag of another commit: raise the version")
    return version


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%d %B %Y").date()  # noqa: DTZ007 - a day alone
    except ValueError:
        raise NotReady(f"CHANGELOG.md: “{text}” is no day") from None


def write_release(root: Path, version: str) -> Path:
    if licences.PAGE.read_text("utf-8") != licences.page():
        raise NotReady(f"{licences.PAGE.relative_to(root)} is not that of the lock: make licences")
    folder = root / "var" / "release" / version
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    write_archive(root, version, folder / f"pole-{version}.tar")
    made_at = int(_git(root, "show", "--no-patch", "--format=%ct", "HEAD"))
    (folder / f"pole-{version}.cdx.json").write_text(parts.bill_of_materials(made_at), encoding="utf-8")
    for name, text in parts.bills_within_packages().items():
        (folder / f"within-{name}").write_text(text, encoding="utf-8")
    write_checksums(folder)
    return folder


def write_archive(root: Path, version: str, path: Path) -> None:
    """Byte for byte the same from any git, whoever makes it: not compressed, for compressors differ; no setting of a person."""
    _git(
        root, "-c", "tar.umask=0022", "-c", "core.autocrlf=false", "-c", "core.attributesFile=/dev/null",
        "archive", "--format=tar", f"--prefix=pole-{version}/", f"--output={path}", "HEAD",
    )  # fmt: skip


def write_checksums(folder: Path) -> None:
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(folder.iterdir())
    ]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def tag(root: Path, version: str) -> None:
    if not _git(root, "tag", "--list", f"v{version}"):
        _git(root, "tag", "--annotate", f"v{version}", "--message", f"Pôle {version}")


def _git(root: Path, *arguments: str) -> str:
    result = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)  # noqa: S607
    if result.returncode:
        raise NotReady(f"git {arguments[0]}: {result.stderr.strip()[-300:]}")
    return result.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
