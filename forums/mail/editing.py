"""What staff write instead of our texts in the mails of a forum.

Locks: the forum row (FOR NO KEY UPDATE).
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from accounts import journal
from accounts.models import User
from forums.mail.notices import default_text_in
from forums.mail.texts import MailText
from forums.models import Forum, NoticeKind, NoticeText


@transaction.atomic
def save_notice_texts(
    *, forum: Forum, kind: NoticeKind, texts: Mapping[str, MailText], by: User | None = None
) -> None:
    """Saves staff's text in each language of `texts`; an empty one, or the default unchanged, restores the default."""
    row = Forum.objects.select_for_update(no_key=True).get(pk=forum.pk)
    for language, text in texts.items():
        stored = NoticeText.objects.filter(forum=row, kind=kind, language=language)
        if text in {default_text_in(row, kind, language), MailText("", "")}:
            stored.delete()
        else:
            NoticeText.objects.update_or_create(
                forum=row, kind=kind, language=language, defaults={"subject": text.subject, "body": text.body}
            )
    journal.note(action="mail", kind="forum", key=row.pk, by=by, reason=str(kind.label))
