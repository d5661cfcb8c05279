"""Fills the portal with its demonstration: fictional people, enterprises, posts and forums."""

from __future__ import annotations

import random
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.module_loading import import_string

from pole.files.stored import atomic_with_files

SEED = 20260101


class Command(BaseCommand):
    help = "Writes the demonstration content; running it again adds only what is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--scale", type=int, default=0, help="at least this many listings, and as many posts up to 2,000"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Ceci est une installation en production: la démonstration n’y entre pas.")
        rng = random.Random(SEED)  # noqa: S311 - the same demonstration each time
        with translation.override("fr"):
            with atomic_with_files():
                for path in settings.DEMONSTRATIONS:
                    import_string(path)(scale=options["scale"], rng=rng)
            for path in settings.LARGE_DEMONSTRATIONS:
                import_string(path)(scale=options["scale"], rng=rng)
        self.stdout.write("La démonstration est en place.")
