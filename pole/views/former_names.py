"""The former names of municipalities, as staff keep them."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from pole.access import role_required
from pole.geo.former_name_form import FormerNameForm
from pole.geo.former_names import forget
from pole.geo.levels import current_levels
from pole.hooks.journal import last_decisions
from pole.models import FormerMunicipality, Municipality
from pole.server.staff_lists import keeps_filters
from pole.text.matching import matching_text, typed_text
from pole.views.paging import page_of

NAMES_A_PAGE = 50


@role_required("directory")
@require_safe
@keeps_filters
def former_name_list(request: HttpRequest) -> HttpResponse:
    """By name, each with its municipality, and who remembered it when."""
    query = typed_text(request.GET.get("q", ""))
    rows = FormerMunicipality.objects.select_related("municipality").order_by("key")
    found = matching_text(rows, query, "name", "municipality__name", "municipality__code")
    page = page_of(found, NAMES_A_PAGE, request.GET.get("page"))
    decided = last_decisions("former_name", [row.pk for row in page])
    context = {
        "page": page,
        "lines": [(row, *decided.get(row.pk, ("", None))) for row in page],
        "query": query,
        "levels": current_levels(),
        "has_towns": Municipality.objects.exists(),
    }
    return render(request, "staff/former_names.html", context)


@role_required("directory")
@require_http_methods(["GET", "HEAD", "POST"])
def former_name_new(request: HttpRequest) -> HttpResponse:
    return _edit(request, None)


@role_required("directory")
@require_http_methods(["GET", "HEAD", "POST"])
def former_name_edit(request: HttpRequest, key: int) -> HttpResponse:
    row = FormerMunicipality.objects.select_related("municipality").filter(pk=key).first()
    if row is None and request.method != "POST":
        raise Http404
    if row is None or (request.method == "POST" and request.POST.get("action") == "delete"):
        if row is not None:
            forget(row, by=request.user)
        messages.success(request, _("The former name is forgotten."))
        return redirect("staff:former_name_list")
    return _edit(request, row)


def _edit(request: HttpRequest, row: FormerMunicipality | None) -> HttpResponse:
    form = FormerNameForm(request.POST if request.method == "POST" else None, row=row)
    if request.method == "POST" and form.remember(by=request.user):
        messages.success(
            request,
            _("“%(name)s” now leads to %(town)s, in imports and in addresses.")
            % {"name": form.saved.name, "town": form.saved.municipality},
        )
        return redirect("staff:former_name_list")
    context = {"form": form, "row": row, "decided": _decided(row), "towns": form.choices()}
    return render(request, "staff/former_name.html", context, status=422 if form.errors else 200)


def _decided(row: FormerMunicipality | None) -> tuple[str, object] | None:
    return last_decisions("former_name", [row.pk]).get(row.pk) if row else None
