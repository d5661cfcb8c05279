"""What a person leaves in recommendations when their account is erased.

Locks: the recommendation rows (FOR NO KEY UPDATE), by id.
"""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from forums.models import Recommendation, RecommendationEvent


@transaction.atomic
def forget_author(*, user: User) -> int:
    """Takes a person off what they proposed: the account, and the name where they signed. How many rows.

    Ballots hold copies of titles and texts alone, and are not touched.
    """
    mine = Recommendation.objects.filter(author=user)
    list(mine.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    mine.filter(is_person_named=True).update(author_name="", is_person_named=False)
    RecommendationEvent.objects.filter(by=user).update(by=None)
    return mine.update(author=None)
