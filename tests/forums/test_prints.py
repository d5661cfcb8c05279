"""Sign-in sheet and poster: what they hold, and what they don't."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from pypdf import PdfReader

from forums.vote.rounds import close_round, open_round
from tests import pdf_tags
from tests.factories import ForumFactory, QuestionFactory, RegistrationFactory, RoundFactory

HOSTILE = '#import "x"; *Lou* $a$ <b> \\ "'


def text_of(client, address):
    response = client.get(address)
    assert response.headers["Content-Type"] == "application/pdf"
    reader = PdfReader(BytesIO(response.content))
    return reader, " ".join("\n".join(page.extract_text() for page in reader.pages).split())


def test_sign_in_sheet_names_those_who_have_a_place(staff_client):
    forum = ForumFactory(title="Forum des rives", capacity=3)
    RegistrationFactory(
        forum=forum, name="Odile Charlebois", organisation="Le Grenier", email="odile@a.example"
    )
    RegistrationFactory(forum=forum, name=HOSTILE, access_needs="Boucle auditive")
    RegistrationFactory(forum=forum, name="Absent Annulé", state="cancelled", checked_in_at=None)
    reader, text = text_of(staff_client, f"/gestion/forums/{forum.slug}/presences/feuille.pdf")
    assert "Odile Charlebois" in text
    assert "Le Grenier" in text
    assert " ".join(HOSTILE.split()) in text
    assert not {"Annulé", "odile@a.example", "Boucle"} & set(text.split())
    reader.stream.seek(0)
    assert pdf_tags.faults_of(reader.stream.read()) == []


def test_sheet_with_a_name_that_no_font_can_draw_is_printed_all_the_same(staff_client):
    forum = ForumFactory(title="Forum des 🌻")
    RegistrationFactory(forum=forum, name="李 Odile 👩‍👩‍👧 Charlebois")
    reader, text = text_of(staff_client, f"/gestion/forums/{forum.slug}/presences/feuille.pdf")
    assert "Odile" in text
    assert "Charlebois" in text
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.trailer["/Root"]["/Lang"] == "fr-CA"


@pytest.mark.parametrize("count", [1, 3])
def test_sign_in_sheet_asks_as_much_for_one_as_for_three(staff_client, django_assert_num_queries, count):
    forum = ForumFactory()
    RegistrationFactory.create_batch(count, forum=forum)
    with django_assert_num_queries(8):
        staff_client.get(f"/gestion/forums/{forum.slug}/presences/feuille.pdf")


def test_poster_leads_to_the_vote_while_there_is_one(staff_client, settings):
    settings.BASE_URL = "https://portail.example"
    round = RoundFactory(closes_at=timezone.now() + timedelta(hours=3))
    QuestionFactory(round=round, position=1, title="Que faire du pont ?")
    address = f"/gestion/forums/{round.forum.slug}/affiche.pdf"
    for _state in ("planned", "open"):
        reader, text = text_of(staff_client, address)
        assert len(reader.pages) == 1
        assert "Que faire du pont ?" in text
        assert f"portail.example/forums/{round.forum.slug}/vote" in text
        open_round(round_id=round.pk, by=None)
    close_round(round_id=round.pk, by=None)
    assert f"portail.example/forums/{round.forum.slug}/vote" not in text_of(staff_client, address)[1]


def test_poster_of_an_event_leads_to_its_page(staff_client, settings):
    settings.BASE_URL = "https://portail.example"
    forum = ForumFactory(title="Forum des rives")
    _reader, text = text_of(staff_client, f"/gestion/forums/{forum.slug}/affiche.pdf")
    assert "Forum des rives" in text
    assert f"portail.example/forums/{forum.slug}" in text
