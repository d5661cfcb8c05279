"""Suspending an account, and ending the suspension, by the team."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import suspending
from accounts.forms import SuspendForm
from accounts.journal import describe_all
from accounts.models import User
from accounts.rules import signed_in_user
from accounts.views.returning import next_address
from pole.access import role_required
from pole.refusals import Refusal


@role_required("editorial")
@require_http_methods(["GET", "HEAD", "POST"])
def suspend(request: HttpRequest, person_id: int) -> HttpResponse:
    """Until when and why this account is suspended, and a new term; then back to `next`."""
    person = get_object_or_404(User, pk=person_id)
    form = SuspendForm(request.POST if request.method == "POST" else None)
    back = next_address(request, reverse("staff:moderation"))
    now = timezone.now()
    if form.is_bound and form.is_valid():
        cleaned = form.cleaned_data
        try:
            suspending.suspend(
                person_id=person.pk, days=cleaned["days"], reason=cleaned["reason"],
                by=signed_in_user(request), now=now,
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("The account is suspended, and its owner was told why."))
            return redirect(back)
    context = {
        "form": form,
        "person": person,
        "is_suspended": person.is_suspended(now),
        "decisions": describe_all(suspending.decisions_about(person)),
        "back": back,
    }
    return render(request, "accounts/suspend.html", context)


@role_required("editorial")
@require_POST
def lift(request: HttpRequest, person_id: int) -> HttpResponse:
    person = get_object_or_404(User, pk=person_id)
    if suspending.lift_suspension(person_id=person.pk, by=signed_in_user(request), now=timezone.now()):
        messages.success(request, _("This account can write again."))
    else:
        messages.info(request, _("This account was not suspended any more."))
    return redirect(next_address(request, reverse("staff:suspend", args=[person.pk])))
