"""Spreadsheets that were brought in go a year after, and nothing of the directory with them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from enterprises.importing import retention
from enterprises.models import Import, ImportRow, Listing, ListingVersion
from tests.factories import ImportFactory
from tests.imports import imported

pytestmark = pytest.mark.django_db
State = Import.State
YEAR = timedelta(days=365)


@pytest.mark.parametrize(("shift", "left"), [(-1, 1), (0, 0)])
@pytest.mark.parametrize("is_finished", [True, False])
def test_import_goes_a_year_after_it_ended_or_was_begun_and_left(shift, left, is_finished):
    begun = timezone.now()
    ended = begun + timedelta(days=3) if is_finished else None
    ImportFactory(created_at=begun, finished_at=ended, state=State.DONE if is_finished else State.OPEN)
    now = (ended or begun) + YEAR + timedelta(seconds=shift)
    assert retention.delete_old(now) == 1 - left
    assert (Import.objects.count(), ImportRow.objects.count()) == (left, left)


@pytest.mark.parametrize("state", [State.TRYING, State.QUEUED, State.RUNNING, State.UNDOING])
def test_import_at_work_is_left(state):
    ImportFactory(state=state, created_at=timezone.now() - 2 * YEAR)
    assert retention.delete_old(timezone.now()) == 0


def test_what_it_made_stays_with_its_history(staff, staff_client):
    imported([["La Ruche", "Mercier"]], ["Nom", "Ville"])
    before = list(Listing.objects.values()), list(ListingVersion.objects.order_by("pk").values())
    assert before[0]
    assert retention.delete_old(timezone.now() + 2 * YEAR) == 1
    assert (list(Listing.objects.values()), list(ListingVersion.objects.order_by("pk").values())) == before
    for address in ("/gestion/repertoire/importer/", reverse("staff:journal")):
        assert staff_client.get(address).status_code == 200
