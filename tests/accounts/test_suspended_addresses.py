"""Addresses that refuse mail: the direction sees them and lets mail go there again."""

from __future__ import annotations

import pytest

from accounts.hooks.diagnostics import check_direction
from accounts.mailing import suspended
from accounts.models import AuditEntry, Role
from accounts.privacy import data_of
from pole.hooks.diagnostics import DiagnosticError
from pole.models import SuspendedAddress
from tests.conftest import signed_in
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def refused():
    return SuspendedAddress.objects.create(address="lou@exemple.example", answer="550 5.1.1 <b>unknown</b>")


def test_direction_sees_why_and_tries_again(refused):
    direction = signed_in(UserFactory(is_staff=True), second_factor=True)
    page = direction.get("/gestion/personnes/").content.decode()
    assert "lou@exemple.example" in page
    assert "550 5.1.1 &lt;b&gt;unknown" in page
    direction.post(f"/gestion/personnes/adresses/{refused.pk}/reprendre/")
    assert not SuspendedAddress.objects.exists()
    assert "lou@exemple.example" not in direction.get("/gestion/personnes/").content.decode()
    entry = AuditEntry.objects.get(kind="mail_address")
    assert (entry.action, entry.reason) == ("resume", "")
    # Twice is once.
    assert not suspended.resume(address_id=refused.pk, by=UserFactory(is_staff=True))


def test_other_rooms_do_not_see_the_addresses(refused):
    page = (
        signed_in(UserFactory(is_staff=True, roles=["editorial"])).get("/gestion/personnes/").content.decode()
    )
    assert "lou@exemple.example" not in page


def test_its_owner_is_given_it(refused):
    person = UserFactory(email="lou@exemple.example")
    (row,) = data_of(person)["refused_mail"]
    assert row["answer"] == "550 5.1.1 <b>unknown</b>"


def test_diagnostic_says_that_alerts_reach_nobody(refused):
    """Once each of the direction refuses mail; not while one of them takes it."""
    UserFactory(roles=[Role.DIRECTION], email="Lou@exemple.example")
    with pytest.raises(DiagnosticError, match="n’arrivent à personne"):
        check_direction()
    UserFactory(roles=[Role.DIRECTION])
    check_direction()
