"""The tests that a change can affect, nearest first, as many as fit in a minute: `make quick`.

    python -m tests.quick [COMMIT]     what changed since this commit; by default since the last one, or in it

A changed function or template leads to the files of tests that ran it, by the record of the latest `make test`
(`tests.touched`); a module, to those that import it as well. A file of data leads to the modules that name it.
What is marked browser or slow is left out. It is a selection, and `make test` decides.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests import touched
from tests.conftest import LONG

ROOT = touched.ROOT
PACKAGES = ("pole", "accounts", "comments", "desk", "blog", "enterprises", "forums")
SECONDS = 60
STARTING_SECONDS = 15
WORKERS = os.cpu_count() or 1
# Of a file of tests that was never timed.
SECONDS_A_TEST = 0.2
HUNK = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


@dataclass
class Change:
    """A file that changed: which functions, or all of it."""

    file: str
    functions: set[str] = field(default_factory=set)
    is_whole: bool = False

    def function_ids(self) -> set[str]:
        return {touched.function_id(self.file, function) for function in self.functions}

    def __str__(self) -> str:
        return self.file if self.is_whole else f"{self.file} ({', '.join(sorted(self.functions))})"


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def changes(since: str | None) -> list[Change]:
    new = git("ls-files", "--others", "--exclude-standard").splitlines()
    since = since or ("HEAD" if new or git("diff", "--name-only", "HEAD") else "HEAD~1")
    changed = git("diff", "--name-only", "--no-renames", since).splitlines()
    found = [change_of(file, git("diff", "--unified=0", since, "--", file)) for file in changed]
    return found + [Change(file, is_whole=True) for file in new]


def change_of(file: str, difference: str) -> Change:
    path = ROOT / file
    if path.suffix != ".py" or file.startswith("tests/") or "/migrations/" in file or not path.exists():
        return Change(file, is_whole=True)
    functions = list(functions_of(ast.parse(path.read_text(encoding="utf-8"))))
    change = Change(file)
    for start, length in HUNK.findall(difference):
        first = int(start)
        for line in range(first, first + max(1, int(length or 1))):
            inside = [name for name, begins, ends in functions if begins <= line <= ends]
            change.functions.update(inside)
            change.is_whole |= not inside and is_code(path, line)
    return change


def functions_of(node: ast.AST, within: str = "") -> Iterator[tuple[str, int, int]]:
    """Outermost functions and methods, as code objects name them: name, first and last line."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            begins = min([child.lineno, *(decorator.lineno for decorator in child.decorator_list)])
            yield within + child.name, begins, child.end_lineno or child.lineno
        elif isinstance(child, ast.ClassDef):
            yield from functions_of(child, f"{within}{child.name}.")


def is_code(path: Path, line: int) -> bool:
    lines = path.read_text(encoding="utf-8").splitlines()
    text = lines[line - 1].strip() if 0 < line <= len(lines) else ""
    return bool(text) and not text.startswith("#")


def imported_by(path: Path) -> set[str]:
    """Dotted names that a module imports, and those that may be modules in the packages it imports from."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


class Selection:
    """The affected files of tests, each with its distance from a change: 0 for a changed file of tests."""

    def __init__(self) -> None:
        self.tests = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("tests/**/test_*.py"))
        self.imports = {file: imported_by(ROOT / file) for file in self.tests}
        self.known = touched.read()
        self.distance: dict[str, int] = {}

    def add(self, files: Iterable[str], distance: int) -> None:
        for file in files:
            self.distance[file] = min(distance, self.distance.get(file, distance))

    def follow(self, change: Change) -> None:
        file, path = change.file, Path(change.file)
        if file in self.tests:
            self.add([file], 0)
        elif file.startswith("tests/"):
            self.follow_help_of_tests(path)
        elif path.suffix == ".py":
            self.follow_module(change)
        elif file.startswith("templates/"):
            self.add((test for test in self.tests if file in self.touched_by(test)), 2)
        elif file.startswith("locale/"):
            self.add(["tests/project/test_locale.py"], 1)
        else:
            self.follow_data(path)

    def touched_by(self, test: str) -> set[str]:
        return set(self.known.get(test, {}).get("touched", ()))

    def follow_help_of_tests(self, path: Path) -> None:
        name = ".".join(path.with_suffix("").parts)
        below = f"{path.parent}/" if path.name == "conftest.py" else None
        for test in self.tests:
            if name in self.imports[test] or (below and test.startswith(below)):
                self.add([test], 1)

    def follow_module(self, change: Change) -> None:
        path = Path(change.file)
        name = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
        function_ids, folder = change.function_ids(), f"tests/{path.parts[0]}/"
        for test in self.tests:
            seen = self.touched_by(test)
            near = test.startswith(folder)
            if Path(test).stem == f"test_{path.stem}" and near:
                self.add([test], 1)
            elif function_ids & seen:
                self.add([test], 2 if near or name in self.imports[test] else 3)
            elif name in self.imports[test]:
                self.add([test], 4 if change.functions and not change.is_whole else 2)
            elif change.is_whole and any(each.startswith(f"{change.file}:") for each in seen):
                self.add([test], 3 if near else 4)
            elif "migrations" in path.parts and near:
                self.add([test], 4)

    def follow_data(self, path: Path) -> None:
        if path.suffix == ".sql":
            self.add((test for test in self.tests if test.startswith(f"tests/{path.parts[0]}/")), 4)
        for package in PACKAGES:
            for module in (ROOT / package).rglob("*.py"):
                if path.name in module.read_text(encoding="utf-8"):
                    self.follow_module(Change(str(module.relative_to(ROOT)), is_whole=True))

    def seconds(self, test: str) -> float:
        if test in self.known:
            return float(self.known[test]["seconds"])
        return SECONDS_A_TEST * (ROOT / test).read_text(encoding="utf-8").count("def test_")


def main() -> None:
    found = changes(sys.argv[1] if len(sys.argv) > 1 else None)
    selection = Selection()
    for change in found:
        selection.follow(change)
    print("Changed:", *(f"  {change}" for change in found), sep="\n")
    if not selection.known:
        print(
            "Nothing is recorded of what tests run: `make test` does it. Until then, imports and names decide."
        )

    seconds_left = float(SECONDS - STARTING_SECONDS) * WORKERS
    chosen, too_long, marked = [], [], []
    for test in sorted(
        selection.distance, key=lambda test: (selection.distance[test], selection.seconds(test))
    ):
        if any(test.startswith(start) for start, _mark in LONG):
            marked.append(test)
        elif selection.seconds(test) <= seconds_left or not chosen:
            seconds_left -= selection.seconds(test)
            chosen.append(test)
        else:
            too_long.append(test)
    lists = {"Run": chosen, f"Left out, beyond {SECONDS} s": too_long, "Left out, browser or slow": marked}
    for title, files in lists.items():
        if files:
            print(f"{title} ({len(files)} files, {sum(map(selection.seconds, files)):.0f} s of one core):")
            print(*(f"  {file}" for file in files), sep="\n")
    if not chosen:
        print("No test that is quick is affected.")
        return
    sys.stdout.flush()
    options = ["-q", "-n", str(WORKERS), "--dist", "worksteal", "-m", "not browser and not slow"]
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *options, *chosen])


if __name__ == "__main__":
    main()
