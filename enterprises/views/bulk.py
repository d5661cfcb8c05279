"""Several listings at once: prepared from the list, looked at in numbers, done, undone."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.rules import signed_in_user
from enterprises.forms.bulk import BulkForm
from enterprises.listing import bulk
from enterprises.models import BulkChange, Listing
from enterprises.views.staff import filters_of, render_list
from pole.access import role_required
from pole.refusals import say

# Names shown of a change; the rest are counted.
NAMES = 200


@role_required("directory")
@require_POST
def bulk_prepare(request: HttpRequest) -> HttpResponse:
    """Nothing changes yet: what would is shown first. The address has the filters of the list."""
    form = BulkForm(request.POST)
    if not form.is_valid():
        return render_list(request, form)
    keys = form.picked
    if form.cleaned_data["scope"] == "found":
        keys = set(filters_of(request).qs.values_list("pk", flat=True))
    change = bulk.prepare(
        field=form.field, value=form.value, adds=form.cleaned_data["adds"], keys=keys, by=signed_in_user(request),
        now=timezone.now(),
    )  # fmt: skip
    return redirect("staff:bulk_change", change.pk)


@role_required("directory")
@require_safe
def bulk_change(request: HttpRequest, key: int) -> HttpResponse:
    """What a change would do, does or did, in numbers and names."""
    change = get_object_or_404(BulkChange.objects.select_related("created_by"), pk=key)
    waits = change.state in {BulkChange.State.PREPARED, BulkChange.State.QUEUED}
    keys = change.keys if waits else [int(listing) for listing in change.before]
    names = Listing.objects.filter(pk__in=keys).order_by("name_key", "id")
    context = {
        "change": change,
        "waits": waits,
        "value": bulk.text_of(change.field, change.value),
        "preview": bulk.preview(change) if waits else None,
        "listings": names.only("pk", "name")[:NAMES],
        "count": len(keys),
        "more": max(0, len(keys) - NAMES),
        "kept": Listing.objects.filter(pk__in=change.kept_keys).only("pk", "name"),
    }
    return render(request, "enterprises/bulk_change.html", context)


@role_required("directory")
@require_POST
def bulk_apply(request: HttpRequest, key: int) -> HttpResponse:
    get_object_or_404(BulkChange.objects.only("pk"), pk=key)
    change = bulk.apply(change_id=key, by=signed_in_user(request), now=timezone.now())
    if change.state == BulkChange.State.DONE:
        count = len(change.before)
        text = ngettext("%(count)d listing changed.", "%(count)d listings changed.", count) % {"count": count}
        say(request, messages.SUCCESS, text)
    return redirect("staff:bulk_change", key)


@role_required("directory")
@require_POST
def bulk_undo(request: HttpRequest, key: int) -> HttpResponse:
    get_object_or_404(BulkChange.objects.only("pk"), pk=key)
    change = bulk.undo(change_id=key, by=signed_in_user(request), now=timezone.now())
    if change.state == BulkChange.State.UNDONE:
        say(
            request,
            messages.SUCCESS,
            _undone_text(len(change.before) - len(change.kept_keys), len(change.kept_keys)),
        )
    return redirect("staff:bulk_change", key)


def _undone_text(restored: int, kept: int) -> str:
    text = ngettext(
        "%(count)d listing has again what it had.", "%(count)d listings have again what they had.", restored
    ) % {"count": restored}
    if not kept:
        return text
    return text + " " + _("Those that were edited since stay as they are: see below.")
