"""Bringing a spreadsheet into the directory: columns, doubts, trial, run, refused rows, undo."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rules import signed_in_user
from enterprises.importing import remembered, running, trial, undoing
from enterprises.importing.forms import UploadForm
from enterprises.importing.planning import NOT_IMPORTED, WRITTEN
from enterprises.models import Import, RememberedValue
from enterprises.views import import_questions, import_rows
from enterprises.views.access import parse_key
from enterprises.views.import_answers import save_part
from pole.access import role_required
from pole.files.downloads import as_file
from pole.files.kept_uploads import files_of
from pole.refusals import refusal_shown
from pole.spreadsheets import csv_bytes
from pole.templatetags.typography import number as number_text
from pole.views.paging import page_of

ANSWERS_A_PAGE = 100


@role_required("directory")
@require_http_methods(["GET", "HEAD", "POST"])
def import_list(request: HttpRequest) -> HttpResponseBase:
    form = UploadForm(request.POST or None, files_of(request))
    if request.method == "POST" and form.is_valid():
        opened = trial.open_import(
            table=form.table, file_name=form.cleaned_data["file"].name, by=signed_in_user(request)
        )
        trial.start(import_id=opened.pk)
        return redirect("staff:import_show", opened.pk)
    imports = Import.objects.defer("header", "mapping", "kept").select_related("created_by")[:20]
    context = {"form": form, "imports": imports.fetch_mode(models.FETCH_RAISE)}
    return render(request, "enterprises/import_list.html", context)


@role_required("directory")
@require_http_methods(["GET", "HEAD", "POST"])
def import_show(request: HttpRequest, key: int) -> HttpResponseBase:
    spreadsheet_import = get_object_or_404(Import, pk=key)
    if request.method == "POST":
        with refusal_shown(request, level=messages.INFO):
            save_part(request, spreadsheet_import, by=signed_in_user(request))
        return redirect(request.get_full_path())
    is_interrupted = running.is_interrupted(spreadsheet_import)
    context: dict[str, Any] = {
        "spreadsheet_import": spreadsheet_import,
        "is_interrupted": is_interrupted,
        "resumes": is_interrupted and running.resumes_by_itself(spreadsheet_import),
        "is_busy": not is_interrupted and spreadsheet_import.state in running.BUSY,
    }
    if not context["is_busy"] and not is_interrupted:
        context |= _tried_context(request, spreadsheet_import)
    return render(request, "enterprises/import_show.html", context)


def _tried_context(request: HttpRequest, spreadsheet_import: Import) -> dict[str, Any]:
    context = import_rows.list_context(request, spreadsheet_import)
    counts = context["counts"]
    context |= {
        "writes": sum(counts.get(kind, 0) for kind in WRITTEN),
        "created": counts.get("created", 0),
        "changed": counts.get("changed", 0),
        "left": sum(counts.get(kind, 0) for kind in NOT_IMPORTED),
    }
    if spreadsheet_import.state == Import.State.OPEN:
        context |= import_questions.context_of(spreadsheet_import)
    if spreadsheet_import.state == Import.State.DONE:
        context["drafts"] = undoing.drafts_of(spreadsheet_import).count()
    return context


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
@require_http_methods(["GET", "HEAD", "POST"])
def import_undo(request: HttpRequest, key: int) -> HttpResponseBase:
    """What undoing would delete, give back and keep, in numbers; then does it."""
    spreadsheet_import = get_object_or_404(Import, pk=key)
    if request.method == "POST":
        done = _("The import is being undone.")
        with refusal_shown(request, done, level=messages.INFO):
            undoing.enqueue(import_id=key, by=signed_in_user(request))
        return redirect("staff:import_show", key)
    if spreadsheet_import.state != Import.State.DONE:
        return redirect("staff:import_show", key)
    context = {"spreadsheet_import": spreadsheet_import, "undo": undoing.plan_undo(spreadsheet_import)}
    return render(request, "enterprises/import_undo.html", context)


@role_required("directory")
@require_POST
def import_publish(request: HttpRequest, key: int) -> HttpResponseBase:
    get_object_or_404(Import.objects.only("pk"), pk=key)
    total = undoing.publish_all(import_id=key, by=signed_in_user(request))
    said = ngettext("One listing is published.", "%(shown)s listings are published.", total)
    messages.success(request, said % {"shown": number_text(total)})
    return redirect("staff:import_show", key)


@role_required("directory")
@require_http_methods(["GET", "HEAD", "POST"])
def import_answers(request: HttpRequest) -> HttpResponseBase:
    """What was answered and is used for each file: to be seen, and forgotten."""
    if request.method == "POST":
        keys = [key for each in request.POST.getlist("answer") if (key := parse_key(each))]
        total = remembered.forget(keys=keys, by=signed_in_user(request))
        said = ngettext("One answer is forgotten.", "%(shown)s answers are forgotten.", total)
        messages.success(request, said % {"shown": number_text(total)})
        return redirect(request.get_full_path())
    answers = RememberedValue.objects.select_related("said_by").fetch_mode(models.FETCH_RAISE)
    page = page_of(answers, ANSWERS_A_PAGE, request.GET.get("page"))
    context = {"page": page, "answers": import_questions.shown_answers(list(page.object_list))}
    return render(request, "enterprises/import_answers.html", context)


@role_required("directory")
@require_safe
def import_progress(request: HttpRequest, key: int) -> JsonResponse:
    """For the page to follow a trial or a run: rows done, and whether it is over, or was interrupted."""
    spreadsheet_import = get_object_or_404(Import.objects.only("rows_done", "rows_total", "state"), pk=key)
    is_over = spreadsheet_import.state not in running.BUSY or running.is_interrupted(spreadsheet_import)
    return JsonResponse(
        {"done": spreadsheet_import.rows_done, "total": spreadsheet_import.rows_total, "over": is_over}
    )


@role_required("directory")
@require_safe
def import_refused(request: HttpRequest, key: int) -> HttpResponse:
    """The rows that did not come in, with why: to correct, and send again."""
    spreadsheet_import = get_object_or_404(Import, pk=key)
    content = csv_bytes(trial.rows_to_correct(spreadsheet_import))
    return as_file(HttpResponse(content), f"a-corriger-{spreadsheet_import.pk}.csv")
