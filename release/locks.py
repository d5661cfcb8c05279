"""What the lock files name: each package, its version, its hashes, and where it is installed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
RUN_LOCK = ROOT / "requirements.lock"
PYTHON_LOCKS = (RUN_LOCK, ROOT / "requirements-demo.lock", ROOT / "requirements-dev.lock")
NPM_LOCK = ROOT / "package-lock.json"

_PIN = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)(?:\[[^]]*])?==(?P<version>[^\s;]+)(?: ; (?P<marker>.+?))?")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


class UnreadableLock(Exception):
    """A line that names a package in no way that this reads, or a package without a hash."""


class Package(NamedTuple):
    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]

    @property
    def pin(self) -> str:
        return f"{self.name}=={self.version}"


def normalized(name: str) -> str:
    """As PyPI compares names."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_lock(path: Path) -> list[Package]:
    """Every package, those of other systems too; a lock that names none, or one in another way, is refused."""
    text = re.sub(r"\\\n", " ", path.read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    packages = [_read_line(line, path) for line in lines]
    if not packages:
        raise UnreadableLock(f"{path.name} names no package")
    return packages


def _read_line(line: str, path: Path) -> Package:
    hashes = tuple(_HASH.findall(line))
    pin = _PIN.fullmatch(line.split("--hash", 1)[0].strip())
    if not pin or not hashes:
        raise UnreadableLock(f"{path.name}: not one version with its hashes: {line[:80].strip()}")
    return Package(normalized(pin["name"]), pin["version"], pin["marker"] or "", hashes)


def npm_packages(path: Path = NPM_LOCK) -> dict[str, bool]:
    """Each place where npm installs a package, and whether developers alone have it."""
    places = json.loads(path.read_text(encoding="utf-8"))["packages"]
    return {place: bool(facts.get("dev")) for place, facts in places.items() if place}


def required_by(path: Path = RUN_LOCK) -> dict[str, set[str]]:
    """What asks for each package, from the comments of the lock: other packages, and the portal itself as `pole`."""
    asking: dict[str, set[str]] = {}
    name = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line[:1].isalnum():
            name = normalized(line.partition("==")[0].partition("[")[0])
        elif name and (asker := re.fullmatch(r"    #(?: via|  ) +(\S+).*", line)):
            asking.setdefault(name, set()).add(normalized(asker[1]))
    return asking
