"""Where allauth asks the portal: its words, its mails, and a few decisions."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import mailing
from accounts.factors import CodeSources, is_last_factor_of_staff
from accounts.models import User
from accounts.sign_in import devices, limits, open_sessions
from pole.caching.public_pages import get_public_state
from pole.hub.identity import get_identity

INCORRECT_CODE = _("This code isn’t right. Check it, or ask for another.")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed."),
        "cannot_remove_primary_email": _("Your account needs this address."),
        "duplicate_email": _("This is already the address of your account."),
        "email_password_mismatch": _("The e-mail address or the password isn’t right."),
        "email_taken": _("Another account uses this address."),
        "enter_current_password": _("This isn’t your current password."),
        "incorrect_code": INCORRECT_CODE,
        "incorrect_password": _("This isn’t your password."),
        "invalid_login": _("Write your e-mail address."),
        "invalid_password_reset": _("This request has expired. Ask for another code."),
        "too_many_login_attempts": _(
            "Too many tries for this account from here. Ask for a code by e-mail, or try again in an hour."
        ),
        "too_many_codes": _(
            "Too many codes were asked for this address. Enter the last one that we sent, or sign in with your password or a passkey; otherwise, try again in an hour."
        ),
        "unverified_primary_email": _("Confirm your e-mail address first."),
        "same_as_current": _("This is already your address."),
        "rate_limited": _("Too many requests. Wait a moment, then try again."),
    }

    def clean_email(self, email: str) -> str:
        return email.strip().lower()

    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:
        user.name = form.cleaned_data["name"]
        user.language = form.cleaned_data["language"]
        return super().save_user(request, user, form, commit)  # type: ignore[no-any-return]  # allauth has no types

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Once someone has shown that an address is theirs, each package links what it knows of it."""
        is_confirmed: bool = super().confirm_email(request, email_address)
        if is_confirmed:
            for path in settings.EMAIL_CONFIRMED_HANDLERS:
                import_string(path)(email_address.user)
        return is_confirmed

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Counts the try by device or network: allauth counts by account, and so lets a stranger lock its owner out."""
        of_address = ratelimit.consume(
            request,
            app="allauth.account",
            action="login_failed",
            config={"login_failed": settings.LOGIN_TRIES_BY_ADDRESS},
        )
        of_account = of_address and limits.consume(request, "password", credentials["email"])
        if not of_account:
            raise self.validation_error("too_many_login_attempts")
        self._login_failed_rl_usage = ratelimit.RateLimitUsage([*of_address.usage, *of_account.usage])

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """After a new password, chosen with a mailed code."""
        limits.clear(request, "password", credentials["email"])

    def should_send_confirmation_mail(
        self, request: HttpRequest, email_address: EmailAddress, signup: bool
    ) -> bool:
        """Bounds the mails to an address that someone has signed up with, and that may not be theirs."""
        # At sign-up, the form has counted.
        if not signup and not limits.consume(request, "confirm_code", email_address.email):
            raise ImmediateHttpResponse(ratelimit.respond_429(request))
        return True

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        limits.remember_device(request, response, user.email)
        devices.remember(request)
        return response

    def set_password(self, user: User, password: str) -> None:
        """What the former password opened ends, and nothing of it is kept."""
        super().set_password(user, password)
        open_sessions.close_others(user, current=None)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Staff begin on their dashboard, others on their account."""
        return reverse("staff:home" if request.user.is_staff else "account_profile")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        mailing.send(prefix=template_prefix, to=email, context={"email": email, **context})

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        super().send_notification_mail(
            template_prefix, user, {"user": user, "has_account": True, **(context or {})}, email
        )

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """To the sign-in page: a new password ends every session, this one included."""
        return reverse("account_login")

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """Whoever has a second factor confirms with it; the password alone is not enough."""
        sources = CodeSources.of(user)
        words = {
            "reauthenticate": gettext("With my password"),
            "mfa_reauthenticate": sources.way,
            "mfa_reauthenticate:webauthn": gettext("With my passkey"),
        }
        methods = [
            {**method, "description": words[method["id"]]}
            for method in super().get_reauthentication_methods(user)
        ]
        with_factor = [method for method in methods if method["id"] != "reauthenticate"]
        if not sources.has_app:
            # The key first: without an app, the code would be a recovery code.
            with_factor.reverse()
        return with_factor or methods


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": _(
            "The hub’s team works with two-step verification: add another way before removing the last one."
        ),
        "cannot_generate_recovery_codes": _("Turn on two-step verification first."),
        "incorrect_code": INCORRECT_CODE,
        "unverified_email": _("Confirm your e-mail address first."),
    }

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not is_last_factor_of_staff(authenticator)

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002 - allauth's name
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return gettext("My passkey") if number == 1 else gettext("Passkey {number}").format(number=number)

    def _get_site_name(self) -> str:
        """The hub's name, as authenticator apps and passkey dialogs show it."""
        hub = get_identity(get_public_state(allauth_context.request).version_of("hub")).hub
        return hub.short_name or hub.name
