"""Why a ballot is not taken: what every module of the vote may raise."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from pole.refusals import Refusal


class BallotRefused(Refusal):
    """Voters read why in templates/forums/vote/no.html, by the code; the team, the sentence."""

    messages = {"ballot_refused": ""}


class VoteSuspended(BallotRefused):
    """This machine lacks the key of the round (`forums.vote.round_keys`): nobody's ballot can be found."""

    messages = {
        "suspended": _(
            "The vote is suspended: this server lacks the key of the round. Nothing was changed. Put the key back, or annul the vote."
        )
    }
