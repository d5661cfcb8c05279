"""Every message has its French and its English: run by `make check`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from pole import message_catalogues


class Command(BaseCommand):
    help = "Fails on a message that is missing, fuzzy or no longer used in locale/, and on a catalogue out of date."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        root = Path(settings.BASE_DIR)
        extracted = message_catalogues.extract_messages(root)
        used = {
            message_catalogues.message_key(message) for message in message_catalogues.messages_of(extracted)
        }
        faults: list[str] = []
        for language in message_catalogues.LANGUAGES:
            path = message_catalogues.catalogue_path(root, language)
            found = {
                message_catalogues.message_key(row): row
                for row in message_catalogues.messages_of(message_catalogues.read_catalogue(path))
            }
            faults += [f"{language}: missing: {key}" for key in sorted(used - set(found))]
            faults += [
                f"{language}: empty or fuzzy: {key}"
                for key, row in found.items()
                if not message_catalogues.is_complete(row)
            ]
            faults += [f"{language}: unused: {key}" for key in sorted(set(found) - used)]
            if message_catalogues.updated_text(path, extracted, language) != path.read_text(encoding="utf-8"):
                faults.append(f"{language}: out of date: run `make messages`")
        if faults:
            raise CommandError("\n".join(faults))
        self.stdout.write(f"{len(used)} messages, all in French and English.")
