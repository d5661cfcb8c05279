"""`manage.py diagnostic`: one line for each thing that a small installation must have right, as `/gestion/etat/` has it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from pole.hooks.diagnostics import Level
from pole.hub.state import looking


class Command(BaseCommand):
    help = "Vérifie la base de données, les migrations, le courriel, l’horloge, le disque, les sauvegardes et les réglages."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        languages = [code for code, _name in settings.LANGUAGES]
        parser.add_argument("--language", choices=languages, default=settings.LANGUAGE_CODE)

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["language"]):
            findings = [looking.look_at(check) for check in looking.all_checks()]
            words = looking.level_words()
            for found in findings:
                said = " ".join(part for part in (str(found.fact), str(found.to_do)) if part)
                command = f" ({found.command})" if found.command else ""
                self.stdout.write(
                    looking.as_text(f"{words[found.level]:<7} {found.title!s:<16} {said}{command}")
                )
            # The page shows at once what was mended; without a database, there is none.
            with suppress(DatabaseError):
                looking.keep(findings, timezone.now())
            if problems := sum(found.level in {Level.ACT, Level.UNKNOWN} for found in findings):
                raise CommandError(_("%(count)d point(s) to see to.") % {"count": problems})
