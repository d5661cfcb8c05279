"""What goes into the log: nothing that a stranger can forge a line with, fill the disk with, or read a secret in."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Hashable
from time import monotonic

from pole.server import bearer_links

# Seconds between two lines about the same thing.
INTERVAL = 60.0
# Characters kept of a message: a stranger may choose the length of an address.
MESSAGE_LENGTH = 1000
# Of what a stranger sent, in a line about a refused request.
FORGED_LENGTH = 120
# New lines, escape sequences of terminals, changes of direction.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def escaped(text: str, *, keep: str = "") -> str:
    """Without control characters, but those of `keep`."""
    return _CONTROL.sub(lambda found: found[0] if found[0] in keep else ascii(found[0])[1:-1], text)


def cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}…"


class LineFormatter(logging.Formatter):
    """One record, one line; a traceback is indented below it, so that no text in it passes for another record."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name of logging
        record.message = cut(escaped(cut(record.message, MESSAGE_LENGTH)), MESSAGE_LENGTH)
        return super().formatMessage(record)

    def formatException(self, ei: logging._SysExcInfoType) -> str:  # noqa: N802 - likewise
        text = bearer_links.masked(escaped(super().formatException(ei), keep="\n\t"))
        return "  " + text.replace("\n", "\n  ")


class RepetitionFilter(logging.Filter):
    """Lets a repeated record through once a minute, in each process, with how many were left out.

    Refused requests (`django.security.*`: a forged host, a body that is too large, a form without its token) are
    not errors of ours: a warning without a traceback, once a minute for each kind. The traceback of an error is
    written once a minute too: a thousand of the same would fill the disk.
    """

    def __init__(self, interval: float = INTERVAL) -> None:
        super().__init__()
        self.interval = interval
        self._lock = threading.Lock()
        self._written: dict[Hashable, float] = {}
        self._left_out: dict[Hashable, int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "is_count", False):
            return True
        if record.name.startswith("django.security."):
            record.msg, record.args = cut(escaped(cut(record.getMessage(), FORGED_LENGTH)), FORGED_LENGTH), ()
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.exc_info = record.exc_text = None
            return self._is_due(record, record.name)
        if record.exc_info and record.exc_info[0]:
            return self._is_due(record, (record.name, record.exc_info[0], _lines_of(record.exc_info[2])))
        return True

    def _is_due(self, record: logging.LogRecord, key: Hashable) -> bool:
        now = monotonic()
        with self._lock:
            if now - self._written.get(key, -self.interval) >= self.interval:
                self._written = {k: at for k, at in self._written.items() if now - at < self.interval}
                self._written[key] = now
                return True
            self._left_out[key] = self._left_out.get(key, 0) + 1
            if self._left_out[key] > 1:
                return False
            # Said at the end of the minute, whether or not another comes.
            timer = threading.Timer(self._written[key] + self.interval - now, self._say, [record, key])
        timer.daemon = True
        timer.start()
        return False

    def _say(self, record: logging.LogRecord, key: Hashable) -> None:
        with self._lock:
            count = self._left_out.pop(key)
            self._written[key] = monotonic()
        kind = (
            ""
            if isinstance(key, str) or not record.exc_info
            else f"{getattr(record.exc_info[0], '__name__', '')}, "
        )
        logging.getLogger(record.name).log(
            record.levelno, "%s%d more of these within a minute", kind, count, extra={"is_count": True}
        )


def _lines_of(traceback: object) -> tuple[tuple[str, int], ...]:
    lines = []
    while traceback is not None:
        lines.append((traceback.tb_frame.f_code.co_filename, traceback.tb_lineno))  # type: ignore[attr-defined]  # a traceback
        traceback = traceback.tb_next  # type: ignore[attr-defined]  # likewise
    return tuple(lines)
