"""What the directory keeps, and for how long."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from pole.hooks.retention import Rule

RULES = [
    Rule(
        "imports",
        _("Lists of enterprises that were brought into the directory, and what became of each row"),
        _("with the history of the directory"),
    ),
]
