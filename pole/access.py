"""Who may reach a staff page, and the signed tokens that let others do one thing.

A session that has not used a second factor reaches no staff page, however it was opened (password, mailed
code, passkey).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _


def has_shown_second_factor(request: HttpRequest) -> bool:
    """Whether this session was opened, or confirmed since, with a second factor of its user."""
    if not request.user.is_authenticated:
        return False
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)


def is_staff_session(request: HttpRequest, *roles: str) -> bool:
    """Whether a member of the team, with a second factor, is here; with one of `roles`, when some are named."""
    user = request.user
    return bool(
        user.is_authenticated
        and user.is_active
        and user.is_staff
        and (not roles or user.has_role(*roles))
        and has_shown_second_factor(request)
    )


def staff_only[**P](view: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
    """View decorator: the team with a second factor only; others are redirected to what they lack, or get a 403."""
    return _restricted(view)


def role_required[**P](
    *roles: str,
) -> Callable[[Callable[P, HttpResponseBase]], Callable[P, HttpResponseBase]]:
    """As `staff_only`, for members who have one of these `accounts.models.Role`; the direction always may."""
    return lambda view: _restricted(view, *roles)


def _restricted[**P](view: Callable[P, HttpResponseBase], *roles: str) -> Callable[P, HttpResponseBase]:
    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if is_staff_session(request, *roles):
            return view(request, *args, **kwargs)  # type: ignore[arg-type]  # request comes first
        if is_staff_session(request):
            raise PermissionDenied
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not request.user.is_staff:
            raise PermissionDenied
        if is_mfa_enabled(request.user):
            first = get_adapter().get_reauthentication_methods(request.user)[0]
            return redirect_to_login(request.get_full_path(), login_url=first["url"])
        messages.info(request, _("Set up two-step verification to reach the staff pages."))
        return redirect("mfa_activate_totp")

    wrapper.roles = roles  # type: ignore[attr-defined]  # read by `may_open`
    return wrapper  # type: ignore[return-value]  # P is the view's own


def may_open(user: Any, address: str) -> bool:
    """Whether the view at an address of the portal asks for no role, or for one that this member of the team has."""
    try:
        roles = getattr(resolve(urlsplit(address).path).func, "roles", ())
    except Resolver404:
        return True
    return not roles or bool(user.has_role(*roles))


@dataclass(frozen=True, slots=True)
class SignedToken:
    """What a link, a cookie or a form holds for one purpose, which its salt names: one value, or a list of several."""

    salt: str
    kinds: tuple[type, ...]
    lifetime: timedelta | None = None

    def make(self, *values: Any) -> str:
        return signing.dumps(values if len(values) > 1 else values[0], salt=self.salt)

    def read(self, token: str) -> list[Any]:
        """The values; none when the token is forged, cut, too old, or made for something else."""
        try:
            value = signing.loads(token, salt=self.salt, max_age=self.lifetime)
        except (signing.BadSignature, ValueError):
            return []
        values = value if len(self.kinds) > 1 else [value]
        return values if isinstance(values, list) and tuple(map(type, values)) == self.kinds else []
