"""What the recipient of a dossier reads and does, by the link that was mailed. Nothing of it is stored by anyone."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.forms import model_to_dict
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.suspending import has_suspension_error
from forums.dossier import sending
from forums.dossier.files import ARCHIVE_NAME, CHECKSUMS_NAME, build_archive
from forums.forms.dossier import AcknowledgeForm, AnswerForm
from forums.mail.registration_links import LinkExpired, LinkRefused
from forums.models import Answer, Dossier, Priority
from pole.files.downloads import as_file
from pole.refusals import refusal_shown


def by_link[**P](view: Callable[P, HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Calls the view with the dossier of the token; for a bad token, answers 410 (expired) or 404 with a page."""

    @wraps(view)
    def wrapper(request: HttpRequest, token: str, **kwargs: object) -> HttpResponseBase:
        try:
            dossier = sending.find_dossier(token, timezone.now())
            response: HttpResponseBase = view(request, dossier, **kwargs)  # type: ignore[arg-type]  # the view's own
        except LinkExpired:
            response = render(request, "forums/dossier_over.html", {"is_expired": True}, status=410)
        except LinkRefused:
            response = render(request, "forums/dossier_over.html", {"is_expired": False}, status=404)
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        # Not `no-referrer`: with it browsers send `Origin: null`, which CSRF protection refuses.
        response.headers["Referrer-Policy"] = "strict-origin"
        return response

    return wrapper


@require_safe
@by_link
def dossier(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    return _page(request, dossier, {}, None)


def _page(
    request: HttpRequest, dossier: Dossier, refused: dict[int, AnswerForm], naming: AcknowledgeForm | None
) -> HttpResponse:
    """Files, acknowledgement, and a form for each priority: the one that was refused as it was sent."""
    answers = {answer.priority_id: answer for answer in dossier.answers.all()}
    priorities = Priority.objects.filter(results=dossier.results_id).for_lists()
    rows = [
        (priority, answer, refused.get(priority.pk) or _answer_form(priority, answer))
        for priority in priorities
        for answer in [answers.get(priority.pk)]
    ]
    context = {
        "dossier": dossier,
        "forum": dossier.results.forum,
        "token": sending.link_token(dossier),
        "files": dossier.files.defer("content"),
        "archive": ARCHIVE_NAME,
        "sums": CHECKSUMS_NAME,
        "rows": rows,
        "naming": naming or AcknowledgeForm(initial={"name": dossier.person}),
    }
    return render(request, "forums/dossier.html", context, status=422 if refused or naming else 200)


def _answer_form(priority: Priority, answer: Answer | None) -> AnswerForm:
    initial = answer and model_to_dict(answer, ["state", "text", "body", "due_on"])
    return AnswerForm(initial=initial, prefix=f"p{priority.pk}")


def _dossier_path(dossier: Dossier, place: str = "") -> str:
    return reverse("forums:dossier", args=[sending.link_token(dossier)]) + place


@require_POST
@by_link
def dossier_acknowledge(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    form = AcknowledgeForm(request.POST)
    if not form.is_valid() or has_suspension_error(form, request.user, timezone.now()):
        return _page(request, dossier, {}, form)
    sending.acknowledge(dossier_id=dossier.pk, name=form.cleaned_data["name"])
    messages.success(request, _("Thank you: the team knows that you received this dossier."))
    return redirect(_dossier_path(dossier))


@require_POST
@by_link
def dossier_answer(request: HttpRequest, dossier: Dossier, priority_id: int) -> HttpResponse:
    priority = get_object_or_404(Priority, pk=priority_id, results=dossier.results_id)
    form = AnswerForm(request.POST, prefix=f"p{priority.pk}")
    if not form.is_valid() or has_suspension_error(form, request.user, timezone.now()):
        return _page(request, dossier, {priority.pk: form}, None)
    with refusal_shown(request, _("Your answer is kept. It will be public once the team confirms it.")):
        sending.answer_priority(dossier_id=dossier.pk, priority=priority, **form.cleaned_data)
    return redirect(_dossier_path(dossier, f"#priorite-{priority.pk}"))


@require_safe
@by_link
def dossier_file(request: HttpRequest, dossier: Dossier, name: str) -> HttpResponse:
    """One file as it was sent, or all of them in one."""
    if name == ARCHIVE_NAME:
        files = [(file.name, bytes(file.content)) for file in dossier.files.all()]
        content, kind = build_archive(files, at=dossier.created_at), ""
    else:
        file = dossier.files.filter(name=name).first()
        if file is None:
            raise Http404
        content, kind = bytes(file.content), file.media_type
    response = as_file(HttpResponse(content), name, kind=kind)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
