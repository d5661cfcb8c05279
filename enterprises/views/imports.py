"""Bringing a spreadsheet into the directory: columns, doubts, trial, run, refused rows."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import npgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rules import signed_in_user
from enterprises.importing import planning, running
from enterprises.importing.columns import FIELDS, is_known_heading
from enterprises.importing.forms import UploadForm
from enterprises.models import Import
from pole.access import role_required
from pole.files.downloads import as_file
from pole.files.kept_uploads import files_of
from pole.files.tables import read_table
from pole.refusals import refusal_shown
from pole.spreadsheets import csv_bytes
from pole.views.paging import page_of

OUTCOMES_A_PAGE = 50
# How many rows there are of each kind: `LABELS[kind] % count`.
LABELS = {
    planning.CREATED: npgettext_lazy("rows", "new listing", "new listings"),
    planning.CHANGED: npgettext_lazy("rows", "listing changed", "listings changed"),
    planning.DUPLICATE: npgettext_lazy("rows", "possible duplicate", "possible duplicates"),
    planning.QUESTION: npgettext_lazy("rows", "to be answered", "to be answered"),
    planning.REFUSED: npgettext_lazy("rows", "refused", "refused"),
    planning.SAME: npgettext_lazy("rows", "unchanged", "unchanged"),
    planning.SKIPPED: npgettext_lazy("rows", "left out", "left out"),
}


@role_required("directory")
@require_http_methods(["GET", "HEAD", "POST"])
def import_list(request: HttpRequest) -> HttpResponseBase:
    form = UploadForm(request.POST or None, files_of(request))
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            table = read_table(upload, is_known=is_known_heading)
        except ValidationError as error:
            form.add_error("file", error)
        else:
            spreadsheet_import = running.open_import(
                table=table, file_name=upload.name, by=signed_in_user(request)
            )
            return redirect("staff:import_show", spreadsheet_import.pk)
    imports = Import.objects.defer("table", "answers").select_related("created_by")[:20]
    context = {"form": form, "imports": imports.fetch_mode(models.FETCH_RAISE)}
    return render(request, "enterprises/import_list.html", context)


@role_required("directory")
@require_http_methods(["GET", "HEAD", "POST"])
def import_show(request: HttpRequest, key: int) -> HttpResponseBase:
    spreadsheet_import = get_object_or_404(Import, pk=key)
    if request.method == "POST":
        with refusal_shown(request, level=messages.INFO):
            running.save_answers(import_id=key, **_read_answers(request.POST, spreadsheet_import))
        return redirect(request.get_full_path())
    return render(request, "enterprises/import_show.html", _page_context(request, spreadsheet_import))


def _read_answers(posted: QueryDict, spreadsheet_import: Import) -> dict[str, Any]:
    """What staff said, from the part of the page that they sent."""
    part = posted.get("part", "")
    if part == "columns":
        return {
            "mapping": [
                posted.get(f"column-{at}", "") for at in range(len(spreadsheet_import.table["header"]))
            ]
        }
    if part == "options":
        return {"only_fills": "only_fills" in posted, "publishes": "publishes" in posted}
    if part == "places":
        places = zip(posted.getlist("place"), posted.getlist("town"), strict=False)
        return {"places": {place: town for place, town in places if town}}
    decision, number = posted.get("decision", ""), posted.get("number", "")
    if re.fullmatch(r"create|skip|undo|update:\d{1,18}", decision) and number.isdecimal():
        return {"rows": {number: "" if decision == "undo" else decision}}
    return {}


def _page_context(request: HttpRequest, spreadsheet_import: Import) -> dict[str, Any]:
    counts = spreadsheet_import.counts()
    kind = request.GET.get("genre", "")
    outcomes = [each for each in spreadsheet_import.outcomes if kind in {"", each["kind"]}]
    places: dict[str, dict[str, Any]] = {}
    for outcome in spreadsheet_import.outcomes:
        if outcome["towns"]:
            places.setdefault(
                outcome["place"], {"towns": outcome["towns"], "reason": outcome["reasons"][-1], "count": 0}
            )
            places[outcome["place"]]["count"] += 1
    samples = spreadsheet_import.table["rows"][:3]
    columns = [
        (at, name, chosen, " · ".join(row[at] for row in samples if row[at])[:80])
        for at, (name, chosen) in enumerate(
            zip(spreadsheet_import.table["header"], spreadsheet_import.mapping, strict=True)
        )
    ]
    is_interrupted = running.is_interrupted(spreadsheet_import)
    return {
        "spreadsheet_import": spreadsheet_import,
        "is_interrupted": is_interrupted,
        "resumes": is_interrupted and running.resumes_by_itself(spreadsheet_import),
        "columns": columns,
        "fields": [(name, capfirst(str(label))) for name, label in FIELDS.items()],
        "is_ready": {"name", "municipality"} <= set(spreadsheet_import.mapping),
        "kinds": [
            (each, str(LABELS[each] % counts[each]), str(LABELS[each] % 1), counts[each])
            for each in planning.KINDS
            if counts.get(each)
        ],
        "kind": kind,
        "page": page_of(outcomes, OUTCOMES_A_PAGE, request.GET.get("page")),
        "places": places,
        "writes": counts.get(planning.CREATED, 0) + counts.get(planning.CHANGED, 0),
        "left": sum(counts.get(each, 0) for each in planning.NOT_IMPORTED),
    }


@role_required("directory")
@require_POST
def import_run(request: HttpRequest, key: int) -> HttpResponseBase:
    get_object_or_404(Import.objects.only("pk"), pk=key)
    with refusal_shown(request, level=messages.INFO):
        running.enqueue(import_id=key, by=signed_in_user(request))
    return redirect("staff:import_show", key)


@role_required("directory")
@require_POST
def import_cancel(request: HttpRequest, key: int) -> HttpResponseBase:
    get_object_or_404(Import.objects.only("pk"), pk=key)
    running.cancel(import_id=key, by=signed_in_user(request))
    messages.info(request, _("The import stops. Nothing of it is kept."))
    return redirect("staff:import_show", key)


@role_required("directory")
@require_safe
def import_progress(request: HttpRequest, key: int) -> JsonResponse:
    """For the page to follow a run: rows done, and whether it is over, or was interrupted."""
    spreadsheet_import = get_object_or_404(Import.objects.only("rows_done", "rows_total", "state"), pk=key)
    is_over = spreadsheet_import.state not in {Import.State.QUEUED, Import.State.RUNNING}
    is_over = is_over or running.is_interrupted(spreadsheet_import)
    return JsonResponse(
        {"done": spreadsheet_import.rows_done, "total": spreadsheet_import.rows_total, "over": is_over}
    )


@role_required("directory")
@require_safe
def import_refused(request: HttpRequest, key: int) -> HttpResponse:
    """The rows that did not come in, with why: to correct, and send again."""
    spreadsheet_import = get_object_or_404(Import, pk=key)
    content = csv_bytes(planning.rows_to_correct(spreadsheet_import))
    return as_file(HttpResponse(content), f"a-corriger-{spreadsheet_import.pk}.csv")
