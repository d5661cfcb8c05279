"""allauth's forms, with the portal's words."""

from __future__ import annotations

import struct
from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.core import context as allauth_context
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.forms.fields import InvalidJSONInput
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.factors import CodeSources
from accounts.models import User
from accounts.sign_in import limits

PASSWORD_ADVICE = _(
    "At least 12 characters. Three or four words that have nothing to do with each other do well."
)
CODE_INPUT_ATTRS = {"inputmode": "numeric", "autocapitalize": "off", "spellcheck": "false"}


class PortalLabelsMixin:
    """Labels and hints by field name, instead of allauth's, and no placeholder: a label stays."""

    LABELS: ClassVar[dict[str, Any]] = {
        "login": _("E-mail address"),
        "email": _("E-mail address"),
        "password": _("Password"),
        "oldpassword": _("Current password"),
        "password1": _("New password"),
        "password2": _("The new password again"),
        "code": _("Code"),
    }
    HINTS: ClassVar[dict[str, Any]] = {"password1": PASSWORD_ADVICE}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, forms.Field] = self.fields  # type: ignore[attr-defined]  # mixed into forms
        for name, field in fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in self.LABELS:
                field.label = self.LABELS[name]
                field.help_text = self.HINTS.get(name, "")
            if name == "code":
                field.widget.attrs.update(CODE_INPUT_ATTRS)


class MailsACodeMixin:
    """A form that mails a code to the address: so many, for one device or network."""

    code_kind: ClassVar[str]

    def clean_email(self) -> str:
        email: str = super().clean_email()  # type: ignore[misc]  # mixed into allauth's forms
        _count_code(self.code_kind, email)
        return email


def _count_code(kind: str, email: str) -> None:
    if not limits.consume(allauth_context.request, kind, email):
        raise get_adapter().validation_error("too_many_codes")


def _relabelled(form: Any, *mixins: type) -> Any:
    """allauth's form, with the portal's labels and nothing else, but for `mixins`."""
    return type(form.__name__, (*mixins, PortalLabelsMixin, form), {})


# --- The way in ---------------------------------------------------------------------------------


class SignupForm(PortalLabelsMixin, account.SignupForm):  # type: ignore[misc]  # allauth has no types
    LABELS = PortalLabelsMixin.LABELS | {"password1": _("Password")}
    HINTS = PortalLabelsMixin.HINTS | {
        "email": _("It is never shown. We send you a code there to confirm it."),
        "password1": _(
            "You can do without: we then send you a code each time. Otherwise, at least 12 characters."
        ),
    }

    account_already_exists: bool

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        # Only a form without an error sends a mail.
        if not self.errors:
            try:
                _count_code("confirm_code", cleaned["email"])
            except forms.ValidationError as refusal:
                self.add_error("email", refusal)
        return cleaned

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """As allauth does; of two requests at once with one address, the second finds it taken."""
        if self.account_already_exists and (password := self.cleaned_data.get("password1")):
            # The hash that a new account would need: the time of the answer tells nothing.
            make_password(password)
        try:
            with transaction.atomic():
                return super().try_save(request)  # type: ignore[no-any-return]  # allauth has no types
        except IntegrityError:
            self.account_already_exists = True
            return super().try_save(request)  # type: ignore[no-any-return]  # allauth has no types


class LoginForm(PortalLabelsMixin, account.LoginForm):  # type: ignore[misc]  # allauth has no types
    """One address, and two ways on: a mailed code (`action=code`) or a password (`action=password`).

    The Enter key says neither: the password then counts when there is one.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].required = False
        self.fields["login"].widget.attrs["autocomplete"] = "username"

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not password and self.data.get("action") == "password":
            raise forms.ValidationError(_("Write your password, or ask for a code."))
        return password

    def _clean_without_password(self, email: str | None, phone: str | None) -> Any:
        cleaned = super()._clean_without_password(email, phone)
        if email and not self.errors:
            try:
                _count_code("login_code", email)
            except forms.ValidationError as refusal:
                self.add_error("login", refusal)
        return cleaned

    def user_credentials(self) -> dict[str, Any]:
        credentials: dict[str, Any] = super().user_credentials()
        if self.data.get("action") == "code":
            credentials.pop("password", None)
        return credentials


class RequestLoginCodeForm(MailsACodeMixin, PortalLabelsMixin, account.RequestLoginCodeForm):  # type: ignore[misc]  # allauth has no types
    code_kind = "login_code"


class ResetPasswordForm(MailsACodeMixin, PortalLabelsMixin, account.ResetPasswordForm):  # type: ignore[misc]  # allauth has no types
    code_kind = "reset_code"


class ThreeTriesMixin:
    """A mailed code is compared three times. allauth counts in the session, which requests sent at once read alike."""

    expected_code: str

    def clean_code(self) -> str:
        if not limits.consume_code_try(allauth_context.request, self.expected_code):
            raise get_adapter().validation_error("incorrect_code")
        code: str = super().clean_code()  # type: ignore[misc]  # mixed into allauth's forms
        return code


ConfirmLoginCodeForm = _relabelled(account.ConfirmLoginCodeForm, ThreeTriesMixin)
ConfirmEmailVerificationCodeForm = _relabelled(account.ConfirmEmailVerificationCodeForm, ThreeTriesMixin)
ConfirmPasswordResetCodeForm = _relabelled(account.ConfirmPasswordResetCodeForm, ThreeTriesMixin)
ResetPasswordKeyForm = _relabelled(account.ResetPasswordKeyForm)


# --- One's own account --------------------------------------------------------------------------


class AddEmailForm(MailsACodeMixin, PortalLabelsMixin, account.AddEmailForm):  # type: ignore[misc]  # allauth has no types
    code_kind = "confirm_code"
    LABELS = PortalLabelsMixin.LABELS | {"email": _("New e-mail address")}
    HINTS = PortalLabelsMixin.HINTS | {
        "email": _("We send you a code there; the address changes once you enter it.")
    }


ChangePasswordForm = _relabelled(account.ChangePasswordForm)
SetPasswordForm = _relabelled(account.SetPasswordForm)
ReauthenticateForm = _relabelled(account.ReauthenticateForm)


# --- Second factors -----------------------------------------------------------------------------


class SingleUseCodeMixin:
    """A code of the app serves once, for as long as it could be accepted.

    allauth forgets a used code after one period, yet accepts those of the periods around it too.
    """

    user: User

    @cached_property
    def sources(self) -> CodeSources:
        """For the page: where its reader finds the code."""
        return CodeSources.of(self.user)

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]  # mixed into allauth's forms
        factor: Authenticator = self.authenticator  # type: ignore[attr-defined]  # set by clean_code
        if factor.type == Authenticator.Type.TOTP:
            digits = "".join(character for character in code if character.isdigit())
            life_s = mfa_settings.TOTP_PERIOD * (2 * mfa_settings.TOTP_TOLERANCE + 1)
            if not cache.add(f"accounts.used:{factor.pk}:{digits}", True, timeout=life_s):
                raise get_mfa_adapter().validation_error("incorrect_code")
        return code


AuthenticateForm = _relabelled(mfa.AuthenticateForm, SingleUseCodeMixin)
ReauthenticateWithFactorForm = _relabelled(mfa.ReauthenticateForm, SingleUseCodeMixin)


class ActivateTOTPForm(PortalLabelsMixin, totp.ActivateTOTPForm):  # type: ignore[misc]  # allauth has no types
    LABELS = PortalLabelsMixin.LABELS | {"code": _("Code shown by the app")}

    @property
    def secret_in_fours(self) -> str:
        """The secret as people copy it by hand: "ABCD EFGH …"."""
        return " ".join(self.secret[start : start + 4] for start in range(0, len(self.secret), 4))


class CredentialField(forms.JSONField):
    """Whatever is sent instead of JSON is refused: Python raises more than `JSONDecodeError` for some of it."""

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error

    def bound_data(self, data: Any, initial: Any) -> Any:
        try:
            return super().bound_data(data, initial)
        except (ValueError, RecursionError):
            return InvalidJSONInput(data)


# What the reading of a passkey raises, when it is cut or forged, beside what allauth expects.
_NO_PASSKEY = (AttributeError, LookupError, TypeError, ValueError, struct.error)


class SentPasskeyMixin(forms.Form):
    credential = CredentialField(widget=forms.HiddenInput)

    def clean_credential(self) -> Any:
        try:
            # When a passkey is added, `clean` reads it.
            clean = getattr(super(), "clean_credential", None)
            return clean() if clean else self.cleaned_data["credential"]
        except _NO_PASSKEY as error:
            raise get_mfa_adapter().validation_error("incorrect_code") from error

    def clean(self) -> Any:
        try:
            return super().clean()
        except _NO_PASSKEY as error:
            raise get_mfa_adapter().validation_error("incorrect_code") from error


LoginWebAuthnForm = _relabelled(webauthn.LoginWebAuthnForm, SentPasskeyMixin)
ReauthenticateWebAuthnForm = _relabelled(webauthn.ReauthenticateWebAuthnForm, SentPasskeyMixin)


class AddWebAuthnForm(SentPasskeyMixin, PortalLabelsMixin, webauthn.AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    LABELS = {"name": _("Name of the passkey"), "passwordless": _("Sign in with this passkey alone")}
    HINTS = {
        "name": _("To tell it from another: “My telephone”, for instance."),
        "passwordless": _(
            "Your device checks that it is you, with a fingerprint, your face or its own code."
        ),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].initial = True


class EditWebAuthnForm(PortalLabelsMixin, webauthn.EditWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    LABELS = {"name": _("Name of the passkey")}
