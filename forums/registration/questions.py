"""What staff ask at registration, and what mails say: both are edited as a whole.

Locks: the forum row (FOR NO KEY UPDATE).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from forums.mail.notices import default_in
from forums.mail.texts import Words
from forums.models import Forum, NoticeKind, NoticeText, RegistrationQuestion

MOST_QUESTIONS = 3


@transaction.atomic
def save_questions(*, forum: Forum, questions: Sequence[Mapping[str, Any]]) -> None:
    """Makes the questions those given, in order; one with a known `id` keeps its answers."""
    row = Forum.objects.select_for_update(no_key=True).get(pk=forum.pk)
    known = {question.pk: question for question in row.questions.all()}
    for position, wanted in enumerate(questions[:MOST_QUESTIONS], start=1):
        question = known.pop(wanted.get("id") or 0, None) or RegistrationQuestion(forum=row)
        question.position = position
        question.label, question.label_en = wanted["label"], wanted["label_en"]
        question.save()
    RegistrationQuestion.objects.filter(pk__in=known).delete()


@transaction.atomic
def save_words(*, forum: Forum, kind: NoticeKind, words: Mapping[str, Words]) -> None:
    """Keeps staff's words by language; empty ones, or ours unchanged, leave ours in force."""
    row = Forum.objects.select_for_update(no_key=True).get(pk=forum.pk)
    for language, written in words.items():
        texts = NoticeText.objects.filter(forum=row, kind=kind, language=language)
        if written in {default_in(kind, language), Words("", "")}:
            texts.delete()
        else:
            NoticeText.objects.update_or_create(
                forum=row,
                kind=kind,
                language=language,
                defaults={"subject": written.subject, "body": written.body},
            )
