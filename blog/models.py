"""Posts and pages."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog.former_site import Imported, MissedAddress, SiteImport
from blog.post_kinds import PostKind
from comments.models import Thread
from desk.models import Document, Part, Picture, Publishable, PublishableQuerySet
from pole.search import bilingual_document
from pole.text import richtext
from pole.text.bilingual import LocalizedField, LocalizedHtml, LocalizedText
from pole.text.slugs import slug_form

__all__ = [
    "Author",
    "Byline",
    "Imported",
    "MissedAddress",
    "MovingText",
    "OldAddress",
    "Page",
    "Post",
    "PostQuerySet",
    "SiteImport",
    "Tag",
]


class Tag(models.Model):
    slug = models.CharField(_("address"), max_length=60, unique=True, validators=[slug_form])
    name = models.CharField(_("name"), max_length=60, unique=True)
    name_en = models.CharField(_("name in English"), max_length=60, blank=True)

    shown_name = LocalizedField("name")

    class Meta:
        ordering = ["name"]
        verbose_name = _("tag")
        verbose_name_plural = _("tags")

    def __str__(self) -> str:
        return self.name


class Author(models.Model):
    """The public profile of someone who signs posts, with or without an account."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="author_profile",
        verbose_name=_("account"),
    )
    name = models.CharField(_("name"), max_length=80)
    role = models.CharField(_("role"), max_length=120, blank=True)
    role_en = models.CharField(_("role in English"), max_length=120, blank=True)
    note = models.TextField(
        _("author note"), max_length=600, blank=True, help_text=_("Shown at the end of this person’s posts.")
    )
    note_en = models.TextField(_("author note in English"), max_length=600, blank=True)
    portrait = models.ForeignKey(
        Picture, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("portrait")
    )

    shown_role = LocalizedField("role")
    shown_note = LocalizedField("note")

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["name", "id"], name="author_by_name")]
        verbose_name = _("author")
        verbose_name_plural = _("authors")

    def __str__(self) -> str:
        return self.name

    @property
    def portrait_url(self) -> str:
        return self.portrait.thumbnail_url if self.portrait else ""

    @property
    def portrait_focus(self) -> str:
        """Classes of what stays in sight of it."""
        return self.portrait.focus.classes if self.portrait else ""


class PostQuerySet(PublishableQuerySet["Post"]):
    def for_readers_of(self, language: str, now: datetime) -> PostQuerySet:
        """Each text once: in `language` when it is published in it by now, else in its own.

        A subquery, and asked of posts in the other language only: for an EXISTS, PostgreSQL would
        read the whole table before the first row of a page.
        """
        sibling = Post.objects.published(now).filter(
            Q(translation_of=OuterRef("pk")) | Q(pk=OuterRef("translation_of")), language=language
        )
        return self.alias(sibling=Subquery(sibling.order_by().values("pk")[:1])).filter(
            Q(language=language) | Q(sibling=None)
        )


class MovingText(Publishable):
    """A post or a page: what it leaves at a former address redirects to it."""

    class Meta:
        abstract = True

    def known_paths(self) -> set[str]:
        """With those that redirect to it: a menu may still hold one."""
        former = {str(self._meta.model_name): self.pk}
        paths = super().known_paths()
        return paths and paths | set(OldAddress.objects.filter(**former).values_list("path", flat=True))

    def redirect_from(self, before: str) -> None:
        after = self.public_path()
        if before and before != after:
            OldAddress.objects.update_or_create(path=before, defaults=OldAddress.leading_to(self))
        if after:
            OldAddress.objects.filter(path=after).delete()


def new_feed_id() -> str:
    """`tag:portail.example,2026-11-30:` and what no other text has: true whatever its address becomes."""
    host = urlsplit(settings.BASE_URL).hostname
    return f"tag:{host},{timezone.localdate():%Y-%m-%d}:{uuid.uuid4().hex}"


class Post(MovingText):
    """A billet, a news item or a press release. French first; a translation is a post of its own.

    Its working copy holds, beside the texts: `kind`, `lead_picture` (id or None), and the ids `tags`,
    `documents` and `authors`, these in the order of signature.
    """

    WORKING_FIELDS: ClassVar[tuple[str, ...]] = ("title", "heading", "summary", "body")
    HTML_FIELDS: ClassVar[tuple[str, ...]] = ("body",)
    PREVIEW: ClassVar[str] = "blog.views.staff.preview_of_post"
    SLUG_ROUTES: ClassVar[tuple[str, ...]] = ("billets/<slug:slug>/",)

    Kind = PostKind

    class Language(models.TextChoices):
        FRENCH = "fr", "Français"
        ENGLISH = "en", "English"

    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.POST)
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.FRENCH)
    translation_of = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="translations",
        verbose_name=_("translation of"),
    )
    slug = models.CharField(
        _("address"),
        max_length=90,
        unique=True,
        validators=[slug_form],
        error_messages={"unique": _("Another post already has this address.")},
    )
    title = models.CharField(_("title"), max_length=160)
    heading = models.CharField(
        _("heading"), max_length=200, blank=True, help_text=_("Shown above the text, under the date.")
    )
    summary = models.CharField(
        _("summary"),
        max_length=300,
        blank=True,
        help_text=_("For lists and search engines. Empty: the beginning of the text."),
    )
    body = models.TextField(_("text"), blank=True)
    lead_picture = models.ForeignKey(
        Picture, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("picture")
    )
    tags = models.ManyToManyField(Tag, related_name="posts", blank=True, verbose_name=_("tags"))
    authors = models.ManyToManyField(
        Author, through="Byline", related_name="posts", blank=True, verbose_name=_("authors")
    )
    documents = models.ManyToManyField(
        Document, related_name="posts", blank=True, verbose_name=_("documents to download")
    )
    thread = models.OneToOneField(Thread, models.PROTECT, related_name="post")
    # How readers of the feed know it for ever: a tag: URI (RFC 4151), made when it is first published.
    feed_id = models.CharField(max_length=200, blank=True, editable=False)
    # When what visitors read of it last changed after it was published; empty: never.
    revised_at = models.DateTimeField(null=True, blank=True, editable=False)

    document = models.GeneratedField(
        expression=bilingual_document(
            [("title", "A"), ("heading", "B"), ("summary", "B"), ("body", "C")],
            [("title", "A"), ("body", "C")],
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = PostQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-id"]
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        indexes = [
            models.Index(fields=["-published_at", "-id"], name="post_latest"),
            GinIndex(fields=["document"], name="post_document"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=PostKind.values), name="post_kind_known"),
            models.CheckConstraint(condition=Q(language__in=["fr", "en"]), name="post_language_known"),
            models.UniqueConstraint(
                fields=["translation_of", "language"],
                name="post_one_translation_a_language",
                violation_error_message=_("This post already has a translation in this language."),
            ),
            models.CheckConstraint(
                condition=~Q(translation_of=models.F("id")), name="post_not_its_own_translation"
            ),
            models.UniqueConstraint(
                fields=["feed_id"], condition=~Q(feed_id=""), name="post_known_once_in_feeds"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """However it comes to be published, it has its id in feeds from then on."""
        if self.published_at and not self.feed_id:
            self.feed_id = new_feed_id()
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "feed_id"}
        super().save(*args, **kwargs)

    @property
    def updated_at(self) -> datetime | None:
        """When what visitors read of it last changed: no earlier than its publication."""
        return max(filter(None, (self.published_at, self.revised_at)), default=None)

    def note_revision(self, now: datetime) -> None:
        self.revised_at = now

    def get_absolute_url(self) -> str:
        return reverse("blog:post", args=[self.slug])

    @property
    def shown_title(self) -> LocalizedText:
        return LocalizedText(self.title, self.language)

    @property
    def shown_summary(self) -> LocalizedText:
        return LocalizedText(self.summary, self.language)

    @property
    def shown_body(self) -> LocalizedHtml:
        return LocalizedHtml(self.body, self.language)

    def apply_content(self, content: dict[str, Any]) -> None:
        """Without a summary, the text's beginning stands in: lists never read whole texts."""
        super().apply_content(content)
        self.summary = self.summary or richtext.excerpt(self.body)
        self.kind = content.get("kind", self.kind)

    def apply_related_rows(self, content: dict[str, Any]) -> None:
        """Rows that were deleted since (a picture of the library) are left out."""
        if "lead_picture" in content:
            self.lead_picture = Picture.objects.filter(pk=content["lead_picture"]).first()
            self.save(update_fields=["lead_picture"])
        if "tags" in content:
            self.tags.set(Tag.objects.filter(pk__in=content["tags"]))
        if "documents" in content:
            self.documents.set(Document.objects.filter(pk__in=content["documents"]))
        if "authors" in content:
            self._sign(content["authors"])

    def _sign(self, author_ids: list[int]) -> None:
        known = set(Author.objects.filter(pk__in=author_ids).values_list("pk", flat=True))
        self.bylines.exclude(author__in=known).delete()
        for position, author_id in enumerate(author_ids):
            if author_id in known:
                self.bylines.update_or_create(author_id=author_id, defaults={"position": position})

    def delete_for_good(self) -> None:
        super().delete_for_good()
        self.thread.delete()

    def get_edit_url(self) -> str:
        return reverse("staff:post_edit", args=[self.pk])

    def parts(self, content: dict[str, Any]) -> Iterator[Part]:
        yield from super().parts(content)
        if "kind" in content:
            yield Part(_("kind"), str(KIND_LABELS.get(content["kind"], "")))
        for key, label, rows in (
            ("authors", _("authors"), Author.objects.all()),
            ("tags", _("tags"), Tag.objects.all()),
            ("lead_picture", _("picture"), Picture.objects.all()),
            ("documents", _("documents to download"), Document.objects.all()),
        ):
            ids = content.get(key) or []
            if ids:
                found = rows.filter(pk__in=ids if isinstance(ids, list) else [ids])
                yield Part(label, "\n".join(str(row) for row in found))

    @property
    def kind_label(self) -> str:
        """As `get_kind_display`, which makes a dictionary of the choices for each post of a list."""
        return str(KIND_LABELS[self.kind])

    @property
    def is_feminine(self) -> bool:
        """Whether French says "Publiée le" (une nouvelle) and not "Publié le" (un billet)."""
        return PostKind(self.kind).is_feminine


KIND_LABELS = dict(Post.Kind.choices)


class Byline(models.Model):
    """An author of a post, in the order of signature."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="bylines")
    author = models.ForeignKey(Author, models.CASCADE, related_name="bylines")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["post", "author"], name="byline_once_a_post")]

    def __str__(self) -> str:
        return f"{self.author_id} on {self.post_id}"


class Page(MovingText):
    """An institutional page: a French text with, perhaps, an English one beside it."""

    WORKING_FIELDS: ClassVar[tuple[str, ...]] = ("title", "title_en", "body", "body_en")
    HTML_FIELDS: ClassVar[tuple[str, ...]] = ("body", "body_en")
    PREVIEW: ClassVar[str] = "blog.views.staff.preview_of_page"
    SLUG_ROUTES: ClassVar[tuple[str, ...]] = ("<slug:slug>/",)

    slug = models.CharField(
        _("address"),
        max_length=60,
        unique=True,
        validators=[slug_form],
        error_messages={"unique": _("Another page already has this address.")},
    )
    title = models.CharField(_("title"), max_length=120)
    title_en = models.CharField(_("title in English"), max_length=120, blank=True)
    body = models.TextField(_("text"), blank=True)
    body_en = models.TextField(_("text in English"), blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    # What was said under it on the site before this one; a page written here has none.
    thread = models.OneToOneField(Thread, models.PROTECT, null=True, blank=True, related_name="page")

    shown_title = LocalizedField("title")
    shown_body = LocalizedField("body", html=True)

    objects: ClassVar[PublishableQuerySet[Page]] = PublishableQuerySet.as_manager()  # type: ignore[assignment]  # a manager is its queryset's public face

    class Meta:
        ordering = ["position", "title"]
        indexes = [models.Index(fields=["position", "title", "id"], name="page_in_order")]
        verbose_name = _("page")
        verbose_name_plural = _("pages")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("page", args=[self.slug])

    def get_edit_url(self) -> str:
        return reverse("staff:page_edit", args=[self.pk])


FILE_TARGET = "/media/?"


class OldAddress(models.Model):
    """A former address of a public text, here or on the site before this one: it redirects to the text for good.

    Or to another place of the portal, `target`: a file that came in, a list, any page.
    """

    path = models.CharField(_("old address"), max_length=300, unique=True)
    post = models.ForeignKey(Post, models.CASCADE, null=True, related_name="old_addresses")
    page = models.ForeignKey(Page, models.CASCADE, null=True, related_name="old_addresses")
    # A path of this site, in French; empty for a text; for a file of the library, `file_target` of it.
    target = models.CharField(_("leads to"), max_length=300, blank=True)
    # By which import it came; none for what staff added, and what a text left by moving.
    site_import = models.ForeignKey(SiteImport, models.SET_NULL, null=True, related_name="old_addresses")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("old address")
        verbose_name_plural = _("old addresses")
        constraints = [
            models.CheckConstraint(
                condition=Q(post=None, page__isnull=False, target="")
                | Q(post__isnull=False, page=None, target="")
                | (Q(post=None, page=None) & ~Q(target="")),
                name="old_address_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(target="") | Q(target__regex=r"^/([^/\\]|$)"), name="old_address_leads_within"
            ),
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def is_file(self) -> bool:
        return self.target.startswith(FILE_TARGET)

    @staticmethod
    def file_target(row: Picture | Document) -> str:
        """Its key and not its name: what leads to a file is no use of it."""
        return f"{FILE_TARGET}{row._meta.model_name}={row.pk}"

    def file_in_library(self) -> Picture | Document | None:
        """None once it was removed. One query."""
        kind, _equals, key = self.target.removeprefix(FILE_TARGET).partition("=")
        number = int(key) if key.isdecimal() else 0
        if kind == "picture":
            return Picture.objects.filter(pk=number).first()
        return Document.objects.filter(pk=number).first()

    @staticmethod
    def leading_to(text: MovingText) -> dict[str, Any]:
        """The fields of an address that redirects to a text."""
        return {"post": None, "page": None, "target": "", str(text._meta.model_name): text}
