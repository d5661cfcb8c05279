"""`manage.py annul_open_rounds`: after a restore, annuls the votes whose secret no backup holds."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from forums.models import Round
from forums.vote.rounds import annul_round

REASON = (
    "Le portail a été restauré d’une sauvegarde pendant ce vote; ses bulletins ne pouvaient plus compter."
)


class Command(BaseCommand):
    help = "Après une restauration, annule les scrutins qui n’étaient pas scellés: leur secret n’est pas sauvegardé."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reason", default=REASON, help="Le motif, qui est public.")
        parser.add_argument(
            "--all",
            action="store_true",
            help="Même ceux dont le secret est là: sur un serveur qui n’a pas été restauré.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = Round.objects.unsealed().select_related("forum").order_by("pk")
        if not options["all"]:
            found = found.filter(secret=None)
        for round in found:
            annul_round(round_id=round.pk, reason=options["reason"][:400], by=None)
            self.stdout.write(f"Annulé: {round.forum.title}, scrutin {round.number}.")
        if not found:
            self.stdout.write("Aucun scrutin à annuler.")
