"""Which machine holds a copy of which key. The keys themselves are files: `forums.vote.round_keys`."""

from __future__ import annotations

from django.db import models


class KeyCopy(models.Model):
    """A machine's copy of the key of a round, taken or to come: the row goes once the file is deleted."""

    machine = models.CharField(max_length=80)
    # SHA-256 of the key, in hexadecimal: as `Round.key_hash`.
    key_hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key_hash", "machine"], name="key_copy_once_a_machine"),
        ]

    def __str__(self) -> str:
        return f"key {self.key_hash[:8]} on {self.machine}"
