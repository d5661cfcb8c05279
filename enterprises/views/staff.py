"""The directory as the hub's team manages it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import models
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rules import signed_in_user
from enterprises.duplicates import merging
from enterprises.forms.bulk import BulkForm
from enterprises.forms.listing import ManagerForm, StaffListingForm
from enterprises.listing import editing
from enterprises.models import BulkChange, Listing, ListingRole
from enterprises.views.access import parse_key
from enterprises.views.editing import (
    add_saved_message,
    bind_preview,
    completeness_of,
    conflict_with_merged,
    preview_context,
)
from enterprises.views.staff_filters import StaffFilters
from pole.access import role_required
from pole.files.kept_uploads import files_of
from pole.server.staff_lists import keeps_filters
from pole.views.paging import page_of

LISTINGS_A_PAGE = 50


@role_required("directory")
@require_safe
@keeps_filters
def listing_list(request: HttpRequest) -> HttpResponse:
    return render_list(request)


def filters_of(request: HttpRequest) -> StaffFilters:
    """What the address asks for, of every listing."""
    filters = StaffFilters(request.GET, queryset=Listing.objects.order_by("name_key", "id"))
    filters.form.is_valid()  # always: what is not known is dropped
    return filters


def render_list(request: HttpRequest, bulk_form: BulkForm | None = None) -> HttpResponse:
    """The list as its address asks for it; at 422 when what was to be done to several listings is refused."""
    filters = filters_of(request)
    # Counted for each row of the page, not grouped over all of them.
    roles = ListingRole.objects.filter(listing=models.OuterRef("pk")).order_by().values("listing")
    managers = models.Subquery(roles.values(count=models.Count("pk")))
    listings = filters.qs.for_lists().annotate(manager_count=Coalesce(managers, 0))
    listings = listings.fetch_mode(models.FETCH_RAISE)
    page = page_of(listings, LISTINGS_A_PAGE, request.GET.get("page"), count=filters.total)
    form = bulk_form or BulkForm()
    context = {
        "page": page,
        "filters": filters,
        "query": filters.query,
        "states": Listing.State.choices,
        "state": request.GET.get("etat", ""),
        "bulk_form": form,
        "picked": form.picked,
        "last_change": BulkChange.objects.last_done(by=signed_in_user(request), now=timezone.now()),
    }
    return render(request, "enterprises/staff_list.html", context, status=422 if form.is_bound else 200)


@role_required("directory")
@require_http_methods(["GET", "HEAD", "POST"])
def listing_new(request: HttpRequest) -> HttpResponse:
    form = StaffListingForm(request.POST or None, files_of(request))
    if request.method == "POST" and form.is_valid():
        created = editing.create(form=form, by=signed_in_user(request))
        if merging.find_pairs({created.pk}):
            messages.warning(
                request, _("It looks like a listing that exists already: see the possible duplicates.")
            )
        messages.success(request, _("The listing is written. Publish it when it is ready."))
        return redirect("staff:listing_edit", created.pk)
    return _render_editor(request, form)


@role_required("directory")
@require_http_methods(["GET", "HEAD", "POST"])
def listing_edit(request: HttpRequest, key: int) -> HttpResponse:
    listing = get_object_or_404(Listing.objects.defer("document"), pk=key)
    if listing.merged_into_id:
        return _edit_merged_listing(request, listing.merged_into_id)
    if request.method == "POST":
        try:
            form = editing.save_form(
                listing_id=key,
                build=lambda row: StaffListingForm(request.POST, files_of(request), instance=row),
                by=signed_in_user(request),
                is_team=True,
            )
        except editing.ListingMerged as merged:
            return _edit_merged_listing(request, merged.into)
        if form.is_valid():
            add_saved_message(request, form.instance)
            return redirect("staff:listing_edit", key)
    else:
        form = StaffListingForm(instance=listing)
    return _render_editor(request, form, listing)


def _edit_merged_listing(request: HttpRequest, into: int) -> HttpResponse:
    """The listing that this one was merged into, beside what was typed for this one."""
    if request.method != "POST":
        return redirect("staff:listing_edit", into)
    return _render_editor(request, *conflict_with_merged(request, StaffListingForm, into))


def _render_editor(
    request: HttpRequest,
    form: StaffListingForm,
    listing: Listing | None = None,
    manager_form: ManagerForm | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "listing": listing,
        "preview_url": reverse("staff:listing_preview", args=[listing.pk if listing else 0]),
    }
    if listing:
        roles = listing.roles.select_related("user").order_by("since")
        context |= {"roles": roles, "manager_form": manager_form or ManagerForm()}
        context["completeness"] = completeness_of(listing)
    return render(request, "enterprises/staff_edit.html", context)


@role_required("directory")
@require_POST
def listing_preview(request: HttpRequest, key: int) -> HttpResponse:
    """As visitors would see it, in another tab; nothing is saved. Key 0 is a new listing."""
    listing = get_object_or_404(Listing.objects.defer("document"), pk=key) if key else None
    form = bind_preview(StaffListingForm, request, listing)
    if not form.is_valid():
        return _render_editor(request, form, listing)
    return render(request, "enterprises/listing.html", preview_context(form))


@role_required("directory")
@require_POST
def listing_state(request: HttpRequest, key: int) -> HttpResponse:
    get_object_or_404(Listing.objects.only("pk"), pk=key)
    state = request.POST.get("state", "")
    if state in Listing.State.values:
        try:
            editing.change_state(listing_id=key, state=Listing.State(state), by=signed_in_user(request))
        except editing.ListingMerged as merged:
            return redirect("staff:listing_edit", merged.into)
        messages_by_state = {
            "published": _("Visitors now find this listing."),
            "draft": _("This listing is hidden."),
            "archived": _("This listing is archived: only the team sees it."),
        }
        messages.success(request, messages_by_state[state])
    return redirect("staff:listing_edit", key)


@role_required("directory")
@require_POST
def manager_add(request: HttpRequest, key: int) -> HttpResponse:
    listing = get_object_or_404(Listing.objects.defer("document"), pk=key)
    form = ManagerForm(request.POST)
    if not form.is_valid():
        return _render_editor(request, StaffListingForm(instance=listing), listing, form)
    assert form.person is not None  # noqa: S101 - is_valid says so
    if editing.add_manager(listing_id=key, person=form.person, by=signed_in_user(request)):
        messages.success(request, _("%(name)s now keeps this listing.") % {"name": form.person})
    else:
        messages.info(request, _("%(name)s already kept this listing.") % {"name": form.person})
    return redirect("staff:listing_edit", key)


@role_required("directory")
@require_POST
def manager_remove(request: HttpRequest, key: int) -> HttpResponse:
    get_object_or_404(Listing.objects.only("pk"), pk=key)
    if role_id := parse_key(request.POST.get("role", "")):
        editing.remove_manager(listing_id=key, role_id=role_id, by=signed_in_user(request))
        messages.success(request, _("This person no longer keeps this listing."))
    return redirect("staff:listing_edit", key)
