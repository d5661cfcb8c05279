"""What the directory keeps, and for how long."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from enterprises.importing import retention
from pole.hooks.diagnostics import Said
from pole.hooks.retention import Rule
from pole.text.amounts import span

RULES = [
    Rule(
        "imports",
        _("Lists of enterprises that were brought into the directory, and what became of each row"),
        Said(_("%(span)s after they were brought in"), span=span(retention.RETENTION)),
        "forget_imports",
        retention.delete_old,
    ),
]
