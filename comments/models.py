"""A Thread is a row that anything public owns one-to-one; comments belong to the thread."""

from __future__ import annotations

import uuid
from typing import Any, Protocol

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from pole.server import long_lists
from pole.server.long_lists import AtLeast
from pole.text import plaintext
from pole.text.bilingual import ENGLISH, FRENCH, LocalizedText


class ThreadOwner(Protocol):
    """What a post, a results page or a recommendation offers to its thread."""

    @property
    def shown_title(self) -> LocalizedText: ...
    def get_absolute_url(self) -> str: ...
    def is_public(self, now: Any) -> bool: ...


class Thread(models.Model):
    is_open = models.BooleanField(_("comments are open"), default=True)

    def __str__(self) -> str:
        return f"thread {self.pk}"

    @property
    def owner(self) -> ThreadOwner | None:
        """What owns this thread. One query for each kind of owner until one is found."""
        for relation in self._meta.related_objects:
            if relation.one_to_one:
                owner = getattr(self, relation.get_accessor_name() or "", None)
                if owner is not None:
                    return owner  # type: ignore[no-any-return]  # one of the rooms' models
        return None


class CommentQuerySet(models.QuerySet["Comment"]):
    def public(self) -> CommentQuerySet:
        return self.filter(state=Comment.State.PUBLISHED)


class Comment(models.Model):
    class State(models.TextChoices):
        PENDING = "pending", _("held for review")
        PUBLISHED = "published", _("published")
        HIDDEN = "hidden", _("hidden")
        DELETED = "deleted", _("deleted by its author")

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="comments")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="comments",
        verbose_name=_("author"),
    )
    # Name of who wrote it on another site, for a comment that was imported: it has no author here.
    signature = models.CharField(max_length=80, blank=True, editable=False)
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="replies")
    text = models.TextField(_("comment"), max_length=3000)
    # That of the page where it was written: a voice reads it aloud in it.
    language = models.CharField(max_length=2, default=FRENCH, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.PUBLISHED)
    hidden_reason = models.CharField(_("reason"), max_length=300, blank=True)
    # Made with each form shown: a double click posts one comment.
    idempotency_key = models.UUIDField(default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    edited_at = models.DateTimeField(null=True, blank=True)
    # When readers could first see it; empty while it waits.
    shown_at = models.DateTimeField(default=timezone.now, null=True, blank=True, editable=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        indexes = [
            models.Index(fields=["thread", "created_at"], name="comment_in_thread"),
            models.Index(fields=["created_at"], name="comment_waiting", condition=models.Q(state="pending")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["author", "idempotency_key"], name="comment_posted_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "published", "hidden", "deleted"]),
                name="comment_state_known",
            ),
            models.CheckConstraint(condition=~models.Q(text=""), name="comment_has_text"),
            models.CheckConstraint(
                condition=models.Q(language__in=[FRENCH, ENGLISH]), name="comment_language_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="published") | models.Q(shown_at__isnull=False),
                name="comment_published_was_shown",
            ),
        ]

    def __str__(self) -> str:
        return f"comment {self.pk}"

    @property
    def shown_text(self) -> SafeString:
        """Its paragraphs, marked with their language where the page is in another."""
        return plaintext.render_plain(self.text, self.language)

    @property
    def anchor(self) -> str:
        return f"commentaire-{self.pk}"


class FlagQuerySet(models.QuerySet["Flag"]):
    def open(self) -> FlagQuerySet:
        return self.filter(settled_at=None)

    def on_public_comments(self) -> FlagQuerySet:
        """What waits for the team."""
        return self.open().filter(comment__state=Comment.State.PUBLISHED)

    def count_comments(self) -> dict[str, Any]:
        """How many comments these flags are on (`count`), and since when (`since`): of the earliest flags, no further."""
        earliest = self.order_by("created_at")[: long_lists.MAX_COUNTED]
        found = earliest.aggregate(
            flags=models.Count("pk"),
            count=models.Count("comment", distinct=True),
            since=models.Min("created_at"),
        )
        is_whole = found.pop("flags") < long_lists.MAX_COUNTED
        return found if is_whole else found | {"count": AtLeast(found["count"])}


class Flag(models.Model):
    """Someone asks the team to read a comment again. It puts the comment in the queue, and does nothing else."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="flags")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    reason = models.CharField(_("reason"), max_length=300)
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = FlagQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["created_at"], condition=models.Q(settled_at=None), name="flag_waiting")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["comment", "by"],
                condition=models.Q(settled_at=None),
                name="flag_once_a_person",
            )
        ]

    def __str__(self) -> str:
        return f"flag {self.pk} on comment {self.comment_id}"


class Follow(models.Model):
    """Someone receives by mail what is new in a thread: the comments shown after `notified_until` are still to be sent."""

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="follows")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    notified_until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thread", "user"], name="follow_once_a_person")]

    def __str__(self) -> str:
        return f"{self.user_id} follows thread {self.thread_id}"
