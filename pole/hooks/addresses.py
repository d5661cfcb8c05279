"""A check of `manage.py diagnostic`: what the portal's own pages hide, since an upgrade brought an address."""

from __future__ import annotations

from django.apps import apps

from pole.hooks.diagnostics import DiagnosticError
from pole.text.slugs import reserved_slugs


def check_addresses() -> str:
    """Every text, listing and forum is the one that answers at its address."""
    hidden = [
        str(row.get_absolute_url())  # type: ignore[attr-defined]  # what has routes has an address
        for model in apps.get_models()
        if (reserved := reserved_slugs(model))
        for row in model._default_manager.filter(slug__in=reserved).order_by("slug")
    ]
    if hidden:
        raise DiagnosticError(
            f"le portail répond lui-même à {', '.join(hidden)}: donnez une autre adresse à ces textes."
        )
    return "chaque texte répond à la sienne"
