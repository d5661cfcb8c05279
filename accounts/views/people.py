"""The team's page about people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import FETCH_RAISE, Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import suspending
from accounts.factors import FACTORS
from accounts.forms import PeopleSearchForm
from accounts.models import User
from accounts.roles import RoleRefused, change_staff_role
from accounts.rules import may_change_role_of
from pole.access import role_required

PEOPLE_A_PAGE = 50


@role_required("editorial")
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Everyone who has an account, by name; `q`, `role` and `suspendues` narrow the list."""
    form = PeopleSearchForm(request.GET)
    form.is_valid()
    factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=FACTORS)
    found = User.objects.matching(
        words=form.cleaned_data.get("q", ""), role=form.cleaned_data.get("role", "")
    )
    now = timezone.now()
    if form.cleaned_data.get("suspendues"):
        found = found.suspended(now)
    rows = found.annotate(has_factor=Exists(factors)).order_by("name", "pk").fetch_mode(FETCH_RAISE)
    page = Paginator(rows, PEOPLE_A_PAGE).get_page(request.GET.get("page"))
    _add_suspensions(page, now)
    return render(request, "accounts/people.html", {"form": form, "page": page, "query": request.GET})


def _add_suspensions(people: Iterable[User], now: datetime) -> None:
    """Sets `is_suspended_now` and `suspension_reason` on those who may not write."""
    suspended = [person for person in people if person.is_suspended(now)]
    reasons = suspending.last_reasons(suspended) if suspended else {}
    for person in suspended:
        person.is_suspended_now = True  # type: ignore[attr-defined]  # for the template
        person.suspension_reason = reasons.get(person.pk, "")  # type: ignore[attr-defined]  # for the template


@role_required("direction")
@require_http_methods(["GET", "HEAD", "POST"])
def person_role(request: HttpRequest, person_id: int) -> HttpResponse:
    """A page that asks; a POST grants or removes the staff role, as `role` says: repeated, it changes nothing."""
    person = get_object_or_404(User, pk=person_id)
    actor = User.objects.get(pk=request.user.pk)
    if not may_change_role_of(actor, person):
        raise PermissionDenied
    if request.method == "POST" and request.POST.get("role") in {"equipe", "public"}:
        is_staff = request.POST["role"] == "equipe"
        try:
            change_staff_role(person_id=person.pk, is_staff=is_staff, by=actor)
        except RoleRefused as refusal:
            raise PermissionDenied from refusal
        message = (
            _("{name} is now in the hub’s team.") if is_staff else _("{name} is no longer in the hub’s team.")
        )
        messages.success(request, message.format(name=person.name))
        return redirect("staff:people")
    return render(request, "accounts/person_role.html", {"person": person})
