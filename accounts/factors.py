"""Second factors, and what a session has shown of them."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.translation import gettext

from accounts.models import User
from pole.access import has_shown_second_factor

# Recovery codes only stand in for one of these.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@dataclass(frozen=True, slots=True)
class CodeSources:
    """Where a person finds the code that the second step asks for; neither, and only a passkey opens."""

    has_app: bool
    has_recovery_codes: bool

    @classmethod
    def of(cls, user: User | AnonymousUser) -> CodeSources:
        """One query."""
        kinds = set(Authenticator.objects.filter(user=user.pk).values_list("type", flat=True))
        return cls(Authenticator.Type.TOTP in kinds, Authenticator.Type.RECOVERY_CODES in kinds)

    @property
    def way(self) -> str:
        """The link to this way of confirming."""
        if not self.has_recovery_codes:
            return gettext("With a code from my app")
        if not self.has_app:
            return gettext("With one of my recovery codes")
        return gettext("With a code from my app, or a recovery code")

    @property
    def request(self) -> str:
        """What to type."""
        if not self.has_recovery_codes:
            return gettext("Enter the code that your app shows now.")
        if not self.has_app:
            return gettext("Enter one of your recovery codes.")
        return gettext("Enter the code that your app shows now, or one of your recovery codes.")


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
