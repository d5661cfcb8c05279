"""Answers that tell nothing by the time they take: whether an address has an account, a registration, a password.

The work is about the same either way; what is left of a difference is hidden by answering at the end of a step.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

_MARK = "_is_even_answer"


def even_answer(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Marks a view whose POST is answered at the end of a step."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        setattr(request, _MARK, True)
        return view(request, *args, **kwargs)

    return wrapper


def wait_for_the_step(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """The outermost middleware: what those within do for one address alone is part of the step."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        begun = time.monotonic()
        response = get_response(request)
        if request.method == "POST" and hasattr(request, _MARK):
            time.sleep(time_left(time.monotonic() - begun, settings.EVEN_ANSWER_SECONDS))
        return response

    return middleware


def time_left(elapsed: float, step: float) -> float:
    """Seconds until the end of the step in which `elapsed` falls; without a step, none."""
    return -elapsed % step if step else 0.0
