"""Whether the hub's first account has colleagues, for the first steps of a new hub."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import TeamInvitation, User
from pole.hooks.first_steps import FirstStep
from pole.models import Setup


def team() -> FirstStep:
    """Done by a colleague, by an invitation that is still good, or by whoever says that they work alone."""
    is_alone = User.objects.filter(is_staff=True, is_active=True).count() < 2
    sent_after = timezone.now() - TeamInvitation.LIFETIME
    is_alone = is_alone and not TeamInvitation.objects.filter(sent_at__gt=sent_after).exists()
    is_said = Setup.objects.filter(works_alone=True).exists()
    return FirstStep(
        title=_("Team"),
        purpose=_("Who else writes, keeps the directory or holds the forums: each with the roles they need."),
        url=reverse("staff:first_step_team"),
        action=_("Invite colleagues"),
        missing=[_("A colleague, or a word that you work alone.")] if is_alone and not is_said else [],
    )
