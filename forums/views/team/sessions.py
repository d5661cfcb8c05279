"""Staff cancel one session of a series, or undo it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.rules import signed_in_user
from forums.event.sessions import SessionRefused, cancel_session, restore_session
from forums.models import Forum, Session
from pole.access import role_required
from pole.refusals import say

PLACE = "seances"


@role_required("forums")
@require_POST
def session_cancel(request: HttpRequest, slug: str, session_id: int) -> HttpResponse:
    said = _("The session is cancelled: the page shows it struck, and whoever was to come is told by mail.")
    return _change(request, slug, session_id, cancel=True, said=said)


@role_required("forums")
@require_POST
def session_restore(request: HttpRequest, slug: str, session_id: int) -> HttpResponse:
    said = _("The session takes place after all, and whoever is to come is told by mail.")
    return _change(request, slug, session_id, cancel=False, said=said)


def _change(request: HttpRequest, slug: str, session_id: int, *, cancel: bool, said: str) -> HttpResponse:
    forum, act = get_object_or_404(Forum, slug=slug), cancel_session if cancel else restore_session
    try:
        act(forum=forum, session_id=session_id, now=timezone.now(), by=signed_in_user(request))
    except Session.DoesNotExist:
        raise Http404 from None
    except SessionRefused as refusal:
        say(request, messages.ERROR, refusal.message, at=PLACE)
    else:
        say(request, messages.SUCCESS, said, at=PLACE)
    return redirect(f"{reverse('staff:forum_edit', args=[slug])}#{PLACE}")
