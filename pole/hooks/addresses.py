"""A check of the state of the portal: what the portal's own pages hide, since an upgrade brought an address."""

from __future__ import annotations

from django.apps import apps
from django.utils.translation import gettext_lazy as _

from pole.hooks.diagnostics import DiagnosticError, Said, Sentence, check
from pole.text.slugs import reserved_slugs


@check(_("Addresses"))
def check_addresses() -> Sentence:
    """Every text, listing and forum is the one that answers at its address."""
    hidden = [
        str(row.get_absolute_url())  # type: ignore[attr-defined]  # what has routes has an address
        for model in apps.get_models()
        if (reserved := reserved_slugs(model))
        for row in model._default_manager.filter(slug__in=reserved).order_by("slug")
    ]
    if hidden:
        raise DiagnosticError(
            Said(_("The portal itself answers at %(addresses)s."), addresses=", ".join(hidden)),
            to_do=_("Give these texts another address."),
            page="staff:page_list",
        )
    return _("Each text answers at its own.")
