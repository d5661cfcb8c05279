"""Inviting colleagues: the direction's pages, and the page that a mailed link opens."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import TeamInvitationForm
from accounts.rules import has_address, signed_in_user
from accounts.team import invitations
from pole.access import role_required
from pole.refusals import Refusal, refusal_shown

GONE = gettext_lazy("This invitation is no longer on the list: it was accepted or withdrawn.")


@role_required("direction")
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    form = TeamInvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        try:
            invitations.invite(
                email=email, roles=form.cleaned_data["roles"], by=signed_in_user(request), now=timezone.now()
            )
        except Refusal as refusal:
            form.add_error("email", refusal.message)
        else:
            messages.success(request, _("The invitation left for %(email)s.") % {"email": email})
            return redirect("staff:people")
    return render(request, "accounts/invite.html", {"form": form})


@role_required("direction")
@require_POST
def resend(request: HttpRequest, invitation_id: int) -> HttpResponse:
    with refusal_shown(request):
        by = signed_in_user(request)
        invitation = invitations.resend(invitation_id=invitation_id, by=by, now=timezone.now())
        if invitation is None:
            messages.info(request, GONE)
        else:
            said = _("The invitation left again for %(email)s, with a new link.")
            messages.success(request, said % {"email": invitation.email})
    return redirect("staff:people")


@role_required("direction")
@require_POST
def revoke(request: HttpRequest, invitation_id: int) -> HttpResponse:
    with refusal_shown(request):
        if invitations.revoke(invitation_id=invitation_id, by=signed_in_user(request)):
            messages.success(request, _("The invitation is withdrawn: its link opens nothing any more."))
        else:
            # Who accepted it is on the team.
            messages.info(request, GONE)
    return redirect("staff:people")


@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Says who invites, and to do what; a POST accepts, with the account of the invited address."""
    now = timezone.now()
    invitation = invitations.find(token, now)
    if invitation is None:
        return render(request, "accounts/invitation.html", status=410)
    if request.method == "POST" and request.user.is_authenticated:
        try:
            person = invitations.accept(token=token, by=signed_in_user(request), now=now)
        except Refusal as refusal:
            if not refusal.message:
                return render(request, "accounts/invitation.html", status=410)
            messages.error(request, refusal.message)
            return redirect("team_invitation", token)
        said = _("Welcome to the team, %(name)s.")
        messages.success(request, said % {"name": person.name})
        return redirect("staff:home")
    is_theirs = request.user.is_authenticated and has_address(signed_in_user(request), invitation.email)
    context = {"invitation": invitation, "is_theirs": is_theirs}
    return render(request, "accounts/invitation.html", context)
