"""The files of a dossier: a two-page summary, the full results, the data, and their checksums.

The table (`pole-dossier/1`, described in docs/donnees.md) has the same columns and themes in every hub, so
that a provincial body can combine those of all hubs. Texts of the PDF are in the current language.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.text import slugify

from forums import printing
from forums.models import Forum, Results
from forums.models.themes import VERSION, all_themes
from forums.printing.documents import results_data, summary_data
from forums.printing.dossier_summary import compile_summary
from forums.results import open_data
from forums.results.report import PriorityLine, RoundReport, priority_lines, round_reports
from pole.caching.public_pages import read_public_state
from pole.files.downloads import media_type
from pole.hub.identity import get_identity
from pole.models import Hub
from pole.spreadsheets import csv_bytes, safe_cell, xlsx_bytes
from pole.text.bilingual import current_language

SCHEMA = "pole-dossier/1"
COLUMNS = (
    *("schema", "hub", "forum", "forum_date", "municipality", "place", "theme_1", "theme_2"),
    *("title", "title_en"),
    *("description", "description_en", "track", "decided_by", "method", "total", "share", "ballots"),
    *("on_roll", "voted", "is_consultation", "seal", "state", "url"),
    # After the former ones: `place` is that within the question.
    *("question", "given_by"),
)
CHECKSUMS_NAME = "SHA256SUMS.txt"
ARCHIVE_NAME = "dossier.zip"


@dataclass(frozen=True, slots=True)
class NamedFile:
    name: str
    content: bytes

    @property
    def media_type(self) -> str:
        return media_type(self.name)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def build_files(results: Results, *, at: datetime) -> list[NamedFile]:
    """In the order in which a person reads them. `results` comes from `for_page`."""
    reports = round_reports(results.shown_rounds())
    lines = priority_lines(list(results.shown_priorities), reports)
    files = [
        *_pdf_files(results, lines, reports, at),
        *_data_files(results, lines, reports),
        *_forum_documents(results.forum),
    ]
    return [*files, NamedFile(CHECKSUMS_NAME, checksums(files).encode())]


def checksums(files: Sequence[NamedFile]) -> str:
    """SHA-256 of each file, in the format of `sha256sum --check`."""
    return "".join(f"{file.sha256}  {file.name}\n" for file in files)


def build_archive(files: Sequence[tuple[str, bytes]], *, at: datetime) -> bytes:
    """A ZIP of (name, content); the same files and the same `at` give the same bytes."""
    moment = timezone.localtime(at).timetuple()[:6]
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, moment)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return stored.getvalue()


def _pdf_files(
    results: Results, lines: list[PriorityLine], reports: list[RoundReport], at: datetime
) -> Iterator[NamedFile]:
    forum = results.forum
    address = settings.BASE_URL + results.get_absolute_url()
    summary = summary_data(forum=forum, results=results, lines=lines, reports=reports, address=address)
    yield NamedFile("1-sommaire.pdf", compile_summary(summary, at=at))
    full = results_data(forum=forum, results=results, lines=lines, reports=reports)
    yield NamedFile("2-resultats.pdf", printing.compile("results", full, current_language(), at=at))


def _data_files(
    results: Results, lines: list[PriorityLine], reports: list[RoundReport]
) -> Iterator[NamedFile]:
    hub = get_identity(read_public_state(timezone.now()).version_of("hub")).hub
    rows = open_data.table(COLUMNS, [priority_row(hub, results, line, reports) for line in lines])
    yield NamedFile("3-priorites.csv", csv_bytes(rows))
    yield NamedFile("3-priorites.xlsx", _workbook(rows))
    text = open_data.as_json(hub=hub, forum=results.forum, results=results, lines=lines, reports=reports)
    yield NamedFile("4-resultats.json", text.encode())
    boxes = [round.box for round in results.shown_rounds().select_related("box") if round.box.text]
    for box in boxes:
        number = f"-{box.round.number}" if len(boxes) > 1 else ""
        yield NamedFile(f"5-urne{number}.json", box.text.encode())
    if boxes:
        yield NamedFile("6-recompter.py", open_data.recount_program())


def _forum_documents(forum: Forum) -> Iterator[NamedFile]:
    """The documents of the forum, under their titles."""
    for number, document in enumerate(forum.documents.all(), start=1):
        with document.file.open() as file:
            name = f"7-document-{number}-{slugify(document.title)[:50]}".rstrip("-")
            yield NamedFile(f"{name}.pdf", file.read())


def priority_row(
    hub: Hub, results: Results, line: PriorityLine, reports: Sequence[RoundReport]
) -> dict[str, Any]:
    """One priority as the shared table has it; without a vote, the figures are empty."""
    priority, forum = line.priority, results.forum
    first, second = (*priority.themes, "", "")[:2]
    row: dict[str, Any] = {
        "schema": SCHEMA,
        "hub": hub.name,
        "forum": forum.title,
        "forum_date": timezone.localdate(forum.starts_at).isoformat(),
        "municipality": str(forum.municipality or ""),
        "place": line.number,
        "theme_1": first,
        "theme_2": second,
        "title": priority.title,
        "title_en": priority.title_en,
        "description": priority.description,
        "description_en": priority.description_en,
        "track": priority.track.title if priority.track else "",
        "decided_by": "vote" if line.round else "by hand",
        "state": priority.state,
        "url": settings.BASE_URL + priority.get_absolute_url(),
    }
    if line.row is None or line.question is None or line.round is None:
        return row
    report = next(each for each in reports if each.round.pk == line.round.pk)
    return row | {
        "method": line.question.question.method,
        "total": line.row.total,
        "share": f"{float(line.row.share or 0):.4f}",
        "question": line.question.question.title,
        "given_by": line.row.ballots,
        "ballots": report.ballots,
        "on_roll": report.reconciliation.on_roll,
        "voted": report.reconciliation.voted,
        "is_consultation": "yes" if report.round.is_consultation else "no",
        "seal": report.round.seal,
    }


def _workbook(rows: Sequence[Sequence[object]]) -> bytes:
    themes = [(VERSION, "fr", "en"), *((theme.code, theme.fr, theme.en) for theme in all_themes().values())]
    return xlsx_bytes(
        ("priorites", rows),
        ("themes", themes),
        text_of=safe_cell,
        width_of=lambda heading: 40 if "title" in heading else 18,
    )
