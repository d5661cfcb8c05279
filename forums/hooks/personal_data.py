"""Personal data of an account in forums: export and erasure.

Of a vote, the export holds what its roll shows, until sealing empties it: never a ballot, which a secret alone ties to
an entry (docs/vote.md), nor a time, which could be compared with others.
"""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db.models import F, Q

from accounts.models import User
from accounts.privacy import Rows
from forums.models import (
    ActivityProposal,
    Dossier,
    Notice,
    Recommendation,
    RecommendationEvent,
    Registration,
    RegistrationAnswer,
    RollEntry,
    SessionAttendance,
    SessionChoice,
    Slip,
)
from forums.recommendations.erasure import anonymise_author
from forums.registration.identities import anonymise_registrations, owned_by
from forums.vote.codes import email_hash

_REGISTRATION_FIELDS = (
    "name", "email", "kind", "organisation", "access_needs", "state", "created_at", "consent_wording", "consented_at",
    "checked_in_at", "cancelled_at",
)  # fmt: skip


def data_of(user: User) -> dict[str, Rows]:
    # Those that an erasure of the account would anonymise: also made without it, at an address that is shown to be theirs.
    registrations = Registration.objects.filter(owned_by(user)).order_by("created_at")
    theirs = registrations.order_by().values("pk")
    answers = RegistrationAnswer.objects.filter(registration__in=theirs).order_by("pk")
    recommendations = Recommendation.objects.filter(author=user).order_by("created_at")
    edits = RecommendationEvent.objects.filter(by=user, recommendation__author=user).order_by("at")
    activities = ActivityProposal.objects.filter(proposed_by=user).order_by("pk")
    asked = ActivityProposal.objects.filter(asked_by=user).order_by("pk")
    notices = Notice.objects.filter(registration__in=theirs).order_by("pk")
    slips = Slip.objects.filter(registration__in=theirs).order_by("pk")
    dossiers = Dossier.objects.filter(email__in=_verified_addresses(user)).order_by("pk")
    of_session = {
        "forum_title": F("registration__forum__title"),
        "session_title": F("session__title"),
        "starts_at": F("session__starts_at"),
    }
    chosen = SessionChoice.objects.filter(registration__in=theirs).order_by("pk")
    attended = SessionAttendance.objects.filter(registration__in=theirs).order_by("pk")
    return {
        "registrations": list(registrations.values(*_REGISTRATION_FIELDS, forum_title=F("forum__title"))),
        "answers": list(
            answers.values("text", forum_title=F("registration__forum__title"), asked=F("question__label"))
        ),
        "chosen_sessions": list(chosen.values(**of_session)),
        "attended_sessions": list(attended.values("checked_in_at", **of_session)),
        "mails_of_forums": list(
            notices.values("kind", "sent_at", forum_title=F("registration__forum__title"))
        ),
        "recommendations": list(
            recommendations.values(
                "title", "description", "author_name", "state", "created_at", forum_title=F("forum__title")
            )
        ),
        "recommendation_edits": list(
            edits.values("action", "at", "before", title=F("recommendation__title"))
        ),
        "proposed_activities": list(
            activities.values(
                *("state", "proposed_at", "answered_at", "reason"),
                title=F("forum__title"),
                name=F("listing__name"),
            )
        ),
        "asked_changes_of_activities": list(asked.values("asked", "asked_at", title=F("forum__title"))),
        "vote_rolls": _places_on_rolls(user),
        "voting_slips": [
            {
                "forum_title": slip.forum.title,
                "number": slip.number,
                "state": slip.voided_because or "active",
            }
            for slip in slips.select_related("forum")
        ],
        "dossiers": list(
            dossiers.values(
                *(
                    "organisation",
                    "person",
                    "email",
                    "message",
                    "sent_at",
                    "acknowledged_at",
                    "acknowledged_by",
                ),
                forum_title=F("results__forum__title"),
            )
        ),
    }


def _places_on_rolls(user: User) -> Rows:
    """As `forums.vote.roll` finds a person: by account, registration or verified address."""
    hashes = [email_hash(address) for address in _verified_addresses(user)]
    registrations = list(Registration.objects.filter(owned_by(user)).values_list("pk", flat=True))
    theirs = Q(user=user) | Q(user=None) & (Q(registration__in=registrations) | Q(email_hash__in=hashes))
    entries = RollEntry.objects.filter(theirs).select_related("round__forum").order_by("pk")
    return [
        {
            "forum_title": entry.round.forum.title,
            "round_number": entry.round.number,
            "round_title": entry.round.title,
            "kind": entry.kind,
            "added_during_the_vote": entry.is_late,
            "was_given_a_paper_ballot": entry.is_on_paper,
            "taken_off": entry.voided_at is not None,
            "taken_off_because": entry.voided_because,
        }
        for entry in entries
    ]


def _verified_addresses(user: User) -> list[str]:
    return list(EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True))


def erase(user: User) -> None:
    """Anonymises a person's registrations and recommendations. Locks: those of what it calls."""
    anonymise_registrations(user)
    anonymise_author(user=user)
