"""The room board: a table's words typed by keyboard, kept through a lost network, chosen and brought together."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from forums.models import Recommendation
from tests.factories import ForumFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def titles(page):
    return page.locator(".room-row__title").all_text_contents()


def note(page, title):
    page.keyboard.type(title)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Titre")).to_have_value("")
    expect(page.get_by_label("Titre")).to_be_focused()


def test_tables_are_typed_through_a_lost_network_then_chosen_and_brought_together(open_page, sign_in):
    forum = ForumFactory(title="Forum des rives", has_participation=True)
    typist, facilitator = open_page(), open_page(width=360)
    for page in (typist, facilitator):
        sign_in(page, UserFactory(is_staff=True))
        page.goto(reverse("staff:room", args=[forum.slug]))
    expect(typist.get_by_label("Titre")).to_be_focused()

    typist.get_by_label("Table").fill("7")
    typist.get_by_label("Titre").focus()
    note(typist, "Une navette entre les rives")
    expect(typist.locator(".room-row__title")).to_have_text(["Une navette entre les rives"])

    typist.context.set_offline(True)
    note(typist, "Un bateau-passeur")
    note(typist, "Des toits abordables")
    expect(typist.locator("[data-room-outbox] li")).to_have_text(
        ["Un bateau-passeur", "Des toits abordables"]
    )
    expect(typist.get_by_text("Pas encore enregistrée")).to_be_visible()
    assert Recommendation.objects.count() == 1
    typist.context.set_offline(False)
    expect(typist.get_by_text("Tout est enregistré.")).to_be_visible()
    expect(typist.locator("[data-room-outbox]")).to_be_hidden()
    assert list(Recommendation.objects.order_by("pk").values_list("title", "table_number", "state")) == [
        ("Une navette entre les rives", 7, "accepted"),
        ("Un bateau-passeur", 7, "accepted"),
        ("Des toits abordables", 7, "accepted"),
    ]

    # The other screen follows by itself; what it ticks survives what the first one adds.
    expect(facilitator.locator(".room-row__title")).to_have_count(3)
    for title in ("Une navette entre les rives", "Un bateau-passeur"):
        facilitator.get_by_role("checkbox", name=title).check()
    typist.get_by_label("Titre").fill("Une cuisine partagée")
    typist.get_by_role("button", name="Noter").click()
    expect(typist.get_by_label("Titre")).to_be_focused()
    expect(facilitator.locator(".room-row__title")).to_have_count(4)
    expect(facilitator.locator("[name=r]:checked")).to_have_count(2)

    choice = facilitator.get_by_role("button", name="Sur le bulletin – Un bateau-passeur")
    choice.focus()
    facilitator.keyboard.press("Space")
    expect(choice).to_have_attribute("aria-pressed", "true")
    expect(choice).to_be_focused()
    expect(typist.get_by_text("1 sur le bulletin")).to_be_visible()

    facilitator.get_by_role("button", name="Regrouper celles qui sont cochées").click()
    facilitator.locator("[name=title]").fill("Traverser le fleuve sans voiture")
    facilitator.get_by_role("button", name="Regrouper", exact=True).click()
    facilitator.wait_for_url("**/salle/**")
    for page in (typist, facilitator):
        expect(page.locator(".room-row__title")).to_have_count(3)
        assert "Traverser le fleuve sans voiture" in titles(page)
    joint = Recommendation.objects.get(title="Traverser le fleuve sans voiture")
    assert joint.is_on_ballot
    assert joint.sources.count() == 1
    for page in (typist, facilitator):
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide
