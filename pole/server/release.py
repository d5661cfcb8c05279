"""The name of what is installed: another after each upgrade, the same for all processes of one deployment."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

# What pages are made from. The compiled catalogues follow from the others.
SOURCES = (
    *("pole", "accounts", "comments", "desk", "blog", "enterprises", "forums"),
    *("templates", "static", "locale", "requirements.lock"),
)
MADE = (".pyc", ".mo")


def fingerprint(root: Path, *choices: object) -> str:
    """Of the code, templates and files under `root`, and of the settings that pages show.

    Read from the files rather than from git: a hub that changes a template on its server has no new commit.
    About 4 MB, some 20 ms.
    """
    digest = hashlib.sha256(repr(choices).encode())
    for path in sorted(_files(root)):
        content = (root / path).read_bytes()
        digest.update(f"{path}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def _files(root: Path) -> list[str]:
    found = list(SOURCES)
    for source in SOURCES:
        for folder, folders, names in os.walk(root / source):
            folders[:] = [name for name in folders if name != "__pycache__"]
            relative = Path(folder).relative_to(root)
            found += [str(relative / name) for name in names if not name.endswith(MADE)]
    # An editor's lock is a link to nothing.
    return [name for name in found if (root / name).is_file()]
