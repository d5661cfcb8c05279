"""A colleague is invited, joins, and receives another role: on a phone and on a desk."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from accounts.models import User
from tests.factories import UserFactory

KIM = "kim@exemple.example"


def latest(pattern):
    return re.search(pattern, mail.outbox[-1].body, re.MULTILINE).group(1)


@pytest.mark.parametrize("width", [360, 1280])
def test_colleague_is_invited_joins_and_is_given_another_role(open_page, sign_in, transactional_db, width):
    direction = UserFactory(name="Dominique Caron", is_staff=True)
    desk, guest = open_page(width=width), open_page(width=width)
    sign_in(desk, direction)
    desk.goto("/gestion/personnes/")
    desk.get_by_role("link", name="Inviter une ou un collègue").click()
    desk.get_by_label("Adresse courriel").fill(KIM)
    desk.get_by_label("Forums et votes").check()
    desk.get_by_role("button", name="Envoyer l’invitation").click()
    waiting = desk.get_by_role("listitem").filter(has_text=KIM)
    expect(waiting.get_by_text("forums et votes")).to_be_visible()

    guest.goto(latest(r"^https?://[^/]+(/compte/invitation/\S+)$"))
    expect(guest.get_by_text("Dominique Caron vous invite")).to_be_visible()
    guest.get_by_role("link", name="Créer un compte").click()
    expect(guest.get_by_label("Adresse courriel")).to_have_value(KIM)
    guest.get_by_label("Votre nom").fill("Kim Roy")
    for box in guest.get_by_role("checkbox").all():
        box.check()
    guest.locator("form.form, main form").last.get_by_role("button").first.click()
    guest.get_by_label("Code").fill(latest(r"^(\d{4}-\d{4})$"))
    guest.get_by_role("button", name=re.compile("Confirmer|Continuer")).first.click()
    guest.get_by_role("button", name="Accepter l’invitation").click()
    expect(guest.get_by_role("heading", level=1)).to_contain_text("application")
    expect(guest.get_by_text("Bienvenue dans l’équipe, Kim Roy.")).to_be_visible()

    desk.reload()
    expect(desk.get_by_role("heading", name="Invitations")).to_have_count(0)
    desk.get_by_role("link", name="Rôles et compte Kim Roy").click()
    desk.get_by_label("Rédaction").check()
    desk.get_by_role("button", name="Enregistrer les rôles").click()
    expect(
        desk.get_by_text("Kim Roy est dans l’équipe du pôle, avec\u00a0: rédaction, forums et votes.")
    ).to_be_visible()
    assert User.objects.get(email=KIM).roles == ["editorial", "forums"]
    assert desk.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
