"""One's own data: taken away in a file, and erased."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import privacy
from accounts.forms import ErasureForm
from accounts.models import User
from pole.files.downloads import as_file
from pole.refusals import refusal_shown
from pole.templatetags.typography import long_date


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_data(request: HttpRequest) -> HttpResponse:
    """What can be done with one's data; a POST asks for the erasure, or takes it back."""
    user = _get_user(request)
    is_sent = request.method == "POST"
    if is_sent and "keep" in request.POST:
        privacy.cancel_erasure(user=user)
        messages.success(request, _("Your account stays."))
        return redirect("account_data")
    form = ErasureForm(
        request.POST if is_sent else None, sure=_("I am sure: erase my account in seven days.")
    )
    # Sent again once it is asked: nothing is left to be sure of.
    if is_sent and (form.is_valid() or user.erasure_due_at):
        with refusal_shown(request):
            due = privacy.schedule_erasure(user=user, now=timezone.now())
            message = _("Your account will be erased on %(day)s. Until then, you can keep it.")
            messages.success(request, message % {"day": long_date(timezone.localtime(due))})
        return redirect("account_data")
    context = {"due": user.erasure_due_at, "form": form}
    return render(request, "accounts/data.html", context, status=422 if is_sent else 200)


def _get_user(request: HttpRequest) -> User:
    user: User = User.objects.get(pk=request.user.pk)
    return user


@login_required
@require_safe
def my_data_file(request: HttpRequest, kind: str) -> HttpResponse:
    write = {"json": privacy.as_json, "csv": privacy.as_csv}[kind]
    content = write(privacy.data_of(_get_user(request)))
    return as_file(HttpResponse(content), f"mes-donnees.{kind}")
