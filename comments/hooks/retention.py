"""What conversations keep, and for how long."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from pole.hooks.retention import Rule

RULES = [
    Rule(
        "comments",
        _("Your comments"),
        _("with the text that they answer; your name leaves them with your account"),
    ),
]
