"""Anonymising recommendations when an account is erased.

Locks: the recommendation rows (FOR NO KEY UPDATE), by id.
"""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from forums.models import Recommendation, RecommendationEvent


@transaction.atomic
def anonymise_author(*, user: User) -> int:
    """Removes a person from what they proposed: the account, and their name if shown. Returns how many rows.

    Options of rounds are copies of titles and texts without authors, and don't change.
    """
    own = Recommendation.objects.filter(author=user)
    list(own.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    own.filter(is_person_named=True).update(author_name="", is_person_named=False)
    RecommendationEvent.objects.filter(by=user).update(by=None)
    return own.update(author=None)
