from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from comments.forms import CommentForm
from comments.models import Thread
from comments.reading import conversation

register = template.Library()


@register.inclusion_tag("comments/thread.html", takes_context=True)
def thread_comments(context: dict[str, Any], thread: Thread) -> dict[str, Any]:
    """The comments of a thread, then the form, or the invitation to sign in."""
    request = context["request"]
    asked = request.GET.get("commentaires", "")
    page = int(asked) if asked.isdecimal() and len(asked) < 6 else 1
    return {
        "request": request,
        "user": request.user,
        "thread": thread,
        "conversation": conversation(thread, reader=request.user, page=max(page, 1), now=timezone.now()),
        "form": CommentForm() if request.user.is_authenticated and thread.is_open else None,
        "csrf_token": context.get("csrf_token"),
        "return_to": f"{request.path}#commentaires",
    }
