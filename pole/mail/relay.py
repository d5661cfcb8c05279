"""The conversation with the relay, within a time, and what its answer means."""

from __future__ import annotations

import os
import re
import smtplib
import socket
import ssl
from contextlib import suppress
from enum import Enum
from threading import Timer
from typing import Any

from django.core.mail.backends import smtp

# A relay may answer one byte at a time, each within the time allowed for one: the whole conversation has this.
CONVERSATION_SECONDS = 90
MAX_ANSWER_LENGTH = 500


class _BoundedMixin:
    """Shuts its socket once the conversation has lasted too long: whoever waits for the relay then sees it go."""

    _timer: Timer | None = None
    # A descriptor of its own: STARTTLS takes away that of the socket that was opened.
    _same: socket.socket | None = None

    def _get_socket(self, *args: Any) -> socket.socket:
        opened: socket.socket = super()._get_socket(*args)  # type: ignore[misc]  # mixed into smtplib's
        self._same = socket.socket(fileno=os.dup(opened.fileno()))
        self._timer = Timer(CONVERSATION_SECONDS, _shut, [self._same])
        self._timer.daemon = True
        self._timer.start()
        return opened

    def close(self) -> None:
        if self._timer:
            self._timer.cancel()
        if self._same:
            self._same.close()
        super().close()  # type: ignore[misc]  # mixed into smtplib's


def _shut(opened: socket.socket) -> None:
    with suppress(OSError):
        opened.shutdown(socket.SHUT_RDWR)


class _BoundedSMTP(_BoundedMixin, smtplib.SMTP):
    pass


class _BoundedSMTPS(_BoundedMixin, smtplib.SMTP_SSL):
    pass


class RelayBackend(smtp.EmailBackend):
    """Django's own, within `CONVERSATION_SECONDS`."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _BoundedSMTPS if self.use_ssl else _BoundedSMTP

    def open(self) -> bool | None:
        try:
            return super().open()
        except Exception:
            # Django would leave the connection open, and its timer running: one for each mail that waits.
            with suppress(Exception):
                self.close()
            raise


class Verdict(Enum):
    """What an answer that is not a delivery means for the mail."""

    # The relay is away, or asks to come back.
    LATER = "later"
    # How the portal comes to the relay (account, encryption, certificate), before a mail is named: a colleague can
    # mend it within the day.
    CONFIGURATION = "configuration"
    # The relay, or the reader's server, refuses what comes from us: nothing is wrong with the address.
    REPUTATION = "reputation"
    # There is no such mailbox, or it is closed.
    BAD_ADDRESS = "bad_address"
    # Refused for good, for another reason.
    REFUSED = "refused"


# First in a line (RFC 2034), as itself or as "#5.1.0": further on, it may be part of an IP address.
_ENHANCED_CODE = re.compile(r"^\W{0,2}5\.(\d{1,3})\.(\d{1,3})(?!\.?\d)", re.MULTILINE)
# Of RFC 3463's 5.1.x, those about the sender.
_ABOUT_SENDER = {"7", "8"}
# RFC 4954: no account, a weak one, a wrong one, one that needs encryption.
_ABOUT_OUR_ACCOUNT = {530, 534, 535, 538}
# The relay's certificate is wrong, or it offers neither the encryption nor the sign-in that EMAIL_URL asks for.
_ABOUT_OUR_CONNECTION = (
    ssl.SSLCertVerificationError,
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPNotSupportedError,
)


def verdict_of(error: Exception) -> Verdict:
    """What the portal does after `error`, which sending raised."""
    code, text = _code_and_text(error)
    # Before ValueError, which a wrong certificate is too.
    if isinstance(error, _ABOUT_OUR_CONNECTION) or code in _ABOUT_OUR_ACCOUNT:
        return Verdict.CONFIGURATION
    if isinstance(error, ValueError):
        # An address that this relay can't be given (not ASCII), or that is none.
        return Verdict.REFUSED
    if not 500 <= code < 600:
        return Verdict.LATER
    if isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPHeloError):
        return Verdict.CONFIGURATION
    enhanced = _ENHANCED_CODE.search(text)
    return _verdict_of_code(error, *(enhanced.groups() if enhanced else ("", "")))


def _verdict_of_code(error: Exception, subject: str, detail: str) -> Verdict:
    """`subject` and `detail` are those of the enhanced code (RFC 3463), when there is one: a bare 550 says nothing sure."""
    is_about_sender = isinstance(error, smtplib.SMTPSenderRefused) or (
        subject == "1" and detail in _ABOUT_SENDER
    )
    if is_about_sender or subject == "7":
        return Verdict.REPUTATION
    if subject == "1" or (subject, detail) == ("2", "1"):
        return Verdict.BAD_ADDRESS
    return Verdict.REFUSED


def answer_of(error: Exception) -> str:
    """The relay's words, on one line; else the name of what happened."""
    code, text = _code_and_text(error)
    words = f"{code} {text}" if code else f"{type(error).__name__}: {error}"
    return " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())[
        :MAX_ANSWER_LENGTH
    ]


def _code_and_text(error: Exception) -> tuple[int, str]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        # One recipient a mail.
        return next(((code, _text(words)) for code, words in error.recipients.values()), (0, ""))
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code, _text(error.smtp_error)
    return 0, ""


def _text(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words
