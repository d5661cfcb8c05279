"""Old addresses, where they lead, and those that lead nowhere yet."""

from __future__ import annotations

from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rules import signed_in_user
from blog.models import MissedAddress, OldAddress
from blog.redirects import editing, missed
from blog.redirects.forms import RedirectForm
from blog.redirects.rules import RedirectRefused
from pole.access import role_required
from pole.refusals import say
from pole.server.staff_lists import keeps_filters
from pole.text.matching import matching_text, typed_text
from pole.views.paging import page_of

REDIRECTS_A_PAGE, MISSED_SHOWN = 50, 50


@role_required("editorial")
@require_safe
@keeps_filters
def redirect_list(request: HttpRequest) -> HttpResponse:
    missed.write()
    rows = OldAddress.objects.select_related("post", "page").order_by("path")
    words = typed_text(request.GET.get("q", ""))
    rows = matching_text(rows, words, "path")
    page = page_of(rows.fetch_mode(models.FETCH_RAISE), REDIRECTS_A_PAGE, request.GET.get("page"))
    context = {
        "page": page,
        "words": words,
        "missed": MissedAddress.objects.all()[:MISSED_SHOWN],
    }
    return render(request, "blog/redirects.html", context)


@role_required("editorial")
@require_http_methods(["GET", "HEAD", "POST"])
def redirect_edit(request: HttpRequest, key: int | None = None) -> HttpResponseBase:
    row = (
        get_object_or_404(OldAddress.objects.select_related("post", "page"), pk=key) if key else OldAddress()
    )
    text = row.post or row.page
    shown = {
        "path": row.path or request.GET.get("ancienne", ""),
        "target": text.get_absolute_url() if text else "" if row.is_file else row.target,
    }
    form = RedirectForm(
        request.POST if request.method == "POST" else None, initial=shown, request=request, row=row
    )
    if request.method == "POST" and form.is_valid():
        path, target = form.cleaned_data["path"], form.cleaned_data["target"]
        try:
            editing.save(row=row, path=path, target=target, request=request, by=signed_in_user(request))
        except RedirectRefused as refusal:
            form.add_error("path", refusal.message)
        else:
            say(request, messages.SUCCESS, _("The redirect is saved: visitors are led there from now on."))
            return redirect("staff:redirect_list")
    return render(
        request, "blog/redirect.html", {"form": form, "row": row}, status=422 if form.errors else 200
    )


@role_required("editorial")
@require_POST
def redirect_remove(request: HttpRequest, key: int) -> HttpResponse:
    editing.remove(row=get_object_or_404(OldAddress, pk=key), by=signed_in_user(request))
    say(request, messages.SUCCESS, _("The redirect is removed: this address leads nowhere any more."))
    return redirect("staff:redirect_list")


@role_required("editorial")
@require_POST
def missed_forget(request: HttpRequest, key: int) -> HttpResponse:
    editing.forget_missed(row=get_object_or_404(MissedAddress, pk=key))
    say(
        request,
        messages.SUCCESS,
        _("This address left the list; it comes back if someone asks for it again."),
    )
    return redirect("staff:redirect_list")
