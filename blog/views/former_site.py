"""Bringing the former site in: its export, its files, the trial, the run, and its undoing."""

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
from blog.models import SiteImport
from blog.wordpress import running
from blog.wordpress.forms import ExportForm, FilesForm
from blog.wordpress.reading import NotAnExport
from blog.wordpress.report import KINDS, LEVELS, Report
from pole.access import role_required
from pole.files.kept_uploads import files_of
from pole.refusals import refusal_shown, say

ROWS_SHOWN = 100


@role_required("editorial")
@require_http_methods(["GET", "HEAD", "POST"])
def site_import_list(request: HttpRequest) -> HttpResponseBase:
    form = ExportForm(request.POST or None, files_of(request))
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            made = running.open_import(
                upload=upload, file_name=upload.name, choices=form.choices(), by=signed_in_user(request)
            )
        except NotAnExport as fault:
            form.add_error("file", _("This is not an export of WordPress: %(why)s.") % {"why": fault})
        else:
            return redirect("staff:site_import_show", made.pk)
    imports = SiteImport.objects.defer("report").select_related("created_by")[:20]
    context = {"form": form, "imports": imports.fetch_mode(models.FETCH_RAISE)}
    return render(request, "blog/site_imports.html", context, status=422 if form.errors else 200)


@role_required("editorial")
@require_http_methods(["GET", "HEAD", "POST"])
def site_import_show(request: HttpRequest, key: int) -> HttpResponseBase:
    """The report of the last trial, run or undoing; and a form for the files of the site."""
    site_import = get_object_or_404(SiteImport, pk=key)
    form = FilesForm(request.POST or None, files_of(request))
    if request.method == "POST" and form.is_valid():
        try:
            written, left_out = running.add_files(
                site_import=site_import, upload=form.cleaned_data["uploads"]
            )
        except running.SiteImportRefused as refusal:
            form.add_error("uploads", refusal.message)
        else:
            say(request, messages.SUCCESS, _files_said(written, left_out))
            return redirect("staff:site_import_show", key)
    context = _context(site_import) | {"form": form}
    return render(request, "blog/site_import.html", context, status=422 if form.errors else 200)


def _files_said(written: int, left_out: int) -> str:
    said = ngettext("%(count)d file was added.", "%(count)d files were added.", written) % {"count": written}
    if left_out:
        said += " " + ngettext(
            "%(count)d file is of a kind that the portal does not take.",
            "%(count)d files are of kinds that the portal does not take.",
            left_out,
        ) % {"count": left_out}
    return said


def _context(site_import: SiteImport) -> dict[str, Any]:
    report = Report.from_json(site_import.report)
    is_interrupted = running.is_interrupted(site_import)
    return {
        "site_import": site_import,
        "is_interrupted": is_interrupted,
        "is_under_way": site_import.is_under_way and not is_interrupted,
        "has_files": bool(site_import.folder),
        "may_undo": site_import.state != SiteImport.State.UNDONE and site_import.rows.exists(),
        "imported": _counts(report.imported),
        "skipped": _counts(report.skipped),
        "undone": _counts(report.undone),
        "groups": [
            (
                LEVELS[level],
                level.value,
                heading,
                rows[:ROWS_SHOWN],
                len(rows) + more,
                max(0, len(rows) - ROWS_SHOWN) + more,
            )
            for level, heading, rows, more in report.groups()
        ],
    }


def _counts(counts: dict[str, int]) -> list[str]:
    return [str(KINDS[kind] % counts[kind]) for kind in KINDS if counts.get(kind)]


@role_required("editorial")
@require_POST
def site_import_run(request: HttpRequest, key: int) -> HttpResponse:
    return _ask(request, key, SiteImport.Task.RUN)


@role_required("editorial")
@require_POST
def site_import_undo(request: HttpRequest, key: int) -> HttpResponse:
    return _ask(request, key, SiteImport.Task.UNDO)


def _ask(request: HttpRequest, key: int, task: SiteImport.Task) -> HttpResponse:
    get_object_or_404(SiteImport.objects.only("pk"), pk=key)
    with refusal_shown(
        request, _("It begins in a moment: this page shows how far it is."), level=messages.INFO
    ):
        running.ask(site_import_id=key, task=task, by=signed_in_user(request))
    return redirect("staff:site_import_show", key)


@role_required("editorial")
@require_safe
def site_import_progress(request: HttpRequest, key: int) -> JsonResponse:
    """For the page to follow it: how much is done, and whether it is over, or was interrupted."""
    site_import = get_object_or_404(SiteImport.objects.defer("report"), pk=key)
    is_over = not site_import.is_under_way or running.is_interrupted(site_import)
    return JsonResponse({"done": site_import.items_done, "total": site_import.items_total, "over": is_over})
