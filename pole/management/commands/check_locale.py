"""Every message has its French and its English: run by `make check`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

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
    help = "Fails on a message that is missing, fuzzy or no longer used in locale/, and on a catalogue out of date."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        root = Path(settings.BASE_DIR)
        extracted = extract_messages(root)
        used = by_key(extracted).keys()
        faults: list[str] = []
        for language in LANGUAGES:
            path = catalogue_path(root, language)
            found = by_key(read_catalogue(path))
            faults += [f"{language}: missing: {key}" for key in sorted(used - found.keys())]
            faults += [
                f"{language}: empty or fuzzy: {key}" for key, row in found.items() if not is_complete(row)
            ]
            faults += [f"{language}: unused: {key}" for key in sorted(found.keys() - used)]
            if updated_text(path, extracted, language) != path.read_text(encoding="utf-8"):
                faults.append(f"{language}: out of date: run `make messages`")
        if faults:
            raise CommandError("\n".join(faults))
        self.stdout.write(f"{len(used)} messages, all in French and English.")
