"""The team reads an activity that an enterprise proposes, announces it or says why not, and answers what is asked of it later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.rules import signed_in_user
from forums.agenda import proposals
from forums.forms.activities import AnsweredChangeForm, RefusedActivityForm
from forums.forms.notices import AnnounceForm
from forums.models import ActivityProposal
from pole.access import role_required
from pole.refusals import Refusal


def _get_proposal_or_404(slug: str) -> ActivityProposal:
    return get_object_or_404(ActivityProposal.objects.for_page(), forum__slug=slug)


@role_required("forums")
@require_safe
def activity_review(request: HttpRequest, slug: str) -> HttpResponse:
    return _page(request, _get_proposal_or_404(slug))


def _page(request: HttpRequest, row: ActivityProposal, **refused: BaseForm) -> HttpResponse:
    """Also with the one of its forms that was `refused`."""
    forms: dict[str, BaseForm] = {
        "announce_form": AnnounceForm(), "refusal_form": RefusedActivityForm(), "answer_form": AnsweredChangeForm(),
    }  # fmt: skip
    now = timezone.now()
    context: dict[str, Any] = {
        "row": row, "shown": row.forum, "is_over": now >= row.forum.ends_at, "is_public": row.forum.is_public(now),
        "dates": [(each.starts_at, each.ends_at) for each in row.forum.sessions.all()],
        **forms, **refused,
    }  # fmt: skip
    return render(request, "forums/activity_review.html", context, status=422 if refused else 200)


@role_required("forums")
@require_POST
def activity_accept(request: HttpRequest, slug: str) -> HttpResponse:
    """It is announced now, or at the moment given."""

    def accept(typed: dict[str, Any], **how: Any) -> None:
        proposals.accept(at=typed["at"] or how["now"], **how)

    done = _("Accepted. Who proposed it is told by mail.")
    return _decide(request, slug, "announce_form", AnnounceForm(request.POST), accept, done)


@role_required("forums")
@require_POST
def activity_refuse(request: HttpRequest, slug: str) -> HttpResponse:
    def refuse(typed: dict[str, Any], **how: Any) -> None:
        proposals.refuse(reason=typed["reason"], **how)

    done = _("Refused. Who proposed it is told why by mail.")
    return _decide(request, slug, "refusal_form", RefusedActivityForm(request.POST), refuse, done)


@role_required("forums")
@require_POST
def activity_answer(request: HttpRequest, slug: str) -> HttpResponse:
    """Ends what a manager asked of an accepted one; the change itself is made in the editor."""

    def answer(typed: dict[str, Any], **how: Any) -> None:
        proposals.answer_change(answer=typed["answer"], **how)

    done = _("Answered. Who asked is told by mail.")
    return _decide(request, slug, "answer_form", AnsweredChangeForm(request.POST), answer, done)


def _decide(
    request: HttpRequest, slug: str, name: str, form: BaseForm, decide: Callable[..., None], done: str
) -> HttpResponse:
    """Leads to the page of the proposal; the page itself, with `form` named `name` in it, when it is refused."""
    row = _get_proposal_or_404(slug)
    if form.is_valid():
        try:
            decide(
                form.cleaned_data, proposal_id=row.pk, seen=request.POST.get("seen", ""),
                by=signed_in_user(request), now=timezone.now(),
            )  # fmt: skip
        except proposals.AlreadyAnswered as refusal:
            messages.info(request, refusal.message)
            return redirect("staff:activity_review", slug)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, done)
            return redirect("staff:activity_review", slug)
    return _page(request, _get_proposal_or_404(slug), **{name: form})
