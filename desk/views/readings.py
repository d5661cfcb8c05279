"""A draft, for the one person who holds its link: they read it as visitors will, and say what they think of it."""

from __future__ import annotations

from typing import Any

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from desk.models import Publishable, Reading, Remark
from desk.reading_models import MAX_REMARK_LENGTH
from desk.readings import asking, showing
from desk.readings.forms import RemarkForm
from desk.readings.passages import Passage
from pole.refusals import Refusal, note_drawn_refusal

WHOLE_TEXT = Passage("", "")


@require_http_methods(["GET", "HEAD", "POST"])
def reading(request: HttpRequest, token: str) -> HttpResponse:
    """Never cached nor indexed; of its address, nothing but the domain goes to other sites."""
    try:
        response = _answer(request, token)
    except asking.ReadingRefused:
        response = render(request, "desk/reading_over.html", status=410)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    # Not `no-referrer`: with it browsers send `Origin: null`, which CSRF protection refuses.
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


def _answer(request: HttpRequest, token: str) -> HttpResponse:
    found = asking.find(token, timezone.now())
    owner = found.draft.owner
    if owner is None:
        raise asking.ReadingRefused("reading_over")
    if request.method != "POST":
        return _page(request, found, owner, None)
    form = RemarkForm(request.POST)
    if not form.is_valid():
        return _page(request, found, owner, form, status=422)
    if not ratelimit.consume(request, action="remark"):
        form.add_error(
            None, _("Too many remarks come from your connection. Wait a little, then send yours again.")
        )
        return _page(request, found, owner, form, status=429)
    cleaned = form.cleaned_data
    try:
        written = asking.remark(
            token=token, passage=form.passage, text=cleaned["text"],
            key=cleaned["idempotency_key"], now=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        if not refusal.message:
            raise
        form.add_error(None, refusal.message)
        return _page(request, found, owner, form, status=422)
    return redirect(f"{reverse('reading', args=[token])}?ecrite={written.pk}#remarque-{written.pk}")


class _Notes:
    """Draws what stands under each passage of one page; the form that was refused stands where it was sent from."""

    def __init__(self, request: HttpRequest, reading: Reading, refused: RemarkForm | None) -> None:
        self.request, self.reading, self.refused = request, reading, refused
        self.count = 0
        written = request.GET.get("ecrite", "")
        self.written = int(written) if written.isdecimal() and len(written) < 19 else 0
        self.refused_at = refused.passage if refused else None

    def __call__(self, passage: Passage, remarks: list[Remark]) -> str:
        return self.draw("desk/reading_note.html", passage, remarks)

    def draw(self, template: str, passage: Passage, remarks: list[Remark]) -> str:
        self.count += 1
        form = self.refused if self.refused and passage == self.refused_at else None
        if form:
            self.refused_at = None
        initial = {"field": passage.field, "words": passage.words, "occurrence": passage.occurrence}
        context = {
            "passage": passage, "remarks": remarks, "written": self.written, "reading": self.reading,
            "form": form or RemarkForm(auto_id=f"note-{self.count}-%s", initial=initial),
            "is_refused": form is not None, "limit": MAX_REMARK_LENGTH,
        }  # fmt: skip
        return render_to_string(template, context, self.request)


def _page(
    request: HttpRequest,
    reading: Reading,
    owner: Publishable,
    refused: RemarkForm | None,
    *,
    status: int = 200,
) -> HttpResponse:
    """The very page of the preview, whose prose holds the notes."""
    content: dict[str, Any] = reading.draft.content
    placed = showing.place(owner, content, reading.remarks.all())
    notes = _Notes(request, reading, refused)
    if refused:
        note_drawn_refusal(request)
    annotated = showing.annotated(owner, content, placed, notes)
    if notes.refused_at is not None:
        # Its passage has changed meanwhile: what was typed stays, at the head of the text.
        notes.refused_at = WHOLE_TEXT
    head = notes.draw("desk/reading_head.html", WHOLE_TEXT, placed.elsewhere)
    for name in showing.first_fields(owner, content):
        annotated[name] = head + annotated[name]
    response: HttpResponse = import_string(owner.PREVIEW)(request, owner, annotated)
    response.status_code = status
    return response
