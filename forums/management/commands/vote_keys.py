"""`manage.py vote_keys`: makes the keys of votes to come on this machine, and deletes those of votes that are over."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from forums.vote import round_keys


class Command(BaseCommand):
    help = (
        "Prépare les clés des votes à venir sur cette machine et détruit celles des votes terminés. Le service"
        " « pole-worker » le fait chaque minute là où il roule; ailleurs, une minuterie."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--forget", metavar="MACHINE", help="Oublie une machine qui n’existe plus.")

    def handle(self, *args: Any, **options: Any) -> None:
        if machine := options["forget"]:
            forgotten = round_keys.forget_machine(machine)
            self.stdout.write(f"{machine}: {forgotten} clé(s) oubliée(s).")
            return
        round_keys.tend_keys()
        held = len(round_keys.held_keys())
        self.stdout.write(f"{round_keys.machine_name()}: {held} clé(s) dans {settings.KEYS_DIR}.")
