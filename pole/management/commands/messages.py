"""Brings both catalogues up to date: run by `make messages`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from pole.message_catalogues import (
    LANGUAGES,
    by_key,
    catalogue_path,
    extract_messages,
    is_complete,
    read_catalogue,
    updated_text,
)


class Command(BaseCommand):
    help = "Writes the messages of the code in locale/, and lists those that wait for a translation."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        root = Path(settings.BASE_DIR)
        used = extract_messages(root)
        for language in LANGUAGES:
            path = catalogue_path(root, language)
            before = by_key(read_catalogue(path))
            text = updated_text(path, used, language)
            if text != path.read_text(encoding="utf-8"):
                path.write_text(text, encoding="utf-8")
            now = by_key(read_catalogue(path))
            for key, _context in sorted(before.keys() - now.keys()):
                self.stdout.write(f"{language}: no longer used: {key}")
            for (key, _context), message in now.items():
                if not is_complete(message):
                    self.stdout.write(f"{language}: to translate: {key}")
