"""What `manage.py diagnostic` checks of people."""

from __future__ import annotations

from accounts.models import Role, User
from pole.hooks.diagnostics import DiagnosticError


def check_direction() -> str:
    """Somebody who can sign in has the direction: only they give roles, export people and annul a vote."""
    total = User.objects.filter(roles__contains=[Role.DIRECTION], is_active=True).count()
    if not total:
        raise DiagnosticError(
            "personne n’a le rôle de la direction: « manage.py createsuperuser » ouvre un compte qui l’a."
        )
    return f"{total} personne(s) à la direction"
