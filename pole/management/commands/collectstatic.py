"""Django's, then the pages that nginx shows by itself, which name these files."""

from __future__ import annotations

from typing import Any

from django.contrib.staticfiles.management.commands import collectstatic

from pole.files.proxy_pages import write_proxy_pages


class Command(collectstatic.Command):
    def handle(self, **options: Any) -> str | None:
        said = super().handle(**options)
        if not options["dry_run"]:
            write_proxy_pages()
        return said
