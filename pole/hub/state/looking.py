"""Looks at everything that the state of the portal is made of, one thing after the other, whatever becomes of each.

`diagnostic` looks at all of it; the page « État », at what the database answers at once, beside what the worker kept of the
rest every ten minutes: no disk nor server that hangs holds a page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from pole.files import disks
from pole.hooks.diagnostics import Check, DiagnosticWarning, Level, Said, Sentence, Verdict
from pole.hub.first_steps import first_steps
from pole.hub.state import certificate, database, drill, server, work
from pole.models import KeptFinding
from pole.server.backups import CLOCK_MARGIN
from pole.server.in_time import TookTooLong
from pole.text.amounts import span

# Looked at every ten minutes; a long import may hold the worker for that long again.
KEPT_FOR = timedelta(minutes=30)
CHECKS = (
    server.check_database,
    server.check_versions,
    server.check_migrations,
    work.check_queue,
    work.check_mail,
    work.check_relay,
    server.check_clock,
    disks.check_disk,
    disks.check_media,
    disks.check_stored_files,
    disks.check_backup,
    drill.check_drill,
    certificate.check_certificate,
    server.check_production_settings,
    database.check_size,
    database.check_connections,
    database.check_replicas,
    server.check_hub,
)
# Of what the worker looks at, before it ever did.
NOT_SEEN_YET: Sentence = _("Not known yet: the worker looks at it every ten minutes.")
NO_ANSWER: Sentence = _(
    "See whether this disk, or what is mounted there, still answers; then restart the worker."
)
_ORDER = list(Level)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is so of one thing, what to do, and who can: the team on a `page`, or whoever runs the server."""

    key: str
    title: Sentence
    level: Level
    fact: Sentence
    to_do: Sentence = ""
    page: str = ""
    command: str = ""
    # Of what the worker kept.
    looked_at: datetime | None = None

    @property
    def name(self) -> str:
        """The anchor of its line."""
        return re.sub(r"\W+", "-", self.key.rpartition(".")[2].removeprefix("check_"))


def level_words() -> dict[Level, str]:
    """As `diagnostic` writes them, in one column."""
    return {
        Level.WELL: pgettext("state", "well"),
        Level.WATCH: pgettext("state", "note"),
        Level.UNKNOWN: pgettext("state", "?"),
        Level.ACT: pgettext("state", "TO DO"),
    }


def all_checks() -> list[Check]:
    return [*CHECKS, *(import_string(path) for path in settings.DIAGNOSTICS), *first_step_checks()]


def first_step_checks() -> list[Check]:
    """One for each step of « Premiers pas » that is not done: to watch, since the portal works without."""
    try:
        left = [step for step in first_steps() if not step.is_done]
    except DatabaseError:
        # The checks of the database and of the migrations say why.
        return []
    return [
        Check(_("First steps"), _left_to_do(step.title, step.missing), is_kept=True, about=str(place))
        for place, step in enumerate(left, start=1)
    ]


def _left_to_do(title: object, missing: Iterable[object]) -> Callable[[], Sentence]:
    sentences = dict(enumerate(missing))
    joined = " ".join(f"%({place})s" for place in sentences)
    fact = Said(
        _("%(title)s: %(missing)s"),
        title=title,
        missing=Said(joined, **{str(k): v for k, v in sentences.items()}),
    )

    def look() -> Sentence:
        raise DiagnosticWarning(fact, to_do=_("Go on with the first steps."), page="staff:first_steps")

    return look


def look_at(check: Check) -> Finding:
    """Whatever it raises, there is a line."""
    try:
        return Finding(check.key, check.title, Level.WELL, check())
    except Verdict as found:
        return Finding(
            check.key, check.title, found.level, found.fact, found.to_do, found.page, found.command
        )
    except TookTooLong as error:
        fact = Said(_("No answer within %(span)s."), span=span(timedelta(seconds=error.seconds)))
        return Finding(check.key, check.title, Level.ACT, fact, NO_ANSWER, command="findmnt")
    except Exception as error:  # noqa: BLE001 - each check must have its line
        reason = without_secrets(f"{type(error).__name__}: {error}".splitlines()[0])[:300]
        return Finding(check.key, check.title, Level.UNKNOWN, Said(_("Not known: %(reason)s"), reason=reason))


def without_secrets(text: str) -> str:
    """What an error of a library may quote of the settings."""
    relay = settings.MAILERS["delivery"].get("OPTIONS", {})
    secrets = [settings.SECRET_KEY, connection.settings_dict.get("PASSWORD"), relay.get("password")]
    for secret in filter(None, map(str, (secret or "" for secret in secrets))):
        text = text.replace(secret, "•••")
    return re.sub(r"(?<=://)[^\s/@]+@", "•••@", as_text(text))


def as_text(text: str) -> str:
    """What PostgreSQL and a terminal take: a broken disk or server may say a NUL, and a name of file be of any bytes."""
    return text.encode(errors="surrogateescape").decode(errors="backslashreplace").replace("\0", "�")


def look_and_keep(now: datetime) -> list[Finding]:
    """Of everything, for the pages to show: what the worker does every ten minutes."""
    findings = [look_at(check) for check in all_checks()]
    keep(findings, now)
    return findings


def keep(findings: list[Finding], now: datetime) -> None:
    rows = [_as_row(finding, now) for finding in findings]
    with transaction.atomic():
        KeptFinding.objects.exclude(key__in=[row.key for row in rows]).delete()
        KeptFinding.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["key"],
            update_fields=["level", "words", "page", "command", "looked_at"],
        )


def _as_row(finding: Finding, now: datetime) -> KeptFinding:
    words = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            words[code] = {
                "title": str(finding.title),
                "fact": without_secrets(str(finding.fact)),
                "to_do": without_secrets(str(finding.to_do)),
            }
    return KeptFinding(
        key=finding.key,
        level=finding.level,
        words=words,
        page=finding.page,
        command=as_text(finding.command)[:300],
        looked_at=now,
    )


def state(now: datetime) -> list[Finding]:
    """For a page, worst first: what the database answers at once, and what was kept of the rest."""
    packages: list[Check] = [import_string(path) for path in settings.DIAGNOSTICS]
    checks = [*CHECKS, *packages]
    kept = {row.key: row for row in KeptFinding.objects.order_by("pk")}
    findings = [
        _of_row(kept.get(check.key), check, now) if check.is_kept else look_at(check) for check in checks
    ]
    known = {check.key for check in checks}
    findings += [_of_row(row, None, now) for key, row in kept.items() if key not in known]
    return sorted(findings, key=lambda finding: _ORDER.index(finding.level))


def _of_row(row: KeptFinding | None, check: Check | None, now: datetime) -> Finding:
    if row is None:
        assert check is not None  # noqa: S101 - one of them is
        return Finding(check.key, check.title, Level.UNKNOWN, NOT_SEEN_YET)
    finding = _as_kept(row)
    age = now - row.looked_at
    if -CLOCK_MARGIN <= age <= KEPT_FOR:
        return finding
    if age > KEPT_FOR:
        fact = Said(_("Nobody has looked for %(span)s. Then: %(fact)s"), span=span(age), fact=finding.fact)
    else:
        fact = Said(_("The clock went back since this was seen: %(fact)s"), fact=finding.fact)
    # What was wrong still is, until someone sees that it is not.
    return replace(finding, fact=fact, level=Level.UNKNOWN if finding.level == Level.WELL else finding.level)


def _as_kept(row: KeptFinding) -> Finding:
    """Also when another release kept it: of a level, a language or a page that this one does not know."""
    words = row.words.get(translation.get_language() or "") or row.words.get(settings.LANGUAGE_CODE) or {}
    level = Level(row.level) if row.level in set(Level) else Level.UNKNOWN
    return Finding(
        row.key,
        words.get("title") or row.key,
        level,
        words.get("fact", ""),
        words.get("to_do", ""),
        row.page if _leads_somewhere(row.page) else "",
        row.command,
        row.looked_at,
    )


def _leads_somewhere(page: str) -> bool:
    try:
        return bool(page and reverse(page))
    except NoReverseMatch:
        return False
