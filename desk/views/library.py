"""The library of the desk: pictures and PDF documents, for every text of the portal."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rules import signed_in_user
from desk import pictures
from desk.forms import DocumentForm, NewDocumentForm, NewPictureForm, PictureForm
from desk.models import Document, Picture
from pole.access import role_required
from pole.files.kept_uploads import files_of
from pole.refusals import Refusal
from pole.server.staff_lists import keeps_filters
from pole.text.matching import matching_text, typed_text
from pole.views.paging import page_of

PICTURES_A_PAGE, DOCUMENTS_A_PAGE = 24, 40


@role_required("editorial", "forums")
@require_safe
def picture_list(request: HttpRequest) -> HttpResponse:
    """All pictures, newest first; `q` looks in their descriptions. The editor shows the list alone."""
    query = typed_text(request.GET.get("q", ""))
    found = matching_text(Picture.objects.all(), query, "description")
    page = page_of(found, PICTURES_A_PAGE, request.GET.get("page"))
    context = {"page": page, "query": query, "form": NewPictureForm()}
    name = "desk/pictures.html#choice" if request.GET.get("choix") else "desk/pictures.html"
    return render(request, name, context)


@role_required("editorial", "forums")
@require_POST
def picture_add(request: HttpRequest) -> HttpResponse:
    """A picture by the form of the library, or dropped in the editor, which gets its address back."""
    form = NewPictureForm(request.POST, files_of(request))
    if not form.is_valid():
        return _invalid_response(request, form, "desk/picture_add.html")
    cleaned = form.cleaned_data
    picture = pictures.store_picture(
        cleaned["file"], description=cleaned["description"], is_decorative=cleaned["is_decorative"], by=request.user  # type: ignore[arg-type]  # staff_only
    )  # fmt: skip
    if wants_json(request):
        return JsonResponse(as_json(picture), status=201)
    messages.success(request, _("The picture is in the library."))
    return redirect("staff:picture_list")


@role_required("editorial", "forums")
@require_http_methods(["GET", "HEAD", "POST"])
def picture_edit(request: HttpRequest, picture_id: int) -> HttpResponse:
    form = PictureForm(request.POST or None, instance=get_object_or_404(Picture, pk=picture_id))
    return _handle_edit(
        request, form, _("The picture is up to date. Texts keep the words that they were given.")
    )


@role_required("editorial", "forums")
@require_POST
def picture_remove(request: HttpRequest, picture_id: int) -> HttpResponse:
    picture = get_object_or_404(Picture, pk=picture_id)
    return _handle_removal(request, picture, _("The picture is gone from the library."))


@role_required("editorial", "forums")
@require_safe
@keeps_filters
def document_list(request: HttpRequest) -> HttpResponse:
    words = typed_text(request.GET.get("q", ""))
    found = matching_text(Document.objects.all(), words, "title")
    page = page_of(found, DOCUMENTS_A_PAGE, request.GET.get("page"))
    context = {"page": page, "words": words, "form": NewDocumentForm()}
    return render(request, "desk/documents.html", context)


@role_required("editorial", "forums")
@require_POST
def document_add(request: HttpRequest) -> HttpResponse:
    form = NewDocumentForm(request.POST, files_of(request))
    if not form.is_valid():
        return _invalid_response(request, form, "desk/document_add.html")
    document = pictures.store_document(
        form.cleaned_data["file"], title=form.cleaned_data["title"], by=request.user  # type: ignore[arg-type]  # staff_only
    )  # fmt: skip
    if wants_json(request):
        return JsonResponse({"url": document.file.url, "title": document.title}, status=201)
    messages.success(request, _("The document is in the library."))
    return redirect("staff:document_list")


@role_required("editorial", "forums")
@require_http_methods(["GET", "HEAD", "POST"])
def document_edit(request: HttpRequest, document_id: int) -> HttpResponse:
    form = DocumentForm(request.POST or None, instance=get_object_or_404(Document, pk=document_id))
    return _handle_edit(request, form, _("The document has its new title. Its address has not changed."))


@role_required("editorial", "forums")
@require_POST
def document_remove(request: HttpRequest, document_id: int) -> HttpResponse:
    document = get_object_or_404(Document, pk=document_id)
    return _handle_removal(request, document, _("The document is gone from the library."))


def _handle_edit(request: HttpRequest, form: PictureForm | DocumentForm, message: str) -> HttpResponse:
    kind = str(form.instance._meta.model_name)
    if request.method == "POST" and form.is_valid():
        pictures.save_description(form, by=signed_in_user(request))
        messages.success(request, message)
        return redirect(f"staff:{kind}_list")
    # Whether a text shows it is asked when it is taken away: that reads every text.
    return render(request, f"desk/{kind}.html", {"form": form, kind: form.instance})


def _handle_removal(request: HttpRequest, row: Picture | Document, message: str) -> HttpResponse:
    kind = row._meta.model_name
    try:
        pictures.remove(row, by=signed_in_user(request))
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect(f"staff:{kind}_edit", row.pk)
    messages.success(request, message)
    return redirect(f"staff:{kind}_list")


def wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def _invalid_response(request: HttpRequest, form: Any, template: str) -> HttpResponse:
    if wants_json(request):
        errors = [str(error) for errors in form.errors.values() for error in errors]
        return JsonResponse({"errors": errors}, status=422)
    return render(request, template, {"form": form}, status=422)


def as_json(picture: Picture) -> dict[str, Any]:
    """What the editor needs to show a picture."""
    return {
        "picture": str(picture.pk),
        "src": picture.file.url,
        "srcset": picture.srcset,
        "sizes": pictures.SIZES,
        "width": picture.width_px,
        "height": picture.height_px,
        "alt": picture.description,
        "decorative": picture.is_decorative,
        "class": picture.focus.classes or None,
    }
