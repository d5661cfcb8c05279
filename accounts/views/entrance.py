"""Going from one step of the way in to another without losing where the person was going."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.account.utils import get_next_redirect_url
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

STEPS = {
    "account_login",
    "account_signup",
    "account_request_login_code",
    "account_confirm_login_code",
    "account_email_verification_sent",
    "account_reset_password",
    "account_confirm_password_reset_code",
    "account_complete_password_reset",
    "account_password_reset_completed",
    "mfa_authenticate",
}


def keeps_next(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Adds `next` to each redirection towards another step; allauth forgets it on some.

    Only an address of this site is carried on.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Read before the view: signing in may replace the request's data.
        wanted = get_next_redirect_url(request)
        response = view(request, *args, **kwargs)
        if wanted and isinstance(response, HttpResponseRedirect) and _is_bare_step(response.url):
            response.headers["Location"] = f"{response.url}?{urlencode({'next': wanted})}"
        return response

    return wrapper


def _is_bare_step(address: str) -> bool:
    parts = urlsplit(address)
    try:
        return not parts.query and resolve(parts.path).url_name in STEPS
    except Resolver404:
        return False
