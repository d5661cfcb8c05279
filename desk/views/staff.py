"""What every text of the desk offers to the team: who is writing, and links to show it."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.rules import signed_in_user
from desk import editor_responses, presence, shared_preview
from desk.models import Draft, Publishable
from pole.access import role_required


def get_owner_or_404(request: HttpRequest, draft_id: int) -> Publishable:
    """The text of this draft; a 403 for members of the team whose role is elsewhere."""
    draft = get_object_or_404(Draft.objects.select_related("saved_by"), pk=draft_id)
    owner = draft.owner
    if owner is None:
        raise Http404
    if not request.user.has_role(owner.ROLE):  # type: ignore[union-attr]  # role_required
        raise PermissionDenied
    owner.draft = draft
    return owner


@role_required("editorial", "forums")
@require_safe
def writing_token(request: HttpRequest) -> JsonResponse:
    """For an open editor, when its session ended and another tab signed in: who it is now, and the token of their forms."""
    return JsonResponse({"person": request.user.pk, "token": get_token(request)})


@role_required("editorial", "forums")
@require_POST
def record_presence(request: HttpRequest, draft_id: int) -> JsonResponse:
    """The presence signal of an open editor; the answer names the other writers and gives the stored version."""
    draft = get_owner_or_404(request, draft_id).draft
    if request.POST.get("leaves"):
        presence.clear(draft=draft, user=request.user)  # type: ignore[arg-type]  # staff_only
    else:
        presence.record(draft=draft, user=request.user, now=timezone.now())  # type: ignore[arg-type]  # staff_only
    return JsonResponse(editor_responses.draft_state(request, draft))


@role_required("editorial", "forums")
@require_POST
def share(request: HttpRequest, draft_id: int) -> HttpResponse:
    """A link that shows the working copy for a week; or, with `stop`, the end of all such links."""
    owner = get_owner_or_404(request, draft_id)
    if request.POST.get("stop"):
        shared_preview.stop_sharing(owner.draft, by=signed_in_user(request))
        messages.success(request, _("The links that you gave no longer show anything."))
        return redirect(owner.get_edit_url())
    token = shared_preview.make_preview_token(owner.draft, by=signed_in_user(request))
    path = reverse("shared_preview", args=[token])
    context = {"owner": owner, "draft": owner.draft, "link": f"{settings.BASE_URL}{path}"}
    return render(request, "desk/share.html", context)
