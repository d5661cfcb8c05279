"""The second secret of each round: a key that is never in the database, nor in a backup.

Keys are made in advance, as files of a folder (`POLE_KEYS`) that each machine of the portal has; opening a round takes one
that all of them hold, and sealing or annulling deletes it everywhere. Without it, a replica, an archive of PostgreSQL's
log or a snapshot of its files ties no ballot to a voter, even with the secret that the database had (ADR 8).

The database knows a key by its hash, and which machine holds it (`forums.models.KeyCopy`). Locks: one for the taking of
keys, after that of the round.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from forums.models import KeyCopy, Round
from forums.vote.refusals import VoteSuspended
from pole.caching.in_process import BoundedCache, process_cache
from pole.files.whole import DISK_ERRORS
from pole.refusals import Refusal
from pole.server.whole_files import synchronise, write_whole

# How many keys a machine holds that serve no round yet.
MADE_IN_ADVANCE = 20
# After that of forums.vote.locks.
_LOCK_CLASS = 0x766F7466
_SUFFIX = ".key"


class KeysUnreachable(Refusal):
    """The folder is another account's, or is none."""

    messages = {
        "keys_unreachable": _(
            "The vote can’t open: the portal can’t read or write its folder of keys on this machine. Nothing was done. Whoever"
            " keeps the server finds why with the command “diagnostic”."
        )
    }


class NoKeyEverywhere(Refusal):
    messages = {
        "no_key_everywhere": _(
            "The vote can’t open: no key is on every machine of the portal. Copy the folder of keys from one to the others."
        )
    }


def machine_name() -> str:
    return socket.gethostname()[:80]


def read_key(key_hash: str) -> bytes | None:
    """The key of this hash; None when this machine does not hold it, whole."""
    # Not by pathlib, which takes ten times as long: every cast begins here.
    try:
        descriptor = os.open(f"{settings.KEYS_DIR}/{key_hash}{_SUFFIX}", os.O_RDONLY)
        try:
            key = bytes.fromhex(os.read(descriptor, 100).decode())
        finally:
            os.close(descriptor)
    except (OSError, ValueError):
        return None
    return key if hashlib.sha256(key).hexdigest() == key_hash else None


# A round keeps its key; the key itself is read again each time, so that none is left in memory when it is deleted.
_key_hashes: BoundedCache[int, str] = process_cache(limit=200)


def key_of_round(round_id: int) -> bytes:
    """The key of an opened round. Raises `VoteSuspended` when this machine does not hold it."""
    key = read_key(key_hash_of_round(round_id))
    if key is None:
        raise VoteSuspended
    return key


def key_hash_of_round(round_id: int) -> str:
    """One query, the first time in a process; empty for a round that was never opened."""
    if not (key_hash := _key_hashes.get(round_id, "")):
        key_hash = Round.objects.values_list("key_hash", flat=True).get(pk=round_id)
        if key_hash:
            _key_hashes[round_id] = key_hash
    return key_hash


def take_key() -> str:
    """The hash of a key that every machine holds and that no round has had, for `forums.vote.rounds.open_round`.

    A portal of one machine makes one if it has none left. Raises `NoKeyEverywhere`, or `KeysUnreachable`.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_LOCK_CLASS])
    try:
        _register_copies()
        key_hash = _next_key()
        if key_hash is None and _machines() <= {machine_name()}:
            make_keys(1)
            _register_copies()
            key_hash = _next_key()
    except OSError as error:
        # A full or failing disk has its own page, and the direction is told.
        if error.errno in DISK_ERRORS:
            raise
        raise KeysUnreachable from error
    if key_hash is None:
        raise NoKeyEverywhere
    return key_hash


def tend_keys() -> None:
    """Deletes this machine's copies of the keys of rounds that are over, makes keys in advance, tells the database."""
    delete_spent_keys()
    used = set(_used().values_list("key_hash", flat=True))
    make_keys(max(0, MADE_IN_ADVANCE - len(_sound_keys() - used)))
    _register_copies()


def delete_spent_keys() -> None:
    """Deletes this machine's copies of the keys of rounds that are sealed or annulled. Outside their transaction."""
    over = Round.objects.exclude(sealed_at=None, annulled_at=None)
    for key_hash in over.filter(key_hash__in=held_keys()).values_list("key_hash", flat=True):
        _path(key_hash).unlink(missing_ok=True)
        synchronise(settings.KEYS_DIR)
    _register_copies()


def make_keys(count: int) -> None:
    """Makes so many keys, on the disk for good, each in a file named by its hash."""
    settings.KEYS_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
    for _each in range(count):
        key = secrets.token_bytes(32)
        write_whole(_path(hashlib.sha256(key).hexdigest()), key.hex().encode())
        synchronise(settings.KEYS_DIR)


def held_keys() -> set[str]:
    """The hashes of the keys whose files this machine has. Raises OSError when that can't be known."""
    # Not by `glob`, to which a folder that this account may not read is empty: its keys would be taken for deleted.
    try:
        return {path.stem for path in settings.KEYS_DIR.iterdir() if path.suffix == _SUFFIX}
    except FileNotFoundError:
        return set()


def _sound_keys() -> set[str]:
    """Those held, but for a file that was cut or altered before it served: the vote that takes it would be suspended at once."""
    held = held_keys()
    used = set(_used().filter(key_hash__in=held).values_list("key_hash", flat=True))
    return {key_hash for key_hash in held if key_hash in used or read_key(key_hash) is not None}


def copies_left(round: Round) -> list[str]:
    """The machines that still hold the key of a round that is over: until none does, a link may be made again."""
    rows = KeyCopy.objects.filter(key_hash=round.key_hash).exclude(key_hash="")
    return list(rows.order_by("machine").values_list("machine", flat=True))


def forget_machine(machine: str) -> int:
    """For a machine that is no more: its copies count no longer. Returns how many it had."""
    return KeyCopy.objects.filter(machine=machine).delete()[0]


def _register_copies() -> None:
    """Tells the database what this machine holds."""
    machine = machine_name()
    mine = KeyCopy.objects.filter(machine=machine)
    # Before the folder is read: a key that another process makes in between is not taken for one that is gone.
    known = set(mine.values_list("key_hash", flat=True))
    held = _sound_keys()
    if gone := known - held:
        mine.filter(key_hash__in=gone).delete()
    new = [KeyCopy(machine=machine, key_hash=key_hash) for key_hash in sorted(held - known)]
    KeyCopy.objects.bulk_create(new, ignore_conflicts=True)


def count_keys_everywhere() -> int:
    """How many keys serve no round yet and are on every machine."""
    return len(_keys_everywhere())


def _next_key() -> str | None:
    return min(_keys_everywhere(), default=None)


def _keys_everywhere() -> list[str]:
    copies = KeyCopy.objects.exclude(key_hash__in=_used().values("key_hash")).values("key_hash")
    everywhere = len(_machines() | {machine_name()})
    return list(
        copies.annotate(holders=Count("machine"))
        .filter(holders=everywhere)
        .values_list("key_hash", flat=True)
    )


def _machines() -> set[str]:
    return set(KeyCopy.objects.values_list("machine", flat=True).distinct())


def _used() -> QuerySet[Round]:
    return Round.objects.exclude(key_hash="")


def _path(key_hash: str) -> Path:
    return Path(settings.KEYS_DIR) / f"{key_hash}{_SUFFIX}"
