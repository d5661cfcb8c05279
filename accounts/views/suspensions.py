"""Suspending an account, and ending the suspension, by the team."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import suspending
from accounts.forms import SuspendForm
from accounts.models import User
from pole.access import role_required
from pole.refusals import Refusal


@role_required("editorial")
@require_http_methods(["GET", "HEAD", "POST"])
def suspend(request: HttpRequest, person_id: int) -> HttpResponse:
    person = get_object_or_404(User, pk=person_id)
    form = SuspendForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        cleaned = form.cleaned_data
        try:
            suspending.suspend(
                person_id=person.pk, days=cleaned["days"], reason=cleaned["reason"], by=request.user,  # type: ignore[arg-type]  # staff_only
                now=timezone.now(),
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("The account is suspended, and its owner was told why."))
            return redirect("staff:moderation")
    is_suspended = person.is_suspended(timezone.now())
    context = {"form": form, "person": person, "is_suspended": is_suspended}
    return render(request, "accounts/suspend.html", context)


@role_required("editorial")
@require_POST
def lift(request: HttpRequest, person_id: int) -> HttpResponse:
    person = get_object_or_404(User, pk=person_id)
    suspending.lift_suspension(person_id=person.pk, by=request.user, now=timezone.now())  # type: ignore[arg-type]  # staff_only
    messages.success(request, _("This account can write again."))
    return redirect("staff:suspend", person.pk)
