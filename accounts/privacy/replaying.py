"""Doing again, in a database that was restored, what was erased or withdrawn since the backup.

Each package says in `settings.ERASURE_REPLAYS` how to find what came back, and how to make it go again; what is found once
more afterwards is an error. Done twice, it changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import Erasure, User
from accounts.privacy import ERASURE_DELAY, kept, kept_file
from accounts.privacy.kept import Part
from accounts.privacy.kept_file import Line
from pole.server.backups import BackupError

# An act is dated before its commit: a backup made in between lacks it.
MARGIN = timedelta(minutes=30)


class Known:
    """What was erased or withdrawn, to be asked of each row of a restored database."""

    def __init__(self, lines: Iterable[Line], *, since: datetime) -> None:
        self._since = since - MARGIN
        self._keys = kept.keys()
        # Of an address that was erased twice, the last.
        self._at = {(line.kind, line.digest): line.at for line in sorted(lines)}

    def at(self, kind: str, *parts: Part) -> datetime | None:
        """When it was, or None if it never was."""
        for key in self._keys.values():
            if found := self._at.get((kind, kept.digest(key, kind, *parts))):
                return found
        return None

    def since_backup(self, kind: str, *parts: Part, unless: str = "") -> datetime | None:
        """The same, of what may have been wanted again before: only what was done since the backup.

        `unless` is the kind of what takes it back: done after it, nothing of it holds.
        """
        found = self.at(kind, *parts)
        taken_back = self.at(unless, *parts) if unless else None
        if found is None or found < self._since or (taken_back and taken_back >= found):
            return None
        return found

    def address_at(self, email: str, made_at: datetime) -> bool:
        """Whether a row with this address, made then, is older than an erasure of whoever had it."""
        found = self.at(kept.ADDRESS, email.strip().lower()) if email else None
        return bool(found and made_at <= found)


@dataclass(frozen=True, slots=True)
class Replay:
    """One kind of what comes back."""

    # In French, for whoever restores: « comptes ».
    name: str
    find: Callable[[Known], Sequence[Any]]
    erase: Callable[[Sequence[Any], datetime], None]


def known_lines() -> list[Line]:
    """Those of the file, once it is sure that they are all and can all be compared. Raises `BackupError`."""
    lines = kept_file.read()
    recent = [line for line in kept_file.lines_of_rows() if line.at > timezone.now() - kept_file.KEPT_FOR]
    if missing := set(recent) - set(lines):
        raise BackupError(
            f"{kept_file.path()} est plus ancien que la sauvegarde\u00a0: il y manque {len(missing)} effacements."
        )
    check_keys(lines)
    return lines


def check_keys(lines: Iterable[Line]) -> None:
    keys = kept.keys()
    if other := [line for line in lines if line.key_name not in keys]:
        raise BackupError(
            f"{len(other)} effacements ont été notés sous une autre SECRET_KEY (le {other[0].at:%Y-%m-%d} pour le premier)"
            "\u00a0: donnez-la dans SECRET_KEY_FALLBACKS, ou ces personnes reviendraient."
        )


def check_before(since: datetime) -> None:
    """Before anything is restored: whether what was erased since then is known. Raises `BackupError`."""
    if since < timezone.now() - kept_file.KEPT_FOR:
        raise BackupError(
            f"Cette sauvegarde a plus de {kept_file.KEPT_FOR.days} jours\u00a0: on ne sait plus qui s’est fait effacer depuis."
        )
    check_keys(kept_file.read())


@transaction.atomic
def replay(
    *, since: datetime, lines: Sequence[Line] | None = None, known_only: bool = False
) -> dict[str, int]:
    """How many rows went again, by kind. Raises `BackupError` if one remains: then nothing was changed.

    `known_only`: whatever the file lacks, and without its lines under a key that is lost.
    """
    if lines is None:
        keys = kept.keys()
        lines = [line for line in kept_file.read() if line.key_name in keys] if known_only else known_lines()
    known, now = Known(lines, since=since), timezone.now()
    replays: list[Replay] = [import_string(path) for path in settings.ERASURE_REPLAYS]
    done = {}
    for each in replays:
        found = each.find(known)
        each.erase(found, now)
        done[each.name] = len(found)
    # Whoever took their request back since has the time to say so again.
    asked = User.objects.filter(erasure_due_at__lt=now + ERASURE_DELAY)
    asked.update(erasure_due_at=now + ERASURE_DELAY)
    rows = [Erasure(at=at, kind=kind, key_name=name, digest=digest) for at, kind, name, digest in lines]
    Erasure.objects.bulk_create(rows, ignore_conflicts=True)
    if remain := {each.name: len(found) for each in replays if (found := each.find(known))}:
        said = ", ".join(f"{count} {name}" for name, count in remain.items())
        raise BackupError(f"Après la restauration, il reste de ce qui avait été effacé\u00a0: {said}.")
    return done
