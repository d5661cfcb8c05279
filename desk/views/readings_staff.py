"""Having a text read by people without an account, and what the team does with what they say of it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rules import signed_in_user
from desk.models import Publishable, Remark
from desk.readings import asking, showing
from desk.readings.forms import AnswerForm, AskForm
from desk.readings.passages import Passage
from desk.views.staff import get_owner_or_404
from pole.access import role_required
from pole.refusals import Refusal, say


@role_required("editorial", "forums")
@require_http_methods(["GET", "HEAD", "POST"])
def readings(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Who reads the text, and their remarks beside its passages; a new link is shown once."""
    owner = get_owner_or_404(request, draft_id)
    form = AskForm(request.POST or None)
    if request.method != "POST":
        return _page(request, owner, form)
    if not form.is_valid():
        return _page(request, owner, form, status=422)
    cleaned = form.cleaned_data
    try:
        asked, link = asking.ask(
            owner=owner, name=cleaned["name"], email=cleaned["email"], key=cleaned["key"],
            by=signed_in_user(request), now=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        form.add_error(None, refusal.message)
        return _page(request, owner, form, status=422)
    return _page(request, owner, AskForm(), given={"reading": asked, "link": link})


def _page(
    request: HttpRequest,
    owner: Publishable,
    form: AskForm,
    *,
    answered: AnswerForm | None = None,
    given: dict[str, object] | None = None,
    status: int = 200,
) -> HttpResponse:
    draft = owner.draft
    remarks = list(Remark.objects.filter(reading__draft=draft).select_related("reading", "answered_by"))
    forms = {
        remark.pk: answered
        if answered and answered.instance.pk == remark.pk
        else AnswerForm(instance=remark, auto_id=f"reponse-{remark.pk}-%s")
        for remark in remarks
    }
    placed = showing.place(owner, draft.content, remarks)

    def draw(passage: Passage, remarks: list[Remark]) -> str:
        if not remarks:
            return ""
        shown = [(remark, forms[remark.pk]) for remark in remarks]
        return render_to_string("desk/remarks.html", {"remarks": shown, "draft": draft}, request)

    annotated = showing.annotated(owner, draft.content, placed, draw)
    context = {
        "owner": owner, "draft": draft, "form": form, "given": given, "now": timezone.now(),
        "title": draft.content.get("title", ""), "readings": draft.readings.select_related("created_by"),
        "remarks": remarks, "is_refused": answered is not None,
        "elsewhere": [(remark, forms[remark.pk]) for remark in placed.elsewhere],
        # Sanitised when it was saved, with notes whose templates escape what they show.
        "texts": [mark_safe(annotated[name]) for name in owner.HTML_FIELDS if draft.content.get(name)],  # noqa: S308
    }  # fmt: skip
    return render(request, "desk/readings.html", context, status=status)


@role_required("editorial", "forums")
@require_POST
def reading_end(request: HttpRequest, draft_id: int, reading_id: int) -> HttpResponse:
    owner = get_owner_or_404(request, draft_id)
    reading = get_object_or_404(owner.draft.readings, pk=reading_id)
    asking.end(reading=reading, by=signed_in_user(request), now=timezone.now())
    text = _("The link of %(name)s no longer opens anything. What they wrote stays here.")
    say(request, messages.SUCCESS, text % {"name": reading.name}, at="relectrices")
    return redirect("staff:readings", draft_id)


@role_required("editorial", "forums")
@require_POST
def remark(request: HttpRequest, draft_id: int, remark_id: int) -> HttpResponse:
    """`action`: answer it, mark it as done or not, delete it."""
    owner = get_owner_or_404(request, draft_id)
    found = get_object_or_404(Remark, pk=remark_id, reading__draft=draft_id)
    by, action = signed_in_user(request), request.POST.get("action", "")
    page = reverse("staff:readings", args=[draft_id])
    if action == "delete":
        asking.delete(remark=found, by=by)
        say(request, messages.SUCCESS, _("The remark is deleted."), at="remarques")
        return redirect(f"{page}#remarques")
    if action in {"done", "undone"}:
        asking.mark(found, is_done=action == "done")
    elif action == "answer":
        form = AnswerForm(request.POST, instance=found, auto_id=f"reponse-{found.pk}-%s")
        if not form.is_valid():
            return _page(request, owner, AskForm(), answered=form, status=422)
        asking.answer(remark=found, text=form.cleaned_data["answer"], by=by)
    return redirect(f"{page}#remarque-{found.pk}")
