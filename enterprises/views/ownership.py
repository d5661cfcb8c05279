"""Claiming a listing, managing it with others, and proposing changes of its identity."""

from __future__ import annotations

from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import models
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.rules import signed_in_user
from accounts.suspending import check_not_suspended
from enterprises import rules
from enterprises.forms.listing import IDENTITY
from enterprises.forms.ownership import AskStaffForm, CodeForm, DomainAddressForm, IdentityForm, InviteForm
from enterprises.models import Listing, ListingRole, Proposal
from enterprises.ownership import claims, managers, proposals
from enterprises.views.access import get_editable_listing_or_404, parse_key
from enterprises.views.editing import VERSION_NEVER_CURRENT, add_merged_message
from pole.refusals import Refusal, refusal_shown

# --- « C’est mon entreprise » -----------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest, slug: str) -> HttpResponseBase:
    listing = get_object_or_404(Listing.objects.published().defer("document"), slug=slug)
    person = signed_in_user(request)
    forms: dict[str, Any] = {
        "code_form": CodeForm(),
        "domain_form": DomainAddressForm(),
        "staff_form": AskStaffForm(),
    }
    if request.method == "POST":
        try:
            if _handle_claim_action(request, listing, forms):
                return redirect("enterprises:claim", slug)
        except Refusal as refusal:
            messages.error(request, refusal.message)
            return redirect("enterprises:claim", slug)
    mine = listing.claims.filter(user=person).order_by("-id").first()
    context = forms | {
        "listing": listing, "mine": mine, "is_manager": rules.is_managed_by(request, listing),
        "has_owner": listing.roles.filter(role=ListingRole.Role.OWNER).exists(),
        "masked": claims.mask_email(listing.email), "domain": claims.domain_to_prove(listing),
        "masked_sent": claims.mask_email(mine.address) if mine else "",
        "code_is_live": bool(mine and mine.state == "code_sent" and mine.tries_left and mine.code_expires_at
                             and mine.code_expires_at > timezone.now()),
    }  # fmt: skip
    return render(request, "enterprises/claim.html", context)


def _handle_claim_action(request: HttpRequest, listing: Listing, forms: dict[str, Any]) -> bool:
    """Does what was posted, and returns whether it succeeded; an invalid form replaces the empty one in `forms`."""
    action, person, now = request.POST.get("action", ""), signed_in_user(request), timezone.now()
    if action == "listed" and listing.email:
        claims.send_code(listing_id=listing.pk, by=person, address=listing.email, now=now)
    elif action == "domain":
        form = forms["domain_form"] = DomainAddressForm(request.POST)
        if not form.is_valid():
            return False
        address = f"{form.cleaned_data['local']}@{claims.domain_to_prove(listing)}"
        claims.send_code(listing_id=listing.pk, by=person, address=address, now=now)
    elif action == "staff":
        asking = forms["staff_form"] = AskStaffForm(request.POST)
        if not asking.is_valid():
            return False
        claims.request_staff_decision(
            listing_id=listing.pk, by=person, message=asking.cleaned_data["message"], now=now
        )
    elif action == "drop":
        claims.abandon(listing_id=listing.pk, by=person)
    elif action == "code":
        return _confirm_code(request, listing, forms)
    return True


def _confirm_code(request: HttpRequest, listing: Listing, forms: dict[str, Any]) -> bool:
    form = forms["code_form"] = CodeForm(request.POST)
    if not form.is_valid():
        return False
    try:
        claim = claims.confirm_code(
            listing_id=listing.pk,
            by=signed_in_user(request),
            typed=form.cleaned_data["code"],
            now=timezone.now(),
        )
    except claims.WrongCode as refusal:
        form.add_error("code", refusal.message)
        return False
    if claim.state == "accepted":
        messages.success(request, _("It is proven: you now keep this listing."))
    return True


# --- Managers ---------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def listing_managers(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Owners invite and remove managers; any manager may leave."""
    listing = get_object_or_404(
        Listing.objects.defer("document").exclude(state=Listing.State.ARCHIVED), slug=slug
    )
    if not rules.is_managed_by(request, listing):
        raise Http404
    is_owner = rules.is_owned_by(request, listing)
    form = InviteForm()
    if request.method == "POST":
        action = request.POST.get("action", "")
        if action == "invite" and is_owner:
            form = InviteForm(request.POST)
            if form.is_valid():
                _invite(request, listing, form)
                return redirect("enterprises:managers", slug)
        else:
            return _handle_manager_action(request, listing, action, is_owner=is_owner)
    roles = listing.roles.select_related("user").order_by("since")
    context = {
        "listing": listing, "form": form, "is_owner": is_owner, "roles": roles.fetch_mode(models.FETCH_RAISE),
        "invitations": listing.invitations.all() if is_owner else [],
    }  # fmt: skip
    return render(request, "enterprises/managers.html", context)


def _invite(request: HttpRequest, listing: Listing, form: InviteForm) -> None:
    cleaned = form.cleaned_data
    done = _("The invitation is on its way to %(email)s.") % {"email": cleaned["email"]}
    with refusal_shown(request, done):
        if not ratelimit.consume(request, action="listing_invitation", key=cleaned["email"].lower()):
            raise managers.InvitationRefused("invitation_too_many")
        managers.invite(
            listing_id=listing.pk,
            email=cleaned["email"],
            role=cleaned["role"],
            by=signed_in_user(request),
            now=timezone.now(),
        )


def _handle_manager_action(
    request: HttpRequest, listing: Listing, action: str, *, is_owner: bool
) -> HttpResponseBase:
    person, key = signed_in_user(request), parse_key(request.POST.get("key", ""))
    mine = listing.roles.filter(user=person).values_list("pk", flat=True).first()
    with refusal_shown(request):
        if action == "remove" and (is_owner or key == mine):
            managers.remove_manager(listing_id=listing.pk, role_id=key, by=person)
            messages.success(request, _("This person no longer keeps this listing."))
        elif action in {"owner", "editor"} and is_owner:
            check_not_suspended(person, timezone.now())
            managers.change_role(listing_id=listing.pk, role_id=key, role=action)
        elif action == "take_back" and is_owner:
            managers.cancel_invitation(listing_id=listing.pk, invitation_id=key)
    if action == "remove" and key == mine and not listing.roles.filter(user=person).exists():
        return redirect("account_profile")
    return redirect("enterprises:managers", listing.slug)


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponseBase:
    """A mailed invitation: shown to anyone who has the link, accepted by the person invited."""
    found = managers.get_invitation_of_token(token)
    if request.method == "POST" and request.user.is_authenticated:
        try:
            listing = managers.accept_invitation(token=token, by=signed_in_user(request))
        except Refusal as refusal:
            if refusal.message:
                messages.error(request, refusal.message)
        else:
            messages.success(request, _("Welcome: you now keep this listing."))
            return redirect("enterprises:edit", listing.slug)
    return render(request, "enterprises/invitation.html", {"invitation": found}, status=200 if found else 410)


# --- Identity ---------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def identity(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Name, form, NEQ and sectors: a manager proposes, the team decides."""
    listing = get_editable_listing_or_404(request, slug)
    person = signed_in_user(request)
    if request.method == "POST" and "withdraw" in request.POST:
        proposals.withdraw(
            listing_id=listing.pk, proposal_id=parse_key(request.POST["withdraw"]), author=person
        )
        return redirect("enterprises:identity", slug)
    if listing.slug != slug and request.method != "POST":
        return redirect("enterprises:identity", listing.slug)
    data = request.POST.copy() if request.POST else None
    if data and listing.slug != slug:
        add_merged_message(request, listing)
        data["version"] = VERSION_NEVER_CURRENT
    form = IdentityForm(data, instance=listing)
    if request.method == "POST" and form.is_valid():
        if _propose(request, listing.slug, form):
            return redirect("enterprises:identity", slug)
        form.add_error(None, _("Nothing is changed yet: change a field, then propose it."))
    mine = [
        (each, proposals.compare_fields(each, listing))
        for each in listing.proposals.filter(kind="identity", author=person).order_by("-id")[:5]
    ]
    context = {
        "listing": listing,
        "form": form,
        "mine": mine,
        "may_sign": rules.is_owned_by(request, listing),
    }
    return render(request, "enterprises/identity.html", context)


def _propose(request: HttpRequest, slug: str, form: IdentityForm) -> bool:
    stored = Listing.objects.defer("document").get(slug=slug)
    fields = proposals.differences(stored, form.cleaned_data, IDENTITY)
    if fields:
        proposals.propose(
            listing_id=stored.pk, kind=Proposal.Kind.IDENTITY, fields=fields, base_version=stored.version,
            message=form.cleaned_data["message"], author=signed_in_user(request), replaces=IDENTITY,
        )  # fmt: skip
        messages.success(
            request,
            _(
                "Your change is proposed. The team answers by mail; until then visitors read the listing as it is."
            ),
        )
    return bool(fields)
