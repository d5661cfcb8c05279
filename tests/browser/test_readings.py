"""« Relis-moi » in a real browser: by keyboard, with and without script, on a telephone."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from desk.models import Remark
from desk.readings import asking
from tests.desk.readings import Asked
from tests.factories import PostFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
BODY = (
    "<h2>Au verger</h2><p>Les pommiers sont en fleurs, et la coop cherche des bras.</p>"
    "<ul><li>Samedi matin</li><li>Dimanche après-midi</li></ul><p>Apportez vos gants.</p>"
)


@pytest.mark.parametrize("javascript", [True, False])
def test_reader_says_something_by_keyboard_and_the_team_answers(open_page, sign_in, unhurried, javascript):
    post = PostFactory(title="Un verger partagé", body=BODY, published_at=None)
    asked = Asked(post)
    page = open_page(width=360, javascript=javascript)
    page.goto(asked.address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator("summary", has_text="Samedi matin").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Et s’il pleut?")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Votre remarque est gardée.")).to_be_in_viewport()
    remark = Remark.objects.get()
    assert (remark.words, remark.text) == ("Samedi matin", "Et s’il pleut?")
    team = open_page(width=1280)
    sign_in(team, UserFactory(is_staff=True, name="Mireille Gendron"))
    team.goto(reverse("staff:readings", args=[post.draft_id]))
    team.get_by_text("Répondre").click()
    team.get_by_label("Votre réponse").fill("On se met à l’abri.")
    team.get_by_role("button", name="Envoyer la réponse").click()
    expect(team.get_by_text("On se met à l’abri.").first).to_be_visible()
    page.goto(asked.address)
    expect(page.get_by_text("On se met à l’abri.")).to_be_visible()
    asking.end(reading=asked.reading, by=None, now=remark.written_at)
    assert page.goto(asked.address).status == 410
