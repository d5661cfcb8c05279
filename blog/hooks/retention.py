"""What news and pages keep, and for how long."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from blog.redirects.missed import MOST_ROWS
from blog.wordpress import running
from pole.hooks.diagnostics import Said
from pole.hooks.retention import Rule
from pole.text.amounts import span

RULES = [
    Rule(
        "former_sites",
        _("The file by which a former site was brought in"),
        Said(_("%(span)s after it was sent"), span=span(running.KEPT)),
        "forget_former_sites",
        running.forget_old_files,
    ),
    Rule(
        "missed_addresses",
        _("Addresses of the former site that somebody asked for in vain, without who did"),
        Said(_("the %(most)d most asked for"), most=MOST_ROWS),
        is_personal=False,
    ),
]
