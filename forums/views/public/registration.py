"""Registering for a forum, and what a person does with their own registration."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from forums.forms.registration import (
    AccountRegistrationForm,
    DetailsForm,
    RegistrationForm,
    initial_values,
)
from forums.mail import registration_links
from forums.mail.ballot_links import ballot_link
from forums.mail.registration_links import LinkExpired, LinkPurpose, LinkRefused
from forums.models import Forum, Registration
from forums.printing import qr
from forums.printing.attestation import attestations_pdf
from forums.registration import attestations, registering
from forums.registration.capacity import RegistrationRefused, can_still_register, free_places
from forums.registration.own_calendar import registered_calendar
from forums.registration.sessions import link_for, own_agenda
from forums.registration.shared_addresses import is_same_name
from forums.views.vote.pages import forbid_storage
from forums.vote.roll import open_rounds_of
from pole.files.downloads import as_file
from pole.refusals import Refusal, refusal_shown
from pole.server.even_answers import even_answer


def get_forum_or_404(slug: str) -> Forum:
    forums = Forum.objects.announced(timezone.now()).select_related("municipality")
    return get_object_or_404(forums.defer("document", "body", "body_en"), slug=slug)


def verified_account(request: HttpRequest) -> User | None:
    """The signed-in user, if their address is verified."""
    user = request.user
    if not isinstance(user, User):
        return None
    verified = EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True)
    return user if verified.exists() else None


def own_registration(request: HttpRequest, forum: Forum) -> Registration | None:
    """The registration of the person who is signed in, by account. One query."""
    registration = Registration.objects.select_related("forum").filter(forum=forum, user=request.user.pk)
    return (
        registration.exclude(state__in=["cancelled", "pending"]).first()
        if request.user.is_authenticated
        else None
    )


@even_answer
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest, slug: str) -> HttpResponse:
    """The form. A visitor's address is confirmed by mail; an account with a verified one, at once."""
    forum = get_forum_or_404(slug)
    if registration := own_registration(request, forum):
        return redirect(registration_links.page_path(registration))
    user = verified_account(request)
    kind = AccountRegistrationForm if user else RegistrationForm
    initial = {"name": user.name, "language": user.language} if user else {}
    form = kind(forum, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            return _register_and_redirect(request, forum, form, user)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
    now = timezone.now()
    context = {
        "forum": forum,
        "form": form,
        "is_open": not forum.registration_link and forum.stage_at(now) is Forum.Stage.REGISTRATION,
        "stage": forum.stage_at(now),
        "is_known": user is not None,
        "left": free_places(forum),
        "now": now,
    }
    return render(request, "forums/register.html", context, status=422 if form.is_bound else 200)


def _register_and_redirect(
    request: HttpRequest, forum: Forum, form: RegistrationForm, user: User | None
) -> HttpResponse:
    typed: dict[str, Any] = {"details": form.details(), "consent": form.consent_wording()}
    typed |= {"forum": forum, "now": timezone.now()}
    if user is None:
        if not ratelimit.consume(request, action="forum_registration"):
            raise RegistrationRefused("registration_too_many")
        registering.register(email=form.cleaned_data["email"], **typed)
        return redirect("forums:register_sent", forum.slug)
    registration = registering.register_account(user=user, **typed)
    if is_same_name(registration.name, typed["details"].name):
        _report_state(request, registration)
    else:
        said = _(
            "Your address is registered already, in the name of %(name)s: here is that registration."
            " To register another person, sign out first."
        )
        messages.warning(request, said % {"name": registration.name})
    return redirect(registration_links.page_path(registration))


def _report_state(request: HttpRequest, registration: Registration) -> None:
    if registration.state == Registration.State.WAITLISTED:
        messages.info(request, _("You are on the waitlist. We write to you as soon as a place is yours."))
    else:
        messages.success(request, _("Your place is confirmed. See you there!"))


@require_safe
def register_sent(request: HttpRequest, slug: str) -> HttpResponse:
    """The same page whatever the address, so that it does not reveal who is registered."""
    context = {"forum": get_forum_or_404(slug), "days": registration_links.CONFIRM_WITHIN.days}
    return render(request, "forums/register_sent.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def register_confirm(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """The mailed link: GET shows what is to be confirmed, POST confirms."""
    try:
        registration = registration_links.find_registration(
            slug=slug, token=token, purpose=LinkPurpose.CONFIRM, now=timezone.now()
        )
    except LinkRefused as refusal:
        return _link_refused(request, slug, refusal)
    if request.method == "POST":
        try:
            registration = registering.confirm(registration=registration, now=timezone.now())
        except Refusal as refusal:
            messages.error(request, refusal.message)
            return redirect(registration.forum)
        _report_state(request, registration)
        return redirect(registration_links.page_path(registration))
    if registration.state in {Registration.State.CONFIRMED, Registration.State.WAITLISTED}:
        return redirect(registration_links.page_path(registration))
    is_possible = registration.state == Registration.State.PENDING and can_still_register(
        registration.forum, timezone.now()
    )
    context = {
        "registration": registration,
        "forum": registration.forum,
        "is_possible": is_possible,
        "others": registration.names_with_its_address(),
    }
    return render(request, "forums/register_confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def own_page(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """The person's own page: the state of the registration, the QR for check-in, the calendar, a form to change it."""
    now = timezone.now()
    try:
        registration = registration_links.find_registration(
            slug=slug, token=token, purpose=LinkPurpose.MANAGE, now=now
        )
    except LinkRefused as refusal:
        return _link_refused(request, slug, refusal)
    may_change = registration.state != Registration.State.CANCELLED and now < registration.forum.ends_at
    form = DetailsForm(registration.forum, request.POST or None, initial=initial_values(registration))
    if request.method == "POST" and may_change and form.is_valid():
        with refusal_shown(request, _("Your registration is up to date.")):
            registering.update_details(registration=registration, details=form.details())
        return redirect(request.path)
    has_place = registration.state == Registration.State.CONFIRMED
    sessions = own_agenda(registration, now)
    context = {
        "registration": registration,
        "forum": registration.forum,
        "form": form if may_change else None,
        "token": token,
        "code": qr.as_svg(registration_links.door_url(registration))
        if has_place and now < registration.forum.ends_at
        else "",
        "sessions": sessions,
        "chooses": form is not None and "sessions" in form.fields,
        # Of an activity in sessions, each has its own.
        "online_link": "" if sessions else link_for(registration, now),
        "has_attestation": attestations.attested(registration, now) is not None,
        "ahead": _count_ahead(registration),
        "may_cancel": may_change and not registration.is_checked_in,
        "votes": [(round, ballot_link(round, registration)) for round in open_rounds_of(registration, now)],
    }
    return forbid_storage(
        render(request, "forums/own_registration.html", context, status=422 if form.is_bound else 200)
    )


def _count_ahead(registration: Registration) -> int:
    """How many people wait before this one."""
    if registration.state != Registration.State.WAITLISTED:
        return 0
    earlier = Q(waitlisted_at__lt=registration.waitlisted_at) | Q(
        waitlisted_at=registration.waitlisted_at, pk__lt=registration.pk
    )
    return Registration.objects.filter(earlier, forum_id=registration.forum_id).waitlisted().count()


@require_http_methods(["GET", "HEAD", "POST"])
def own_cancel(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    try:
        registration = registration_links.find_registration(
            slug=slug, token=token, purpose=LinkPurpose.MANAGE, now=timezone.now()
        )
    except LinkRefused as refusal:
        return _link_refused(request, slug, refusal)
    page = reverse("forums:registration", args=[slug, token])
    if request.method == "POST":
        with refusal_shown(request, _("Your registration is cancelled. Thank you for telling us.")):
            registering.cancel(registration=registration, now=timezone.now())
        return redirect(page)
    return render(
        request,
        "forums/own_cancel.html",
        {"registration": registration, "forum": registration.forum, "page": page},
    )


@require_safe
def own_code(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """The QR for the door, as the mail shows it."""
    try:
        registration = registration_links.find_registration(
            slug=slug, token=token, purpose=LinkPurpose.MANAGE, now=timezone.now()
        )
    except LinkRefused as refusal:
        raise Http404 from refusal
    return HttpResponse(qr.as_png(registration_links.door_url(registration)), content_type="image/png")


@require_safe
def own_calendar(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """The sessions of whoever has a place, with their links: the file is theirs alone."""
    registration = _own_with_place(slug, token)
    file = as_file(HttpResponse(registered_calendar(registration, timezone.now())), f"{slug}.ics")
    return forbid_storage(file)


@require_safe
def own_attestation(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """Once the activity is over, of whoever came to enough of it."""
    registration, now = _own_with_place(slug, token), timezone.now()
    attested = attestations.attested(registration, now)
    if attested is None:
        raise Http404
    file = as_file(
        HttpResponse(attestations_pdf(registration.forum, [attested], now)), f"attestation-{slug}.pdf"
    )
    return forbid_storage(file)


def _own_with_place(slug: str, token: str) -> Registration:
    try:
        found = registration_links.find_registration(
            slug=slug, token=token, purpose=LinkPurpose.MANAGE, now=timezone.now()
        )
    except LinkRefused as refusal:
        raise Http404 from refusal
    if found.state != Registration.State.CONFIRMED:
        raise Http404
    return found


def _link_refused(request: HttpRequest, slug: str, refusal: LinkRefused) -> HttpResponse:
    """The page of a refused link, which reveals nothing about any registration."""
    context = {"forum": get_forum_or_404(slug), "is_expired": isinstance(refusal, LinkExpired)}
    return render(request, "forums/link_refused.html", context, status=410 if context["is_expired"] else 404)
