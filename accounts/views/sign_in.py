"""Going from one page of the sign-in to another without losing the page that was asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.account.utils import get_next_redirect_url
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

SIGN_IN_URL_NAMES = {
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


def preserve_next(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Adds `next` to each redirection towards another step; allauth forgets it on some.

    Only an address of this site is carried on.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Read before the view: signing in may replace the request's data.
        next_url = get_next_redirect_url(request)
        response = view(request, *args, **kwargs)
        if next_url and isinstance(response, HttpResponseRedirect) and _is_step_without_query(response.url):
            response.headers["Location"] = f"{response.url}?{urlencode({'next': next_url})}"
        return response

    return wrapper


def _is_step_without_query(address: str) -> bool:
    parts = urlsplit(address)
    try:
        return not parts.query and resolve(parts.path).url_name in SIGN_IN_URL_NAMES
    except Resolver404:
        return False
