"""In whose name a person may speak: a package that knows says so (`settings.SPOKEN_FOR`), and others ask here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class SpokenFor:
    """A listing of which the person is a manager."""

    key: int
    slug: str
    name: str
    # Visitors read it.
    is_public: bool
    # The person may do for it what an owner may.
    is_owned: bool


def spoken_for(user: AbstractBaseUser | AnonymousUser) -> list[SpokenFor]:
    """By name; nothing for a visitor. One query."""
    ask: Callable[[object], list[SpokenFor]] = import_string(settings.SPOKEN_FOR)
    return ask(user) if user.is_authenticated else []
