"""What the writing desk keeps, and for how long."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from desk import trash
from desk.readings import asking
from pole.hooks.diagnostics import Said
from pole.hooks.retention import Rule
from pole.text.amounts import span

RULES = [
    Rule(
        "trash",
        _("Texts that were thrown away"),
        span(trash.KEPT_FOR),
        "empty_trash",
        trash.empty,
    ),
    Rule(
        "readings",
        _("Who was asked to read a text before it was published, and what they said"),
        Said(_("%(span)s after its publication"), span=span(asking.KEPT_FOR)),
        "forget_readings",
        asking.forget,
    ),
]
