"""People who have an account."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.sign_in.sessions import Session  # noqa: F401 - a model is found from here
from pole.text.matching import matching_text


class Role(models.TextChoices):
    """What a member of the team may do: `pole.access.role_required` names these values."""

    DIRECTION = "direction", _("direction")
    EDITORIAL = "editorial", _("editorial work")
    DIRECTORY = "directory", _("directory")
    FORUMS = "forums", _("forums and votes")


def names_of_roles(roles: Collection[str]) -> list[str]:
    """In words, in the order of `Role`."""
    return [str(role.label) for role in Role if role in roles]


class UserQuerySet(models.QuerySet["User"]):
    def matching(self, *, words: str, role: str) -> Self:
        """People whose name or address holds every one of `words`; `role` is a `Role`, "equipe", "public" or ""."""
        rows = matching_text(self, words, "name", "email")
        if role in Role.values:
            return rows.filter(roles__contains=[role])
        return rows.filter(is_staff=role == "equipe") if role else rows

    def suspended(self, now: datetime) -> Self:
        return self.filter(suspended_until__gt=now)


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]  # made by a call
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        if not email:
            raise ValueError("a user needs an e-mail address")
        user: User = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """For a command: nobody is known to have given the roles that the journal notes."""
        with transaction.atomic(using=self._db):
            user = self.create_user(email, password, roles=[Role.DIRECTION], is_superuser=True, **fields)
            for action in ("direction_given", "superuser_given"):
                AuditEntry.objects.using(self._db).create(
                    action=action, kind="account", key=user.pk, person=user
                )
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Whoever has a role is in the hub's team; an enterprise's owner is a person with a listing."""

    class Language(models.TextChoices):
        FRENCH = "fr", "Français"
        ENGLISH = "en", "English"

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(
        _("name shown with your comments"), max_length=80, help_text=_("Your name, as others will read it.")
    )
    language = models.CharField(
        _("language"),
        max_length=2,
        choices=Language,
        default=Language.FRENCH,
        help_text=_("The language of the messages that we send you."),
    )
    roles = ArrayField(
        models.CharField(max_length=10, choices=Role),
        verbose_name=_("roles in the hub’s team"),
        default=list,
        blank=True,
        editable=False,
    )
    is_staff = models.GeneratedField(
        expression=~Q(roles=[]),  # type: ignore[arg-type]  # a Q is an expression too
        output_field=models.BooleanField(_("member of the hub’s team")),
        db_persist=True,
    )
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    # Once they have withdrawn their consent to it (`accounts.consents`).
    is_name_withheld = models.BooleanField(default=False, editable=False)
    # Until then this person reads, but writes nothing that others would read.
    suspended_until = models.DateTimeField(_("suspended until"), null=True, blank=True, editable=False)
    # When the account will be erased, as its owner asked; they may still cancel.
    erasure_due_at = models.DateTimeField(null=True, blank=True, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        indexes = [
            models.Index(fields=["name", "id"], name="user_by_name"),
            # A few among thousands.
            models.Index(fields=["id"], condition=Q(is_staff=True), name="user_of_the_team"),
        ]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique_whatever_case"),
            models.CheckConstraint(condition=Q(language__in=["fr", "en"]), name="user_language_known"),
            models.CheckConstraint(condition=Q(roles__contained_by=Role.values), name="user_roles_known"),
            models.CheckConstraint(
                condition=Q(is_superuser=False) | Q(roles__contains=[Role.DIRECTION]),
                name="user_superuser_has_direction",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def has_role(self, *roles: str) -> bool:
        """Whether this member of the team has one of `roles`, or the direction's, which may do everything."""
        return not {Role.DIRECTION, *roles}.isdisjoint(self.roles)

    @property
    def role_names(self) -> list[str]:
        return names_of_roles(self.roles)

    def is_suspended(self, now: datetime) -> bool:
        return self.suspended_until is not None and now < self.suspended_until

    @property
    def public_name(self) -> str:
        """What others read beside what this person wrote."""
        return gettext("Name withdrawn") if self.is_name_withheld else self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class TeamInvitation(models.Model):
    """A colleague invited to the team, who has not accepted yet: the mailed link names the row and `sent_at`."""

    LIFETIME = timedelta(days=7)

    email = models.EmailField(unique=True)
    roles = ArrayField(models.CharField(max_length=10, choices=Role))
    invited_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(roles__contained_by=Role.values) & ~Q(roles=[]),
                name="team_invitation_roles_known",
            )
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def role_names(self) -> list[str]:
        return names_of_roles(self.roles)

    @property
    def expires_at(self) -> datetime:
        return self.sent_at + self.LIFETIME

    def has_good_inviter(self) -> bool:
        return self.invited_by.is_active and self.invited_by.has_role(Role.DIRECTION)

    def is_good(self, now: datetime) -> bool:
        """Whether its link still opens something. Reads who sent it."""
        return now < self.expires_at and self.has_good_inviter()


class Consent(models.Model):
    """What a person agreed to receive or to have done: when, in which words, on which page, and until when."""

    user = models.ForeignKey(User, models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=40)
    # Which object, when the purpose has several: "thread 12".
    about = models.CharField(max_length=60, blank=True)
    wording = models.CharField(max_length=400)
    page = models.CharField(max_length=300)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "purpose", "about"],
                condition=Q(withdrawn_at=None),
                name="consent_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(withdrawn_at__gte=models.F("given_at")),
                name="consent_withdrawn_after_it_was_given",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.about} of {self.user_id}"


class AuditEntry(models.Model):
    """A decision of the team about a text, a request, a listing or an account.

    A trigger refuses any change, but to erase `person` and `reason` when that person erases their account.
    No foreign key is enforced: what an entry is about may be deleted.
    """

    at = models.DateTimeField(default=timezone.now, db_index=True)
    by = models.ForeignKey(User, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    # "publish", "hide", "claim_refused"… and on what: a key of `settings.JOURNAL`.
    action = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)
    key = models.BigIntegerField()
    person = models.ForeignKey(User, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    reason = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["kind", "key"], name="audit_of_one_thing")]

    def __str__(self) -> str:
        return f"{self.action} {self.kind} {self.key}"


class TeamMails(models.Model):
    """What a member of the team wants to be told by mail: without a row, what the fields say by default."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="team_mails")
    is_daily = models.BooleanField(_("each day, what waits in my rooms"), default=True)
    # In the hub's time.
    hour = models.PositiveSmallIntegerField(_("from what hour"), default=7)
    on_weekdays_only = models.BooleanField(_("Monday to Friday only"), default=False)
    takes_alerts = models.BooleanField(_("at once, what can’t wait"), default=True)
    # The last day on which it was looked at: a mail went, or nothing waited.
    last_daily_on = models.DateField(null=True, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(hour__lte=23), name="team_mails_hour_of_a_day")]

    def __str__(self) -> str:
        return f"team mails of {self.user_id}"


class TeamAlert(models.Model):
    """When the team was last told of one kind of trouble about one thing, so as not to repeat it each minute."""

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=80, blank=True)
    told_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="team_alert_once_a_thing")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Erasure(models.Model):
    """That something was erased or withdrawn, so that a restore does not bring it back (`accounts.privacy.kept`).

    A keyed hash says of what: nothing that the portal holds can be read from it.
    """

    at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    key_name = models.CharField(max_length=12)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "digest", "at"], name="erasure_kept_once")]

    def __str__(self) -> str:
        return f"{self.kind} erased on {self.at:%Y-%m-%d}"


class Incident(models.Model):
    """A privacy incident: a number in the register. What it holds is its newest `IncidentEntry`.

    Triggers refuse any change, and its deletion within five years of when it was known.
    """

    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"incident {self.pk}"


class IncidentEntry(models.Model):
    """What the register holds of an incident at one version; a correction is another version, and changes none.

    The fields are those of section 7 of the Regulation respecting confidentiality incidents (A-2.1, r. 3.1). No person is named.
    """

    class Risk(models.TextChoices):
        SERIOUS = "serious", _("Yes, there is a risk of serious injury")
        NOT_SERIOUS = "none", _("No, there is no risk of serious injury")

    class PublicNotice(models.TextChoices):
        GIVEN = "given", _("Yes")
        NOT_GIVEN = "none", _("No")

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="entries", editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    at = models.DateTimeField(default=timezone.now, editable=False)
    # As in the journal: nobody is kept in the team by what they wrote.
    by = models.ForeignKey(
        User, models.DO_NOTHING, null=True, db_constraint=False, related_name="+", editable=False
    )
    because = models.CharField(_("reason of the correction"), max_length=300, blank=True)
    known_on = models.DateField(_("known since"))
    known_until = models.DateField(_("known until, if it was over a period"), null=True, blank=True)
    happened_on = models.DateField(_("happened on"), null=True, blank=True)
    happened_until = models.DateField(_("happened until, if it was over a period"), null=True, blank=True)
    is_happened_approximate = models.BooleanField(_("these dates are approximate"), default=False)
    circumstances = models.TextField(_("circumstances"), max_length=5000, blank=True)
    information = models.TextField(_("personal information concerned"), max_length=5000, blank=True)
    information_unknown = models.TextField(_("if it can’t be described, why"), max_length=2000, blank=True)
    people = models.PositiveIntegerField(_("number of people concerned"), null=True, blank=True)
    is_people_approximate = models.BooleanField(_("this number is an estimate"), default=False)
    sensitivity = models.TextField(_("how sensitive the information is"), max_length=3000, blank=True)
    consequences = models.TextField(
        _("misuses that are possible, and consequences to be feared"), max_length=3000, blank=True
    )
    likelihood = models.TextField(_("likelihood of a harmful use"), max_length=3000, blank=True)
    risk = models.CharField(_("risk of serious injury"), max_length=7, choices=Risk, blank=True)
    commission_told_on = models.DateField(
        _("notice to the Commission d’accès à l’information, sent on"), null=True, blank=True
    )
    people_told_on = models.DateField(_("notice to the people concerned, sent on"), null=True, blank=True)
    public_notice = models.CharField(_("public notice"), max_length=5, choices=PublicNotice, blank=True)
    public_notice_because = models.TextField(_("why a public notice"), max_length=2000, blank=True)
    measures = models.TextField(_("measures taken to lessen the risks"), max_length=5000, blank=True)

    class Meta:
        ordering = ["incident", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "version"], name="incident_entry_version_once"),
            models.CheckConstraint(
                condition=Q(known_until=None) | Q(known_until__gte=F("known_on")),
                name="incident_known_in_order",
                violation_error_message=_("A period ends after it begins: correct when it was known."),
            ),
            models.CheckConstraint(
                condition=Q(happened_until=None) | Q(happened_on__lte=F("happened_until")),
                name="incident_happened_in_order",
                violation_error_message=_("A period ends after it begins: correct when it happened."),
            ),
            models.CheckConstraint(condition=Q(risk__in=["", "serious", "none"]), name="incident_risk_known"),
            models.CheckConstraint(
                condition=Q(public_notice__in=["", "given", "none"]), name="incident_public_notice_known"
            ),
        ]

    def __str__(self) -> str:
        return f"incident {self.incident_id}, version {self.version}"
