"""Personal data of an account in forums: export and erasure. Ballots are linked to nobody."""

from __future__ import annotations

from django.db.models import F

from accounts.models import User
from accounts.privacy import Rows
from forums.models import Recommendation, Registration, RegistrationAnswer
from forums.recommendations.erasure import anonymise_author
from forums.registration.identities import anonymise_registrations

_REGISTRATION_FIELDS = (
    "name", "email", "kind", "organisation", "access_needs", "state", "created_at", "consent_wording", "consented_at",
    "checked_in_at", "cancelled_at",
)  # fmt: skip


def data_of(user: User) -> dict[str, Rows]:
    registrations = Registration.objects.filter(user=user).order_by("created_at")
    answers = RegistrationAnswer.objects.filter(registration__user=user).order_by("pk")
    recommendations = Recommendation.objects.filter(author=user).order_by("created_at")
    return {
        "registrations": list(registrations.values(*_REGISTRATION_FIELDS, forum_title=F("forum__title"))),
        "answers": list(
            answers.values("text", forum_title=F("registration__forum__title"), asked=F("question__label"))
        ),
        "recommendations": list(
            recommendations.values(
                "title", "description", "author_name", "state", "created_at", forum_title=F("forum__title")
            )
        ),
    }


def erase(user: User) -> None:
    """Anonymises a person's registrations and recommendations. Locks: those of what it calls."""
    anonymise_registrations(user)
    anonymise_author(user=user)
