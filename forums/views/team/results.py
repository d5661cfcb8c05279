"""Staff write the results of a forum: save, preview, publish, schedule, take back."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from desk import editor_responses, workflow
from desk.publishing import EditConflict, as_if_published
from forums.forms.results import ResultsForms
from forums.models import Forum, Priority, Results, Round
from forums.results import drafts
from forums.results.drafts import priority_key
from forums.results.report import priority_lines, round_reports
from forums.results.sentences import vote_title
from forums.views.public.results import notes_beside_figures, results_context
from pole.access import role_required


def _forum_and_results(slug: str) -> tuple[Forum, Results | None]:
    """A forum with what its results page shows, and the results if they were begun."""
    forum = get_object_or_404(
        Forum.objects.select_related("municipality").prefetch_related("tracks", "attendance"), slug=slug
    )
    priorities = models.Prefetch("priorities", Priority.objects.for_lists())
    found = (
        Results.objects.select_related("draft__saved_by")
        .prefetch_related(priorities)
        .filter(forum=forum)
        .first()
    )
    if found:
        found.forum = forum
    return forum, found


@role_required("forums")
@require_http_methods(["GET", "HEAD", "POST"])
def results_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """The editor; a save over someone else's shows both texts and keeps what was typed."""
    forum, results = _forum_and_results(slug)
    forms = ResultsForms(forum, results, request.POST or None)
    forms.texts.initial["publish_at"] = workflow.wished_date(request) or forms.texts.initial["publish_at"]
    conflict = None
    action = workflow.requested_action(request)
    if request.method == "POST" and forms.is_valid() and forms.can_perform(action):
        at = forms.texts.cleaned_data["publish_at"]
        save = partial(_save_draft, request, forum, forms, forms.content(), is_autosave=False)
        try:
            saved = workflow.save_and_apply(request, save, at=at)
        except EditConflict as error:
            conflict = {"stored": error.stored, "differences": forms.differences(error.stored.content)}
            forms.restart_from(error.stored.version)
        else:
            if action.publishes and not forum.is_public(timezone.now()):
                messages.warning(request, _("This forum is not announced: its results will appear with it."))
            return redirect(workflow.address_after(request, saved, at=at))
    now = timezone.now()
    context = {
        "forum": forum,
        "results": results,
        "forms": forms,
        "conflict": conflict,
        "is_public": results and results.is_public(now),
        "is_published": results and results.published_at and not results.is_scheduled(now),
        "is_scheduled": results and results.is_scheduled(now),
        "problems": workflow.problems_of(results, results.draft.content) if results else [],
        "menu_entries": workflow.menu_entries(results) if results else [],
        "figures": _figures(forum, forms),
    }
    return render(request, "forums/console_results.html", context, status=409 if conflict else 200)


def _figures(forum: Forum, forms: ResultsForms) -> list[dict[str, Any]]:
    """The figures of the votes that these results publish, beside what staff write; and what differs from it."""
    if not forms.rounds:
        return []
    typed = {row["key"] for row in forms.priorities_shown()}
    reports = round_reports(
        Round.objects.sealed().filter(forum=forum, pk__in=forms.rounds).order_by("-number")
    )
    return [
        {
            "report": report,
            "title": vote_title(report.round),
            "notes": notes_beside_figures(report),
            "missing": [
                row.option.title
                for question in report.questions
                for row in question.retained
                if row.option and str(priority_key(row.option)) not in typed
            ],
        }
        for report in reports
    ]


def _save_draft(
    request: HttpRequest, forum: Forum, forms: ResultsForms, content: dict[str, Any], *, is_autosave: bool
) -> Results:
    return drafts.save_results(
        forum=forum,
        content=content,
        seen_version=forms.texts.cleaned_data.get("version") or 0,
        by=request.user,  # type: ignore[arg-type]  # staff_only
        writing_key=editor_responses.read_writing_key(request),
        is_autosave=is_autosave,
    )


@role_required("forums")
@require_POST
def results_autosave(request: HttpRequest, slug: str) -> HttpResponse:
    """Keeps what is valid of what is being typed."""
    forum, results = _forum_and_results(slug)
    forms = ResultsForms(forum, results, request.POST)
    forms.is_valid()
    try:
        content = {**(results.draft.content if results else {}), **forms.content()}
        kept = _save_draft(request, forum, forms, content, is_autosave=True)
    except EditConflict as error:
        return editor_responses.conflict_response(request, error)
    kept.forum = forum
    return editor_responses.saved_response(
        request, kept, autosave_url=request.path, left_out=forms.texts.errors
    )


@role_required("forums")
@require_POST
def results_preview(request: HttpRequest, slug: str) -> HttpResponse:
    """The typed text in the real page, without saving anything."""
    forum, results = _forum_and_results(slug)
    forms = ResultsForms(forum, results, request.POST)
    is_complete = forms.is_valid()
    return _preview(request, results or Results(forum=forum), forms.content(), is_complete=is_complete)


def preview_of_results(request: HttpRequest, results: Results, content: dict[str, Any]) -> HttpResponse:
    """A working copy in the page that visitors will read."""
    forum, found = _forum_and_results(results.forum.slug)
    return _preview(request, found or Results(forum=forum), content, is_complete=True)


def _preview(
    request: HttpRequest, results: Results, content: dict[str, Any], *, is_complete: bool
) -> HttpResponse:
    shown = as_if_published(results, content)
    reports = round_reports(shown.shown_rounds())
    context = {
        **results_context(shown, priority_lines(shown.shown_priorities, reports), reports),
        "is_preview": True,
        "is_complete": is_complete,
    }
    return render(request, "forums/results.html", context)
