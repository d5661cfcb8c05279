"""The stock admin: superusers only, with a second factor, and never its own sign-in form.

Not in `accounts.admin`: Django loads the site while it looks for what is registered there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from allauth.account.utils import get_next_redirect_url
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from pole.access import has_shown_second_factor, staff_only

# Its rows hold secrets that would open someone's account.
HIDDEN_MODELS = {Authenticator}


class PortalAdminSite(admin.AdminSite):
    def register(
        self,
        model_or_iterable: Any,
        admin_class: type[admin.ModelAdmin[Any]] | None = None,
        **options: Any,
    ) -> None:
        models: list[type[Model]] = (
            list(model_or_iterable) if isinstance(model_or_iterable, Iterable) else [model_or_iterable]
        )
        super().register([model for model in models if model not in HIDDEN_MODELS], admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return bool(user.is_active and user.is_superuser and has_shown_second_factor(request))

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """The portal's own sign-in: Django's form would let a password alone open a session."""
        return cast("HttpResponse", _enter_admin(request))


@staff_only
def _enter_admin(request: HttpRequest) -> HttpResponseBase:
    if not admin.site.has_permission(request):
        raise PermissionDenied
    return redirect(get_next_redirect_url(request) or "admin:index")
