"""Second factors, and what a session has shown of them."""

from __future__ import annotations

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from accounts.models import User
from pole.access import has_shown_second_factor

# Recovery codes only stand in for one of these.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def is_last_factor_of_staff(factor: Authenticator) -> bool:
    """Whether removing it would leave a member of the team with a password alone. One query."""
    if not factor.user.is_staff:
        return False
    return not Authenticator.objects.filter(user=factor.user, type__in=FACTORS).exclude(pk=factor.pk).exists()


def record_new_factor(request: HttpRequest, factor: Authenticator) -> None:
    """Records that this session has shown the factor just added, since adding it proves possession.

    Not so when an older factor exists and this session has not shown it.
    """
    user = request.user
    if not isinstance(user, User):
        return
    others = Authenticator.objects.filter(user=user, type__in=FACTORS).exclude(pk=factor.pk)
    if has_shown_second_factor(request) or not others.exists():
        record_authentication(request, user, "mfa", id=factor.pk, type=factor.type, reauthenticated=True)
        request.session.cycle_key()
