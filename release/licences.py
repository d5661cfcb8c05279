"""The licence of each package that production installs, and of what lies in this repository: `make licences`.

`python -m release.licences` writes docs/licences.md out of the packages' own metadata, or refuses: a package whose licence is
not among those allowed, or that says none.
"""

from __future__ import annotations

import re
import sys
from importlib import metadata
from typing import NamedTuple

from license_expression import ExpressionError, get_spdx_licensing

from release.locks import ROOT, RUN_LOCK, Package, read_lock

PAGE = ROOT / "docs" / "licences.md"
# Each may be joined to a program under GPL-3.0-or-later, by the list of the Free Software Foundation.
ALLOWED = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "GPL-3.0-or-later", "ISC", "LGPL-3.0-only", "MIT",
    "MIT-0", "MIT-CMU", "MPL-2.0", "OFL-1.1", "PSF-2.0",
}  # fmt: skip
# Where a package's metadata name no licence of the SPDX list, what the text of the licence that it brings is. Read by a
# person, for one version: another version asks for another look.
READ = {
    "colorama": ("0.4.6", "BSD-3-Clause"),  # of Windows alone: installed nowhere that these are read
    "defusedxml": ("0.7.1", "PSF-2.0"),
    "django-filter": ("26.2", "BSD-3-Clause"),
    "django-js-lib-leaflet": ("1.9.4.1", "BSD-2-Clause"),  # Leaflet's own
    "fido2": ("2.2.1", "BSD-2-Clause AND Apache-2.0 AND MPL-2.0"),
    "procrastinate": ("3.10.0", "MIT"),
    "qrcode": ("8.2", "BSD-3-Clause AND MIT"),
    "segno": ("1.6.6", "BSD-3-Clause"),
    "sqlparse": ("0.6.1", "BSD-3-Clause"),
}
INTRODUCTION = """\
Made by `make licences` of the metadata of each package of `requirements.lock`. A test refuses a licence that may not be joined to a
program under GPL-3.0-or-later, and a page that is not that of the lock. Production installs nothing else of Python, and nothing of npm.
`make release` writes the same into a bill of materials (CycloneDX), with hashes, beside what packages say that they hold of other languages."""
_SPDX = get_spdx_licensing()


class UnknownLicence(Exception):
    """A package whose licence nobody has read, or that may not be joined to the portal."""


class Part(NamedTuple):
    what: str
    where: str
    licence: str


# What no lock file names.
OTHER_PARTS = (
    Part("The portal: code, templates, style sheets, scripts, words", "this repository", "GPL-3.0-or-later"),
    Part("Drawings, made for the portal", "`static/drawings/`", "GPL-3.0-or-later"),
    Part("Pictures, people and enterprises of the demonstration, all invented", "`blog/demo/`, `enterprises/demo/`, `forums/demo/`", "GPL-3.0-or-later"),
    Part("Leaflet 1.9.4, the map", "in `django-js-lib-leaflet`", "BSD-2-Clause"),
    Part("Tiptap, ProseMirror and the Material icons of the editor", "in `django-prose-editor`", "MIT; Apache-2.0 for the icons"),
    Part("Fonts of pages: those of the reader’s system; none is sent", "–", "–"),
    Part("Fonts within Typst, for printed documents: Libertinus Serif, New Computer Modern, DejaVu Sans Mono", "in `typst`", "OFL-1.1; GUST Font License; Bitstream Vera’s"),
    Part("Noto fonts, for signs of other scripts in printed documents, where an administrator installs them", "Debian’s `fonts-noto-core`, `fonts-noto-cjk`", "OFL-1.1"),
)  # fmt: skip


def licence_of(package: Package) -> str:
    """An expression of the SPDX list, each name of which is allowed. Raises UnknownLicence."""
    expression = _declared(package) or _read(package)
    try:
        parsed = _SPDX.parse(expression, validate=True)
    except ExpressionError as error:
        raise UnknownLicence(
            f"{package.pin}: {expression} is no expression of the SPDX list: {error}"
        ) from None
    forbidden = set(parsed.objects) - ALLOWED
    if forbidden:
        raise UnknownLicence(
            f"{package.pin}: {', '.join(sorted(forbidden))} is not among the licences allowed"
        )
    return str(parsed)


def _declared(package: Package) -> str:
    """What its metadata say, if that is an expression of the list. Raises UnknownLicence of one that should be installed."""
    try:
        found = metadata.distribution(package.name)
    except metadata.PackageNotFoundError:
        if package.marker:
            return ""
        raise UnknownLicence(f"{package.pin} is in the lock and is not installed") from None
    if found.version != package.version:
        raise UnknownLicence(f"{package.pin} is in the lock, and {found.version} is installed")
    said = found.metadata.get("License-Expression") or found.metadata.get("License") or ""
    return said if re.fullmatch(r"[\w.+() -]{2,100}", said) and not _SPDX.validate(said).errors else ""


def _read(package: Package) -> str:
    version, expression = READ.get(package.name, ("", ""))
    if version != package.version:
        raise UnknownLicence(
            f"{package.pin}: its metadata name no licence of the SPDX list, and nobody has read its text"
        )
    return expression


def page() -> str:
    packages = [(package, licence_of(package)) for package in read_lock(RUN_LOCK)]
    return "\n".join(
        [
            "# Licences",
            "",
            INTRODUCTION,
            "",
            "| package | version | licence |",
            "|---|---|---|",
            *(f"| {package.name}{_condition(package)} | {package.version} | {licence} |" for package, licence in packages),
            "",
            "What no lock file names:",
            "",
            "| what | where | licence |",
            "|---|---|---|",
            *(f"| {part.what} | {part.where} | {part.licence} |" for part in OTHER_PARTS),
            "",
        ]
    )  # fmt: skip


def _condition(package: Package) -> str:
    return f" (where `{package.marker}`)" if package.marker else ""


if __name__ == "__main__":
    try:
        PAGE.write_text(page(), encoding="utf-8")
    except UnknownLicence as refusal:
        sys.exit(str(refusal))
