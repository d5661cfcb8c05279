"""Every message has its French and its English: run by `make check`."""

from __future__ import annotations

import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation.template import templatize

SOURCES = ("pole", "accounts", "comments", "desk", "enterprises", "forums", "blog", "templates")


class Command(BaseCommand):
    help = "Fails on a message that is missing, fuzzy or no longer used in locale/."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        used = extract(Path(settings.BASE_DIR))
        faults: list[str] = []
        for language in ("fr", "en"):
            path = Path(settings.BASE_DIR) / "locale" / language / "LC_MESSAGES" / "django.po"
            with path.open("rb") as file:
                catalog = read_po(file)
            translated = {}
            for message in catalog:
                if message.id:
                    key = message.id[0] if isinstance(message.id, tuple) else message.id
                    strings = message.string if isinstance(message.string, tuple) else (message.string,)
                    translated[(message.context, key)] = all(strings) and not message.fuzzy
            faults += [f"{language}: missing: {key}" for key in sorted(used - set(translated), key=str)]
            faults += [f"{language}: empty or fuzzy: {key}" for key, whole in translated.items() if not whole]
            faults += [f"{language}: unused: {key}" for key in sorted(set(translated) - used, key=str)]
        if faults:
            raise CommandError("\n".join(faults))
        self.stdout.write(f"{len(used)} messages, all in French and English.")


def extract(root: Path) -> set[tuple[str | None, str]]:
    """Asks GNU gettext, through Django's own template preparation."""
    found: set[tuple[str | None, str]] = set()
    for folder in SOURCES:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix == ".py" and "migrations" not in path.parts:
                text = path.read_text(encoding="utf-8")
            elif path.suffix in {".html", ".txt", ".xml"}:
                text = templatize(path.read_text(encoding="utf-8"), origin=str(path))
            else:
                continue
            found |= _extract_from(text)
    return found


KEYWORDS = (
    "gettext_lazy", "ngettext_lazy:1,2", "pgettext:1c,2", "npgettext:1c,2,3", "pgettext_lazy:1c,2",
    "npgettext_lazy:1c,2,3", "gettext_noop", "_",
)  # fmt: skip


def _extract_from(text: str) -> set[tuple[str | None, str]]:
    command = ["xgettext", "--language=Python", "--from-code=UTF-8", "--output=-", "-"]
    command += [f"--keyword={keyword}" for keyword in KEYWORDS]
    output = subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout  # noqa: S603 - a fixed command
    # The header that xgettext leaves to be filled in can't be read as it is.
    output = output.replace(b"charset=CHARSET", b"charset=UTF-8")
    output = output.replace(b"nplurals=INTEGER; plural=EXPRESSION", b"nplurals=2; plural=(n > 1)")
    if not output:
        return set()
    return {
        (message.context, str(message.id[0] if isinstance(message.id, tuple) else message.id))
        for message in read_po(BytesIO(output))
        if message.id
    }
