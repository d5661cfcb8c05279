"""What the conversion of a text asks of the site that it comes from, and what it has to say."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Note(NamedTuple):
    """What a text lost, or what is to be looked at: the reason by its code (`report.REASONS`), and what it is about."""

    code: str
    detail: str


class Site(Protocol):
    """Where the files and texts of the old site are now: markup or an address, None when it has none."""

    def image(self, address: str, alternative: str) -> str | None: ...
    def image_of(self, key: str) -> str | None: ...
    def link(self, address: str) -> str | None: ...
    def pictures_of(self, key: str) -> list[str]:
        """The keys of the pictures that were sent from a text, in their order."""

    def shared_text(self, key: str) -> str:
        """That of a block that several texts show."""
