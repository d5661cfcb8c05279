"""Sheets and scripts as browsers are given them: one answer for what a sheet imports, one for what a script imports.

Sources stay as they are, and are what development serves. No bundler: a sheet that begins with `@import "…";` and a script
made of `import "./…";` alone have each file written in the place of its line. What such a script imports by name goes with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePosixPath

# Of our own alone: what packages bring is served as they wrote it.
SHEETS, SCRIPTS = "css/", "js/"
_SHEET_IMPORT = re.compile(r'^@import "(?P<file>[^"]+)";$', re.MULTILINE)
_SCRIPT_IMPORT = re.compile(r'^import "(?P<file>\./[^"]+)";$', re.MULTILINE)
_NAMED_IMPORT = re.compile(r'^import \{(?P<names>[^}]+)\} from "(?P<file>\./[^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?function |const )", re.MULTILINE)
_SCRIPT_NOTHING = re.compile(r"^[ \t]*(?://[^\n]*)?\n|^[ \t]+", re.MULTILINE)
_MODULE_WORDS = re.compile(r"^(?:import|export)\b", re.MULTILINE)
# What a browser reads of a sheet: texts are taken first, for a comment or spaces within one are part of it.
_SHEET_PARTS = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|/\*.*?\*/|[ \t\n\r\f]+""", re.DOTALL)


def joined(name: str, read: Callable[[str], str]) -> str | None:
    """What `name` becomes, `read` giving the text of a file by its name; None for one that is served as it is.

    Raises `ValueError` for what can't be written in one file.
    """
    if name.startswith(SHEETS) and name.endswith(".css"):
        return shortened_sheet(_with_imports(_SHEET_IMPORT, name, read, _sheet))
    if name.startswith(SCRIPTS) and name.endswith(".js") and _SCRIPT_IMPORT.search(read(name)):
        return _shortened_script(
            _with_imports(_SCRIPT_IMPORT, name, read, lambda file, text: _script(file, text, read))
        )
    return None


def shortened_sheet(text: str) -> str:
    """Without comments, and with one space for several."""
    without = _SHEET_PARTS.sub(lambda part: part[1] or ("" if part[0].startswith("/*") else " "), text)
    return _SHEET_PARTS.sub(lambda part: part[1] or " ", without).strip() + "\n"


def _with_imports(
    pattern: re.Pattern[str], name: str, read: Callable[[str], str], part: Callable[[str, str], str]
) -> str:
    folder = PurePosixPath(name).parent

    def written(found: re.Match[str]) -> str:
        file = str(folder / found["file"])
        return part(file, read(file))

    return pattern.sub(written, read(name))


def _sheet(file: str, text: str) -> str:
    if "@import" in text or "url(" in text:
        raise ValueError(f"{file} names other files, whose addresses would change with its own")
    return text


def _script(file: str, text: str, read: Callable[[str], str]) -> str:
    """In a block, so that its names are its own: a module is strict. What it imports by name is its own too."""

    def imported(found: re.Match[str]) -> str:
        other = str(PurePosixPath(file).parent / found["file"])
        body = _EXPORT.sub("", read(other))
        return f"const {{{found['names']}}} = (() => {{\n{_alone(other, body)}return {{{found['names']}}};\n}})();"

    return f"{{\n{_alone(file, _NAMED_IMPORT.sub(imported, text))}}}"


def _alone(file: str, text: str) -> str:
    if _MODULE_WORDS.search(text):
        raise ValueError(f"{file} imports or exports more than can be joined")
    if any(line.count("`") % 2 for line in text.splitlines()):
        raise ValueError(f"{file} has a text of several lines, which can’t be shortened")
    return text


def _shortened_script(text: str) -> str:
    """Without indents, nor the lines that are comments."""
    return _SCRIPT_NOTHING.sub("", text)
