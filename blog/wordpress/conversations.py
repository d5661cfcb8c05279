"""Comments of the old site under the text that they were about: names and dates, never an address of anyone."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime

from django.utils import timezone

from blog.models import Page, Post
from blog.wordpress.autop import paragraphs
from blog.wordpress.known import Known, mark_of
from blog.wordpress.reading import Item, OldComment
from blog.wordpress.report import Report
from comments.models import Comment, Thread
from pole.text import plaintext, richtext, typography
from pole.text.languages import written_language

NAMESPACE = uuid.UUID("0d6b3a2e-6c0f-4a53-9a53-9b6b5f8f1c11")
LONGEST, LONGEST_NAME = 3000, 80
_LAST = datetime.max.replace(tzinfo=UTC)


def import_comments(item: Item, text: Post | Page, known: Known, report: Report) -> None:
    """Oldest first, so that an answer finds what it answers; one level of answers."""
    made: dict[str, Comment] = {}
    for old in sorted(item.comments, key=lambda old: (old.written_at or _LAST, _number(old.key))):
        where = f"commentaire de {old.name or '?'} sous « {item.title} »"
        if old.kind != "comment" or old.state not in {"0", "1"}:
            reason = "comment_kind" if old.kind != "comment" else "comment_state"
            report.add(reason, where, old.kind if old.kind != "comment" else old.state)
            continue
        if found := _already_here(item, old, text, known):
            report.skipped["commentaires"] += 1
            made[old.key] = found
            continue
        words = plaintext.clean_paragraphs(_plain(old.text))
        language = written_language(words, getattr(text, "language", "fr"))
        words = typography.fix_text(words, language)
        if not words or len(words) > LONGEST:
            report.add("comment_long" if words else "comment_empty", where, LONGEST if words else "")
            continue
        made[old.key] = _write(
            item, old, text, words=words, language=language, parent=made.get(old.parent), known=known
        )
        report.imported["commentaires"] += 1


def _number(key: str) -> int:
    return int(key) if key.isascii() and key.isdigit() and len(key) < 19 else 0


def _plain(text: str) -> str:
    """Its lines, without the tags that WordPress lets visitors write."""
    markup = richtext.sanitise(paragraphs(text))
    markup = re.sub(r"\s*<br>\s*", "\n", re.sub(r"</(?:p|li|blockquote|pre)>", "\n\n", markup))
    return "\n".join(richtext.plain_text(line) for line in markup.split("\n"))


def _key(item: Item, old: OldComment) -> uuid.UUID:
    """The same at every address of the site."""
    return uuid.uuid5(NAMESPACE, f"{mark_of(item) or item.key}#{old.key}")


def _already_here(item: Item, old: OldComment, text: Post | Page, known: Known) -> Comment | None:
    # As imports named them before, by the address of the site.
    former = [
        f"{scheme}{source}"
        for source in known.sources
        for scheme in ("https://", "http://", "https://www.", "http://www.")
    ]
    keys = [_key(item, old), *(uuid.uuid5(NAMESPACE, f"{site}#{old.key}") for site in former)]
    return Comment.objects.filter(thread=text.thread_id or 0, idempotency_key__in=keys).first()


def _write(
    item: Item,
    old: OldComment,
    text: Post | Page,
    *,
    words: str,
    language: str,
    parent: Comment | None,
    known: Known,
) -> Comment:
    if text.thread is None:
        # Pages have no conversation but the one that they had.
        text.thread = Thread.objects.create(is_open=False)
        text.save(update_fields=["thread"])
    written_at = old.written_at or text.published_at or timezone.now()
    is_shown = old.state == "1"
    name = typography.fix_text(old.name)
    comment = Comment.objects.create(
        thread=text.thread,
        author=None,
        signature=name if len(name) <= LONGEST_NAME else plaintext.shortened(name, LONGEST_NAME),
        parent=(parent.parent or parent) if parent else None,
        text=words,
        language=language,
        state=Comment.State.PUBLISHED if is_shown else Comment.State.PENDING,
        shown_at=written_at if is_shown else None,
        created_at=written_at,
        idempotency_key=_key(item, old),
    )
    known.record("comment", f"{item.key}#{old.key}", comment)
    return comment
