"""One's own account."""

from __future__ import annotations

from datetime import time

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import consents
from accounts.forms import ProfileForm
from accounts.mailing.team_digest import choices_of
from accounts.models import User
from accounts.suspending import has_suspension_error
from pole.templatetags.typography import day_time


def _is_name_suspended(form: ProfileForm, person: User) -> bool:
    """A name is public, with every comment of its account: it does not change while the account is suspended."""
    return "name" in form.changed_data and has_suspension_error(form, person, timezone.now(), field="name")


def _decide_name(request: HttpRequest, person: User) -> HttpResponse:
    """Shows the person's name with their comments again, or no longer."""
    now = timezone.now()
    if request.POST["nom"] == "retirer":
        consents.withhold_name(user=person, now=now)
        messages.success(request, _("Your name is no longer shown with your comments."))
    else:
        consents.show_name(user=person, wording=_(consents.NAME_WORDING), page=request.path, now=now)
        messages.success(request, _("Your name is shown with your comments."))
    return redirect("account_profile")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    person = User.objects.get(pk=request.user.pk)
    if request.method == "POST" and request.POST.get("nom") in {"montrer", "retirer"}:
        return _decide_name(request, person)
    form = ProfileForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid() and not _is_name_suspended(form, person):
        # These two alone: a password changed meanwhile elsewhere must stay changed.
        form.instance.save(update_fields=["name", "language"])
        messages.success(request, _("Your profile is saved."))
        return redirect("account_profile")
    context = {
        "form": form,
        "is_mfa_enabled": is_mfa_enabled(person),
        "name_consent": consents.in_force(user=person, purpose=consents.NAME_SHOWN),
        "name_wording": _(consents.NAME_WORDING),
    }
    if person.is_staff:
        choices = choices_of(person)
        context |= {"team_mails": choices, "team_mails_hour": day_time(time(choices.hour))}
    return render(request, "accounts/profile.html", context)
