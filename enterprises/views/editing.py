"""The pages on which managers edit their listing, on the public site."""

from __future__ import annotations

import base64
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.base import ContentFile
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rules import signed_in_user
from accounts.suspending import check_not_suspended
from enterprises import rules
from enterprises.forms.listing import ListingForm, StaffListingForm
from enterprises.listing import editing
from enterprises.listing.completeness import Completeness, RelatedFacts, completeness
from enterprises.models import Listing, Proposal
from enterprises.ownership import proposals
from enterprises.views.access import get_editable_listing_or_404
from enterprises.views.public import listing_context
from pole.access import is_staff_session
from pole.files.kept_uploads import files_of
from pole.forms import with_changed_value
from pole.identifiers import neq_warning
from pole.refusals import Refusal

# No listing has this version: what was typed for another listing is always shown as a conflict first.
VERSION_NEVER_CURRENT = "-1"


def form_class_for(request: HttpRequest) -> type[ListingForm]:
    return StaffListingForm if is_staff_session(request, "directory") else ListingForm


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str) -> HttpResponseBase:
    listing = get_editable_listing_or_404(request, slug)
    form_class = form_class_for(request)
    if listing.slug != slug:
        if request.method == "POST":
            return _edit_merged_listing(request, form_class, listing.pk)
        return redirect("enterprises:edit", listing.slug)
    if request.method == "POST" and signed_in_user(request).is_suspended(timezone.now()):
        form = form_class(request.POST, files_of(request), instance=listing)
        if form.is_valid() and _propose_instead(request, form):
            return redirect(request.path)
        listing = Listing.objects.defer("document").get(pk=listing.pk)
    elif request.method == "POST":
        try:
            form = editing.save_form(
                listing_id=listing.pk,
                build=lambda row: form_class(request.POST, files_of(request), instance=row),
                by=signed_in_user(request),
            )
        except editing.ListingMerged as merged:
            return _edit_merged_listing(request, form_class, merged.into)
        if form.is_valid():
            add_saved_message(request, form.instance)
            return redirect(form.instance if form.instance.state == "published" else request.path)
    else:
        form = form_class(instance=listing)
    return _render_editor(request, form, listing)


def _propose_instead(request: HttpRequest, form: ListingForm) -> bool:
    """What a suspended manager saves waits for the team, as a change of identity does; a logo can't wait."""
    stored = Listing.objects.defer("document").get(pk=form.instance.pk)
    if "logo" in form.changed_data:
        try:
            check_not_suspended(request.user, timezone.now())
        except Refusal as refusal:
            form.add_error("logo", refusal.message)
            return False
    names = [name for name in form.fields if name not in {"logo", "is_exact", "version"}]
    cleaned = {**form.cleaned_data, "phone_extension": form.instance.phone_extension}
    names.append("phone_extension")
    fields = proposals.differences(stored, cleaned, names)
    if not fields:
        form.add_error(None, _("Nothing is changed yet: change a field, then propose it."))
        return False
    proposals.propose(
        listing_id=stored.pk, kind=Proposal.Kind.IDENTITY, fields=fields, base_version=stored.version,
        message="", author=signed_in_user(request), replaces=names,
    )  # fmt: skip
    messages.info(
        request,
        _("Your account is suspended: your change is proposed to the team, which answers by mail."),
    )
    return True


def _edit_merged_listing(request: HttpRequest, form_class: type[ListingForm], into: int) -> HttpResponse:
    return _render_editor(request, *conflict_with_merged(request, form_class, into))


def conflict_with_merged[F: ListingForm](
    request: HttpRequest, form_class: type[F], into: int
) -> tuple[F, Listing]:
    """What was typed, in conflict with the listing that this one was merged into: nothing is lost nor replaced."""
    listing = Listing.objects.defer("document").get(pk=into)
    data = with_changed_value(request.POST, "version", VERSION_NEVER_CURRENT)
    form = form_class(data, files_of(request), instance=listing)
    form.is_valid()
    add_merged_message(request, listing)
    # As it is stored: the form has changed the other in memory.
    return form, Listing.objects.defer("document").get(pk=into)


def add_merged_message(request: HttpRequest, listing: Listing) -> None:
    messages.warning(
        request,
        _("While you were writing, the team merged this listing with “%(name)s”.") % {"name": listing},
    )


def _render_editor(request: HttpRequest, form: ListingForm, listing: Listing) -> HttpResponse:
    context = {
        "form": form,
        "listing": listing,
        "sectors": listing.sectors.all(),
        "completeness": completeness_of(listing),
        "is_suspended": signed_in_user(request).is_suspended(timezone.now()),
        "may_sign": rules.is_owned_by(request, listing),
        "proposals": listing.proposals.filter(kind="identity", author=signed_in_user(request)).order_by(
            "-id"
        )[:3],
        "preview_url": reverse("enterprises:preview", args=[listing.slug]),
    }
    return render(request, "enterprises/edit.html", context)


def completeness_of(listing: Listing) -> Completeness:
    """Three queries. Of the stored listing: an invalid form has changed `listing` in memory."""
    today = timezone.localdate()
    stored = Listing.objects.defer("document").get(pk=listing.pk)
    around = RelatedFacts(
        photos=stored.photos.count(), has_attestation=stored.attestations.valid_on(today).exists()
    )
    return completeness(stored, around)


def add_saved_message(request: HttpRequest, listing: Listing) -> None:
    messages.success(request, _("The listing is up to date."))
    if listing.neq and (warning := neq_warning(listing.neq)):
        messages.warning(request, warning)


@login_required
@require_POST
def preview(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The listing as it would be shown, in another tab; nothing is saved."""
    listing = get_editable_listing_or_404(request, slug)
    form_class = form_class_for(request)
    if listing.slug != slug:
        return _edit_merged_listing(request, form_class, listing.pk)
    form = bind_preview(form_class, request, listing)
    if not form.is_valid():
        return _render_editor(request, form, listing)
    return render(request, "enterprises/listing.html", preview_context(form))


def bind_preview[F: ListingForm](form_class: type[F], request: HttpRequest, listing: Listing | None) -> F:
    """A form validated whatever was saved meanwhile; shown again, it holds the version that the next save compares."""
    data = request.POST.copy()
    data.pop("version", None)
    form = form_class(data, files_of(request, peeks=True), instance=listing)
    form.is_valid()
    form.data = request.POST
    return form


def preview_context(form: ListingForm) -> dict[str, Any]:
    """What the public page shows of a valid form that is not saved."""
    cleaned = form.cleaned_data
    row: Listing = form.instance
    sectors = list(cleaned["sectors"]) if "sectors" in cleaned else list(row.sectors.all())
    context = listing_context(row, sectors=sectors, territory=list(cleaned["territory"]), is_preview=True)
    if row.pk:
        context |= {"photos": list(row.photos.all()), "documents": list(row.documents.all())}
    if isinstance(cleaned["logo"], ContentFile):
        picture = base64.b64encode(cleaned["logo"].read()).decode()
        context["logo_url"] = f"data:image/webp;base64,{picture}"
    elif not cleaned["logo"]:
        context["logo_url"] = ""
    return context
