"""Every write to the hub's partners, and the form by which staff make it. Locks: the row of `Setup`."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.images import get_image_dimensions
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from pole.files.stored import atomic_with_files, delete_at_commit
from pole.forms import PartnerLogoField, VersionedModelForm, typed_field
from pole.hooks.journal import note
from pole.hub import addresses
from pole.hub.mail_test import locked_setup
from pole.models import Partner
from pole.refusals import Refusal

MAX_PARTNERS = 40


class TooManyPartners(Refusal):
    messages = {"too_many_partners": _("There are 40 partners already, the most that there may be.")}


class Act(StrEnum):
    """What is done to a partner, beside changing it."""

    UP = "up"
    DOWN = "down"
    REMOVE = "remove"
    RESTORE = "restore"
    DELETE = "delete"


class PartnerForm(VersionedModelForm):
    class Meta:
        model = Partner
        fields = ["name", "name_en", "address", "logo"]
        formfield_callback = typed_field
        field_classes = {"logo": PartnerLogoField}
        help_texts = {
            "address": _("Their home page, like https://exemple.ca/."),
            "logo": _("Dark on white or on a transparent background: it is shown in one tone."),
        }

    def clean_address(self) -> str:
        address = addresses.clean_menu_address(self.cleaned_data["address"])
        if not addresses.is_outside(address):
            raise ValidationError(_("Write the address of their site, like https://exemple.ca/."))
        return address

    def save(self, commit: bool = True) -> Partner:
        if "logo" in self.changed_data:
            width, height = get_image_dimensions(self.cleaned_data["logo"])
            self.instance.width_px, self.instance.height_px = width or 1, height or 1
        saved: Partner = super().save(commit)
        return saved


@atomic_with_files()
def save_partner(build: Callable[[Partner], PartnerForm], *, key: int | None, by: Any = None) -> PartnerForm:
    """Saves the form that `build` makes on the partner, a new one at the end without `key`, when it is valid.

    Raises `Partner.DoesNotExist`, `TooManyPartners`.
    """
    locked_setup()
    partner = Partner() if key is None else Partner.objects.get(pk=key)
    form = build(partner)
    if not form.is_valid():
        return form
    if key is None:
        if Partner.objects.count() >= MAX_PARTNERS:
            raise TooManyPartners("too_many_partners")
        partner.position = (Partner.objects.aggregate(last=Max("position"))["last"] or 0) + 1
    form.save()
    note(action="add" if key is None else "save", kind="partner", key=partner.pk, by=by)
    return form


@transaction.atomic
def change_partner(*, key: int, act: Act, by: Any = None) -> Partner:
    """Moves it among those that are shown, takes it off or puts it back; deletes one that was taken off.

    Raises `Partner.DoesNotExist`. What is so already stays so, and is not noted.
    """
    locked_setup()
    partner = Partner.objects.get(pk=key)
    if _do(partner, act):
        note(action="move" if act in {Act.UP, Act.DOWN} else act.value, kind="partner", key=key, by=by)
    return partner


def _do(partner: Partner, act: Act) -> bool:
    """Whether it changed anything."""
    if act in {Act.UP, Act.DOWN}:
        return _move(partner, -1 if act == Act.UP else 1)
    if act == Act.DELETE:
        return _delete(partner)
    is_removed = act == Act.REMOVE
    if partner.is_removed == is_removed:
        return False
    partner.is_removed = is_removed
    partner.save(update_fields=["is_removed"])
    return True


def _move(partner: Partner, step: int) -> bool:
    shown = list(Partner.objects.filter(is_removed=False))
    if partner not in shown:
        return False
    place = shown.index(partner)
    if not 0 <= place + step < len(shown):
        return False
    other = shown[place + step]
    partner.position, other.position = other.position, partner.position
    partner.save(update_fields=["position"])
    other.save(update_fields=["position"])
    return True


def _delete(partner: Partner) -> bool:
    if not partner.is_removed:
        return False
    delete_at_commit([str(partner.logo)])
    partner.delete()
    return True
