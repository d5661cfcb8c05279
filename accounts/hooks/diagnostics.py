"""What `manage.py diagnostic` checks of people."""

from __future__ import annotations

from django.db.models.functions import Lower

from accounts.models import Role, User
from pole.hooks.diagnostics import DiagnosticError
from pole.models import SuspendedAddress


def check_direction() -> str:
    """Somebody who can sign in, and to whom mail goes, has the direction: only they give roles, export people and annul
    a vote."""
    direction = User.objects.filter(roles__contains=[Role.DIRECTION], is_active=True)
    addresses = set(direction.values_list(Lower("email"), flat=True))
    total = len(addresses)
    if not total:
        raise DiagnosticError(
            "personne n’a le rôle de la direction: « manage.py createsuperuser » ouvre un compte qui l’a."
        )
    # Nothing is sent to these, the portal's alerts least of all.
    if addresses <= set(SuspendedAddress.objects.values_list("address", flat=True)):
        raise DiagnosticError(
            "aucune adresse de la direction n’accepte plus de courriel, et les alertes n’arrivent à personne"
            " (page « Personnes », « Adresses qui refusent les courriels »)."
        )
    return f"{total} personne(s) à la direction"
