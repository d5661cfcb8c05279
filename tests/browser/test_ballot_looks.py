"""Where things stand on the ballot of the demonstration, which has each method, and on the look over it."""

from __future__ import annotations

import pytest

from accounts.models import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_hour("looks of pages")]
BALLOT = "/forums/rencontre-logement-et-voisinage/vote/"
# Where each begins, of what is shown.
STARTS = """(wanted) => [...document.querySelectorAll(wanted)].filter((each) => each.checkVisibility())
  .map((each) => Math.round(each.getBoundingClientRect().left))"""
NARROW = """[...document.querySelectorAll("main :is(label, button, summary)")].filter((each) => each.checkVisibility())
  .filter((each) => each.getBoundingClientRect().width < 44).map((each) => each.outerHTML.slice(0, 90))"""


def test_what_belongs_together_stands_together(open_page, demonstration, sign_in):
    ballot = open_page(width=360)
    sign_in(ballot, User.objects.get(email="citoyenne@pole.example"))
    ballot.goto(BALLOT)
    # Titles of what receives points begin on one line.
    for width in (768, 1280, 360):
        ballot.set_viewport_size({"width": width, "height": 800})
        assert len(set(ballot.evaluate(STARTS, ".option--points .option__title"))) == 1, width
        assert ballot.evaluate(NARROW) == [], width
    # What an option receives stands under its title, or beside it.
    ballot.get_by_role("group", name="Des vélos-cargos à emprunter").get_by_text("A", exact=True).click()
    ballot.get_by_role("button", name="Un fonds de dépannage").click()
    ballot.get_by_role("button", name="Relire mon bulletin").click()
    ballot.locator(".chosen__points").first.wait_for()
    received = "[data-review-list] .chosen__points"
    titles = "[data-review-list] .chosen__item:has(.chosen__points) > :nth-child(2)"
    assert ballot.evaluate(STARTS, received) == ballot.evaluate(STARTS, titles)
    ballot.set_viewport_size({"width": 1280, "height": 800})
    ends = ballot.evaluate(
        "(wanted) => [...document.querySelectorAll(wanted)].map((each) => Math.round(each.getBoundingClientRect().right))",
        received,
    )
    assert len(ends) == 2
    assert len(set(ends)) == 1
