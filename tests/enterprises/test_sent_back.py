"""A form that comes back as it was shown changes nothing, whatever the listing holds; and what a listing lacks keeps nobody from saving."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enterprises import demo
from enterprises.models import Checkup, Listing, ListingRole, Proposal
from enterprises.ownership import yearly_checkups
from tests.conftest import signed_in
from tests.factories import ListingFactory, SectorFactory, UserFactory
from tests.sent import form_of

pytestmark = pytest.mark.django_db
LACKING = {
    "legal_form": "",
    "mission": "",
    "neq": "",
    "phone": "",
    "email": "",
    "website": "",
    "street": "",
    "postal_code": "",
}
# What no form writes, and an import, a program or a former version may have stored.
ODD = {
    "name": "  L'Atelier  d\u2009'été \"x\" ", "other_names": ["B", "A", "A "], "mission": " Réparer  : 'des' vélos... ",
    "mission_en": "\u200bFix ", "description": "<p>L'été <b>x</b></p><script>1</script><p></p>", "products": ["b ", "b", " a"],
    "description_en": "plain & simple", "languages": ["fr", "en"], "supplies": ["formation", "denrees"], "licences": ["  x"],
    "quote_contact": "a  b ", "street": "12,  rue 'x' ", "postal_code": "J0S 1Y0", "phone": "450 555-0123", "phone_extension": "007",
    "email": "Pas.Une@Adresse", "website": "HTTP://Exemple.EXAMPLE/É x", "social_links": ["http://b.example", "HTTP://A.example "],
    "opening_hours": "9 h  30 ", "founded": 2100, "staff_note": " a\n\n\n\nb ",
}  # fmt: skip


@pytest.fixture
def owner():
    return UserFactory()


@pytest.fixture
def pages(owner, staff_client):
    """The page of each form that saves a listing, or proposes to: who opens it, where, and where it is sent."""
    owner_client = signed_in(owner)

    def of(listing):
        ListingRole.objects.get_or_create(listing=listing, user=owner)
        checkup = Checkup.objects.filter(listing=listing).first() or Checkup.objects.create(
            listing=listing, sent_at=datetime.now(UTC)
        )
        token = yearly_checkups.make_token(checkup)
        return {
            "owner": (owner_client, reverse("enterprises:edit", args=[listing.slug])),
            "identity": (owner_client, reverse("enterprises:identity", args=[listing.slug])),
            "team": (staff_client, reverse("staff:listing_edit", args=[listing.pk])),
            "team on the site": (staff_client, reverse("enterprises:edit", args=[listing.slug])),
            "correction": (signed_in(UserFactory()), reverse("enterprises:correct", args=[token])),
        }

    return of


def send_back(client, url, **changes):
    page = client.get(url)
    assert page.status_code == 200, url
    fields = form_of(page.text, action=url, own=True)
    return client.post(url, fields | changes)


def stored(listing):
    row = Listing.objects.values().get(pk=listing.pk)
    return row, sorted(listing.sectors.values_list("pk", flat=True)), listing.versions.count()


FORMS = ("owner", "team", "team on the site")


@pytest.mark.parametrize("form", ["owner", "identity", "team", "team on the site", "correction"])
@pytest.mark.parametrize("said", [{}, LACKING, ODD], ids=["usual", "lacking", "odd"])
def test_a_form_sent_back_changes_nothing(pages, form, said):
    listing = ListingFactory(**said)
    listing.sectors.add(SectorFactory())
    before = stored(listing)
    response = send_back(*pages(listing)[form])
    assert stored(listing) == before
    assert response.status_code == (302 if form in FORMS else 200)
    assert Proposal.objects.count() == 0


def test_no_listing_of_the_demonstration_changes(pages, db):
    demo.seed(scale=1, rng=random.Random(1))
    for listing in Listing.objects.order_by("pk")[::8]:
        before = stored(listing)
        for form in ("owner", "team"):
            send_back(*pages(listing)[form])
        assert stored(listing) == before, listing.name


TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from(" \"'’«»:;!?…\xa0"), max_size=40
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.fixed_dictionaries(dict.fromkeys(("name", "mission", "street", "opening_hours", "quote_contact", "staff_note"), TEXT)),
    lists=st.fixed_dictionaries({name: st.lists(TEXT, max_size=4) for name in ("products", "licences", "other_names")}),
    languages=st.permutations(["fr", "en", "es"]),
    description=TEXT.map("<p>{}</p>".format),
)  # fmt: skip
def test_nothing_that_a_listing_holds_changes_by_itself(pages, texts, lists, languages, description):
    Listing.objects.all().delete()
    listing = ListingFactory(**texts | lists | {"languages": languages, "description": description})
    before = stored(listing)
    for form in FORMS:
        send_back(*pages(listing)[form])
        assert stored(listing) == before, form


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("said", [{}, LACKING, ODD], ids=["usual", "lacking", "odd"])
def test_one_field_that_is_changed_changes_alone(pages, form, said):
    listing = ListingFactory(**said)
    row, sectors, _versions = stored(listing)
    response = send_back(*pages(listing)[form], opening_hours="du lundi au jeudi")
    assert response.status_code == 302
    after, sectors_after, versions = stored(listing)
    changed = {name for name in row if row[name] != after[name]} - {"updated_at", "document"}
    assert changed == {"opening_hours", "version"}
    assert (sectors_after, versions) == (sectors, 1)


@pytest.mark.parametrize("form", ["owner", "team", "correction", "identity"])
@pytest.mark.parametrize("field", ["mission", "legal_form", "sectors"])
def test_what_a_listing_has_is_not_emptied(pages, form, field):
    listing = ListingFactory()
    listing.sectors.add(SectorFactory())
    client, url = pages(listing)[form]
    page = client.get(url)
    fields = form_of(page.text, action=url, own=True)
    if field not in fields:
        return
    response = client.post(
        url, {name: value for name, value in fields.items() if name != field} | {"phone": "450 555-0199"}
    )
    assert response.status_code in {200, 422}
    assert field in response.context["form"].errors


def test_a_new_listing_has_what_is_needed(staff_client):
    response = staff_client.post(reverse("staff:listing_new"), {"name": "La Ruche", "municipality": "67020"})
    assert set(response.context["form"].errors) == {"mission", "legal_form", "sectors"}


def test_a_postal_code_is_repaired_in_the_form_too(pages):
    listing = ListingFactory()
    send_back(*pages(listing)["owner"], postal_code="jos 1yo")
    listing.refresh_from_db()
    assert listing.postal_code == "J0S 1Y0"


def test_a_box_that_is_ticked_verifies(pages):
    listing = ListingFactory(verified_on=None)
    send_back(*pages(listing)["owner"], is_exact="on")
    listing.refresh_from_db()
    assert listing.verified_on
