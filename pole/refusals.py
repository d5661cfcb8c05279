"""What the portal refuses to do: each refusal has its code and its sentence where it is decided, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.contrib import messages as shown
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest

from pole.text.typography import one_stop

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

_PLACE: Final = "at:"


class Refusal(Exception):
    """Nothing was changed. `code` never changes, for programs, logs and tests; `message` is for whoever asked.

    A subclass gives each of its codes a sentence, which `values` complete; raised without a code, it takes the
    first. The sentence is empty where a page explains the refusal.
    """

    messages: ClassVar[Mapping[str, str | _StrPromise]] = {}

    def __init__(self, code: str = "", **values: Any) -> None:
        self.code = code or next(iter(self.messages))
        self.values = values
        super().__init__(self.code)

    @property
    def message(self) -> str:
        sentence = self.messages[self.code]
        return one_stop(sentence % self.values) if self.values else str(sentence)


def say(request: HttpRequest, level: int, text: str, *, at: str = "") -> None:
    """The next page shows it where `{% messages_at at %}` stands; if that is nowhere, at its top."""
    shown.add_message(request, level, text, extra_tags=f"{_PLACE}{at}" if at else "")


def place_of(message: Message) -> str:
    """What was said `at`, or nothing."""
    tags = message.extra_tags or ""
    return tags.removeprefix(_PLACE) if tags.startswith(_PLACE) else ""


@contextmanager
def refusal_shown(
    request: HttpRequest, done: str = "", *, level: int = shown.ERROR, at: str = ""
) -> Iterator[None]:
    """The next page shows why the block was refused; else `done`, if given. What a page explains goes up to it."""
    try:
        yield
    except Refusal as refusal:
        if not refusal.message:
            raise
        say(request, level, refusal.message, at=at)
    else:
        if done:
            say(request, shown.SUCCESS, done, at=at)


_DRAWN = "pole.refusal_drawn"


def note_drawn_refusal(request: HttpRequest) -> None:
    """For a part that is drawn before the page that it goes into, and holds the summary of what was refused."""
    request.META[_DRAWN] = True


def is_refusal_drawn(request: HttpRequest | None) -> bool:
    return request is not None and _DRAWN in request.META
