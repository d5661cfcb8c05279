"""The team's page about people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.db.models import FETCH_RAISE
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import suspending
from accounts.factors import FACTORS
from accounts.forms import PeopleSearchForm
from accounts.mailing import suspended
from accounts.models import User
from accounts.rules import may_change_roles, signed_in_user
from accounts.team import invitations
from pole.access import role_required
from pole.models import SuspendedAddress
from pole.server.staff_lists import keeps_filters
from pole.views.paging import page_of

PEOPLE_A_PAGE = 50
# The latest: older ones come up as these are settled.
MAX_ADDRESSES = 20


@role_required("editorial")
@require_safe
@keeps_filters
def people(request: HttpRequest) -> HttpResponse:
    """Everyone who has an account, by name; `q`, `role` and `suspendues` narrow the list.

    The direction sees who was invited too, and which addresses refuse mail.
    """
    form = PeopleSearchForm(request.GET)
    form.is_valid()
    found = User.objects.matching(
        words=form.cleaned_data.get("q", ""), role=form.cleaned_data.get("role", "")
    )
    now = timezone.now()
    if form.cleaned_data.get("suspendues"):
        found = found.suspended(now)
    rows = found.order_by("name", "pk").fetch_mode(FETCH_RAISE)
    page = page_of(rows, PEOPLE_A_PAGE, request.GET.get("page"))
    _add_factors(page)
    _add_suspensions(page, now)
    context = {"form": form, "page": page, "query": request.GET}
    if may_change_roles(signed_in_user(request)):
        context["invitations"] = [(row, row.is_good(now)) for row in invitations.waiting()]
        context["addresses"] = SuspendedAddress.objects.all()[:MAX_ADDRESSES]
    return render(request, "accounts/people.html", context)


@role_required("direction")
@require_POST
def resume_address(request: HttpRequest, address_id: int) -> HttpResponse:
    """Mail goes to a suspended address again."""
    suspended.resume(address_id=address_id, by=signed_in_user(request))
    messages.success(
        request, _("Mail goes to this address again. If it is refused once more, it comes back here.")
    )
    return redirect("staff:people")


def _add_factors(people: Iterable[User]) -> None:
    """Sets `has_factor` on everyone: one query for the page, since an EXISTS would read the factors of everybody."""
    keys = [person.pk for person in people]
    found = set(
        Authenticator.objects.filter(user__in=keys, type__in=FACTORS).values_list("user_id", flat=True)
    )
    for person in people:
        person.has_factor = person.pk in found  # type: ignore[attr-defined]  # for the template


def _add_suspensions(people: Iterable[User], now: datetime) -> None:
    """Sets `is_suspended_now` and `suspension_reason` on those who may not write."""
    suspended = [person for person in people if person.is_suspended(now)]
    reasons = suspending.last_reasons(suspended) if suspended else {}
    for person in suspended:
        person.is_suspended_now = True  # type: ignore[attr-defined]  # for the template
        person.suspension_reason = reasons.get(person.pk, "")  # type: ignore[attr-defined]  # for the template
