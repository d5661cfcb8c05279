"""The hub's partners, as staff keep them: their logos stand at the foot of each page."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pole.access import role_required
from pole.files.kept_uploads import files_of
from pole.hub.partners import Act, PartnerForm, TooManyPartners, change_partner, save_partner
from pole.models import Partner
from pole.refusals import say


@role_required("direction")
@require_safe
def partner_list(request: HttpRequest) -> HttpResponse:
    """Those that are shown, in their order; then those that were taken off."""
    partners = list(Partner.objects.all())
    context = {
        "shown": [partner for partner in partners if not partner.is_removed],
        "removed": [partner for partner in partners if partner.is_removed],
    }
    return render(request, "staff/partners.html", context)


@role_required("direction")
@require_http_methods(["GET", "HEAD", "POST"])
def partner_edit(request: HttpRequest, key: int | None = None) -> HttpResponse:
    partner = get_object_or_404(Partner, pk=key) if key else Partner()
    if request.method != "POST":
        return _form_page(request, PartnerForm(instance=partner), partner)
    try:
        form = save_partner(
            lambda stored: PartnerForm(request.POST, files_of(request), instance=stored),
            key=key,
            by=request.user,
        )
    except TooManyPartners as refusal:
        say(request, messages.ERROR, refusal.message)
        return redirect("staff:partner_list")
    if not form.is_valid():
        return _form_page(request, form, partner)
    said = _("The partner is saved: its logo stands at the foot of each page.")
    say(request, messages.SUCCESS, said)
    return redirect("staff:partner_list")


def _form_page(request: HttpRequest, form: PartnerForm, partner: Partner) -> HttpResponse:
    context = {"form": form, "partner": partner if partner.pk else None}
    return render(request, "staff/partner.html", context, status=422 if form.errors else 200)


@role_required("direction")
@require_POST
def partner_change(request: HttpRequest, key: int) -> HttpResponse:
    """Moves it, takes it off, puts it back, or deletes it for good once it was taken off."""
    typed = request.POST.get("action", "")
    if typed not in Act:
        raise Http404
    act = Act(typed)
    said = {
        Act.UP: _("“%(name)s” has moved."),
        Act.DOWN: _("“%(name)s” has moved."),
        Act.REMOVE: _("“%(name)s” is off the pages. You may put it back from this list."),
        Act.RESTORE: _("“%(name)s” is back at the foot of each page."),
        Act.DELETE: _("“%(name)s” is deleted."),
    }
    try:
        partner = change_partner(key=key, act=act, by=request.user)
    except Partner.DoesNotExist:
        # Someone else deleted it meanwhile.
        return redirect("staff:partner_list")
    say(request, messages.SUCCESS, said[act] % {"name": partner.name})
    return redirect("staff:partner_list")
