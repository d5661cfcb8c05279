"""What a look at the portal is made of: each package may offer its own checks (`settings.DIAGNOSTICS`).

A `Check` is said twice, by `manage.py diagnostic` and by the page « État »: it says a sentence when all is well, and raises
`DiagnosticWarning` or `DiagnosticError` when not, with what to do, and who can. Sentences are in the language of whoever reads them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise

type Sentence = str | Promise | Said


class Said:
    """A message and its values, put together when it is read: the worker keeps it in every language."""

    def __init__(self, text: str | Promise, /, **values: object) -> None:
        self.text, self.values = text, values

    def __str__(self) -> str:
        return str(self.text % self.values)


class Level(StrEnum):
    """Worst first."""

    ACT = "act"
    UNKNOWN = "unknown"
    WATCH = "watch"
    WELL = "well"


class Verdict(Exception):
    """That something is not well: what it is, and what to do.

    `page` is the name of the staff page where the team does it; without, whoever runs the server does, by `command` if there is one.
    """

    level = Level.ACT

    def __init__(self, fact: Sentence, *, to_do: Sentence = "", page: str = "", command: str = "") -> None:
        super().__init__(fact)
        self.fact, self.to_do, self.page, self.command = fact, to_do, page, command

    def __str__(self) -> str:
        command = f"({self.command})" if self.command else ""
        return " ".join(part for part in (str(self.fact), str(self.to_do), command) if part)


class DiagnosticError(Verdict):
    """Something to fix."""


class DiagnosticWarning(Verdict):
    """Worth knowing, and no failure: a demonstration may lack it, or it will pass."""

    level = Level.WATCH


class NotKnown(Verdict):
    """Nobody can say: what would have said it does not answer, and that alone is no failure of the portal."""

    level = Level.UNKNOWN


@dataclass(frozen=True, slots=True)
class Check:
    """`is_kept` of one that asks a disk, the network, or much of the database: the worker asks, pages show what it kept."""

    title: Sentence
    look: Callable[[], Sentence]
    is_kept: bool = False
    # Which of them it is, among those of one `look`.
    about: str = ""

    @property
    def key(self) -> str:
        return f"{self.look.__module__}.{self.look.__qualname__}{self.about and ':'}{self.about}"

    def __call__(self) -> Sentence:
        return self.look()


def check(title: Promise, *, is_kept: bool = False) -> Callable[[Callable[[], Any]], Check]:
    """Makes a `Check` of the function below."""
    return lambda look: Check(title, look, is_kept)
