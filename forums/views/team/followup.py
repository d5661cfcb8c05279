"""Staff record the progress of the priorities of a forum."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rules import signed_in_user
from forums.forms.results import ProgressForm, UpdateForm
from forums.models import Answer, Forum, Priority, PriorityUpdate
from forums.results.followup import change_update, record_progress, remove_update
from pole.access import role_required
from pole.refusals import say


def anchor_of(priority_id: int) -> str:
    """Where a priority stands on this page, and what was just said of it."""
    return f"priorite-{priority_id}"


def redirect_to_priority(slug: str, priority_id: int) -> HttpResponse:
    return redirect(f"{reverse('staff:followup', args=[slug])}#{anchor_of(priority_id)}")


def _page(request: HttpRequest, forum: Forum, refused_forms: dict[int, ProgressForm]) -> HttpResponse:
    """Every priority with its form: one of `refused_forms`, by the key of its priority, as it was sent; else a new one."""
    priorities = Priority.objects.filter(results__forum=forum).for_lists()
    priorities = priorities.prefetch_related(
        "updates", Prefetch("answers", Answer.objects.select_related("dossier"))
    )
    today = timezone.localdate()
    rows = [
        (
            priority,
            refused_forms.get(priority.pk)
            or ProgressForm(initial={"state": priority.state, "dated_on": today}, prefix=f"p{priority.pk}"),
        )
        for priority in priorities
    ]
    waiting = sum(
        answer.confirmed_at is None for priority, _form in rows for answer in priority.answers.all()
    )
    context = {"forum": forum, "rows": rows, "waiting": waiting}
    return render(request, "forums/console_followup.html", context, status=422 if refused_forms else 200)


@role_required("forums")
@require_safe
def followup(request: HttpRequest, slug: str) -> HttpResponse:
    return _page(request, get_object_or_404(Forum, slug=slug), {})


@role_required("forums")
@require_POST
def followup_save(request: HttpRequest, slug: str, priority_id: int) -> HttpResponse:
    forum = get_object_or_404(Forum, slug=slug)
    priority = get_object_or_404(Priority, pk=priority_id, results__forum=forum)
    form = ProgressForm(request.POST, prefix=f"p{priority.pk}")
    if not form.is_valid():
        return _page(request, forum, {priority.pk: form})
    record_progress(priority=priority, **form.cleaned_data, by=signed_in_user(request))
    done = _("“%(title)s” is up to date.") % {"title": priority.title}
    say(request, messages.SUCCESS, done, at=anchor_of(priority.pk))
    return redirect_to_priority(slug, priority.pk)


@role_required("forums")
@require_http_methods(["GET", "HEAD", "POST"])
def followup_update(request: HttpRequest, slug: str, update_id: int) -> HttpResponse:
    """One update, to write again."""
    updates = PriorityUpdate.objects.select_related("priority__results__forum")
    update = get_object_or_404(updates, pk=update_id, priority__results__forum__slug=slug)
    priority = update.priority
    form = UpdateForm(request.POST if request.method == "POST" else None, instance=update)
    if request.method == "POST" and form.is_valid():
        if change_update(update_id=update_id, by=signed_in_user(request), **form.cleaned_data):
            done = _("“%(title)s” is up to date.") % {"title": priority.title}
            say(request, messages.SUCCESS, done, at=anchor_of(priority.pk))
        else:
            same = _("The same day already says this: nothing has changed.")
            say(request, messages.WARNING, same, at=anchor_of(priority.pk))
        return redirect_to_priority(slug, priority.pk)
    context = {"forum": priority.results.forum, "priority": priority, "form": form}
    return render(
        request, "forums/console_followup_update.html", context, status=422 if form.is_bound else 200
    )


@role_required("forums")
@require_POST
def followup_delete(request: HttpRequest, slug: str, update_id: int) -> HttpResponse:
    update = get_object_or_404(PriorityUpdate, pk=update_id, priority__results__forum__slug=slug)
    remove_update(update=update, by=signed_in_user(request))
    say(request, messages.SUCCESS, _("The update is deleted."), at=anchor_of(update.priority_id))
    return redirect_to_priority(slug, update.priority_id)
