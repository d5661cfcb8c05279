"""`manage.py worker`: does what waits in the queue, until it is stopped."""

from __future__ import annotations

import asyncio
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from procrastinate.contrib.django import app

from pole.server import work_queue


class Command(BaseCommand):
    help = "Traite les tâches de la file (courriels, importations, fin des votes…) jusqu’à SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--graceful-seconds", type=float, default=3600, help="Délai laissé aux tâches en cours à l’arrêt."
        )

    def handle(self, *, graceful_seconds: float, **options: Any) -> None:
        connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]  # Django's has it
        with app.replace_connector(connector) as working:
            asyncio.run(work_queue.work(working, graceful_seconds=graceful_seconds))
