"""Who is in the team, as the direction writes it for visitors."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from pole.access import role_required
from pole.files.kept_uploads import files_of
from pole.hub.team import remove_member, save_member
from pole.hub.team_form import TeamMemberForm
from pole.models import TeamMember
from pole.views.paging import page_of

MEMBERS_A_PAGE = 40


@role_required("direction")
@require_safe
def member_list(request: HttpRequest) -> HttpResponse:
    page = page_of(TeamMember.objects.all(), MEMBERS_A_PAGE, request.GET.get("page"))
    return render(request, "staff/team_members.html", {"page": page})


@role_required("direction")
@require_http_methods(["GET", "HEAD", "POST"])
def member_new(request: HttpRequest) -> HttpResponse:
    return _edit(request, None)


@role_required("direction")
@require_http_methods(["GET", "HEAD", "POST"])
def member_edit(request: HttpRequest, key: int) -> HttpResponse:
    if request.method == "POST" and request.POST.get("action") == "delete":
        remove_member(key=key, by=request.user)
        messages.success(request, _("This person is no longer shown."))
        return redirect("staff:member_list")
    return _edit(request, key)


def _edit(request: HttpRequest, key: int | None) -> HttpResponse:
    status = 200
    try:
        if request.method == "POST":
            form = save_member(
                lambda member: TeamMemberForm(request.POST, files_of(request), instance=member),
                key=key, by=request.user,
            )  # fmt: skip
            if form.is_valid():
                messages.success(request, _("The team is up to date."))
                return redirect("staff:member_list")
            status = 422
        else:
            form = TeamMemberForm(instance=TeamMember.objects.get(pk=key) if key else TeamMember())
    except TeamMember.DoesNotExist:
        raise Http404 from None
    return render(request, "staff/team_member.html", {"form": form, "member": form.instance}, status=status)
