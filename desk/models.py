"""The models of the writing desk: a Draft that each text owns one-to-one, and the library of pictures and documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from desk.reading_models import Reading, Remark
from pole.models import StoredPicture
from pole.text.focus import Focus

__all__ = [
    "Document", "Draft", "Part", "Picture", "PictureQuerySet", "Presence", "Publishable", "PublishableQuerySet",
    "Reading", "Remark", "Version",
]  # fmt: skip


class Draft(models.Model):
    """The working copy, beside what is published: the owner's `WORKING_FIELDS`, and what its forms add to them.

    Those of a post add its kind, tags, authors, documents and lead picture; those of results, priorities and rounds.

    `version` rises by one at each save; whoever saves names the version that they started from.
    """

    content: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(default=timezone.now)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # The version that visitors read, when something is published.
    published_version = models.PositiveIntegerField(null=True, blank=True)
    # Archived: out of the desk's lists, and never public.
    archived_at = models.DateTimeField(null=True, blank=True)
    # In the trash, out of every other list: deleted for good once `desk.trash.KEPT_FOR` is over.
    trashed_at = models.DateTimeField(null=True, blank=True, db_index=True)
    # Random key of the open editor that saved last: it may always save over itself, even when the answer to its last
    # save was lost.
    writing_key = models.CharField(max_length=32, blank=True, db_index=True)
    # Part of every link to the shared preview: changing or emptying it revokes them all.
    preview_key = models.CharField(max_length=32, blank=True)

    class Meta:
        indexes = [models.Index(fields=["-saved_at"], name="draft_saved_last")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(archived_at=None) | models.Q(published_version=None),
                name="draft_archived_is_not_public",
            ),
            models.CheckConstraint(
                condition=models.Q(trashed_at=None) | models.Q(archived_at__isnull=False),
                name="draft_in_the_trash_is_out_of_lists",
            ),
            models.CheckConstraint(
                condition=models.Q(published_version__isnull=True)
                | models.Q(published_version__lte=models.F("version")),
                name="draft_published_version_exists",
            ),
        ]

    def __str__(self) -> str:
        return f"draft {self.pk}, version {self.version}"

    @property
    def has_unpublished_changes(self) -> bool:
        return self.published_version is not None and self.published_version != self.version

    @property
    def owner(self) -> Publishable | None:
        """The text that this is a draft of. One query for each kind of owner until one is found."""
        for relation in self._meta.related_objects:
            if relation.one_to_one:
                owner = getattr(self, relation.get_accessor_name() or "", None)
                if owner is not None:
                    return owner  # type: ignore[no-any-return]  # one of the rooms' models
        return None


class Version(models.Model):
    """One saved state of a draft, never deleted.

    Except an autosave, which the next save of the same writer replaces.
    """

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    content: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    saved_at = models.DateTimeField(default=timezone.now)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    is_autosave = models.BooleanField(default=False)
    # What the team calls it (« Relu par la direction »); and whether visitors have read it.
    name = models.CharField(max_length=80, blank=True)
    was_published = models.BooleanField(default=False)

    class Meta:
        ordering = ["-number"]
        indexes = [
            models.Index(
                fields=["draft", "-number"],
                condition=models.Q(was_published=True) | ~models.Q(name=""),
                name="version_published_or_named",
            )
        ]
        constraints = [models.UniqueConstraint(fields=["draft", "number"], name="version_number_unique")]

    def __str__(self) -> str:
        return f"version {self.number} of draft {self.draft_id}"


class Presence(models.Model):
    """Someone has this text open in the editor; their last signal came at `seen_at`."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="presences")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "user"], name="presence_once_a_person")]

    def __str__(self) -> str:
        return f"{self.user_id} at draft {self.draft_id}"


@dataclass(frozen=True, slots=True)
class Part:
    """A named piece of a working copy, to be read and compared."""

    label: str | Promise
    text: str
    is_html: bool = False


class PublishableQuerySet[T: Publishable](models.QuerySet[T]):
    def published(self, now: datetime) -> Self:
        """What everyone may read at `now`; a scheduled text appears at its instant, not before."""
        return self.filter(published_at__lte=now)

    def scheduled(self, now: datetime) -> Self:
        return self.filter(published_at__gt=now)

    def drafts(self) -> Self:
        """What is not published and not archived."""
        return self.archived(is_archived=False).filter(published_at=None)

    def archived(self, *, is_archived: bool = True) -> Self:
        """Without those of the trash."""
        return self.filter(draft__archived_at__isnull=not is_archived, draft__trashed_at=None)

    def in_trash(self) -> Self:
        return self.filter(draft__trashed_at__isnull=False)


class Publishable(models.Model):
    """Prose with a working copy. `published_at` in the future means scheduled; empty means draft."""

    WORKING_FIELDS: ClassVar[tuple[str, ...]] = ()
    # Those of them that hold prose of the rich editor.
    HTML_FIELDS: ClassVar[tuple[str, ...]] = ()
    # The role of the team's members who write it.
    ROLE: ClassVar[str] = "editorial"
    # Dotted path of a callable (request, owner, content) -> the page as if `content` were published.
    PREVIEW: ClassVar[str] = ""

    draft = models.OneToOneField(Draft, models.PROTECT, related_name="%(class)s")
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, db_index=True)

    class Meta:
        abstract = True

    def get_absolute_url(self) -> str:
        raise NotImplementedError

    def apply_content(self, content: dict[str, Any]) -> None:
        """Sets the fields that visitors read from a working copy. Runs no query."""
        for field in self.WORKING_FIELDS:
            setattr(self, field, content.get(field, ""))

    def apply_related_rows(self, content: dict[str, Any]) -> None:
        """Writes the rows beside this text from a working copy (tags, authors…). The caller holds the locks."""

    def note_revision(self, now: datetime) -> None:
        """What visitors read of it changes, once it is published already. The caller saves it."""

    def public_path(self) -> str:
        """Its address in French, once it is published for whatever date; else empty."""
        with translation.override("fr"):
            return self.get_absolute_url() if self.published_at else ""

    def known_paths(self) -> set[str]:
        """The addresses in French at which visitors find it now; none while it is not published."""
        return {path} if (path := self.public_path()) else set()

    def redirect_from(self, before: str) -> None:
        """Makes `before`, its `public_path` until it moved or was published or hidden, lead to it. The caller locks it."""

    def delete_for_good(self) -> None:
        """With its draft, its versions and what else was only its own."""
        self.delete()
        self.draft.delete()

    def get_edit_url(self) -> str:
        """The page on which staff write this text."""
        raise NotImplementedError

    def parts(self, content: dict[str, Any]) -> Iterator[Part]:
        """What a working copy holds, in the order of its form. May run queries.

        Rows beside the text (a forum's priorities) are one part each, their texts one under the other.
        """
        names = [name for name in self.WORKING_FIELDS if name in content]
        for name in names:
            label = self._meta.get_field(name).verbose_name  # type: ignore[union-attr]  # a column
            yield Part(label, str(content[name] or ""), is_html=name in self.HTML_FIELDS)
        for name, rows in content.items():
            if name in names or not (isinstance(rows, list) and rows and isinstance(rows[0], dict)):
                continue
            label = self._meta.get_field(name).related_model._meta.verbose_name  # type: ignore[union-attr]  # rows of a model
            for number, row in enumerate(rows, start=1):
                texts = [value for key, value in row.items() if key != "key" and isinstance(value, str)]
                yield Part(f"{label} {number}", "\n".join(text for text in texts if text))

    def is_public(self, now: datetime) -> bool:
        return self.published_at is not None and self.published_at <= now

    def is_scheduled(self, now: datetime) -> bool:
        return self.published_at is not None and self.published_at > now


class PictureQuerySet(models.QuerySet["Picture"]):
    def described(self) -> Self:
        """Those that a public text may show: described, or decorative."""
        return self.exclude(description="", is_decorative=False)


class Picture(StoredPicture):
    """A picture of the library."""

    file = models.ImageField(
        _("picture"), upload_to="pictures/", width_field="width_px", height_field="height_px"
    )
    description = models.CharField(
        _("alternative text"),
        max_length=240,
        blank=True,
        help_text=_("What the picture shows, for those who can’t see it."),
    )
    # It carries no information: its alternative text is empty on purpose.
    is_decorative = models.BooleanField(_("decorative"), default=False)
    credit = models.CharField(_("credit"), max_length=120, blank=True)
    # What stays in sight where it is cut, in hundredths of its width and of its height.
    focus_x = models.PositiveSmallIntegerField(
        _("what matters most, from the left, in %"), default=50, validators=[MaxValueValidator(100)]
    )
    focus_y = models.PositiveSmallIntegerField(
        _("what matters most, from the top, in %"), default=50, validators=[MaxValueValidator(100)]
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    uploaded_at = models.DateTimeField(default=timezone.now)
    objects = PictureQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at", "-id"]
        indexes = [models.Index(fields=["-uploaded_at", "-id"], name="picture_latest")]
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(focus_x__range=(0, 100), focus_y__range=(0, 100)),
                name="picture_focus_within",
                violation_error_message=_("The point that matters is within the picture: from 0 to 100 %."),
            ),
            models.CheckConstraint(
                condition=models.Q(is_decorative=False) | models.Q(description=""),
                name="picture_decorative_says_nothing",
                violation_error_message=_(
                    "A decorative picture has no alternative text: choose one or the other."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.description or self.file.name or ""

    @property
    def focus(self) -> Focus:
        return Focus.nearest(self.focus_x, self.focus_y)


class Document(models.Model):
    """A PDF document, checked by its content, always downloaded and never shown inside the portal."""

    title = models.CharField(_("title"), max_length=160)
    file = models.FileField(_("PDF document"), upload_to="documents/")
    size_bytes = models.PositiveIntegerField(editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    uploaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-uploaded_at", "-id"]
        indexes = [models.Index(fields=["-uploaded_at", "-id"], name="document_latest")]
        verbose_name = _("document")
        verbose_name_plural = _("documents")

    def __str__(self) -> str:
        return self.title

    def file_names(self) -> list[str]:
        return [self.file.name] if self.file.name else []
