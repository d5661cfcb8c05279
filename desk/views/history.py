"""The versions of a text: those that were published or named first, what changed, and bringing one back."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rules import signed_in_user
from desk import publishing
from desk.comparing import compare
from desk.models import Publishable, Version
from desk.views.staff import get_owner_or_404
from pole.access import role_required
from pole.forms import TypographyLineField
from pole.refusals import Refusal, say
from pole.server.long_lists import bounded_count
from pole.views.paging import page_of

VERSIONS_A_PAGE = 30
AT = "versions"


class VersionNameForm(forms.Form):
    name = TypographyLineField(label=gettext_lazy("Name"), max_length=80, required=False)


@role_required("editorial", "forums")
@require_safe
def history(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Those that were published or named, and the one on the desk; every one with `toutes`, or when none was.

    `reprise` numbers what was on the desk before an earlier version came back: the page offers to undo it.
    """
    return _history_page(request, get_owner_or_404(request, draft_id))


def _history_page(
    request: HttpRequest, owner: Publishable, *, refused: VersionNameForm | None = None, number: int = 0
) -> HttpResponse:
    """`refused`: the name that was refused to the version `number`."""
    versions = owner.draft.versions.select_related("saved_by").defer("content").fetch_mode(models.FETCH_RAISE)
    marked = models.Q(was_published=True) | ~models.Q(name="")
    shows_all = bool(request.GET.get("toutes")) or not versions.filter(marked).exists()
    shown = versions if shows_all else versions.filter(marked | models.Q(number=owner.draft.version))
    before = _number(request, "reprise", 0)
    context = {
        "owner": owner,
        "draft": owner.draft,
        "page": page_of(shown, VERSIONS_A_PAGE, request.GET.get("page")),
        "shows_all": shows_all,
        "total": bounded_count(versions),
        "undone_by": before if before and versions.filter(number=before).exists() else None,
        "form": refused,
        "number": number,
    }
    return render(request, "desk/history.html", context, status=422 if refused else 200)


@role_required("editorial", "forums")
@require_safe
def compared(request: HttpRequest, draft_id: int) -> HttpResponse:
    """`avant` and `apres` number two versions; without them, the last one and the one before."""
    owner = get_owner_or_404(request, draft_id)
    versions = owner.draft.versions.select_related("saved_by")
    newest = versions.values_list("number", flat=True).first() or 0
    after = get_object_or_404(versions, number=_number(request, "apres", newest))
    before: Version | None
    if request.GET.get("avant"):
        before = get_object_or_404(versions, number=_number(request, "avant", 0))
    else:
        before = versions.filter(number__lt=after.number).first()
    if before and before.number > after.number:
        before, after = after, before
    return render(request, "desk/compared.html", _comparison(owner, before, after))


def _comparison(owner: Publishable, before: Version | None, after: Version) -> dict[str, object]:
    return {
        "owner": owner,
        "draft": owner.draft,
        "before": before,
        "after": after,
        "comparisons": compare(owner, before.content if before else {}, after.content),
    }


def _number(request: HttpRequest, name: str, default: int) -> int:
    typed = request.GET.get(name) or str(default)
    if not (typed.isdecimal() and len(typed) < 9):
        raise Http404
    return int(typed)


@role_required("editorial", "forums")
@require_http_methods(["GET", "HEAD", "POST"])
def restore(request: HttpRequest, draft_id: int, number: int) -> HttpResponse:
    """Both dates and what would change; then, by a POST, an earlier version is on the desk, which can be undone."""
    owner = get_owner_or_404(request, draft_id)
    versions = owner.draft.versions.select_related("saved_by")
    earlier = get_object_or_404(versions, number=number)
    present = owner.draft.version
    if request.method != "POST":
        context = _comparison(owner, get_object_or_404(versions, number=present), earlier)
        return render(request, "desk/restore.html", context)
    seen = request.POST.get("seen_version", "")
    address = reverse("staff:draft_history", args=[draft_id])
    try:
        publishing.restore(
            owner=owner,
            number=number,
            seen_version=int(seen) if seen.isdecimal() and len(seen) < 9 else 0,
            by=signed_in_user(request),
        )
    except Refusal as refusal:
        say(request, messages.ERROR, refusal.message, at=AT)
        return redirect(f"{address}#{AT}")
    done = _("This version is back on the desk. What visitors read has not changed.")
    say(request, messages.SUCCESS, done, at=AT)
    return redirect(f"{address}?reprise={present}#{AT}")


@role_required("editorial", "forums")
@require_POST
def name_version(request: HttpRequest, draft_id: int, number: int) -> HttpResponse:
    owner = get_owner_or_404(request, draft_id)
    form = VersionNameForm(request.POST)
    if not form.is_valid():
        return _history_page(request, owner, refused=form, number=number)
    try:
        publishing.name_version(
            owner=owner, number=number, name=form.cleaned_data["name"], by=signed_in_user(request)
        )
    except Version.DoesNotExist as error:
        raise Http404 from error
    say(request, messages.SUCCESS, _("The version is named."), at=AT)
    return redirect(f"{reverse('staff:draft_history', args=[draft_id])}#{AT}")
