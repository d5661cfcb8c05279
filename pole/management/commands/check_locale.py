"""Every message has its French and its English: run by `make check`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from pole import catalogues


class Command(BaseCommand):
    help = "Fails on a message that is missing, fuzzy or no longer used in locale/, and on a catalogue out of date."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        root = Path(settings.BASE_DIR)
        extracted = catalogues.extract_messages(root)
        used = {catalogues.message_key(message) for message in catalogues.messages_of(extracted)}
        faults: list[str] = []
        for language in catalogues.LANGUAGES:
            path = catalogues.catalogue_path(root, language)
            found = {
                catalogues.message_key(row): row
                for row in catalogues.messages_of(catalogues.read_catalogue(path))
            }
            faults += [f"{language}: missing: {key}" for key in sorted(used - set(found))]
            faults += [
                f"{language}: empty or fuzzy: {key}"
                for key, row in found.items()
                if not catalogues.is_complete(row)
            ]
            faults += [f"{language}: unused: {key}" for key in sorted(set(found) - used)]
            if catalogues.updated_text(path, extracted, language) != path.read_text(encoding="utf-8"):
                faults.append(f"{language}: out of date: run `make messages`")
        if faults:
            raise CommandError("\n".join(faults))
        self.stdout.write(f"{len(used)} messages, all in French and English.")
