"""Views whose modules are loaded by the first request for them: few people ask for them, and they bring much along."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string


class LazyView:
    """The view at a dotted path. Wrong paths are found by `tests/pole/test_start.py`."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.__module__, _dot, self.__name__ = path.rpartition(".")
        self.__qualname__ = self.__name__

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = import_string(self.path)(request, *args, **kwargs)
        return response
