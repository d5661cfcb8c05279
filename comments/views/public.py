"""Writing comments. Reading them is the business of each page that owns a thread."""

from __future__ import annotations

from urllib.parse import urlsplit

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts import consents
from accounts.rules import signed_in_user
from accounts.suspending import check_not_suspended
from accounts.views.returning import next_address
from comments import flagging, following, posting, reading, rules
from comments.forms import CommentForm, EditForm, FlagForm
from comments.models import Comment, Thread, ThreadOwner
from comments.posting import PostingRefused
from pole.refusals import Refusal, refusal_shown, say

# Shown beside the button, and recorded with the consent.
FOLLOW_WORDING = gettext_noop(
    "One mail at most each day, when something is new. You can unsubscribe in one click."
)


def get_owner_or_404(thread: Thread) -> ThreadOwner:
    owner = thread.owner
    if owner is None or not owner.is_public(timezone.now()):
        raise Http404
    return owner


def get_own_comment_or_404(request: HttpRequest, comment_id: int) -> tuple[Comment, ThreadOwner]:
    comment = get_object_or_404(
        Comment.objects.select_related("thread"), pk=comment_id, author=request.user.pk
    )
    return comment, get_owner_or_404(comment.thread)


@login_required
@require_POST
def post(request: HttpRequest, thread_id: int) -> HttpResponse:
    thread = get_object_or_404(Thread, pk=thread_id)
    return _handle_comment_form(
        request, thread, parent=None, action=reverse("comments:post", args=[thread.pk])
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, comment_id: int) -> HttpResponse:
    parent = get_object_or_404(
        Comment.objects.public().select_related("thread", "author", "parent"), pk=comment_id
    )
    return _handle_comment_form(
        request, parent.thread, parent=parent, action=reverse("comments:reply", args=[parent.pk])
    )


def _handle_comment_form(
    request: HttpRequest, thread: Thread, *, parent: Comment | None, action: str
) -> HttpResponse:
    """The page of the form; or, once the comment is posted, a redirection to it."""
    page = get_owner_or_404(thread).get_absolute_url()
    author, now = signed_in_user(request), timezone.now()
    typed = request.POST if request.method == "POST" else None
    form = CommentForm(typed, asks_name=not consents.shows_name(author))
    if not form.is_bound and author.is_suspended(now):
        return _say_suspended(request, f"{page}#commentaires")
    if form.is_bound and form.is_valid():
        try:
            if not ratelimit.consume(request, action="comment"):
                raise PostingRefused("comments_crowded")
            comment = posting.post_comment(
                thread=thread, author=author, text=form.cleaned_data["text"], parent=parent,
                idempotency_key=form.cleaned_data["idempotency_key"], now=now,
                agreed_wording=form.agreed_wording, page=page,
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            return _redirect_to_comment(request, page, comment)
    context = {
        "form": form,
        "title": _("Your answer") if parent else _("Your comment"),
        "quoted": parent,
        "quoted_text": parent.shown_text if parent else "",
        "action": action,
        "back": f"{page}#commentaires",
        "will_be_held": reading.will_be_held(author, holds_first=posting.holds_first_comment()),
    }
    return render(request, "comments/write.html", context, status=400 if form.is_bound else 200)


def _redirect_to_comment(request: HttpRequest, page: str, comment: Comment) -> HttpResponse:
    if comment.state == Comment.State.PENDING:
        done = _("Thank you! The team reads your comment before it appears to everyone.")
        say(request, messages.INFO, done, at=comment.anchor)
    else:
        say(request, messages.SUCCESS, _("Your comment is published."), at=comment.anchor)
    return redirect(reading.place_of(comment, page, reader=signed_in_user(request)))


def _say_suspended(request: HttpRequest, back: str) -> HttpResponse:
    """No form for an account that may not send it: the page of the conversation, with the reason why."""
    with refusal_shown(request, at=urlsplit(back).fragment):
        check_not_suspended(request.user, timezone.now())
    return redirect(back)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, comment_id: int) -> HttpResponse:
    comment, owner = get_own_comment_or_404(request, comment_id)
    author, now = signed_in_user(request), timezone.now()
    form = EditForm(request.POST if request.method == "POST" else None, initial={"text": comment.text})
    back = reading.place_of(comment, owner.get_absolute_url(), reader=author)
    try:
        check_not_suspended(author, now)
        if not rules.may_edit(author, comment, now):
            raise PostingRefused("comment_too_late")
        if form.is_bound and form.is_valid():
            row = posting.edit_comment(
                comment=comment, author=author, text=form.cleaned_data["text"], now=now
            )
            if row.state == Comment.State.PENDING:
                done = _("Your comment is changed: the team reads it before it appears to everyone.")
                say(request, messages.INFO, done, at=comment.anchor)
            else:
                say(request, messages.SUCCESS, _("Your comment is changed."), at=comment.anchor)
            return redirect(back)
    except Refusal as refusal:
        say(request, messages.ERROR, refusal.message, at=comment.anchor)
        return redirect(back)
    context = {
        "form": form,
        "title": _("Edit your comment"),
        "action": request.path,
        "back": back,
        "is_edit": True,
        "will_be_held": reading.will_be_held(
            author, holds_first=posting.holds_first_comment(), edited=comment
        ),
    }
    return render(request, "comments/write.html", context, status=400 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, comment_id: int) -> HttpResponse:
    """From the page of the conversation, or from the list that `next` names: back there."""
    comment, owner = get_own_comment_or_404(request, comment_id)
    page = owner.get_absolute_url()
    back = next_address(request, reading.place_of(comment, page, reader=signed_in_user(request)))
    if request.method == "POST":
        with refusal_shown(request, _("Your comment is deleted."), at="commentaires"):
            posting.delete_comment(comment=comment, author=request.user)  # type: ignore[arg-type]  # login_required
        return redirect(next_address(request, f"{back.partition('#')[0]}#commentaires"))
    context = {"quoted_text": comment.shown_text, "back": back, "next": next_address(request, "")}
    return render(request, "comments/delete.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def flag(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Asks why, then puts the comment in the team's queue."""
    comment = get_object_or_404(Comment.objects.public().select_related("thread", "author"), pk=comment_id)
    page = get_owner_or_404(comment.thread).get_absolute_url()
    back = reading.place_of(comment, page, reader=signed_in_user(request))
    form = FlagForm(request.POST if request.method == "POST" else None)
    if not form.is_bound and signed_in_user(request).is_suspended(timezone.now()):
        return _say_suspended(request, back)
    if form.is_bound and form.is_valid():
        with refusal_shown(
            request, _("Thank you. The team will read this comment again."), at=comment.anchor
        ):
            if not ratelimit.consume(request, action="flag"):
                raise PostingRefused("comments_crowded")
            flagging.flag(
                comment=comment, by=request.user, reason=form.cleaned_data["reason"], now=timezone.now()  # type: ignore[arg-type]  # login_required
            )  # fmt: skip
        return redirect(back)
    context = {"form": form, "quoted": comment, "quoted_text": comment.shown_text, "back": back}
    return render(request, "comments/flag.html", context, status=400 if form.is_bound else 200)


@login_required
@require_POST
def follow(request: HttpRequest, thread_id: int) -> HttpResponse:
    """Follows a thread by mail, or no longer with `stop`."""
    thread = get_object_or_404(Thread, pk=thread_id)
    page = get_owner_or_404(thread).get_absolute_url()
    if request.POST.get("stop"):
        following.unfollow(thread_id=thread.pk, user=request.user, now=timezone.now())  # type: ignore[arg-type]  # login_required
        done = _("You no longer follow this conversation.")
    else:
        following.follow(
            thread=thread, user=request.user, wording=_(FOLLOW_WORDING), page=page, now=timezone.now()  # type: ignore[arg-type]  # login_required
        )  # fmt: skip
        done = _("You follow this conversation: what is new will reach you by mail.")
    say(request, messages.SUCCESS, done, at="suivi")
    return redirect(f"{page}#suivi")


@csrf_exempt  # a mail program sends it, without a session (RFC 8058); the token says who and does nothing else
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """A page that asks; a POST ends the digests of the person whom the token names."""
    user = following.get_user_of_token(token)
    if user is None:
        return render(request, "comments/unsubscribe.html", {"is_unknown": True}, status=404)
    if request.method == "POST":
        following.unfollow_everything(user=user, now=timezone.now())
    return render(request, "comments/unsubscribe.html", {"is_done": request.method == "POST"})
