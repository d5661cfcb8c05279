"""One text for one value, so that a hash of the text is a hash of the value."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata

CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def dump(value: object) -> str:
    """JSON with sorted keys, no space, and no escape but those that JSON requires (RFC 8259)."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)


def clean(text: str) -> str:
    """In Unicode's composed form (NFC, UAX #15), control characters and runs of them become one space.

    A control character in a title could rewrite what a terminal shows of a recount.
    """
    return unicodedata.normalize("NFC", CONTROL_CHARACTERS.sub(" ", text))


def digest(text: str) -> str:
    """SHA-256 (FIPS 180-4) of the text in UTF-8, in 64 lower-case hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def in_groups(digits: str) -> str:
    """A hash as it is shown, printed and mailed everywhere: eight groups of eight, which people compare by eye.

    recompter.py takes it so, and without its spaces.
    """
    return " ".join(digits[start : start + 8] for start in range(0, len(digits), 8))
