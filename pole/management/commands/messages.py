"""Brings both catalogues up to date: run by `make messages`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from pole import message_catalogues


class Command(BaseCommand):
    help = "Writes the messages of the code in locale/, and lists those that wait for a translation."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        root = Path(settings.BASE_DIR)
        used = message_catalogues.extract_messages(root)
        for language in message_catalogues.LANGUAGES:
            path = message_catalogues.catalogue_path(root, language)
            before = {
                message_catalogues.message_key(message)
                for message in message_catalogues.messages_of(message_catalogues.read_catalogue(path))
            }
            text = message_catalogues.updated_text(path, used, language)
            if text != path.read_text(encoding="utf-8"):
                path.write_text(text, encoding="utf-8")
            now = list(message_catalogues.messages_of(message_catalogues.read_catalogue(path)))
            for key, _context in sorted(
                before - {message_catalogues.message_key(message) for message in now}
            ):
                self.stdout.write(f"{language}: no longer used: {key}")
            for message in now:
                if not message_catalogues.is_complete(message):
                    self.stdout.write(
                        f"{language}: to translate: {message_catalogues.message_key(message)[0]}"
                    )
