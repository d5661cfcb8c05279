"""`manage.py votes_allow_upgrade`: fails while a vote is open or not sealed. `deploy/upgrade` asks it first."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from forums.hooks.diagnostics import names_of_unsealed_rounds


class Command(BaseCommand):
    help = "Échoue tant qu’un scrutin est ouvert ou que son urne n’est pas scellée."
    # The new code may not fit the old tables yet: the migrations come after.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        if found := names_of_unsealed_rounds():
            names = "; ".join(found)
            raise CommandError(
                f"Un scrutin n’est pas terminé: {names}. Une sauvegarde ne garde pas le secret d’un vote: si la mise"
                " à jour tournait mal, il serait perdu. Scellez ou annulez d’abord."
            )
        self.stdout.write("Aucun scrutin en cours.")
