"""Voting codes and receipts: what people read, type and scan.

Both are written in Crockford's base 32 (D. Crockford, "Base 32", 2019): no I, L, O or U, and whoever
types I or L means 1, and O means 0. A code is 10 random characters, 50 bits, and a check character;
a receipt is 16 characters, 80 bits.
"""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from pole.refusals import Refusal

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_LENGTH = 10
RECEIPT_LENGTH = 16
SERIAL_LENGTH = 5
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
# x^5 + x^2 + 1, primitive over GF(2): its root generates every non-zero element of GF(32).
_POLYNOMIAL = 0b100101


class CodeMistyped(Refusal):
    """Not a code, receipt or serial: a wrong length, a letter that none has, or a wrong check character."""

    messages = {"code_mistyped": _("This is neither the number of a slip nor a code. Read it again.")}


def new_code() -> str:
    """A random code with its check character, without separators."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
    return drawn + check_character(drawn)


def check_character(letters: str) -> str:
    """The character that catches one wrong letter, and any two neighbours exchanged.

    The sum of the letters as elements of GF(32), each times the next power of the generator: the
    powers are distinct and none is zero, hence both properties (R. W. Hamming, "Coding and
    Information Theory", 1986, on weighted codes).
    """
    total = 0
    for position, letter in enumerate(letters, start=1):
        total ^= _multiplied(_VALUES[letter], position)
    return ALPHABET[total]


@cache
def _multiplied(value: int, power: int) -> int:
    """An element of GF(32) times the generator to that power."""
    for _step in range(power):
        value <<= 1
        if value & 0b100000:
            value ^= _POLYNOMIAL
    return value


def parse_code(text: str) -> str:
    """The code that someone typed, in capitals and without separators. Raises `CodeMistyped`."""
    letters = _normalized(text)
    if len(letters) != RANDOM_LENGTH + 1 or check_character(letters[:-1]) != letters[-1]:
        raise CodeMistyped
    return letters


def parse_receipt(text: str) -> str:
    """The receipt that someone typed. Raises `CodeMistyped`."""
    letters = _normalized(text)
    if len(letters) != RECEIPT_LENGTH:
        raise CodeMistyped
    return letters


def parse_serial(text: str) -> str:
    """The serial of a paper that someone typed. Raises `CodeMistyped`."""
    letters = _normalized(text)
    if len(letters) != SERIAL_LENGTH:
        raise CodeMistyped
    return letters


def _normalized(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).upper()
    letters = [letter for letter in plain if not letter.isspace() and letter not in "-‐‑–—.·_"]
    if any(letter not in _VALUES for letter in letters):
        raise CodeMistyped
    return "".join(ALPHABET[_VALUES[letter]] for letter in letters)


def hyphenated(code: str) -> str:
    """As printed: a code in 4-4-3, a receipt in fours."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def hash_code(code: str) -> str:
    """What the database stores of a code: an HMAC in hexadecimal, useless without the portal's key."""
    return salted_hmac("forums.codes", code, algorithm="sha256").hexdigest()


def email_hash(email: str) -> str:
    """What the roll stores of an e-mail address: an HMAC in hexadecimal."""
    normal = unicodedata.normalize("NFKC", email).strip().casefold()
    return salted_hmac("forums.roll", normal, algorithm="sha256").hexdigest()
