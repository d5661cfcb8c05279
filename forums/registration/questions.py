"""What staff ask at registration: the questions of a forum, saved as a whole.

Locks: the forum row (FOR NO KEY UPDATE).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from accounts import journal
from accounts.models import User
from forums.models import Forum, RegistrationQuestion

MAX_QUESTIONS = 3


@transaction.atomic
def save_questions(*, forum: Forum, questions: Sequence[Mapping[str, Any]], by: User | None = None) -> None:
    """Replaces the questions of a forum, in order; one with a known `id` keeps its row, and so its answers."""
    row = Forum.objects.select_for_update(no_key=True).get(pk=forum.pk)
    known = {question.pk: question for question in row.questions.all()}
    for position, wanted in enumerate(questions[:MAX_QUESTIONS], start=1):
        question = known.pop(wanted.get("id") or 0, None) or RegistrationQuestion(forum=row)
        question.position = position
        question.label, question.label_en = wanted["label"], wanted["label_en"]
        question.save()
    RegistrationQuestion.objects.filter(pk__in=known).delete()
    journal.note(action="questions", kind="forum", key=row.pk, by=by)
