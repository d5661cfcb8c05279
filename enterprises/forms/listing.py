"""The forms that edit a listing, and that add a manager to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from desk.forms import RichTextField
from enterprises.forms.fields import ChoicesField, LinksField, ParentField, enterprise_called, form_classes
from enterprises.forms.round_trip import is_sent_back, value_key
from enterprises.listing_fields import Group, fields_in, form_names
from enterprises.models import Listing
from enterprises.models.listing import MAX_SOCIAL_LINKS, MAX_STAFF_NOTE
from enterprises.models.procurement import CATEGORIES
from pole import identifiers
from pole.forms import (
    EmailAddressField,
    LogoField,
    ParagraphsField,
    SingleLineField,
    VersionedModelForm,
    typed_field,
)
from pole.geo.levels import empty_territory_help, levels_of
from pole.geo.town_choices import TownChoiceField, former_choices
from pole.models import Hub, Mrc, Municipality
from pole.search import unaccented
from pole.templatetags.typography import phone as written_phone
from pole.text.bilingual import ENGLISH
from pole.text.richtext import plain_text

type Title = str | Promise

IDENTITY = form_names(Group.IDENTITY)
GROUPS: tuple[tuple[Title, tuple[str, ...]], ...] = tuple(
    (group.label, form_names(group)) for group in (Group.ABOUT, Group.PLACE, Group.CONTACT, Group.BUYERS)
)
IN_ENGLISH = form_names(Group.ENGLISH)
TEAM = form_names(Group.TEAM)
# Asked of a new listing, and never emptied.
NEEDED = frozenset({"mission", "legal_form", "sectors"})
FIRST_YEAR = 1800


class ListingForm(VersionedModelForm):
    """What managers change in their listing: everything but its identity."""

    is_exact = forms.BooleanField(
        label=_("Everything here is exact today"), required=False,
        help_text=_("Visitors then read “Verified on” with today’s date."),
    )  # fmt: skip
    description = RichTextField(required=False)
    description_en = RichTextField(required=False, language=ENGLISH)
    phone = SingleLineField(
        required=False, max_length=40,
        help_text=_("With the extension, if there is one: 450 555-0123, ext. 25."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )  # fmt: skip
    website = SingleLineField(
        required=False, max_length=300,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "url"}),
    )  # fmt: skip
    social_links = LinksField(
        required=False, most=MAX_SOCIAL_LINKS, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The addresses of your pages, one a line."),
    )  # fmt: skip
    # Shown in the language of the page.
    supplies = ChoicesField(
        required=False, choices=[(each.code, each.name) for each in CATEGORIES],
        help_text=_("Towns and public bodies search by these words."),
    )  # fmt: skip
    postal_code = SingleLineField(required=False, max_length=12, widget=forms.TextInput(attrs={"size": 8}))
    logo = LogoField(
        required=False, help_text=_("JPEG, PNG or WebP, at most 5 MB. On a white ground if possible.")
    )

    class Meta:
        model = Listing
        fields = [name for _title, names in GROUPS for name in names] + list(IN_ENGLISH)
        field_classes = form_classes(each.name for each in fields_in("form")) | {
            "municipality": TownChoiceField
        }
        formfield_callback = typed_field
        widgets = {
            "mission": forms.Textarea(attrs={"rows": 2}),
            "mission_en": forms.Textarea(attrs={"rows": 2}),
            "territory": forms.CheckboxSelectMultiple,
            "founded": forms.TextInput(attrs={"inputmode": "numeric"}),
        }
        help_texts = {
            "mission": _("One sentence: it is what lists show under your name."),
            "products": _("One a line."),
            "products_en": _("One a line."),
            "territory": _("Where you serve people, whatever your address."),
            "licences": _("One a line: RBQ licence, MAPAQ permit, certification…"),
            "quote_contact": _(
                "Name, telephone or e-mail address of the person who answers calls for quotes."
            ),
            "opening_hours": _("For example: Tuesday to Friday, 9 a.m. to 5 p.m."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored: dict[str, Any] = dict(self.initial)
        # Optional in the database, since an import may lack them: what a listing lacks keeps nobody from saving the rest.
        for name in NEEDED & self.fields.keys():
            self.fields[name].required = not self.instance.pk or bool(self.stored.get(name))
        self.stored_verified_on = self.instance.verified_on
        self.kept: frozenset[str] = frozenset()
        for name, declared in self.fields.items():
            if declared.label is None:
                declared.label = capfirst(Listing._meta.get_field(name).verbose_name)  # type: ignore[union-attr]  # a column
        if self.instance.phone:
            self.initial["phone"] = written_phone(self.instance.phone, self.instance.phone_extension)
        self.fields["supplies"].choices = [(each.code, each.shown_name) for each in CATEGORIES]  # type: ignore[attr-defined]  # a ChoicesField
        self._keep_to_territory()

    def _keep_to_territory(self) -> None:
        """The towns and MRCs of the hub, and those that the listing has already: four queries, one or two more to submit."""
        hub = Hub.objects.first()
        levels = levels_of(hub)
        self.country = hub.country if hub else Hub.Country.CANADA.value
        town, served = self.fields["municipality"], self.fields["territory"]
        town.label = levels.town_heading
        towns = Municipality.objects.in_territory(also=self.instance.municipality_id)
        town.queryset = towns  # type: ignore[attr-defined]  # a ModelChoiceField
        served.queryset = Mrc.objects.in_territory(also=self.instance.served)  # type: ignore[attr-defined]  # as above
        municipalities = sorted(
            towns, key=lambda municipality: (unaccented(municipality.name), municipality.code)
        )
        if not municipalities:
            town.help_text = self.empty_territory_help()
        # A plain list of choices: the names in French order, in one query.
        self.fields["municipality"].widget.choices = [
            ("", ""),
            *((municipality.pk, str(municipality)) for municipality in municipalities),
            *former_choices(towns),
        ]

    def empty_territory_help(self) -> str:
        return gettext("The team has not listed the municipalities of the region yet.")

    def groups(self) -> Iterator[tuple[Title, list[BoundField]]]:
        for title, names in GROUPS:
            yield title, [self[name] for name in names]

    def english_fields(self) -> list[BoundField]:
        return [self[name] for name in IN_ENGLISH]

    def has_english(self) -> bool:
        """Whether the English part has something to show: a text, or an error."""
        return any(self[name].value() or self[name].errors for name in IN_ENGLISH)

    def differences(self) -> list[tuple[Title, str]]:
        """What is stored in the fields where something else was typed: for two people at once."""
        return [
            (self.fields[name].label or name, self._written(name))
            for name in self.changed_data
            if name in self.stored
        ]

    def _written(self, name: str) -> str:
        """A stored value as a person reads it."""
        value = self.stored[name]
        if isinstance(value, list):
            return "\n".join(str(item) for item in value)
        if name.startswith("description"):
            return plain_text(value or "")
        choices = getattr(self.fields[name], "choices", ())
        return str(dict(choices).get(value, value or "")) if choices else str(value or "")

    def _clean_fields(self) -> None:
        """What is sent back as it was shown stays as it is stored, even if the form would refuse it today or write it otherwise."""
        extension = self.instance.phone_extension
        super()._clean_fields()  # type: ignore[misc]  # Django's, which the stubs leave out
        if not self.instance.pk:
            return
        self.kept = frozenset(name for name in self.fields if is_sent_back(self, name))
        for name in self.kept:
            self.errors.pop(name, None)
            self.cleaned_data[name] = getattr(self.instance, name)
        if "phone" in self.kept:
            self.instance.phone_extension = extension

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() | self.kept  # type: ignore[misc,no-any-return]  # as above

    def changes_listing(self) -> bool:
        """Whether saving this valid form would change anything."""
        if self.cleaned_data.get("is_exact") and self.stored_verified_on != timezone.localdate():
            return True
        names = self.fields.keys() - {"is_exact", "version"} - self.kept
        return any(value_key(self.cleaned_data[name]) != value_key(self.stored.get(name)) for name in names)

    def clean_founded(self) -> int | None:
        year: int | None = self.cleaned_data["founded"]
        if year is not None and not FIRST_YEAR <= year <= timezone.localdate().year:
            raise ValidationError(
                _("The year founded is between %(first)d and %(last)d."),
                params={"first": FIRST_YEAR, "last": timezone.localdate().year},
            )
        return year

    def clean_postal_code(self) -> str:
        raw = self.cleaned_data["postal_code"]
        if self.country == identifiers.CANADA:
            raw = identifiers.mend_postal_code(raw)
        return identifiers.clean_postal_code(raw, country=self.country) if raw else ""

    def clean_website(self) -> str:
        return _clean_if_filled(identifiers.clean_website, self.cleaned_data["website"])

    def clean_phone(self) -> str:
        raw = self.cleaned_data["phone"]
        number, self.instance.phone_extension = (
            identifiers.parse_phone(raw, country=self.country) if raw else ("", "")
        )
        return number

    def save(self, commit: bool = True) -> Any:
        if self.cleaned_data.get("is_exact"):
            self.instance.verified_on = timezone.localdate()
        return super().save(commit)


class StaffListingForm(ListingForm):
    """The whole listing, its identity included."""

    parent = ParentField(
        label=_("Branch of"), required=False, max_length=200,
        help_text=_("The NEQ, the exact name or the page of the enterprise, for a branch: it then has no NEQ of its own."),
    )  # fmt: skip
    staff_note = ParagraphsField(
        label=_("Note of the team"), required=False, max_length=MAX_STAFF_NOTE,
        help_text=_("The team alone reads it. Nothing of it is public, nor in exports."),
    )  # fmt: skip
    neq = SingleLineField(
        required=False, max_length=20, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )

    class Meta(ListingForm.Meta):
        fields = [*IDENTITY, *ListingForm.Meta.fields, *TEAM]
        widgets = {**ListingForm.Meta.widgets, "sectors": forms.CheckboxSelectMultiple}
        help_texts = {
            **ListingForm.Meta.help_texts,
            "other_names": _("Former or usual names, one a line."),
        }

    def groups(self) -> Iterator[tuple[Title, list[BoundField]]]:
        yield Group.IDENTITY.label, [self[name] for name in IDENTITY]
        yield from super().groups()
        yield Group.TEAM.label, [self[name] for name in TEAM]

    def _written(self, name: str) -> str:
        if name == "parent":
            return str(self.fields[name].prepare_value(self.stored[name]) or "")
        return super()._written(name)

    def clean_parent(self) -> Listing | None:
        text = self.cleaned_data["parent"]
        parent = enterprise_called(text) if text else None
        if parent and parent.pk == self.instance.pk:
            raise ValidationError(_("A listing is not its own branch."))
        if parent and self.instance.pk and self.instance.branches.exists():
            raise ValidationError(_("This listing has branches: it can’t be one itself."))
        return parent

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("parent") and cleaned.get("neq"):
            self.add_error("neq", _("A branch has no NEQ of its own: that of its enterprise is meant."))
        return cleaned

    def empty_territory_help(self) -> str:
        return empty_territory_help()

    def clean_neq(self) -> str:
        """The constraint says it too, but at the head of the form."""
        neq = _clean_if_filled(identifiers.clean_neq, self.cleaned_data["neq"])
        if neq and Listing.objects.filter(neq=neq).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("Another listing already has this NEQ."))
        return neq


def _clean_if_filled(clean: Callable[[str], str], raw: str) -> str:
    return clean(raw) if raw else ""


class ManagerForm(forms.Form):
    """Makes a person who has an account the owner of a listing."""

    email = EmailAddressField(label=_("E-mail address of the person"), max_length=254)

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        self.person = User.objects.filter(email=email, is_active=True).first()
        if self.person is None:
            raise ValidationError(
                _("Nobody has an account with this address. Ask this person to sign up first.")
            )
        return email
