"""Kinds of activities, and what an activity has beside a forum: where online, what it costs, for whom."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pole.text.bilingual import LocalizedField


class Kind(models.TextChoices):
    """A forum may have tracks, recommendations and votes; the others have none."""

    FORUM = "forum", _("Forum")
    TRAINING = "training", _("Training")
    WEBINAR = "webinar", _("Webinar")
    VISIT = "visit", _("Visit")
    ASSEMBLY = "assembly", _("Assembly")
    OPEN_DAY = "open_day", _("Open day")
    MEETING = "meeting", _("Get-together")


class Mode(models.TextChoices):
    IN_PERSON = "in_person", _("in person")
    ONLINE = "online", _("online")
    BOTH = "both", _("in person and online")


class Level(models.TextChoices):
    ALL = "all", _("for everyone")
    BEGINNER = "beginner", _("beginner")
    INTERMEDIATE = "intermediate", _("intermediate")
    ADVANCED = "advanced", _("advanced")


class SpokenLanguage(models.TextChoices):
    FRENCH = "fr", _("in French")
    ENGLISH = "en", _("in English")
    BOTH = "both", _("in French and English")


class ActivityFields(models.Model):
    """Columns of `Forum` that only some kinds fill (`forums.event.kinds`).

    With defaults of the database: the former release writes forums while this one takes its place.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.FORUM, db_default=Kind.FORUM)
    mode = models.CharField(
        _("how people take part"),
        max_length=10,
        choices=Mode,
        default=Mode.IN_PERSON,
        db_default=Mode.IN_PERSON,
    )
    # Never in a public page, feed or file: registrants alone read it.
    online_link = models.URLField(
        _("link to take part online"),
        max_length=500,
        blank=True,
        default="",
        db_default="",
        help_text=_(
            "Shown to people who are registered, on their page and in the mail of the day; never in public."
        ),
    )
    # In dollars; 0 is free, and empty says nothing.
    price = models.DecimalField(
        _("price"), max_digits=7, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    price_note = models.CharField(_("about the price"), max_length=160, blank=True, default="", db_default="")
    price_note_en = models.CharField(
        _("about the price, in English"), max_length=160, blank=True, default="", db_default=""
    )
    level = models.CharField(_("level"), max_length=12, choices=Level, blank=True, default="", db_default="")
    trainer = models.CharField(_("trainer"), max_length=160, blank=True, default="", db_default="")
    spoken_language = models.CharField(
        _("language of the activity"),
        max_length=4,
        choices=SpokenLanguage,
        default=SpokenLanguage.FRENCH,
        db_default=SpokenLanguage.FRENCH,
    )
    to_bring = models.CharField(_("what to bring"), max_length=300, blank=True, default="", db_default="")
    to_bring_en = models.CharField(
        _("what to bring, in English"), max_length=300, blank=True, default="", db_default=""
    )
    # Of who receives registrations themselves, as a partner does.
    registration_link = models.URLField(
        _("link to register elsewhere"), max_length=500, blank=True, default="", db_default=""
    )
    # A person registers for sessions of their choice, else for the whole series.
    chooses_sessions = models.BooleanField(_("people choose their sessions"), default=False, db_default=False)
    # In hundredths of the sessions; empty: nobody gets an attestation.
    attestation_share = models.PositiveSmallIntegerField(
        _("attendance needed for an attestation"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )

    shown_price_note = LocalizedField("price_note")
    shown_to_bring = LocalizedField("to_bring")

    class Meta:
        abstract = True

    @property
    def is_forum(self) -> bool:
        return self.kind == Kind.FORUM

    @property
    def is_free(self) -> bool:
        return self.price == 0

    @property
    def is_online(self) -> bool:
        """Whether one may take part without moving."""
        return self.mode in {Mode.ONLINE, Mode.BOTH}


# What the pages of votes, results and recommendations, which forums alone have, need not read.
NEVER_OF_A_FORUM = (
    *("online_link", "price", "price_note", "price_note_en", "level", "trainer", "spoken_language"),
    *("to_bring", "to_bring_en", "registration_link", "chooses_sessions", "attestation_share"),
)

ACTIVITY_CONSTRAINTS = [
    models.CheckConstraint(condition=Q(kind__in=Kind.values), name="forum_kind_known"),
    models.CheckConstraint(
        condition=Q(kind="forum") | Q(has_participation=False), name="forum_alone_has_recommendations"
    ),
    models.CheckConstraint(condition=Q(mode__in=Mode.values), name="forum_mode_known"),
    models.CheckConstraint(condition=Q(level__in=["", *Level.values]), name="forum_level_known"),
    models.CheckConstraint(
        condition=Q(spoken_language__in=SpokenLanguage.values), name="forum_language_known"
    ),
    models.CheckConstraint(condition=Q(price__isnull=True) | Q(price__gte=0), name="forum_price_positive"),
    models.CheckConstraint(
        condition=Q(attestation_share__isnull=True) | Q(attestation_share__gte=1, attestation_share__lte=100),
        name="forum_attestation_share_in_hundredths",
    ),
]
