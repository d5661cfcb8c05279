"""What every text of the desk offers to the team: its history, who is writing, and links to show it."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.rules import signed_in_user
from desk import editor_responses, presence, publishing, shared_preview
from desk.comparing import compare
from desk.models import Draft, Publishable, Version
from pole.access import role_required
from pole.refusals import Refusal
from pole.views.paging import page_of

VERSIONS_A_PAGE = 30


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
def history(request: HttpRequest, draft_id: int) -> HttpResponse:
    owner = get_owner_or_404(request, draft_id)
    versions = owner.draft.versions.select_related("saved_by").defer("content").fetch_mode(models.FETCH_RAISE)
    page = page_of(versions, VERSIONS_A_PAGE, request.GET.get("page"))
    return render(request, "desk/history.html", {"owner": owner, "draft": owner.draft, "page": page})


@role_required("editorial", "forums")
@require_safe
def compared(request: HttpRequest, draft_id: int) -> HttpResponse:
    """`avant` and `apres` number two versions; without them, the last one and the one before."""
    owner = get_owner_or_404(request, draft_id)
    versions = owner.draft.versions.select_related("saved_by")
    newest = versions.values_list("number", flat=True).first() or 0
    after = get_object_or_404(versions, number=_number(request, "apres", newest))
    before: Version | None
    if request.GET.get("avant"):
        before = get_object_or_404(versions, number=_number(request, "avant", 0))
    else:
        before = versions.filter(number__lt=after.number).first()
    if before and before.number > after.number:
        before, after = after, before
    context = {
        "owner": owner,
        "draft": owner.draft,
        "before": before,
        "after": after,
        "comparisons": compare(owner, before.content if before else {}, after.content),
    }
    return render(request, "desk/compared.html", context)


def _number(request: HttpRequest, name: str, default: int) -> int:
    typed = request.GET.get(name) or str(default)
    if not (typed.isdecimal() and len(typed) < 9):
        raise Http404
    return int(typed)


@role_required("editorial", "forums")
@require_POST
def restore(request: HttpRequest, draft_id: int, number: int) -> HttpResponse:
    owner = get_owner_or_404(request, draft_id)
    seen = request.POST.get("seen_version", "")
    try:
        publishing.restore(
            owner=owner,
            number=number,
            seen_version=int(seen) if seen.isdecimal() and len(seen) < 9 else 0,
            by=request.user,  # type: ignore[arg-type]  # staff_only
        )
    except Version.DoesNotExist as error:
        raise Http404 from error
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("staff:draft_history", draft_id)
    messages.success(request, _("This version is back on the desk. What visitors read has not changed."))
    return redirect(owner.get_edit_url())


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
