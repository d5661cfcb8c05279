"""`manage.py database_doc`: write docs/database.md anew, or say with --check that it is not current."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from pole.server.database import document


class Command(BaseCommand):
    help = "Écrit docs/database.md, ce que la base de données garantit, d’après son catalogue."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="n’écrit rien : échoue si la page n’est pas à jour"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path = settings.BASE_DIR / "docs" / "database.md"
        page = document.page()
        if not options["check"]:
            path.write_text(page, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != page:
            raise CommandError("docs/database.md n’est pas à jour : lancez « make docs ».")
