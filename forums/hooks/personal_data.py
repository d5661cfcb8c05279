"""What forums hold of a person, and what stays of it when the account goes. Ballots are no one's."""

from __future__ import annotations

from django.db.models import F

from accounts.models import User
from accounts.privacy import Rows
from forums.models import Recommendation, Registration, RegistrationAnswer
from forums.recommendations.erasure import forget_author
from forums.registration.identities import anonymise_registrations

_OF_REGISTRATION = (
    "name", "email", "kind", "organisation", "access_needs", "state", "created_at", "consent_wording", "consented_at",
    "checked_in_at", "cancelled_at",
)  # fmt: skip


def data_of(user: User) -> dict[str, Rows]:
    registrations = Registration.objects.filter(user=user).order_by("created_at")
    answers = RegistrationAnswer.objects.filter(registration__user=user).order_by("pk")
    recommendations = Recommendation.objects.filter(author=user).order_by("created_at")
    return {
        "registrations": list(registrations.values(*_OF_REGISTRATION, forum_title=F("forum__title"))),
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
    """Parts a person from registrations and recommendations. Locks: those of what it calls."""
    anonymise_registrations(user)
    forget_author(user=user)
