"""In the browser: an enterprise proposes an activity, the team accepts it or says why not; axe finds nothing on the way."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from playwright.sync_api import expect

from enterprises.models import ListingRole
from forums.models import ActivityProposal
from tests.browser.reach import out_of_reach
from tests.browser.test_accessibility import faults_of
from tests.factories import ActivityProposalFactory, ListingFactory, UserFactory
from tests.moments import as_typed, at_nine

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def listing(db):
    return ListingFactory(slug="velo", name="Vélo libre")


@pytest.fixture
def person(listing):
    user = UserFactory(name="Lou Gagné", email="lou@velo.exemple")
    ListingRole.objects.create(listing=listing, user=user, role="owner")
    return user


def fill(page):
    page.get_by_text("Portes ouvertes", exact=True).click()
    page.locator("#id_title").fill("Portes ouvertes de l’atelier")
    page.locator("#id_summary").fill("Venez voir comment on répare un vélo.")
    page.locator("#id_starts_at").fill(as_typed(at_nine(days=20)))
    page.locator("#id_ends_at").fill(as_typed(at_nine(days=20) + timedelta(hours=3)))
    page.locator("#id_price").fill("0")


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_an_enterprise_proposes_and_the_team_accepts(open_page, sign_in, listing, person, javascript):
    page = open_page(width=360, javascript=javascript)
    sign_in(page, person)
    page.goto("/compte/")
    page.get_by_role("link", name="Proposer une activité – Vélo libre").click()
    fill(page)
    # The place was forgotten: it is said, and nothing of what was typed is lost.
    page.get_by_role("button", name="Envoyer à l’équipe").click()
    expect(page.locator(".error-summary")).to_contain_text("Dites où les gens se rendent")
    expect(page.locator("#id_title")).to_have_value("Portes ouvertes de l’atelier")
    page.locator("#id_venue").fill("Atelier de la rue Principale")
    page.get_by_role("button", name="Aperçu").click()
    expect(page.get_by_text("Rien n’est encore envoyé")).to_be_visible()
    expect(page.locator(".proposed-activity")).to_contain_text("Atelier de la rue Principale")
    page.get_by_role("button", name="Envoyer à l’équipe").click()
    expect(page.get_by_text("L’équipe lit votre activité avant")).to_be_visible()

    staff = open_page()
    sign_in(staff, UserFactory(roles=["forums"]))
    staff.goto("/gestion/")
    staff.get_by_role("link", name="activité proposée à lire").first.click()
    staff.get_by_role("link", name="Ouvrir").click()
    staff.get_by_role("button", name="Accepter et annoncer").click()
    expect(staff.get_by_text("Acceptée.", exact=False).first).to_be_visible()

    visitor = open_page(width=360, javascript=javascript)
    visitor.goto(listing.get_absolute_url())
    visitor.get_by_role("link", name="Portes ouvertes de l’atelier").click()
    expect(visitor).to_have_url(re.compile("/forums/portes-ouvertes-de-l-atelier/$"))
    visitor.get_by_role("link", name="Vélo libre").click()
    expect(visitor).to_have_url(re.compile("/repertoire/velo/$"))


def test_an_officer_refuses_and_the_mail_says_why(open_page, sign_in, listing, person):
    row = ActivityProposalFactory(listing=listing, proposed_by=person)
    staff = open_page()
    sign_in(staff, UserFactory(roles=["forums"]))
    staff.goto(f"/gestion/forums/{row.forum.slug}/proposition/")
    staff.get_by_role("button", name="Refuser").click()
    expect(staff.locator(".error-summary")).to_contain_text("Dites pourquoi")
    staff.get_by_label("Raison").fill("Elle a lieu hors du territoire.")
    staff.get_by_role("button", name="Refuser").click()
    expect(staff.get_by_role("button", name="Accepter finalement")).to_be_visible()
    assert "Elle a lieu hors du territoire." in mail.outbox[-1].body
    page = open_page()
    sign_in(page, person)
    page.goto(f"/agenda/entreprises/velo/{row.pk}/")
    expect(page.get_by_role("main")).to_contain_text("Elle a lieu hors du territoire.")


def test_axe_finds_nothing(open_page, sign_in, listing, person):
    rows = [ActivityProposalFactory(listing=listing, proposed_by=person) for _each in range(3)]
    now = at_nine(days=0)
    ActivityProposal.objects.filter(pk=rows[1].pk).update(
        state="refused", answered_at=now, reason="Hors du territoire."
    )
    ActivityProposal.objects.filter(pk=rows[2].pk).update(
        state="accepted", answered_at=now, asked="C’est remis au 12.", asked_at=now, asked_by=person
    )
    page = open_page()
    sign_in(page, person)
    own = "/agenda/entreprises/velo/"
    addresses = [own, f"{own}proposer/", *(f"{own}{row.pk}/" for row in rows)]
    assert faults_of(page, addresses, look=out_of_reach) == []
    staff = open_page()
    sign_in(staff, UserFactory(is_staff=True))
    reviews = [f"/gestion/forums/{row.forum.slug}/proposition/" for row in rows]
    assert faults_of(staff, reviews, look=out_of_reach) == []
