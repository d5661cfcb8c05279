"""« Mentionner une entreprise absente », and what the team makes of it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.rules import signed_in_user
from accounts.suspending import has_suspension_error
from enterprises.duplicates import merging
from enterprises.forms.mentions import MentionForm
from enterprises.forms.ownership import DecisionForm
from enterprises.listing.refusals import AlreadyDecided
from enterprises.models import Listing, Mention
from enterprises.ownership import mentions, rate_limit
from pole.access import role_required
from pole.caching.public_pages import get_public_state
from pole.hub.identity import get_identity
from pole.refusals import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
def mention(request: HttpRequest) -> HttpResponseBase:
    """Listings that may be the same enterprise are shown before anything is sent."""
    version = get_public_state(request).version_of("hub")
    initial = {"name": request.GET.get("nom", "").replace("\x00", "")[:140]}
    form = MentionForm(
        request.POST or None, initial=initial, hub=get_identity(version).hub, hub_version=version
    )
    if request.method != "POST":
        return _render(request, form)
    if not form.is_valid():
        return _render(request, form, status=422)
    if has_suspension_error(form, request.user, timezone.now()):
        return _render(request, form, status=403)
    cleaned = form.cleaned_data
    if request.POST.get("is_another") != "yes":
        found = mentions.listings_like(**{name: cleaned[name] for name in ("name", "website", "phone")})
        if found:
            return _render(request, form, found=found)
    if not rate_limit.consume_report(request):
        form.add_error(
            None,
            _("Many enterprises were mentioned from here within an hour. Try again later, or telephone us."),
        )
        return _render(request, form, status=429)
    author = signed_in_user(request) if request.user.is_authenticated else None
    mentions.mention(
        **{name: cleaned[name] for name in ("name", "municipality", "activity", "website", "phone")},
        author=author, author_email="" if author else cleaned["email"], sent_key=cleaned["idempotency_key"],
    )  # fmt: skip
    return render(request, "enterprises/mention.html", {"is_sent": True, "name": cleaned["name"]})


def _render(
    request: HttpRequest, form: MentionForm, *, found: list[Listing] | None = None, status: int = 200
) -> HttpResponseBase:
    return render(request, "enterprises/mention.html", {"form": form, "found": found or []}, status=status)


@role_required("directory")
@require_http_methods(["GET", "HEAD", "POST"])
def mention_review(request: HttpRequest, key: int) -> HttpResponseBase:
    rows = Mention.objects.select_related("author", "decided_by", "municipality", "listing")
    row = get_object_or_404(rows, pk=key)
    form = DecisionForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and (response := _decide(request, row, form)):
            return response
        row = rows.get(pk=key)
    alike = mentions.listings_like(name=row.name, website=row.website, phone=row.phone)
    context = {"mention": row, "form": form, "alike": alike}
    return render(request, "enterprises/mention_review.html", context, status=status)


def _decide(request: HttpRequest, row: Mention, form: DecisionForm) -> HttpResponseBase | None:
    """None when the page has to be read again: the form says why."""
    is_accepted, reason = request.POST.get("decision") == "accept", form.cleaned_data["reason"]
    if not is_accepted and not reason:
        form.add_error("reason", _("Say why: the person will read it."))
        return None
    try:
        listing = mentions.decide(
            mention_id=row.pk, accepted=is_accepted, reason=reason, seen=request.POST.get("seen", ""),
            by=signed_in_user(request), now=timezone.now(),
        )  # fmt: skip
    except AlreadyDecided as refusal:
        messages.info(request, refusal.message)
        return redirect("staff:directory_queue")
    except Refusal as refusal:
        form.add_error(None, refusal.message)
        return None
    if listing is None:
        messages.success(request, _("It is decided, and the person is told."))
        return redirect("staff:directory_queue")
    if merging.find_pairs({listing.pk}):
        messages.warning(
            request, _("It looks like a listing that exists already: see the possible duplicates.")
        )
    messages.success(request, _("The listing is written. Publish it when it is ready."))
    return redirect("staff:listing_edit", listing.pk)
