"""Staff invite the day team; its members come in by their QR, and leave."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rules import signed_in_user
from forums.models import DayTeamMember, Forum
from forums.printing import qr
from forums.registration import day_team
from forums.views.day import day_access
from pole.access import role_required
from pole.forms import SingleLineField
from pole.refusals import Refusal


class InviteForm(forms.Form):
    name = SingleLineField(
        label=gettext_lazy("Name of the person"),
        max_length=80,
        help_text=gettext_lazy("As it will be shown beside what the person does."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


@role_required("forums")
@require_http_methods(["GET", "HEAD", "POST"])
def members(request: HttpRequest, slug: str) -> HttpResponse:
    """The team, and the form that invites. An invitation answers with its QR, which is shown this once."""
    forum = get_object_or_404(Forum, slug=slug)
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            name = form.cleaned_data["name"]
            member, token = day_team.invite(
                forum=forum, name=name, now=timezone.now(), by=signed_in_user(request)
            )
        except Refusal as refusal:
            form.add_error("name", refusal.message)
        else:
            return _show_code(request, member, token)
    now = timezone.now()
    context = {
        "forum": forum,
        "form": form,
        "members": [(member, member.is_valid(now)) for member in forum.day_team.all()],
        "access_ends_at": day_team.door_closes_at(forum),
        "is_over": now >= day_team.door_closes_at(forum),
    }
    return render(request, "forums/day_team.html", context, status=422 if form.is_bound else 200)


def _show_code(request: HttpRequest, member: DayTeamMember, token: str) -> HttpResponse:
    """Never by a redirection: the token would have to be kept somewhere in between."""
    url = settings.BASE_URL + reverse("staff:day_team_enter", args=[member.forum.slug, token])
    context = {"forum": member.forum, "member": member, "url": url, "code": qr.as_svg(url)}
    return render(request, "forums/day_team_code.html", context)


@role_required("forums")
@require_POST
def renew_code(request: HttpRequest, slug: str, member_id: int) -> HttpResponse:
    """Another QR for the same person; the former one no longer serves."""
    member = get_object_or_404(DayTeamMember.objects.select_related("forum"), pk=member_id, forum__slug=slug)
    try:
        token = day_team.renew_invitation(member=member, now=timezone.now(), by=signed_in_user(request))
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("staff:day_team", slug)
    return _show_code(request, member, token)


@role_required("forums")
@require_POST
def day_team_revoke(request: HttpRequest, slug: str, member_id: int) -> HttpResponse:
    member = get_object_or_404(DayTeamMember, pk=member_id, forum__slug=slug)
    day_team.revoke(member=member, now=timezone.now(), by=signed_in_user(request))
    messages.success(request, _("%(name)s no longer has access.") % {"name": member.name})
    return redirect("staff:day_team", slug)


@require_http_methods(["GET", "HEAD", "POST"])
def day_team_enter(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """What the QR opens: GET shows the invitation, POST sets the access cookie."""
    member = day_team.find_by_token(slug=slug, token=token, now=timezone.now())
    if member is None:
        return render(request, "forums/dayteam_over.html", status=410)
    if request.method == "POST":
        response = redirect("staff:door", slug)
        day_access.set_access_cookie(response, member)
        return response
    return render(request, "forums/day_team_enter.html", {"member": member, "forum": member.forum})


@require_POST
def day_team_leave(request: HttpRequest, slug: str) -> HttpResponse:
    """On a phone that is handed back."""
    response = redirect("home")
    day_access.delete_access_cookie(response)
    return response
