"""« Premiers pas »: the pages by which a new hub is made ready, which answer at any time afterwards."""

from __future__ import annotations

import time

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pole.access import role_required
from pole.caching.public_pages import get_public_state
from pole.hub import mail_test
from pole.hub.editing import say_works_alone
from pole.hub.first_steps import first_steps, remember
from pole.models import Setup
from pole.refusals import refusal_shown
from pole.text.bilingual import current_language

# A worker that runs has the relay's answer by then: the page shows it at once.
SECONDS_FOR_AN_ANSWER = 4.0


@role_required("direction")
@require_safe
def steps(request: HttpRequest) -> HttpResponse:
    found = first_steps()
    left = remember(found, get_public_state(request).versions)
    context = {"steps": found, "left": left, "following": left[0] if left else None}
    return render(request, "staff/first_steps.html", context)


@role_required("direction")
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        is_alone = request.POST.get("seul") == "oui"
        say_works_alone(works_alone=is_alone)
        done = _("Noted: you are alone for now.") if is_alone else _("Noted: you are not alone.")
        messages.success(request, done)
        return redirect("staff:first_steps")
    context = {"setup": Setup.objects.first() or Setup()}
    return render(request, "staff/first_step_team.html", context)


@role_required("direction")
@require_http_methods(["GET", "HEAD", "POST"])
def mail(request: HttpRequest) -> HttpResponse:
    """The state of the test message; a POST brings its code back, which a followed link has written in the field."""
    if request.method == "POST":
        code = "".join(letter for letter in request.POST.get("code", "") if letter.isdigit())
        with refusal_shown(request, _("The message arrived: mail works.")):
            mail_test.confirm_received(code=code)
        setup = Setup.objects.first() or Setup()
        return redirect("staff:first_step_mail" if setup.mail_code else "staff:first_steps")
    setup = Setup.objects.first() or Setup()
    context = {
        "setup": setup,
        "relay": mail_test.relay_in_use(),
        "is_console": mail_test.goes_to_a_console(),
        "is_received": setup.mail_received_at and setup.mail_received_by_relay == mail_test.relay_in_use(),
        "hint": mail_test.hint(setup.mail_answer),
        "code": request.GET.get("code", "")[:6] if setup.mail_code else "",
    }
    return render(request, "staff/first_step_mail.html", context)


@role_required("direction")
@require_POST
def send_test_mail(request: HttpRequest) -> HttpResponse:
    mail_test.send_test(to=request.user.email, language=current_language())  # type: ignore[union-attr]  # role_required
    given_up_at = time.monotonic() + SECONDS_FOR_AN_ANSWER
    while (
        time.monotonic() < given_up_at and not Setup.objects.filter(mail_answered_at__isnull=False).exists()
    ):
        time.sleep(0.1)
    return redirect("staff:first_step_mail")
