"""The stock admin: superusers only, with a second factor, never its own sign-in form, and to read alone.

What it could change would go around the acts of the portal, which lock, check, note in the journal, send mails and
erase all that must be.

Not in `accounts.admin`: Django loads the site while it looks for what is registered there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from allauth.account.models import EmailAddress
from allauth.account.utils import get_next_redirect_url
from django.contrib import admin
from django.contrib.admin.options import ActionLocation
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import BooleanField, Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from pole.access import has_shown_second_factor, staff_only
from pole.server.long_lists import bounded_count

# Of what each library registers. Left out: factors hold secrets that would open someone's account; groups and
# permissions do nothing here.
SHOWN = (User, EmailAddress, ProcrastinateJob)


class CountedSoFar(Paginator):  # type: ignore[type-arg]  # not subscriptable when it runs
    """Of ten thousand rows at most (ADR 26); a search finds the others."""

    @cached_property
    def count(self) -> int:
        return bounded_count(self.object_list)


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # of any model
    """Before the class that a library gives: no right to change anything, no action, no page but the two that show.

    Nothing that would read every row: neither a count nor a filter by values that are sought in them all.
    """

    paginator = CountedSoFar
    show_full_result_count = False
    list_per_page = list_max_show_all = 30

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [each for each in super().get_list_filter(request) if not self._seeks_values(each)]

    def _seeks_values(self, filtered: Any) -> bool:
        if not isinstance(filtered, str):
            return False
        field = self.model._meta.get_field(filtered)
        return not (isinstance(field, BooleanField) or getattr(field, "choices", None))

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Model | None:
        """Django takes `?_to_field=` for a field without a name."""
        return super().get_object(request, object_id, from_field or None)

    def get_actions(
        self, request: HttpRequest, action_location: ActionLocation = ActionLocation.CHANGE_LIST
    ) -> dict[str, Any]:
        return {}


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
        given = admin_class or admin.ModelAdmin
        read_only = type(given.__name__, (ReadOnly, given), {}) if given is not admin.ModelAdmin else ReadOnly
        super().register([model for model in models if model in SHOWN], read_only, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return bool(user.is_active and user.is_superuser and has_shown_second_factor(request))

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """The portal's own sign-in: Django's form would let a password alone open a session."""
        return cast("HttpResponse", _enter_admin(request))

    def password_change(  # type: ignore[override]  # a redirection
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """The portal's own page: it asks again who one is, ends every session and mails the owner."""
        return redirect("account_change_password")


@staff_only
def _enter_admin(request: HttpRequest) -> HttpResponseBase:
    if not admin.site.has_permission(request):
        raise PermissionDenied
    # Not `redirect`, which takes an address that it does not understand for the name of one.
    return HttpResponseRedirect(get_next_redirect_url(request) or reverse("admin:index"))
