"""People propose a recommendation, and change it until somebody has reviewed it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from forums.forms.recommendations import BilingualRecommendationForm, ProposalForm, RevisionForm
from forums.models import Forum, Recommendation
from forums.recommendations import editing, rules
from forums.recommendations.editing import RecommendationChanged
from forums.recommendations.rules import Actor
from forums.recommendations.similar import find_similar
from forums.views.public.recommendations import get_forum_or_404
from pole.forms import with_changed_value
from pole.refusals import Refusal

MAX_SIMILAR_SHOWN = 5


def _session_key(forum: Forum) -> str:
    """The session key of what was typed before signing in."""
    return f"recommendation-{forum.pk}"


@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest, slug: str) -> HttpResponse:
    """Anyone may fill the form; sending it asks to sign in, and the session stores what was typed."""
    forum = get_forum_or_404(slug)
    person = request.user if request.user.is_authenticated else None
    typed = request.session.get(_session_key(forum))
    form = ProposalForm(request.POST or None, forum=forum, person=person, initial=typed)
    if request.method == "POST" and not person:
        request.session[_session_key(forum)] = form.typed_values
        messages.info(request, _("Sign in to send your recommendation. What you wrote is kept."))
        return redirect_to_login(request.path)
    similar: list[Recommendation] = []
    if request.method == "POST" and form.is_valid():
        similar = _similar_not_seen(forum, form)
        if not similar and _send(request, forum, form):
            request.session.pop(_session_key(forum), None)
            return redirect("forums:recommendations", slug)
    context = {
        "forum": forum,
        "form": form,
        "similar": similar,
        "is_restored": bool(typed) and not form.is_bound,
        "is_open": rules.accepts_proposals(forum, timezone.now()) or (person is not None and person.is_staff),
    }
    return render(request, "forums/recommendation_propose.html", context, status=_status(form, similar))


def _status(form: ProposalForm, similar: list[Recommendation]) -> int:
    if not form.is_bound or similar:
        return 200
    return 409 if form.has_error(NON_FIELD_ERRORS, "refused") else 400


def _similar_not_seen(forum: Forum, form: ProposalForm) -> list[Recommendation]:
    """Recommendations similar to this proposal; none if its author has just been shown the same ones."""
    content = form.content()
    similar = find_similar(forum, f"{content.title} {content.description}", MAX_SIMILAR_SHOWN)
    seen = ",".join(str(each.pk) for each in similar)
    if seen == form.cleaned_data["compared"]:
        return []
    form.data = with_changed_value(form.data, "compared", seen)
    return similar


def _send(request: HttpRequest, forum: Forum, form: ProposalForm) -> bool:
    try:
        editing.propose(
            forum=forum,
            author=request.user,  # type: ignore[arg-type]  # signed in
            content=form.content(),
            idempotency_key=form.cleaned_data["idempotency_key"],
            now=timezone.now(),
            **form.signature(),
        )
    except Refusal as refusal:
        form.add_error(None, ValidationError(refusal.message, code="refused"))
        return False
    messages.success(
        request, _("Thank you! The team reads each proposal; you will be told by e-mail what becomes of it.")
    )
    return True


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def revise(request: HttpRequest, slug: str, recommendation_id: int) -> HttpResponse:
    """The author's own, while it awaits review; anything else is a 404, or the way back to its page."""
    forum = get_forum_or_404(slug)
    rows = forum.recommendations.filter(author=request.user.pk, is_hidden=False)
    row = get_object_or_404(rows.select_related("forum", "track"), pk=recommendation_id)
    by = Actor(request.user)  # type: ignore[arg-type]  # login_required
    if not rules.may_edit(by, row, timezone.now()):
        messages.info(request, _("This recommendation can’t be changed any more: somebody has reviewed it."))
        return redirect(row)
    form = RevisionForm(
        request.POST or None, forum=forum, initial=BilingualRecommendationForm.initial_of(row)
    )
    if request.method == "POST" and form.is_valid() and _save_revision(row, form, by):
        messages.success(request, _("Your recommendation is changed."))
        return redirect(row)
    context = {"forum": forum, "recommendation": row, "form": form}
    return render(request, "forums/recommendation_revise.html", context, status=400 if form.is_bound else 200)


def _save_revision(row: Recommendation, form: RevisionForm, by: Actor) -> bool:
    try:
        editing.edit(
            recommendation=row,
            content=form.content(),
            seen_version=form.cleaned_data["version"],
            by=by,
            now=timezone.now(),
        )
    except RecommendationChanged as change:
        form.data = with_changed_value(form.data, "version", str(change.stored.version))
        form.add_error(
            None,
            _("It was changed elsewhere in between, and is now: “%(title)s”. Save again to keep your text.")
            % {"title": change.stored.title},
        )
    except Refusal as refusal:
        form.add_error(None, refusal.message)
    else:
        return True
    return False
