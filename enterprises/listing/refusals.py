"""What several decisions of the team refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from pole.refusals import Refusal


class AlreadyDecided(Refusal):
    messages = {"proposal_decided": _("Someone has decided already.")}
