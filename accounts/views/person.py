"""What the direction decides about one account: its roles, whether it is closed, and its erasure."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import privacy
from accounts.forms import ErasureForm, RolesForm
from accounts.models import User
from accounts.rules import signed_in_user
from accounts.team.roles import change_active, change_roles, version_of
from pole.access import role_required
from pole.refusals import Refusal, refusal_shown
from pole.templatetags.typography import long_date


@role_required("direction")
@require_http_methods(["GET", "HEAD", "POST"])
def roles(request: HttpRequest, person_id: int) -> HttpResponse:
    """The roles of someone, to tick; none takes them off the team."""
    person = get_object_or_404(User, pk=person_id)
    is_own = person.pk == request.user.pk
    form = RolesForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        chosen, seen = form.cleaned_data["roles"], form.cleaned_data["seen"]
        try:
            changed = change_roles(person_id=person.pk, roles=chosen, seen=seen, by=signed_in_user(request))
        except Refusal as refusal:
            messages.error(request, refusal.message)
            return redirect("staff:person_role", person.pk)
        messages.success(request, _said_of(changed))
        return redirect("staff:people")
    if not form.is_bound:
        form = RolesForm(initial={"roles": person.roles, "seen": version_of(person)})
    return render(request, "accounts/person_role.html", {"person": person, "form": form, "is_own": is_own})


def _said_of(person: User) -> str:
    if not person.is_staff:
        return _("%(name)s is no longer in the hub’s team.") % {"name": person.name}
    names = ", ".join(person.role_names)
    return _("%(name)s is in the hub’s team, with: %(roles)s.") % {"name": person.name, "roles": names}


@role_required("direction")
@require_http_methods(["GET", "HEAD", "POST"])
def closing(request: HttpRequest, person_id: int) -> HttpResponse:
    """A page that asks; a POST closes the account or reopens it, as `active` says: repeated, it changes nothing."""
    person = get_object_or_404(User, pk=person_id)
    if request.method == "POST" and request.POST.get("active") in {"0", "1"}:
        is_active = request.POST["active"] == "1"
        done = _("The account is open again.") if is_active else _("The account is closed.")
        with refusal_shown(request, done):
            change_active(person_id=person.pk, is_active=is_active, by=signed_in_user(request))
        return redirect("staff:person_role", person.pk)
    return render(request, "accounts/person_close.html", {"person": person})


@role_required("direction")
@require_http_methods(["GET", "HEAD", "POST"])
def erasure(request: HttpRequest, person_id: int) -> HttpResponse:
    """For a request that came by mail: a POST begins the seven days, or with `keep` ends them."""
    person, by = get_object_or_404(User, pk=person_id), signed_in_user(request)
    is_sent = request.method == "POST"
    if is_sent and "keep" in request.POST:
        with refusal_shown(request, _("The account stays.")):
            privacy.cancel_erasure(user=person, by=by)
        return redirect("staff:person_erase", person.pk)
    form = ErasureForm(
        request.POST if is_sent else None,
        sure=_("The owner asked for it: erase this account in seven days."),
    )
    if is_sent and (form.is_valid() or person.erasure_due_at):
        with refusal_shown(request):
            due = privacy.schedule_erasure(user=person, now=timezone.now(), by=by)
            message = _("The account will be erased on %(day)s. Its owner was told, and may keep it.")
            messages.success(request, message % {"day": long_date(timezone.localtime(due))})
        return redirect("staff:person_erase", person.pk)
    context = {"person": person, "due": person.erasure_due_at, "form": form}
    return render(request, "accounts/person_erase.html", context, status=422 if is_sent else 200)
