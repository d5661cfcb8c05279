"""« État »: how the portal and its server are, for the direction, who changes nothing there."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from pole.access import role_required
from pole.hooks.diagnostics import Level
from pole.hub.state.looking import NOT_SEEN_YET, state


@role_required("direction")
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    findings = state(now)
    waiting = [found for found in findings if found.level != Level.WELL]
    context = {
        "now": now,
        "waiting": [found for found in waiting if found.fact != NOT_SEEN_YET],
        "unseen": [found for found in waiting if found.fact == NOT_SEEN_YET],
        "well": [found for found in findings if found.level == Level.WELL],
        "to_act": sum(found.level == Level.ACT for found in findings),
    }
    return render(request, "staff/state.html", context)
