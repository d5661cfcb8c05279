"""A decision in the browser: staff prepare it, a phone answers, changes its mind and leaves it blank."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from forums.models import Ballot, Question
from forums.vote.rounds import open_round
from tests.factories import ForumFactory, RegistrationFactory, RoundFactory, UserFactory
from tests.forums.vote.conftest import codes_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_decision_is_prepared_answered_changed_and_left_blank(open_page, sign_in):
    forum = ForumFactory(title="Forum des rives")
    round = RoundFactory(forum=forum, number=1)
    RegistrationFactory.create_batch(2, forum=forum)
    staff = open_page()
    sign_in(staff, UserFactory(is_staff=True))
    staff.goto(f"/gestion/forums/{forum.slug}/scrutins/1/modification/")
    if not staff.get_by_label("Méthode").count():
        staff.get_by_role("button", name="Ajouter une ligne").click()
    row = staff.locator("[data-row]").first
    row.get_by_label("Question", exact=True).fill("Adoptons-nous cette proposition?")
    row.get_by_label("Méthode").select_option("decision")
    # Only what this method asks is there.
    expect(row.get_by_label("Choix permis")).to_be_hidden()
    expect(row.get_by_label("Nombre à retenir")).to_be_hidden()
    expect(row.get_by_label("Fraction exigée\u00a0: nombre du haut")).to_be_hidden()
    row.get_by_label("Pour être adoptée").select_option("other")
    # What is wrong is never where it can't be seen.
    row.get_by_label("Fraction exigée\u00a0: nombre du haut").fill("500")
    row.get_by_label("Pour être adoptée").select_option("majority")
    staff.get_by_role("button", name="Enregistrer").click()
    expect(row.get_by_label("Fraction exigée\u00a0: nombre du haut")).to_be_visible()
    row.get_by_label("Pour être adoptée").select_option("other")
    row.get_by_label("Fraction exigée\u00a0: nombre du haut").fill("3")
    row.get_by_label("Quorum\u00a0: nombre du haut").fill("1")
    row.get_by_label("Quorum\u00a0: nombre du bas").fill("2")
    row.locator("textarea[name$=options]").fill("Ouvrir le samedi")
    staff.get_by_role("button", name="Enregistrer").click()
    expect(staff.get_by_text("Une fraction a deux nombres").first).to_be_visible()
    row.get_by_label("Fraction exigée\u00a0: nombre du bas").fill("4")
    staff.get_by_role("button", name="Enregistrer").click()
    expect(staff.get_by_text("Adoptée si les pour font au moins 3/4 des pour et des contre.")).to_be_visible()
    assert Question.objects.get().limits == {
        "threshold_numerator": 3,
        "threshold_denominator": 4,
        "quorum_numerator": 1,
        "quorum_denominator": 2,
    }

    open_round(round_id=round.pk, by=None)
    phone = open_page(width=360)
    phone.goto(f"/vote/{codes_of(forum)[0]}/")
    expect(phone.get_by_label("Aucune réponse")).to_be_checked()
    phone.get_by_text("Contre", exact=True).click()
    # What was chosen is kept on the device until it is acknowledged.
    phone.reload()
    expect(phone.get_by_label("Contre")).to_be_checked()
    phone.get_by_role("button", name="Relire mon bulletin").click()
    expect(phone.locator("[data-review-list]")).to_contain_text("Contre")
    # Several questions may well be worded alike.
    expect(phone.locator("[data-review-list]")).to_contain_text("Ouvrir le samedi")
    phone.get_by_role("button", name="Déposer mon bulletin").click()
    phone.wait_for_url("**/vote/recu/")
    assert Ballot.objects.get().choices == {"1": ["against"]}

    phone.get_by_role("link", name="Modifier mon bulletin").click()
    phone.get_by_text("Aucune réponse").click()
    phone.get_by_role("button", name="Relire mon bulletin").click()
    expect(phone.locator("[data-review-list]")).to_contain_text("bulletin blanc")
    phone.get_by_role("button", name="Déposer mon bulletin").click()
    phone.wait_for_url("**/vote/recu/")
    assert Ballot.objects.get().choices == {"1": []}
