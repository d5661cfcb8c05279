"""Staff note who came to which session, and print attestations of participation."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import FETCH_RAISE
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rules import signed_in_user
from forums.models import Forum, Registration, Session
from forums.printing.attestation import attestations_pdf
from forums.registration import attestations
from forums.registration.attendance import WHOLE, Mark, has_table, marks_of, save_marks
from forums.registration.sessions import session_name
from forums.views.day.day_access import get_forum_or_404
from forums.views.team.attendees import get_person_or_404
from pole.access import role_required
from pole.files.downloads import as_file
from pole.refusals import refusal_shown
from pole.views.paging import page_of

PEOPLE_A_PAGE = 50


@role_required("forums")
@require_http_methods(["GET", "HEAD", "POST"])
def attendance(request: HttpRequest, slug: str) -> HttpResponse:
    """A table of people and sessions. What is sent is what was ticked and what was ticked before: only what changed is noted."""
    forum = get_forum_or_404(slug)
    sessions = list(forum.sessions.filter(cancelled_at=None))
    if not has_table(forum):
        raise Http404
    now = timezone.now()
    if request.method == "POST":
        came, before = _read_marks(request, "came"), _read_marks(request, "before")
        with refusal_shown(request):
            count = save_marks(
                forum=forum, came=came - before, missed=before - came, now=now, by=signed_in_user(request)
            )
            _report(request, count)
        return redirect(request.get_full_path())
    people = Registration.objects.filter(forum=forum).confirmed().order_by("name", "id")
    page = page_of(
        people.defer("access_needs").fetch_mode(FETCH_RAISE), PEOPLE_A_PAGE, request.GET.get("page")
    )
    columns = _columns(forum, sessions)
    marks = marks_of(list(page.object_list), sessions)
    context: dict[str, Any] = {
        "forum": forum,
        "page": page,
        "columns": columns,
        "rows": [
            (person, [(column, Mark(person.pk, column.pk or WHOLE) in marks) for column in columns])
            for person in page.object_list
        ],
        "now": now,
        "are_available": attestations.are_available(forum, now),
        "attested": len(attestations.attested_people(forum, now)),
    }
    return render(request, "forums/attendance.html", context)


def _columns(forum: Forum, sessions: list[Session]) -> list[Session]:
    """Each has `name`; of an activity without sessions, one that is no row."""
    columns = sessions or [Session(forum=forum, position=1, starts_at=forum.starts_at, ends_at=forum.ends_at)]
    for column in columns:
        column.name = session_name(column) if column.pk else str(forum.get_kind_display())  # type: ignore[attr-defined]  # read by the template
    return columns


def _read_marks(request: HttpRequest, field: str) -> set[Mark]:
    """What is not of the form "12-3" counts as nothing."""
    found = set()
    for value in request.POST.getlist(field):
        person, _dash, session = value.partition("-")
        if all(part.isdecimal() and part.isascii() and len(part) < 19 for part in (person, session)):
            found.add(Mark(int(person), int(session)))
    return found


def _report(request: HttpRequest, count: int) -> None:
    if count:
        said = ngettext("%(count)d change is noted.", "%(count)d changes are noted.", count)
        messages.success(request, said % {"count": count})
    else:
        messages.info(request, _("Nothing changed."))


@role_required("forums")
@require_safe
def all_attestations(request: HttpRequest, slug: str) -> HttpResponse:
    forum, now = _forum_to_print(slug), timezone.now()
    people = attestations.attested_people(forum, now)
    if not people:
        raise Http404
    content = attestations_pdf(forum, people, now)
    return as_file(HttpResponse(content), f"attestations-{forum.slug}.pdf")


@role_required("forums")
@require_safe
def attestation(request: HttpRequest, slug: str, person_id: int) -> HttpResponse:
    forum, now = _forum_to_print(slug), timezone.now()
    person = get_person_or_404(slug, person_id)
    attested = attestations.attested(person, now)
    if attested is None:
        raise Http404
    content = attestations_pdf(forum, [attested], now)
    return as_file(HttpResponse(content), f"attestation-{forum.slug}-{person.pk}.pdf")


def _forum_to_print(slug: str) -> Forum:
    return get_object_or_404(Forum.objects.select_related("municipality"), slug=slug)
