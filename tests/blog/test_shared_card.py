"""How a text will look where its link is shared, on the desk."""

from __future__ import annotations

import re

import pytest

from pole.models import Hub
from tests.factories import PageFactory, PostFactory

CUT = "risque d’être coupé"
UNDESCRIBED = "Il n’y a pas de résumé"
DRAWN = "le titre est dessiné"


def card_of(client, owner, **content):
    owner.draft.content |= content
    owner.draft.save()
    page = client.get(owner.get_edit_url()).text
    return re.search(r'<details class="shared-card">.*?</details>', page, re.DOTALL)[0]


@pytest.mark.parametrize("length", [1, 65, 66, 160])
@pytest.mark.parametrize("summary", ["", "  ", "Un résumé."])
def test_card_says_what_would_be_better(staff_client, length, summary):
    card = card_of(staff_client, PostFactory(), title="x" * length, summary=summary)
    assert (CUT in card, UNDESCRIBED in card) == (length > 65, not summary.strip())
    assert "localhost" in card
    assert "x" * length in card
    assert DRAWN in card


def test_picture_of_the_hub_is_shown_for_a_text_without_one(staff_client, db):
    described = {
        "name": "Pôle",
        "short_name": "Pôle",
        "tagline": "Une région.",
        "social_picture": "hub/a.webp",
    }
    Hub.objects.update_or_create(pk=1, defaults=described)
    card = card_of(staff_client, PostFactory())
    assert ("hub/a.jpg" in card, DRAWN in card) == (True, False)


def test_page_is_described_by_its_text(staff_client, db):
    card = card_of(staff_client, PageFactory(), title="Services", body="<h2>Un</h2><p>Deux &amp; trois.</p>")
    assert "Un Deux &amp; trois." in card
    assert UNDESCRIBED not in card


def test_what_is_typed_is_text_on_the_card(staff_client, db):
    card = card_of(staff_client, PostFactory(), title="<b>x</b>", summary='"><script>')
    assert ("<b>x" in card, "<script" in card) == (False, False)
