"""Staff preview, duplicate and postpone a forum, and edit its registration questions and the texts of its mails."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rules import signed_in_user
from forums.event import duplication, editing
from forums.forms.notices import DuplicateForm, NoticeTextForm, PostponeForm, QuestionFormSet
from forums.mail import editing as mail_editing
from forums.mail import notices
from forums.mail.texts import EDITABLE_KINDS, PLACEHOLDERS, MailText
from forums.models import Forum, NoticeKind, NoticeText, Registration
from forums.models.reading import forum_for_page
from forums.registration import questions
from forums.views.public.forum import drawing_of, page_context
from forums.views.team.console import show_editing
from pole.access import role_required


@role_required("forums")
@require_safe
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """The page as visitors will see it, announced or not."""
    forum = forum_for_page(slug)
    if forum is None:
        raise Http404
    now = timezone.now()
    stage = forum.stage_at(now)
    shown = Forum.Stage.ANNOUNCED if stage is Forum.Stage.DRAFT else stage
    context = {
        "stage": shown,
        "now": now,
        "is_preview": True,
        "picture": drawing_of(forum, shown),
    } | page_context(request, forum)
    return render(request, "forums/forum.html", context)


@role_required("forums")
@require_POST
def duplicate(request: HttpRequest, slug: str) -> HttpResponse:
    forum = get_object_or_404(Forum, slug=slug)
    form = DuplicateForm(request.POST)
    if not form.is_valid():
        return show_editing(request, forum, duplicate_form=form, status=422)
    by = signed_in_user(request)
    on = None if form.cleaned_data["week"] else form.cleaned_data["on"]
    copy = duplication.duplicate(forum=forum, now=timezone.now(), on=on, step=form.step(), by=by)
    messages.success(request, _("Copied, without people, votes nor results. Check the dates first."))
    return redirect("staff:forum_edit", copy.slug)


@role_required("forums")
@require_http_methods(["GET", "HEAD", "POST"])
def postpone(request: HttpRequest, slug: str) -> HttpResponse:
    forum = get_object_or_404(Forum, slug=slug)
    form = PostponeForm(forum, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            editing.postpone(forum=forum, **form.cleaned_data, now=timezone.now(), by=signed_in_user(request))
        except ValueError:
            form.add_error(None, _("Someone changed these dates meanwhile. Look at them again."))
        else:
            messages.success(request, _("Postponed. Everyone registered is told by mail."))
            return redirect("staff:forum_edit", slug)
    recipients = Registration.objects.filter(forum=forum, state__in=notices.CONFIRMED_OR_WAITLISTED).exclude(
        email=""
    )
    context = {"forum": forum, "form": form, "told": recipients.count()}
    return render(request, "forums/console_postpone.html", context, status=422 if form.is_bound else 200)


@role_required("forums")
@require_POST
def take_attendance(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of the activity shows the counted arrivals."""
    counts = editing.copy_counted_attendance(
        forum=get_object_or_404(Forum, slug=slug), by=signed_in_user(request)
    )
    if counts:
        messages.success(request, _("The page shows the counted arrivals."))
    else:
        messages.info(request, _("Nobody has arrived: nothing is changed."))
    return redirect("staff:people_of_forum", slug)


@role_required("forums")
@require_http_methods(["GET", "HEAD", "POST"])
def registration_questions(request: HttpRequest, slug: str) -> HttpResponse:
    forum = get_object_or_404(Forum, slug=slug)
    rows = [dict(row) for row in forum.questions.values("id", "label", "label_en")]
    formset = QuestionFormSet(request.POST or None, rows=rows, prefix="questions")
    if request.method == "POST" and formset.is_valid():
        questions.save_questions(forum=forum, questions=formset.rows(), by=signed_in_user(request))
        messages.success(request, _("The questions are up to date."))
        return redirect("staff:questions_of_forum", slug)
    context = {"forum": forum, "formset": formset}
    return render(request, "forums/console_questions.html", context, status=422 if formset.is_bound else 200)


@role_required("forums")
@require_safe
def mails(request: HttpRequest, slug: str) -> HttpResponse:
    forum = get_object_or_404(Forum, slug=slug)
    reworded = set(NoticeText.objects.filter(forum=forum).values_list("kind", flat=True))
    kinds = [(kind, kind.value in reworded) for kind in EDITABLE_KINDS]
    return render(request, "forums/console_mails.html", {"forum": forum, "kinds": kinds})


@role_required("forums")
@require_http_methods(["GET", "HEAD", "POST"])
def mail(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """The text of one kind of mail, and its preview; the button "preview" saves nothing."""
    forum = get_object_or_404(Forum.objects.select_related("municipality"), slug=slug)
    if kind not in EDITABLE_KINDS:
        raise Http404
    chosen = NoticeKind(kind)
    form = NoticeTextForm(forum, chosen, request.POST or None)
    is_typed = request.method == "POST" and form.is_valid()
    if is_typed and "preview" not in request.POST:
        mail_editing.save_notice_texts(
            forum=forum, kind=chosen, texts=form.texts(), by=signed_in_user(request)
        )
        messages.success(request, _("Saved. The next mails will say this."))
        return redirect("staff:mail_of_forum", slug, kind)
    context = {
        "forum": forum,
        "kind": chosen,
        "form": form,
        "marks": PLACEHOLDERS.items(),
        "previews": _previews(forum, chosen, form.texts() if is_typed else {}),
        "is_preview": is_typed,
    }
    status = 422 if form.is_bound and not is_typed else 200
    return render(request, "forums/console_mail.html", context, status=status)


def _previews(forum: Forum, kind: NoticeKind, typed: dict[str, MailText]) -> list[tuple[str, str, str]]:
    """(language, subject, text) of the mail to someone who does not exist."""
    found = []
    for language in ("fr", "en"):
        person = Registration(
            forum=forum,
            key=uuid.uuid4(),
            name="Camille Roy",
            email="camille@exemple.example",
            language=language,
        )
        text = typed.get(language)
        composed = notices.render_notice(
            person, kind, link=notices.preview_link(forum, kind), text=text if text and text.body else None
        )
        found.append((language, str(composed.subject), str(composed.body)))
    return found
