"""What of two listings the one that stays has."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from enterprises.duplicates import merging
from enterprises.listing.refusals import AlreadyDecided
from enterprises.models import DuplicatePair, Listing, ListingRole
from tests.factories import ListingFactory, UserFactory
from tests.seen import seen_pair

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(listing):
    return listing, ListingFactory(slug="rayon", name="Rayon", email="rayon@exemple.example", mission="")


def merge(two, staff, *, fields_from_source=()):
    listing, other = two
    merging.merge(
        target=listing.pk,
        source=other.pk,
        seen=seen_pair(listing.pk, other.pk),
        fields_from_source=fields_from_source,
        by=staff,
    )
    listing.refresh_from_db(), other.refresh_from_db()
    return listing, other


@pytest.mark.parametrize("place", [0, 1])
def test_archived_listing_is_not_merged(two, staff, place):
    Listing.objects.filter(pk=two[place].pk).update(state="archived")
    with pytest.raises(merging.MergeRefused):
        merge(two, staff)
    assert not Listing.objects.exclude(merged_into=None).exists()


def test_listing_is_not_merged_with_itself_nor_with_what_is_gone(listing, staff):
    for gone in (listing.pk, 0):
        with pytest.raises(merging.MergeRefused):
            merging.merge(
                target=listing.pk,
                source=gone,
                seen="",
                fields_from_source=(),
                by=staff,
            )


def test_what_stays_keeps_its_own_words_but_those_taken(two, staff):
    listing, other = merge(two, staff)
    assert (listing.name, listing.email, listing.mission) == (
        "Le Rayon libre", "velo@exemple.example", "Réparer des vélos.",
    )  # fmt: skip
    assert (listing.version, other.version) == (2, 2)
    assert (other.state, other.merged_into, other.neq) == ("archived", listing, "")


def test_empty_words_are_not_taken_and_a_name_given_up_stays_among_the_others(two, staff):
    Listing.objects.filter(pk=two[1].pk).update(other_names=["R. L."])
    listing, _other = merge(two, staff, fields_from_source=("name", "email", "mission"))
    assert (listing.name, listing.email, listing.mission) == (
        "Rayon", "rayon@exemple.example", "Réparer des vélos.",
    )  # fmt: skip
    assert listing.other_names == ["Le Rayon libre", "R. L."]


def test_number_comes_with_its_own_extension(two, staff):
    Listing.objects.filter(pk=two[0].pk).update(phone="+14505550100", phone_extension="12")
    Listing.objects.filter(pk=two[1].pk).update(phone="+14505550199", phone_extension="34")
    listing, _other = merge(two, staff, fields_from_source=("phone",))
    assert (listing.phone, listing.phone_extension) == ("+14505550199", "34")


@pytest.mark.parametrize(
    ("taken", "number"), [("phone", ("+14505550199", "")), ("municipality", ("+14505550100", "12"))]
)
def test_extension_goes_with_the_number_that_it_belongs_to(two, staff, taken, number):
    Listing.objects.filter(pk=two[0].pk).update(phone="+14505550100", phone_extension="12")
    Listing.objects.filter(pk=two[1].pk).update(phone="+14505550199", municipality="67045")
    listing, _other = merge(two, staff, fields_from_source=(taken,))
    assert (listing.phone, listing.phone_extension) == number
    assert listing.municipality_id == ("67045" if taken == "municipality" else "67050")


def test_pairs_are_those_of_listings_that_stand_and_that_were_asked_about():
    first, second, archived = (
        ListingFactory(name="La Ruche d’or", state=state) for state in ("published", "draft", "archived")
    )
    stranger = ListingFactory(name="Menuiserie Tremblay")
    assert merging.find_pairs([stranger.pk, archived.pk]) == 0
    assert merging.find_pairs([second.pk]) == 1
    assert list(DuplicatePair.objects.values_list("first", "second")) == [(first.pk, second.pk)]
    assert merging.find_pairs() == 0


def test_one_listing_and_all_of_them_have_the_same_pairs(django_assert_num_queries):
    facts = {"website": "https://www.corail.example/accueil", "postal_code": "J6J 1A1"}
    ListingFactory(name="Camp Corail", **facts), ListingFactory(name="Villégiature du Lac", **facts)
    ListingFactory(name="CAB du Grelot"), ListingFactory(name="Centre d’action bénévole du Grelot")
    (
        ListingFactory(name="Ébénisterie Le Tenon", other_names=["Le Vieux Bois"]),
        ListingFactory(name="VIEUX BOIS inc."),
    )
    ListingFactory(name="CAB du Grelot", municipality_id="70052")
    for listing in Listing.objects.order_by("pk"):
        merging.find_pairs({listing.pk})
    one_by_one = list(
        DuplicatePair.objects.order_by("first", "second").values_list("first", "second", "likeness")
    )
    DuplicatePair.objects.all().delete()
    with django_assert_num_queries(7):
        assert merging.find_pairs() == 3
    assert (
        list(DuplicatePair.objects.order_by("first", "second").values_list("first", "second", "likeness"))
        == one_by_one
    )


def test_pair_that_is_none_any_more_goes_and_a_dismissed_one_stays(staff):
    first, second, third, fourth = (ListingFactory(name="La Ruche d’or") for _ in range(4))
    assert merging.find_pairs() == 6
    merging.remember_apart([(first.pk, second.pk)], staff)
    Listing.objects.filter(pk=second.pk).update(name="Le Bec fin")
    Listing.objects.filter(pk=third.pk).update(state="archived")
    assert merging.find_pairs() == 0
    assert set(DuplicatePair.objects.values_list("first", "second", "state")) == {
        (first.pk, second.pk, "apart"), (first.pk, fourth.pk, "open"),
    }  # fmt: skip


def test_what_an_import_said_apart_is_remembered_for_the_queue(two, staff, superuser):
    first, second, third = (ListingFactory(name="La Ruche d’or").pk for _ in range(3))
    assert merging.find_pairs({first, second}) == 3
    merging.remember_apart([(second, first), (first, second), (first, first), (two[0].pk, third)], staff)
    assert set(DuplicatePair.objects.filter(state="apart").values_list("first", "second", "decided_by")) == {
        (first, second, staff.pk), (min(two[0].pk, third), max(two[0].pk, third), staff.pk),
    }  # fmt: skip
    # Said again, by a command: whoever said it first did.
    merging.remember_apart([(first, second), (second, third)], None)
    assert DuplicatePair.objects.get(first=first, second=second).decided_by == staff
    assert DuplicatePair.objects.get(first=second, second=third).state == "apart"
    assert merging.find_pairs({first, second, third}) == 0
    assert list(DuplicatePair.objects.filter(state="open").values_list("first", "second")) == [(first, third)]
    assert AuditEntry.objects.filter(action="apart", by=staff).count() == 2


@pytest.mark.parametrize("kept", ["owner", "editor", None])
@pytest.mark.parametrize("brought", ["owner", "editor"])
def test_person_has_the_higher_of_both_roles(two, staff, kept, brought):
    person = UserFactory()
    bystander = ListingRole.objects.create(listing=two[0], user=UserFactory(), role="editor")
    if kept:
        ListingRole.objects.create(listing=two[0], user=person, role=kept)
    ListingRole.objects.create(listing=two[1], user=person, role=brought)
    listing, other = merge(two, staff)
    assert listing.roles.get(user=person).role == max(kept or "", brought)
    assert listing.roles.get(user=bystander.user).role == "editor"
    assert not other.roles.exists()


@pytest.mark.parametrize("is_doubled", [True, False])
def test_what_may_stand_once_stays_where_it_would_stand_twice(two, staff, is_doubled):
    def fill(listing):
        person = UserFactory()
        listing.attestations.create(expires_on="2999-01-01", signer_name="A B", signer_title="C")
        listing.checkups.create()
        listing.claims.create(user=person, state="waiting")
        listing.proposals.create(kind="identity", fields={}, author=person)

    def settle(listing):
        now = timezone.now()
        listing.attestations.update(state="refused")
        listing.checkups.update(answer="exact", answered_at=now)
        listing.claims.update(state="refused")
        listing.proposals.update(state="refused", decided_at=now)

    # What is settled follows in any case, and stands in the way of nothing.
    for listing in two:
        fill(listing), settle(listing)
    fill(two[1])
    if is_doubled:
        fill(two[0])
    two[1].proposals.create(kind="report", message="x")
    listing, other = merge(two, staff)
    for rows in ("attestations", "checkups", "claims"):
        assert (getattr(listing, rows).count(), getattr(other, rows).count()) == (3, int(is_doubled)), rows
    assert (listing.proposals.count(), other.proposals.count()) == (4, int(is_doubled))


def test_pairs_of_the_listing_that_goes_are_forgotten_and_no_other(two, staff):
    listing, other = two
    third, fourth = ListingFactory(), ListingFactory()
    for first, second in ((listing, other), (other, third), (listing, third), (third, fourth)):
        DuplicatePair.objects.create(first=first, second=second, likeness=0.9)
    merge(two, staff)
    assert set(DuplicatePair.objects.values_list("first", "second")) == {
        (listing.pk, third.pk), (third.pk, fourth.pk),
    }  # fmt: skip


def test_pair_is_set_apart_once_by_whoever_did_first(two, staff, superuser):
    pair = DuplicatePair.objects.create(first=two[0], second=two[1], likeness=0.9)
    merging.dismiss_pair(pair_id=pair.pk, seen=seen_pair(*two), by=staff)
    with pytest.raises(AlreadyDecided):
        merging.dismiss_pair(pair_id=pair.pk, seen=seen_pair(*two), by=superuser)
    pair.refresh_from_db()
    assert (pair.state, pair.decided_by) == ("apart", staff)
    pair.delete()
    with pytest.raises(AlreadyDecided):
        merging.dismiss_pair(pair_id=0, seen="", by=staff)
    assert AuditEntry.objects.filter(action="apart").count() == 1


@pytest.mark.parametrize(("state", "leads"), [("published", True), ("draft", False), ("archived", False)])
def test_address_of_a_merged_listing_leads_to_a_public_one(two, staff, state, leads):
    listing, other = merge(two, staff)
    Listing.objects.filter(pk=listing.pk).update(state=state)
    assert merging.get_slug_after_merge(other.slug) == (listing.slug if leads else None)
    assert merging.get_slug_after_merge(listing.slug) is None
