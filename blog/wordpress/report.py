"""What an import did and could not do: stored as codes, read in the language of whoever reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy

# More of one reason say nothing that the first ones do not.
MAX_ROWS_A_REASON = 500


class Level(StrEnum):
    REFUSED = "refused"
    LOST = "lost"
    # It came in, otherwise than it was.
    CHANGED = "changed"


LEVELS = {
    Level.REFUSED: pgettext_lazy("what an import refused", "Refused"),
    Level.LOST: _("Lost on the way"),
    Level.CHANGED: _("To know"),
}

# By its code: the level, the heading of its group, and what is said of each, which `detail` completes.
REASONS: dict[str, tuple[Level, str | Promise, str | Promise]] = {
    "kind": (Level.REFUSED, _("Kinds that the portal does not have"), _("kind “%(detail)s” unknown to the portal")),
    "state": (Level.REFUSED, _("Left where they were"), _("state “%(detail)s”")),
    "comment_kind": (Level.REFUSED, _("Comments that are none"), _("“%(detail)s”")),
    "comment_state": (Level.REFUSED, _("Unwanted comments"), _("state “%(detail)s”")),
    "comment_empty": (Level.REFUSED, _("Empty comments"), _("empty")),
    "comment_long": (Level.REFUSED, _("Comments that are too long"), _("more than %(detail)s characters")),
    "text": (Level.REFUSED, _("Texts that can’t be taken"), "%(detail)s"),
    "stored": (Level.REFUSED, _("Texts that can’t be taken"), _("the database refused it: it stays as it was, and the others came in")),
    "file_refused": (Level.REFUSED, _("Files that can’t be taken"), "%(detail)s"),
    "name_long": (Level.REFUSED, _("Names that are too long"), _("name of %(detail)s characters: it was left out, not cut")),
    "damaged": (Level.REFUSED, _("Damaged in the file"), _("it did not come whole in the file")),
    "picture": (Level.LOST, _("Pictures that are not among the files"), _("picture %(detail)s")),
    "lead_picture": (Level.LOST, _("Pictures that are not among the files"), _("lead picture %(detail)s")),
    "gallery_picture": (Level.LOST, _("Pictures that are not among the files"), _("picture %(detail)s of a gallery")),
    "gallery": (Level.LOST, _("Galleries"), _("a gallery without pictures")),
    "code": (Level.LOST, _("Short codes"), _("short code [%(detail)s]")),
    "block": (Level.LOST, _("Blocks that compute what they show"), _("block “%(detail)s”")),
    "excerpt": (Level.LOST, _("Summaries"), _("summary of more than 300 characters: the beginning of the text stands in")),
    "file": (Level.CHANGED, _("Sounds, films and other files"), _("still at its old address: %(detail)s")),
    "unknown_code": (Level.CHANGED, _("Short codes"), _("[%(detail)s …] is not known: it was left as words")),
    "password": (Level.CHANGED, _("Kept as drafts"), _("password: kept as a draft")),
    "private": (Level.CHANGED, _("Kept as drafts"), _("private: kept as a draft")),
    "pending": (Level.CHANGED, _("Kept as drafts"), _("waiting to be read again: kept as a draft")),
    "draft": (Level.CHANGED, _("Kept as drafts"), _("was a draft")),
    "undated": (Level.CHANGED, _("Kept as drafts"), _("published without a date that can be read: kept as a draft, to be dated")),
    "title_long": (Level.CHANGED, _("Kept as drafts"), _("title of %(detail)s characters: kept whole in a draft, to be shortened")),
    "sticky": (Level.CHANGED, _("Pinned posts"), _("it was pinned above the others")),
    "under": (Level.CHANGED, _("Pages below others"), _("it was below “%(detail)s”")),
    "page_comments": (Level.CHANGED, _("Comments on pages"), _("closed to new comments")),
    "language": (Level.CHANGED, _("Languages"), _("in “%(detail)s”: filed in French, and its typography left as it was")),
    "controls": (Level.CHANGED, _("Repaired in the file"), _("characters that nobody sees, left out: %(detail)s")),
    "bytes": (Level.CHANGED, _("Repaired in the file"), _("characters of another encoding, read again: %(detail)s")),
    "sections": (Level.CHANGED, _("Repaired in the file"), _("fields that were badly closed: %(detail)s")),
    "unclosed": (Level.CHANGED, _("Repaired in the file"), _("items that were not closed: %(detail)s")),
    "truncated": (Level.CHANGED, _("Repaired in the file"), _("the file stops before its end: what was whole in it came in")),
    "kept_edited": (Level.CHANGED, _("Kept: edited since"), _("edited since the import")),
    "kept_answered": (Level.CHANGED, _("Kept: edited since"), _("someone wrote a comment under it")),
    "kept_used": (Level.CHANGED, _("Kept: used elsewhere"), _("used by another text")),
}  # fmt: skip

# What came in, by the word of the command: `KINDS[kind] % count`.
KINDS = {
    "billets": ngettext_lazy("%d post", "%d posts"),
    "pages": ngettext_lazy("%d page", "%d pages"),
    "commentaires": ngettext_lazy("%d comment", "%d comments"),
    "images": ngettext_lazy("%d picture", "%d pictures"),
    "documents": ngettext_lazy("%d document", "%d documents"),
    "adresses": ngettext_lazy("%d old address", "%d old addresses"),
}


@dataclass(slots=True)
class Row:
    code: str
    what: str
    detail: str = ""
    # The page on which staff see it, once it is written.
    url: str = ""

    @property
    def reason(self) -> str:
        return str(REASONS[self.code][2]) % {"detail": self.detail}


@dataclass(slots=True)
class Report:
    """How many objects were imported, by kind; and what was not, or otherwise, with the reason."""

    imported: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    undone: Counter[str] = field(default_factory=Counter)
    rows: list[Row] = field(default_factory=list)
    # Of each reason, those beyond the rows that are kept.
    more: Counter[str] = field(default_factory=Counter)
    _counts: Counter[str] = field(default_factory=Counter)

    def add(self, code: str, what: str, detail: object = "", url: str = "") -> None:
        self._counts[code] += 1
        if self._counts[code] > MAX_ROWS_A_REASON:
            self.more[code] += 1
        else:
            self.rows.append(Row(code, what[:200], str(detail)[:300], url))

    def groups(self) -> Iterator[tuple[Level, str, list[Row], int]]:
        """Each group with its level, its heading, its rows and how many more there were; by level."""
        by: dict[tuple[Level, str], list[Row]] = {}
        more: Counter[tuple[Level, str]] = Counter()
        for row in self.rows:
            level, heading, _reason = REASONS[row.code]
            by.setdefault((level, str(heading)), []).append(row)
        for code, count in self.more.items():
            more[REASONS[code][0], str(REASONS[code][1])] += count
        for level in Level:
            for (of, heading), rows in by.items():
                if of == level:
                    yield level, heading, rows, more[of, heading]

    def as_json(self) -> dict[str, Any]:
        return {
            "imported": dict(self.imported),
            "skipped": dict(self.skipped),
            "undone": dict(self.undone),
            "more": dict(self.more),
            "rows": [[row.code, row.what, row.detail, row.url] for row in self.rows],
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Report:
        report = cls()
        for name in ("imported", "skipped", "undone"):
            getattr(report, name).update(stored.get(name, {}))
        report.rows = [Row(*row) for row in stored.get("rows", []) if row[0] in REASONS]
        report.more.update({code: count for code, count in stored.get("more", {}).items() if code in REASONS})
        return report
