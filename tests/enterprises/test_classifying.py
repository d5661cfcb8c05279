"""Listings without sector or legal form, one at a time."""

from __future__ import annotations

import re

import pytest

from accounts.models import AuditEntry
from enterprises.models import Listing, ListingVersion, Sector
from enterprises.views.classify import FORM_KEYS
from tests.factories import ListingFactory

pytestmark = pytest.mark.django_db
CLASSIFY = "/gestion/repertoire/classer/"


@pytest.fixture
def four(db):
    """In the order of their names; the third lacks nothing."""
    return [
        ListingFactory(name="Atelier vélo", legal_form="", sectors=[], mission="Réparer des vélos."),
        ListingFactory(name="CPE Les Pas", legal_form="npo", sectors=[]),
        ListingFactory(name="Entière", legal_form="npo", sectors=[Sector.objects.first()]),
        ListingFactory(name="Élan coop de travail", legal_form="", sectors=[], state="draft"),
    ]


def shown(page):
    found = re.search(r"<h1[^>]*>([^<]*)</h1>", page.content.decode())
    return found[1]


def send(client, listing, follow=True, **more):
    sent = {"fiche": listing.pk, "version": listing.version, "action": "accept"} | more
    return client.post(CLASSIFY, sent, follow=follow)


def test_each_is_shown_with_what_its_words_suggest(staff_client, four):
    page = staff_client.get(CLASSIFY)
    assert shown(page) == "Atelier vélo"
    assert (page.context["number"], page.context["total"]) == (1, 3)
    proposed = [
        sector.slug for sector, _key, _page, is_chosen, _guess in page.context["sectors"] if is_chosen
    ]
    assert len(proposed) == 1
    assert proposed[0] in {"environnement-reemploi", "loisirs-plein-air"}
    last = staff_client.get(f"{CLASSIFY}?fiche={four[3].pk}&de=3")
    assert (last.context["number"], last.context["total"]) == (3, 3)
    assert [value for value, _label, _key, is_chosen in last.context["forms"] if is_chosen] == [
        "coop_workers"
    ]


def test_accepting_writes_and_leads_to_the_next(staff_client, four, staff):
    sector = Sector.objects.get(slug="transport-mobilite")
    page = send(staff_client, four[0], sectors=[sector.pk], legal_form="npo", de=3)
    assert shown(page) == "CPE Les Pas"
    assert (page.context["number"], page.context["total"]) == (2, 3)
    stored = Listing.objects.get(pk=four[0].pk)
    assert (stored.sector_ids, stored.legal_form, stored.version) == ([sector.pk], "npo", 2)
    version = ListingVersion.objects.get(listing=stored)
    assert (version.actor, version.changed) == (staff, ["legal_form", "sector_ids"])
    assert AuditEntry.objects.get(kind="listing").action == "classified"


def test_passing_going_back_and_undoing(staff_client, four):
    assert shown(send(staff_client, four[0], action="pass")) == "CPE Les Pas"
    assert shown(send(staff_client, four[1], action="back")) == "Atelier vélo"
    assert shown(send(staff_client, four[0], action="back")) == "Atelier vélo"
    assert (
        shown(send(staff_client, four[1], sectors=[Sector.objects.first().pk], de=3))
        == "Élan coop de travail"
    )
    undone = send(staff_client, four[3], action="undo", de=3)
    assert shown(undone) == "CPE Les Pas"
    assert (undone.context["number"], undone.context["total"]) == (2, 3)
    assert Listing.objects.get(pk=four[1].pk).sector_ids == []
    assert "rien à annuler" in send(staff_client, four[3], action="undo").content.decode()


def test_undoing_leaves_what_was_edited_since(staff_client, four):
    send(staff_client, four[0], legal_form="mutual")
    Listing.objects.filter(pk=four[0].pk).update(version=9)
    send(staff_client, four[1], action="undo")
    assert Listing.objects.get(pk=four[0].pk).legal_form == "mutual"


def test_end_says_what_is_left(staff_client, four):
    page = send(staff_client, four[3], action="pass", de=3)
    assert (page.context["listing"], page.context["remaining"]) == (None, 3)
    Listing.objects.update(legal_form="npo")
    for listing in (four[0], four[1], four[3]):
        listing.sectors.set(Sector.objects.all()[:1])
    assert staff_client.get(CLASSIFY).context["remaining"] == 0


def test_nothing_chosen_is_refused_where_it_was_sent(staff_client, four):
    refused = send(staff_client, four[0])
    assert (refused.status_code, shown(refused)) == (422, "Atelier vélo")
    assert Listing.objects.get(pk=four[0].pk).version == 1


def test_listing_changed_meanwhile_is_shown_again(staff_client, four):
    Listing.objects.filter(pk=four[0].pk).update(version=2)
    again = send(staff_client, four[0], legal_form="npo")
    assert shown(again) == "Atelier vélo"
    assert Listing.objects.get(pk=four[0].pk).legal_form == ""


@pytest.mark.parametrize("name", ["fiche", "version", "sectors", "legal_form", "action", "de"])
@pytest.mark.parametrize("value", ["", "\x00", "²", "-1", "9" * 30, "x" * 3000, "\u202e"])
def test_what_no_page_sends_is_never_an_error(staff_client, four, name, value):
    assert send(staff_client, four[0], **{name: value}).status_code in {200, 422}


def test_every_form_and_the_first_sectors_have_a_key_of_their_own(staff_client, four):
    assert set(FORM_KEYS) == set(Listing.LegalForm.values)
    keys = [*FORM_KEYS.values()]
    assert len({*keys, "s", "u"}) == len(keys) + 2
    pages = staff_client.get(CLASSIFY).context["sectors"]
    assert len({(key, page) for _sector, key, page, _chosen, _guess in pages}) == len(pages)


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_are_as_many_whatever_is_left(staff_client, rows, django_assert_num_queries):
    for _number in range(rows):
        ListingFactory(legal_form="", sectors=[])
    staff_client.get(CLASSIFY)
    # Session, person, content versions; the first, how many, how many after, the sectors.
    with django_assert_num_queries(7):
        staff_client.get(CLASSIFY)
