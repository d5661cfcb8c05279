"""What a member of the team is told by mail: their choices, and the one click that ends the daily mail."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.forms import TeamMailsForm
from accounts.mailing import team_digest
from accounts.privacy import team_mails
from accounts.rules import signed_in_user


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def choices(request: HttpRequest) -> HttpResponse:
    """Their own account: no second factor is asked."""
    user = signed_in_user(request)
    if not user.is_staff:
        raise Http404
    form = TeamMailsForm(request.POST or None, instance=team_digest.choices_of(user))
    if request.method == "POST" and form.is_valid():
        team_mails.choose(user=user, now=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Your choices are saved."))
        return redirect("account_profile")
    return render(request, "accounts/team_mails.html", {"form": form})


@csrf_exempt  # a mail program sends it, without a session (RFC 8058); the token says who and does nothing else
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """A page that asks; a POST ends the daily mail of the person whom the token names."""
    user = team_digest.get_user_of_token(token)
    if user is None:
        return render(request, "accounts/team_mails_stop.html", {"is_unknown": True}, status=404)
    if request.method == "POST":
        team_mails.stop_daily(user=user, now=timezone.now())
    return render(request, "accounts/team_mails_stop.html", {"is_done": request.method == "POST"})
