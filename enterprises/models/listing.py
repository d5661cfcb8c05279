"""A listing of the directory ("fiche")."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from enterprises.models.procurement import BY_CODE, CATEGORIES
from enterprises.models.sector import Sector
from pole.models import Mrc, Municipality
from pole.search import FRENCH_CONFIG
from pole.text.bilingual import ENGLISH, FRENCH, LocalizedField, LocalizedText, current_language
from pole.text.slugs import slug_form

MAX_SOCIAL_LINKS = 8


class ListingQuerySet(models.QuerySet["Listing"]):
    def published(self) -> ListingQuerySet:
        return self.filter(state=Listing.State.PUBLISHED)

    def kept_by(self, user: User) -> ListingQuerySet:
        return self.filter(roles__user=user)

    def for_lists(self) -> ListingQuerySet:
        """Without the long columns that no list shows; sectors are read through `sector_ids`."""
        return self.defer("document", "description", "description_en").select_related("municipality")

    def whole(self) -> ListingQuerySet:
        """With everything that its page shows, but its attestation: five queries."""
        return (
            self.defer("document")
            .select_related("municipality__mrc")
            .prefetch_related("sectors", "territory", "photos", "documents")
        )


class Listing(models.Model):
    """An enterprise as the public reads it ("fiche")."""

    class LegalForm(models.TextChoices):
        COOP_PRODUCERS = "coop_producers", _("Producers’ cooperative")
        COOP_CONSUMERS = "coop_consumers", _("Consumers’ cooperative")
        COOP_WORKERS = "coop_workers", _("Workers’ cooperative")
        COOP_WORKER_SHAREHOLDERS = "coop_worker_shareholders", _("Worker-shareholder cooperative")
        COOP_SOLIDARITY = "coop_solidarity", _("Solidarity cooperative")
        NPO = "npo", _("Non-profit organisation")
        MUTUAL = "mutual", _("Mutual")

    class Workforce(models.TextChoices):
        NONE = "0", _("No employee")
        TO_4 = "1-4", _("1 to 4 people")
        TO_9 = "5-9", _("5 to 9 people")
        TO_24 = "10-24", _("10 to 24 people")
        TO_49 = "25-49", _("25 to 49 people")
        TO_99 = "50-99", _("50 to 99 people")
        FROM_100 = "100+", _("100 people or more")

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("listing", "hidden")
        PUBLISHED = "published", pgettext_lazy("listing", "published")
        ARCHIVED = "archived", pgettext_lazy("listing", "archived")

    class Language(models.TextChoices):
        FRENCH = "fr", _("French")
        ENGLISH = "en", _("English")
        SPANISH = "es", _("Spanish")
        QUEBEC_SIGN = "fcs", _("Quebec Sign Language")

    slug = models.CharField(_("address"), max_length=90, unique=True, validators=[slug_form])
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PUBLISHED)
    name = models.CharField(_("name"), max_length=140)
    # Unaccented and lower-case, kept by the database: names sort and match as people expect.
    name_key = models.GeneratedField(
        expression=models.Func(models.F("name"), function="pole_unaccent_lower"),
        # No length: "½" becomes four characters. Code point order is the same on every server.
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )
    other_names = ArrayField(
        models.CharField(max_length=140), default=list, blank=True, verbose_name=_("other names")
    )
    # Empty when nobody has said: an import knows a name and a place, sometimes no more.
    legal_form = models.CharField(_("legal form"), max_length=30, choices=LegalForm, blank=True)
    neq = models.CharField(_("NEQ"), max_length=10, blank=True)
    founded = models.PositiveSmallIntegerField(_("year founded"), null=True, blank=True)
    mission = models.CharField(_("mission in a sentence"), max_length=240, blank=True)
    mission_en = models.CharField(_("mission in English"), max_length=240, blank=True)
    description = models.TextField(_("description"), blank=True)
    description_en = models.TextField(_("description in English"), blank=True)
    sectors = models.ManyToManyField(Sector, related_name="listings", verbose_name=_("sectors"))
    products = ArrayField(
        models.CharField(max_length=80), default=list, blank=True, verbose_name=_("products and services")
    )
    products_en = ArrayField(
        models.CharField(max_length=80),
        default=list,
        blank=True,
        verbose_name=_("products and services in English"),
    )
    supplies = ArrayField(
        models.CharField(max_length=30, choices=[(each.code, each.name) for each in CATEGORIES]),
        default=list,
        blank=True,
        verbose_name=_("what you can supply to a municipality"),
    )
    licences = ArrayField(
        models.CharField(max_length=80),
        default=list,
        blank=True,
        verbose_name=_("licences and certifications"),
    )
    quote_contact = models.CharField(_("contact for quotes"), max_length=160, blank=True)
    territory = models.ManyToManyField(Mrc, related_name="+", blank=True, verbose_name=_("territory served"))
    street = models.CharField(_("street address"), max_length=120, blank=True)
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="listings", verbose_name=_("municipality")
    )
    postal_code = models.CharField(_("postal code"), max_length=7, blank=True)
    latitude = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    phone = models.CharField(_("telephone"), max_length=16, blank=True)
    phone_extension = models.CharField(_("extension"), max_length=6, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    website = models.URLField(_("website"), max_length=300, blank=True)
    social_links = ArrayField(
        models.URLField(max_length=300), default=list, blank=True, verbose_name=_("social media")
    )
    opening_hours = models.CharField(_("opening hours"), max_length=200, blank=True)
    opening_hours_en = models.CharField(_("opening hours in English"), max_length=200, blank=True)
    workforce = models.CharField(_("workforce"), max_length=8, choices=Workforce, blank=True)
    languages = ArrayField(
        models.CharField(max_length=3, choices=Language),
        default=list,
        blank=True,
        verbose_name=_("languages of service"),
    )
    logo = models.ImageField(_("logo"), upload_to="logos/", blank=True)
    verified_on = models.DateField(_("verified on"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    # The listing that took this one in: its address leads there.
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", editable=False
    )
    # Since when nobody owns a listing that someone owned. Kept by a trigger.
    lost_owner_at = models.DateTimeField(null=True, editable=False)
    # Kept by triggers, whatever is written here: what lists and search read without any join.
    sector_ids = ArrayField(models.BigIntegerField(), default=list, editable=False)
    served = ArrayField(models.CharField(max_length=3), default=list, editable=False)
    document = SearchVectorField(null=True, editable=False)

    shown_mission = LocalizedField("mission")
    shown_description = LocalizedField("description", html=True)
    shown_opening_hours = LocalizedField("opening_hours")

    objects = ListingQuerySet.as_manager()

    class Meta:
        ordering = ["name_key", "id"]
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        indexes = [
            GinIndex(fields=["document"], name="listing_document"),
            GinIndex(fields=["name_key"], name="listing_name_trigrams", opclasses=["gin_trgm_ops"]),
            GinIndex(SearchVector("name", config=FRENCH_CONFIG), name="listing_name_words"),
            # What `snapshot` reads of each listing, in the order of names, without the listing itself.
            models.Index(
                fields=["state", "name_key", "id"],
                include=["municipality", "legal_form", "sector_ids", "supplies", "languages", "served"],
                name="listing_by_name",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["neq"],
                condition=~Q(neq=""),
                name="listing_neq_unique",
                violation_error_message=_("Another listing already has this NEQ."),
            ),
            models.CheckConstraint(
                condition=Q(neq="") | Q(neq__regex=r"^(11|22|33|88)\d{8}$"),
                name="listing_neq_form",
                violation_error_message=_("A NEQ has ten digits and begins with 11, 22, 33 or 88."),
            ),
            models.CheckConstraint(
                condition=Q(postal_code="")
                | Q(postal_code__regex=r"^[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] \d[ABCEGHJ-NPRSTV-Z]\d$"),
                name="listing_postal_code_form",
                violation_error_message=_("Write a Canadian postal code, like J0S 1Y0."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "published", "archived"]), name="listing_state_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    legal_form__in=[
                        "",
                        "coop_producers",
                        "coop_consumers",
                        "coop_workers",
                        "coop_worker_shareholders",
                        "coop_solidarity",
                        "npo",
                        "mutual",
                    ]
                ),
                name="listing_legal_form_known",
            ),
            models.CheckConstraint(
                condition=Q(workforce__in=["", "0", "1-4", "5-9", "10-24", "25-49", "50-99", "100+"]),
                name="listing_workforce_known",
            ),
            models.CheckConstraint(
                condition=Q(languages__contained_by=["fr", "en", "es", "fcs"]), name="listing_languages_known"
            ),
            models.CheckConstraint(
                condition=Q(supplies__contained_by=[each.code for each in CATEGORIES]),
                name="listing_supplies_known",
            ),
            models.CheckConstraint(
                condition=Q(social_links__len__lte=MAX_SOCIAL_LINKS),
                name="listing_social_links_few",
                violation_error_message=_("At most eight addresses of social media."),
            ),
            models.CheckConstraint(
                condition=Q(founded__isnull=True) | Q(founded__gte=1800, founded__lte=2100),
                name="listing_founded_plausible",
                violation_error_message=_("Check the year founded."),
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="listing_position_whole",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(state="archived"), name="listing_merged_is_archived"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("enterprises:listing", args=[self.slug])

    @property
    def shown_products(self) -> list[LocalizedText]:
        """The products, all in one language: English ones when there are any, else French."""
        if current_language() == ENGLISH and self.products_en:
            return [LocalizedText(product, ENGLISH) for product in self.products_en]
        return [LocalizedText(product, FRENCH) for product in self.products]

    @property
    def website_name(self) -> str:
        """The site's address as people say it."""
        return self.website.split("://", 1)[-1].removeprefix("www.").rstrip("/")

    @property
    def shown_supplies(self) -> list[LocalizedText]:
        return [BY_CODE[code].shown_name for code in self.supplies if code in BY_CODE]

    @property
    def language_names(self) -> list[str]:
        names = dict(self.Language.choices)
        return [str(names.get(code, code)) for code in self.languages]
