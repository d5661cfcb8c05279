"""Every write to the hub and its menus. Locks: the hub's row, or that of `Setup` (FOR UPDATE)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.forms import BaseModelFormSet

from pole.files.stored import atomic_with_files
from pole.hooks.journal import note
from pole.hub.forms import HubForm, MenuItemForm
from pole.hub.mail_test import locked_setup
from pole.models import Hub, MenuItem


@atomic_with_files()
def save_hub(build: Callable[[Hub], HubForm], *, by: Any = None) -> HubForm:
    """Saves the form that `build` makes on the locked hub, when it is valid."""
    form = build(Hub.objects.select_for_update().first() or Hub())
    if form.is_valid():
        hub = form.save()
        note(action="identity", kind="hub", key=hub.pk, by=by)
    return form


@transaction.atomic
def save_menus(formset: BaseModelFormSet[MenuItem, MenuItemForm], *, by: Any = None) -> None:
    formset.save()
    if formset.has_changed():
        note(action="menus", kind="menu", key=1, by=by)


@transaction.atomic
def say_works_alone(*, works_alone: bool) -> None:
    setup = locked_setup()
    setup.works_alone = works_alone
    setup.save(update_fields=["works_alone"])
