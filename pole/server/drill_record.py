"""What became of the last trial of a restoration: a file beside the backups, which no restoration takes back."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from pole.server.backups import backup_folder
from pole.server.whole_files import write_whole

NAME = "last-drill.json"


@dataclass(frozen=True, slots=True)
class Drill:
    at: datetime
    # The name of the backup; empty when there was none.
    dump: str
    tables: int = 0
    files: int = 0
    # Empty when it was found whole.
    problem: str = ""


def record(drill: Drill) -> None:
    """Raises OSError."""
    content = asdict(drill) | {"at": drill.at.isoformat()}
    write_whole(_path(), json.dumps(content, ensure_ascii=False).encode())


def last_drill() -> Drill | None:
    """None when there was none. Raises OSError, or ValueError of a file that is not one of ours."""
    try:
        found = json.loads(_path().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    try:
        at = datetime.fromisoformat(found["at"])
        drill = Drill(
            at, str(found["dump"]), int(found["tables"]), int(found["files"]), str(found["problem"])
        )
    except (KeyError, TypeError) as error:
        raise ValueError(NAME) from error
    if at.tzinfo is None:
        raise ValueError(NAME)
    return drill


def _path() -> Path:
    return backup_folder() / NAME
