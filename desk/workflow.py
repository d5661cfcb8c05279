"""What a click on the writing desk asks for, whatever the text: one way for every room."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from desk import publishing
from desk.models import Publishable
from pole import richtext
from pole.templatetags.typography import day_time, long_date


class Action(StrEnum):
    SAVE = "save"
    PUBLISH = "publish"
    UNPUBLISH = "unpublish"


def asked(request: HttpRequest) -> Action:
    """The button that was pressed; pressing Enter in a field saves."""
    value = request.POST.get("action", "")
    return Action(value) if value in Action else Action.SAVE


def carry_out(request: HttpRequest, owner: Publishable, *, action: Action, at: datetime | None) -> None:
    """Publishes, schedules or takes back a text whose working copy has just been saved."""
    now = timezone.now()
    if action is Action.PUBLISH:
        published = publishing.publish(owner=owner, at=at, now=now)
        if published.is_scheduled(now):
            when = {"day": long_date(published.published_at), "time": day_time(published.published_at)}
            messages.success(request, _("Scheduled: it will appear on %(day)s at %(time)s.") % when)
        else:
            messages.success(request, _("Published. Visitors read it now."))
    elif action is Action.UNPUBLISH:
        publishing.unpublish(owner=owner)
        messages.success(request, _("Taken back: visitors no longer see it. Your text is kept."))
    else:
        messages.success(request, _("Saved. What visitors read has not changed."))


def warn_of_problems(request: HttpRequest, *texts: str) -> None:
    """Says what a reader would stumble on; nothing is refused for it."""
    for text in texts:
        for problem in richtext.problems(text):
            messages.warning(request, f"{problem.message} {problem.excerpt}".strip())
