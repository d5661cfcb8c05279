"""The hub and its territory, and the small tables that every package uses."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from pole.text.bilingual import LocalizedField

HEXADECIMAL_COLOUR = r"^#[0-9a-fA-F]{6}$"
hexadecimal_colour = RegexValidator(HEXADECIMAL_COLOUR, _("Write a colour like #1f5c3f."))
# A name of the DNS, in lower case, whose last part begins with a letter: no address in figures, port, star, space nor quote.
TILE_HOST = r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$"


class MrcQuerySet(models.QuerySet["Mrc"]):
    def in_territory(self, *, also: Iterable[str] = ()) -> Self:
        """Those of the towns that the hub chose, and these codes: what forms offer."""
        chosen = Municipality.objects.filter(is_in_territory=True).values("mrc_id")
        return self.filter(models.Q(code__in=chosen) | models.Q(code__in=list(also)))


class Mrc(models.Model):
    """A regional county municipality, or what a hub elsewhere calls the level above its towns (`Hub.middle_level`)."""

    class Kind(models.TextChoices):
        MRC = "mrc", _("MRC")
        AGGLOMERATION = "agglomeration", _("Agglomeration")

    # "67" in Québec; elsewhere the code of the file, or one made from the name.
    code = models.CharField(_("code"), max_length=40, primary_key=True)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.MRC)

    objects = MrcQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("MRC")
        verbose_name_plural = _("MRC")

    def __str__(self) -> str:
        return self.name


class MunicipalityQuerySet(models.QuerySet["Municipality"]):
    def in_territory(self, *, also: str | None = None) -> Self:
        """Those that the hub chose, and one that a row has already: what forms offer."""
        return self.filter(models.Q(is_in_territory=True) | models.Q(code=also or ""))


class Municipality(models.Model):
    """A municipality by its geographic code; the name alone is not unique (two Hemmingford)."""

    # Five digits in Québec, 2A004 in France, seven digits for Statistics Canada.
    code = models.CharField(_("code"), max_length=12, primary_key=True)
    name = models.CharField(_("name"), max_length=80)
    designation = models.CharField(_("designation"), max_length=40)
    mrc = models.ForeignKey(
        Mrc, models.PROTECT, related_name="municipalities", null=True, blank=True, verbose_name=_("MRC")
    )
    # Both or neither: a list of another region may come without positions.
    latitude = models.DecimalField(
        max_digits=6, decimal_places=3, null=True, blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )  # fmt: skip
    longitude = models.DecimalField(
        max_digits=7, decimal_places=3, null=True, blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )  # fmt: skip
    # Two neighbours may share a name: the designation then tells them apart.
    is_homonym = models.BooleanField(default=False)
    # As the file writes it: staff choose the territory by region.
    region = models.CharField(max_length=80, blank=True, default="")
    # The others are known, for an enterprise that has its seat elsewhere, and offered nowhere (ADR 17).
    is_in_territory = models.BooleanField(default=True)

    objects = MunicipalityQuerySet.as_manager()

    class Meta:
        # As in French: Léry before Longueuil.
        ordering = [models.Func("name", function="pole_unaccent_lower"), "code"]
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")
        constraints = [
            models.UniqueConstraint(fields=["name", "designation", "mrc"], name="municipality_unique"),
            models.CheckConstraint(
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                | models.Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="municipality_position_whole",
            ),
        ]

    def __str__(self) -> str:
        return town_name(self.name, self.designation, self.is_homonym)


def town_name(name: str, designation: str, is_homonym: bool) -> str:
    """As people read it: two neighbours that share a name are told apart."""
    return f"{name} ({designation.lower()})" if is_homonym else name


class MunicipalityBoundary(models.Model):
    """The outline of a municipality, for the map alone: beside it, so that nothing else reads it."""

    municipality = models.OneToOneField(
        Municipality,
        models.CASCADE,
        primary_key=True,
        related_name="boundary",
        verbose_name=_("municipality"),
    )
    # As `pole.geo.boundaries` makes it simple: polygons of rings of [longitude, latitude].
    polygons: models.JSONField[Any, Any] = models.JSONField()

    class Meta:
        verbose_name = _("boundary of a municipality")
        verbose_name_plural = _("boundaries of municipalities")

    def __str__(self) -> str:
        return f"boundary {self.pk}"


class FormerMunicipality(models.Model):
    """A name that people still write for a municipality: merged towns, former names, boroughs."""

    # As `pole.geo.gazetteer.municipality_name_key` writes it: a name leads to one municipality.
    key = models.CharField(max_length=80, unique=True, editable=False)
    name = models.CharField(_("former name"), max_length=80)
    municipality = models.ForeignKey(
        Municipality, models.CASCADE, related_name="former_names", verbose_name=_("municipality")
    )

    class Meta:
        ordering = ["key"]
        verbose_name = _("former municipality")
        verbose_name_plural = _("former municipalities")

    def __str__(self) -> str:
        return self.name


class TerritoryUpload(models.Model):
    """The list of municipalities that staff sent and have not applied yet: one at a time, the last one."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    # Which upload a page shows: another one may have taken its place.
    token = models.UUIDField(default=uuid.uuid4)
    file_name = models.CharField(max_length=120)
    # `pole.geo.territory_rows.TerritoryRow` as lists, and successors by vanished code.
    rows: models.JSONField[list[list[Any]], list[list[Any]]] = models.JSONField()
    successors: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(default=dict)
    # The names of these codes; what was read otherwise than it is written.
    names: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(default=dict)
    notes: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    uploaded_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="territory_upload_is_single")]

    def __str__(self) -> str:
        return self.file_name


class StoredPicture(models.Model):
    """A picture re-encoded at upload, its narrower renditions beside it: `pole.files.stored.store_picture`.

    Each model has its own `file`.
    """

    file: models.ImageField
    width_px = models.PositiveIntegerField(editable=False)
    height_px = models.PositiveIntegerField(editable=False)
    # Widths in pixels of the renditions that exist, narrowest first: file stem + "-<width>.webp".
    renditions: models.JSONField[list[int], list[int]] = models.JSONField(default=list, editable=False)

    class Meta:
        abstract = True

    @property
    def srcset(self) -> str:
        """The renditions and the whole picture, for the `srcset` attribute."""
        stem = self.file.url.removesuffix(".webp")
        candidates = [f"{stem}-{width}.webp {width}w" for width in self.renditions]
        return ", ".join([*candidates, f"{self.file.url} {self.width_px}w"])

    @property
    def thumbnail_url(self) -> str:
        """The narrowest rendition, else the picture itself."""
        if not self.renditions:
            return self.file.url
        return f"{self.file.url.removesuffix('.webp')}-{self.renditions[0]}.webp"

    @property
    def jpeg_url(self) -> str:
        """The picture for those that show no WebP: made when it is asked for, `pole.views.for_programs.media`."""
        return f"{self.file.url.removesuffix('.webp')}.jpg"

    def file_names(self) -> list[str]:
        """The picture's and those of its renditions, in the storage."""
        name = self.file.name or ""
        stem = name.removesuffix(".webp")
        return [name, *(f"{stem}-{width}.webp" for width in self.renditions)] if name else []


class Hub(models.Model):
    """The one hub that this installation serves: what staff edit instead of code."""

    class Country(models.TextChoices):
        CANADA = "CA", _("Canada")
        FRANCE = "FR", _("France")
        BELGIUM = "BE", _("Belgium")
        SWITZERLAND = "CH", _("Switzerland")
        OTHER = "ZZ", _("another country")

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True)
    short_name = models.CharField(_("short name"), max_length=40)
    tagline = models.CharField(_("what the hub is, in one sentence"), max_length=240)
    tagline_en = models.CharField(_("the same sentence in English"), max_length=240, blank=True)
    headline = models.CharField(
        _("what the home page says first"),
        max_length=90,
        blank=True,
        default="",
        help_text=_(
            "A few words that invite people in, larger than the rest. Without them: the sentence above."
        ),
    )
    headline_en = models.CharField(_("the same words in English"), max_length=90, blank=True, default="")
    team = models.CharField(_("the team, in one sentence"), max_length=240, blank=True)
    team_en = models.CharField(_("the team, in English"), max_length=240, blank=True)
    logo = models.ImageField(_("logo"), upload_to="hub/", blank=True)
    # As `pole.forms.SocialPictureField` cuts it: of the size that networks show.
    social_picture = models.ImageField(
        _("picture of shared pages"),
        upload_to="hub/",
        blank=True,
        help_text=_(
            "Shown with a link to a page that has no picture of its own; at least 1,200 × 630 pixels, cut to these"
            " proportions around its middle. Without it, the title of the page is drawn in your colours."
        ),
    )
    # As `pole.forms.HomePictureField` cuts it.
    picture = models.ImageField(
        _("picture of the region"),
        upload_to="hub/",
        blank=True,
        default="",
        help_text=_(
            "At the top of the home page; at least 1,600 × 640 pixels, cut to these proportions around its middle."
            " Without it, a drawing of the region."
        ),
    )
    primary_colour = models.CharField(
        _("main colour"), max_length=7, default="#1f5c3f", validators=[hexadecimal_colour]
    )
    accent_colour = models.CharField(
        _("accent colour"), max_length=7, default="#a8441a", validators=[hexadecimal_colour]
    )
    street = models.CharField(_("street address"), max_length=120, blank=True)
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("municipality")
    )
    postal_code = models.CharField(_("postal code"), max_length=7, blank=True)
    phone = models.CharField(_("telephone"), max_length=16, blank=True)
    phone_extension = models.CharField(_("extension"), max_length=6, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    opening_hours = models.CharField(_("opening hours"), max_length=160, blank=True)
    opening_hours_en = models.CharField(_("opening hours in English"), max_length=160, blank=True)
    privacy_officer = models.CharField(_("title and name of the privacy officer"), max_length=160, blank=True)
    privacy_officer_en = models.CharField(
        _("title and name of the privacy officer, in English"), max_length=160, blank=True
    )
    privacy_email = models.EmailField(_("e-mail address for privacy"), blank=True)
    # ISO 3166-1: how postal codes and telephone numbers are written.
    country = models.CharField(_("country"), max_length=2, choices=Country, default=Country.CANADA)
    # As addresses write it; empty where they write none.
    province = models.CharField(_("province, state or region"), max_length=40, blank=True, default="Québec")
    # The names of the two levels of the territory; empty: municipality and MRC, as in Québec.
    town_level = models.CharField(_("a town is called"), max_length=40, blank=True)
    town_level_en = models.CharField(_("a town is called, in English"), max_length=40, blank=True)
    town_levels = models.CharField(_("towns are called (plural)"), max_length=40, blank=True)
    town_levels_en = models.CharField(_("towns are called (plural), in English"), max_length=40, blank=True)
    middle_level = models.CharField(_("the level above is called"), max_length=40, blank=True)
    middle_level_en = models.CharField(_("the level above is called, in English"), max_length=40, blank=True)
    middle_levels = models.CharField(_("the level above is called (plural)"), max_length=40, blank=True)
    middle_levels_en = models.CharField(
        _("the level above is called (plural), in English"), max_length=40, blank=True
    )
    holds_first_comment = models.BooleanField(
        _("hold the first comment of an account for review"), default=True
    )
    # Of another’s map, shown to who asks (`pole.hub.tiles`). As it goes into the policy of the page: a host alone.
    tile_host = models.CharField(_("server of map tiles"), max_length=253, blank=True)
    tile_credit = models.CharField(_("credit that its tiles ask for"), max_length=160, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    shown_name = LocalizedField("name")
    shown_tagline = LocalizedField("tagline")
    shown_headline = LocalizedField("headline")
    shown_team = LocalizedField("team")
    shown_opening_hours = LocalizedField("opening_hours")
    shown_privacy_officer = LocalizedField("privacy_officer")

    class Meta:
        verbose_name = _("hub")
        verbose_name_plural = _("hub")
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="hub_is_single"),
            models.CheckConstraint(
                condition=models.Q(primary_colour__regex=HEXADECIMAL_COLOUR)
                & models.Q(accent_colour__regex=HEXADECIMAL_COLOUR),
                name="hub_colours_written",
            ),
            models.CheckConstraint(
                condition=models.Q(tile_host="")
                | models.Q(tile_host__regex=TILE_HOST) & ~models.Q(tile_credit=""),
                name="hub_tiles_written",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def colours(self) -> str:
        """Both, as the address of their stylesheet names them."""
        return f"{self.primary_colour}{self.accent_colour}".replace("#", "")

    def town_line(self, town: object, postal_code: str = "") -> str:
        """The line of an address: "Mercier (Québec) J6R 2B4"; on the continent of Europe, "63000 Clermont-Ferrand"."""
        if self.country in {self.Country.CANADA, self.Country.OTHER}:
            parts = [str(town), f"({self.province})" if self.province else "", postal_code]
        else:
            parts = [postal_code, str(town)]
        return " ".join(part for part in parts if part)

    def schema_region(self) -> dict[str, str]:
        """The part of a schema.org PostalAddress that is the same for the whole region."""
        region = "QC" if self.province == "Québec" else self.province
        country = "" if self.country == self.Country.OTHER else self.country
        return {
            name: value for name, value in (("addressRegion", region), ("addressCountry", country)) if value
        }


class TeamMember(models.Model):
    """Someone whom visitors may reach at the hub: what the team writes of its own people, with or without an account."""

    name = models.CharField(_("name"), max_length=80)
    role = models.CharField(_("role"), max_length=120)
    role_en = models.CharField(_("role in English"), max_length=120, blank=True)
    about = models.CharField(_("what to ask them about"), max_length=240, blank=True)
    about_en = models.CharField(_("what to ask them about, in English"), max_length=240, blank=True)
    # As `pole.hub.team_form.PortraitField` cuts it.
    portrait = models.ImageField(_("portrait"), upload_to="hub/", blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("telephone"), max_length=16, blank=True)
    phone_extension = models.CharField(_("extension"), max_length=6, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["position", "name", "id"]
        verbose_name = _("member of the team shown to visitors")
        verbose_name_plural = _("members of the team shown to visitors")

    def __str__(self) -> str:
        return self.name

    @property
    def portrait_url(self) -> str:
        return self.portrait.url if self.portrait else ""


class Partner(models.Model):
    """An organisation whose logo stands at the foot of each page, in the order that staff gave it."""

    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True)
    # As `pole.forms.PartnerLogoField` makes it: no larger than it is ever shown.
    logo = models.ImageField(_("logo"), upload_to="partners/")
    width_px = models.PositiveIntegerField(editable=False)
    height_px = models.PositiveIntegerField(editable=False)
    address = models.CharField(_("address of their site"), max_length=300)
    position = models.PositiveSmallIntegerField(_("order"), editable=False)
    # Taken off the pages, until someone puts it back or deletes it.
    is_removed = models.BooleanField(default=False, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    shown_name = LocalizedField("name")

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(address__regex=r"^https://[^/@\\]+/"), name="partner_address_followed"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MenuItem(models.Model):
    """An entry of the main menu or of the footer, in the order that staff gave it."""

    class Place(models.TextChoices):
        HEADER = "header", _("main menu")
        FOOTER = "footer", _("foot of the page")

    place = models.CharField(_("place"), max_length=10, choices=Place)
    position = models.PositiveSmallIntegerField(_("order"))
    label = models.CharField(_("label"), max_length=40)
    label_en = models.CharField(_("label in English"), max_length=40, blank=True)
    # `pole.hub.addresses` makes it out of what was typed.
    address = models.CharField(_("address"), max_length=300)

    shown_label = LocalizedField("label")

    class Meta:
        ordering = ["place", "position", "id"]
        verbose_name = _("menu entry")
        verbose_name_plural = _("menu entries")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(place__in=["header", "footer"]), name="menu_place_known"
            ),
            models.CheckConstraint(
                condition=models.Q(address__regex=r"^(/($|[^/\\])|https://[^/@\\]+/)"),
                name="menu_address_followed",
                violation_error_message=_(
                    "Write an address of this site, like /contact/, or of another one, like https://exemple.ca/."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_outside(self) -> bool:
        """Whether it leads to another site."""
        return self.address.startswith("https://")


class SynonymGroup(models.Model):
    """A group of terms that this hub added, or one of `pole/data/synonyms.txt` that it changed or switched off."""

    # Its name in the file, as `pole.search.synonym_groups.name_of_default` makes it; empty for the hub's own.
    replaces = models.CharField(max_length=80, blank=True, default="", editable=False)
    # As people write them; none: those of the file.
    terms = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, verbose_name=_("terms"), editable=False
    )
    is_off = models.BooleanField(default=False, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("group of synonyms")
        verbose_name_plural = _("groups of synonyms")
        constraints = [
            models.UniqueConstraint(
                fields=["replaces"], condition=~models.Q(replaces=""), name="synonyms_replace_one_group"
            ),
            models.CheckConstraint(
                condition=models.Q(terms__len__range=(2, 30))
                | (models.Q(terms__len=0) & ~models.Q(replaces="")),
                name="synonyms_are_several",
            ),
            models.CheckConstraint(
                condition=models.Q(is_off=False) | ~models.Q(replaces=""), name="synonyms_off_are_of_the_file"
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(self.terms) or self.replaces


class Setup(models.Model):
    """What the first steps of this installation must remember, and no other row says."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    # Whoever has the direction said that they have no colleague yet.
    works_alone = models.BooleanField(default=False)
    # The latest test message: its code, the relay that was to carry it, what that relay answered.
    mail_code = models.CharField(max_length=6, blank=True)
    # Its `OutgoingMail`: the answer to one that another has replaced is not noted.
    mail_id = models.BigIntegerField(null=True)
    mail_relay = models.CharField(max_length=300, blank=True)
    mail_sent_at = models.DateTimeField(null=True)
    mail_answered_at = models.DateTimeField(null=True)
    mail_answer = models.CharField(max_length=500, blank=True)
    mail_accepted = models.BooleanField(default=False)
    # When someone typed a code that a message had brought, and the relay that had carried it.
    mail_received_at = models.DateTimeField(null=True)
    mail_received_by_relay = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="setup_is_single")]

    def __str__(self) -> str:
        return "setup"


class KeptFinding(models.Model):
    """What the worker last saw of one thing that the state of the portal is made of; see `pole.hub.state.looking`."""

    key = models.CharField(max_length=200, unique=True)
    # A `pole.hooks.diagnostics.Level`.
    level = models.CharField(max_length=7)
    # By language: the title, what is so, what to do.
    words: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    page = models.CharField(max_length=60, blank=True)
    command = models.CharField(max_length=300, blank=True)
    looked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.key} {self.level}"


class RetentionRun(models.Model):
    """When a rule of `pole.hooks.retention` last ran, and what went."""

    rule = models.CharField(max_length=40, unique=True)
    ran_at = models.DateTimeField()
    erased = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.rule} {self.ran_at:%Y-%m-%d}"


class ContentVersion(models.Model):
    """See `pole.caching.content_versions`. Written by triggers only."""

    # What pages name: a package, a part of one, or what several share ("hub", "people").
    scope = models.CharField(max_length=20, primary_key=True)
    number = models.BigIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.scope} {self.number}"


class OutgoingMail(models.Model):
    """A mail waiting for delivery: jobs carry its id only, and it is deleted once delivered.

    Its Message-ID is in `message`: the same at each try. What is kept of one that failed is its subject and its address.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        FAILED = "failed"

    message: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    # What it holds no longer serves then; without, it is tried for a day.
    expires_at = models.DateTimeField(null=True)
    is_code = models.BooleanField(default=False)
    is_to_team = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_attempt_at = models.DateTimeField(null=True)
    # The relay's words.
    answer = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"mail {self.pk}"


class SuspendedAddress(models.Model):
    """An address at which there is no mailbox, as its server said: only codes are sent there, until one arrives."""

    address = models.EmailField(max_length=320, unique=True)
    answer = models.CharField(max_length=500)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-since", "-id")
        indexes = [models.Index(fields=["-since", "-id"], name="suspended_address_latest")]

    def __str__(self) -> str:
        return f"suspended address {self.pk}"
