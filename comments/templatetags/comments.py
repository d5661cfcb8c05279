from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import consents
from comments import rules
from comments.forms import CommentForm
from comments.models import Thread
from comments.pieces import comments_html
from comments.reading import conversation, will_be_held
from comments.views.public import FOLLOW_WORDING
from pole.views.paging import asked_number

register = template.Library()


@register.inclusion_tag("comments/thread.html", takes_context=True)
def thread_comments(context: dict[str, Any], thread: Thread) -> dict[str, Any]:
    """The comments of a thread, then the form, or the invitation to sign in."""
    request = context["request"]
    page = asked_number(request.GET.get("commentaires"))
    now = timezone.now()
    shown = conversation(thread, reader=request.user, page=page, now=now)
    may_write = request.user.is_authenticated and rules.may_post(request.user, thread, now)
    return {
        "request": request,
        "user": request.user,
        "thread": thread,
        "conversation": shown,
        "comments": comments_html(shown.comments) if shown.comments else "",
        "form": CommentForm(asks_name=not consents.shows_name(request.user)) if may_write else None,
        "is_suspended": request.user.is_authenticated and request.user.is_suspended(now),
        "will_be_held": may_write
        and will_be_held(request.user, holds_first=context["hub"].holds_first_comment),
        "is_following": request.user.is_authenticated and thread.follows.filter(user=request.user).exists(),
        "follow_wording": _(FOLLOW_WORDING),
        "csrf_token": context.get("csrf_token"),
        "return_to": f"{request.path}#commentaires",
    }
