"""Where one is signed in, and signing out from elsewhere; the direction's page for a colleague."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.rules import signed_in_user
from accounts.sign_in import open_sessions
from accounts.team.sessions import end_sessions
from pole.access import role_required
from pole.refusals import refusal_shown


@login_required
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    listed = open_sessions.listed(signed_in_user(request), current=request.session.session_key)
    return render(request, "accounts/sessions.html", {"listed": listed})


@login_required
@require_POST
def close(request: HttpRequest, handle: str) -> HttpResponse:
    """Of one's own sessions alone; the one that asks is closed by signing out."""
    if not open_sessions.close(signed_in_user(request), handle):
        raise Http404
    messages.success(request, _("The session is closed: that device is signed out."))
    return redirect("account_sessions")


@login_required
@require_POST
def close_others(request: HttpRequest) -> HttpResponse:
    closed = open_sessions.close_others(signed_in_user(request), current=request.session.session_key)
    messages.success(request, _said_of(closed))
    return redirect("account_sessions")


def _said_of(closed: int) -> str:
    if not closed:
        return _("No other session was open.")
    said = ngettext("%(total)s session is closed.", "%(total)s sessions are closed.", closed)
    return said % {"total": closed}


@role_required("direction")
@require_http_methods(["GET", "HEAD", "POST"])
def of_person(request: HttpRequest, person_id: int) -> HttpResponse:
    """A page that asks; a POST ends every session of this person. How many is said, not where."""
    person = get_object_or_404(User, pk=person_id)
    if request.method == "POST":
        with refusal_shown(request):
            messages.success(request, _said_of(end_sessions(person_id=person.pk, by=signed_in_user(request))))
        return redirect("staff:person_role", person.pk)
    total = open_sessions.listed(person).total
    return render(request, "accounts/person_sessions.html", {"person": person, "total": total})
