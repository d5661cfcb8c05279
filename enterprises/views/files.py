"""The pages by which a listing gains photos, documents and an attestation."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.rules import signed_in_user
from accounts.suspending import check_not_suspended
from enterprises import rules
from enterprises.forms.attachments import AttestationForm, DocumentForm, PhotoForm
from enterprises.listing import attachments
from enterprises.models import Attestation, Listing
from enterprises.models.attestation import PRINCIPLES
from enterprises.models.files import MAX_DOCUMENTS, MAX_PHOTOS
from enterprises.views.access import get_editable_listing_or_404, get_owned_listing_or_404, parse_key
from pole.files.kept_uploads import files_of
from pole.refusals import Refusal, refusal_shown, say
from pole.text.plaintext import clean_line


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def files(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Photos and documents. What is posted names its `action`."""
    listing = get_editable_listing_or_404(request, slug)
    photo_form, document_form = PhotoForm(), DocumentForm()
    if request.method == "POST":
        action = request.POST.get("action", "")
        try:
            check_not_suspended(request.user, timezone.now())
        except Refusal as refusal:
            messages.error(request, refusal.message)
            return redirect("enterprises:files", slug)
        if action == "photo":
            photo_form = PhotoForm(request.POST, files_of(request))
            if _save_if_valid(photo_form, partial(attachments.add_photo, listing_id=listing.pk)):
                return _redirect_with_message(request, slug, _("The photo is on the page."), at="photos")
        elif action == "document":
            document_form = DocumentForm(request.POST, files_of(request))
            if _save_if_valid(document_form, partial(attachments.add_document, listing_id=listing.pk)):
                return _redirect_with_message(
                    request, slug, _("The document is on the page."), at="documents"
                )
        else:
            place = "documents" if action == "remove_document" else "photos"
            return _redirect_with_message(
                request, slug, _change_file(listing, action, request.POST), at=place
            )
    return _render_files(request, listing, photo_form, document_form)


def _render_files(
    request: HttpRequest, listing: Listing, photo_form: PhotoForm, document_form: DocumentForm
) -> HttpResponse:
    photos = listing.photos.all().fetch_mode(models.FETCH_RAISE)
    documents = listing.documents.all().fetch_mode(models.FETCH_RAISE)
    context = {
        "listing": listing, "photos": photos, "documents": documents, "photo_form": photo_form,
        "document_form": document_form, "most_photos": MAX_PHOTOS, "most_documents": MAX_DOCUMENTS,
        "may_sign": rules.is_owned_by(request, listing),
    }  # fmt: skip
    return render(request, "enterprises/files.html", context)


def _redirect_with_message(request: HttpRequest, slug: str, message: str, *, at: str) -> HttpResponseBase:
    if message:
        say(request, messages.SUCCESS, message, at=at)
    return redirect(f"{reverse('enterprises:files', args=[slug])}#{at}")


def _save_if_valid(form: forms.Form, write: Callable[..., object]) -> bool:
    """Writes its fields when the form is valid, and returns whether it did; a refusal becomes an error of the form."""
    if not form.is_valid():
        return False
    try:
        write(**form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


def _change_file(listing: Listing, action: str, posted: Any) -> str:
    """Removes, describes or moves one file; returns the message to show, "" for an unknown file or action."""
    key = parse_key(posted.get("key", ""))
    if not key:
        return ""
    if action == "remove_photo":
        attachments.remove_photo(listing_id=listing.pk, photo_id=key)
        return _("The photo is removed.")
    if action == "show_first":
        attachments.move_photo_first(listing_id=listing.pk, photo_id=key)
        return _("This photo is now the first.")
    if action == "describe" and (description := clean_line(posted.get("description", ""))[:240]):
        attachments.describe_photo(listing_id=listing.pk, photo_id=key, description=description)
        return _("The text of this photo is changed.")
    if action == "remove_document":
        attachments.remove_document(listing_id=listing.pk, document_id=key)
        return _("The document is removed.")
    return ""


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def attestation(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The six principles, to read and sign; the team then accepts or refuses."""
    listing = get_owned_listing_or_404(request, slug)
    form = AttestationForm(request.POST or None, initial={"name": signed_in_user(request).name})
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        done = _("The attestation is signed. The team reads it before it is public.")
        with refusal_shown(request, done, level=messages.INFO):
            attachments.sign_attestation(
                listing_id=listing.pk,
                by=signed_in_user(request),
                name=cleaned["name"],
                title=cleaned["title"],
            )
        return redirect("enterprises:attestation", slug)
    signed = listing.attestations.all().fetch_mode(models.FETCH_RAISE)
    context = {
        "listing": listing, "form": form, "principles": PRINCIPLES, "signed": signed,
        "pending": any(each.state == Attestation.State.PENDING for each in signed),
        "today": timezone.localdate(),
    }  # fmt: skip
    return render(request, "enterprises/attestation.html", context)
