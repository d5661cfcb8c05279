"""The bill of materials of a release, in CycloneDX's JSON: what production installs, with licences and hashes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from release.licences import licence_of
from release.locks import ROOT, RUN_LOCK, Package, normalized, read_lock, required_by

PORTAL = "pole"


class InvalidBill(Exception):
    """The bill is not what its own format asks for."""


def bill_of_materials(made_at: int) -> str:
    """Of the run lock. The same twice; `made_at` is the time of the commit, in seconds since 1970."""
    bill = _listed(made_at)
    packages = read_lock(RUN_LOCK)
    by_pin = {package.pin: package for package in packages}
    for component in bill["components"]:
        _complete(component, by_pin[f"{normalized(component['name'])}=={component['version']}"])
    bill["components"].sort(key=lambda component: component["bom-ref"])
    bill["metadata"]["component"]["bom-ref"] = PORTAL
    bill["dependencies"] = _dependencies(packages)
    text = json.dumps(bill, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    if faults := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise InvalidBill(str(faults)[:1000])
    return text


def _listed(made_at: int) -> dict[str, Any]:
    command = [
        sys.executable, "-m", "cyclonedx_py", "requirements", str(RUN_LOCK), "--pyproject", str(ROOT / "pyproject.toml"),
        "--mc-type", "application", "--spec-version", "1.6", "--output-format", "JSON", "--output-reproducible",
    ]  # fmt: skip
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(made_at), "PYTHONWARNINGS": "ignore"}
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if result.returncode:
        raise InvalidBill(result.stderr.strip()[-500:])
    bill: dict[str, Any] = json.loads(result.stdout)
    return bill


def _complete(component: dict[str, Any], package: Package) -> None:
    """A line of the lock as its reference and description says nothing to whoever reads the bill."""
    component["bom-ref"] = _reference(package)
    component.pop("description", None)
    licence = licence_of(package)
    component["licenses"] = [{"license": {"id": licence}} if " " not in licence else {"expression": licence}]
    if package.marker:
        component["properties"] = [{"name": "cdx:python:package:marker", "value": package.marker}]


def _reference(package: Package) -> str:
    return f"pkg:pypi/{package.name}@{package.version}"


def _dependencies(packages: list[Package]) -> list[dict[str, Any]]:
    """A lock may have two versions of a package, for two systems: whoever asks for it has both."""
    references: dict[str, set[str]] = {}
    for package in packages:
        references.setdefault(package.name, set()).add(_reference(package))
    needs: dict[str, set[str]] = {PORTAL: set(), **{_reference(package): set() for package in packages}}
    for name, askers in required_by(RUN_LOCK).items():
        for asker in askers:
            for reference in references.get(asker, {PORTAL}):
                needs[reference] |= references[name]
    return [{"ref": reference, "dependsOn": sorted(needed)} for reference, needed in sorted(needs.items())]


def bills_within_packages() -> dict[str, str]:
    """What wheels say that they hold of other languages (OpenSSL, libjpeg, crates…), for this system: no lock names it."""
    found = {}
    for package in read_lock(RUN_LOCK):
        try:
            files = metadata.distribution(package.name).files or []
        except metadata.PackageNotFoundError:
            continue
        for file in files:
            if "sboms" in file.parts and file.suffix == ".json":
                found[f"{package.name}-{package.version}.{file.name}"] = Path(str(file.locate())).read_text(
                    "utf-8"
                )
    return found
