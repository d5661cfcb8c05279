"""Voting slips from the staff pages: codes in the PDF alone, one slip a person, no batch by accident."""

from __future__ import annotations

import html
import io
import re

import pytest
from django.urls import reverse
from pypdf import PdfReader

from forums.models import Slip
from forums.vote import slips
from forums.vote.codes import hash_code, parse_code
from tests.factories import ForumFactory, RegistrationFactory


def text_of(response):
    return html.unescape(response.content.decode()).replace("\u00a0", " ")


def url(name, forum, **more):
    return reverse(f"staff:{name}", kwargs={"slug": forum.slug, **more})


def test_codes_are_in_the_pdf_and_nowhere_else(staff_client):
    forum = ForumFactory()
    response = staff_client.post(url("carton_print", forum), {"count": 12, "seen": 0})
    assert response["Content-Type"] == "application/pdf"
    assert "no-store" in response["Cache-Control"]
    pages = "".join(page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages)
    codes = {parse_code(found) for found in re.findall(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{3}\b", pages)}
    assert {hash_code(code) for code in codes} == set(Slip.objects.values_list("code_hash", flat=True))
    assert len(codes) == 12
    page = text_of(staff_client.get(url("carton_list", forum)))
    assert not any(code in page or hash_code(code) in page for code in codes)


def test_second_click_prints_nothing_again(staff_client):
    forum = ForumFactory()
    staff_client.post(url("carton_print", forum), {"count": 5, "seen": 0})
    again = staff_client.post(url("carton_print", forum), {"count": 5, "seen": 0}, follow=True)
    assert "rien n’a été imprimé de nouveau" in text_of(again)
    assert Slip.objects.count() == 5
    staff_client.post(url("carton_print", forum), {"count": 2, "seen": 5})
    assert list(Slip.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("typed", [{}, {"count": 0, "seen": 0}, {"count": 2001, "seen": 0}, {"count": "x"}])
def test_odd_numbers_print_nothing(staff_client, typed):
    forum = ForumFactory()
    assert staff_client.post(url("carton_print", forum), typed).status_code == 422
    assert Slip.objects.count() == 0


def test_spares_are_suggested(staff_client):
    forum = ForumFactory()
    RegistrationFactory.create_batch(30, forum=forum)
    assert staff_client.get(url("carton_list", forum)).context["form"]["count"].value() == 36


def test_unused_of_a_batch_become_useless_and_given_ones_stay(staff_client):
    forum = ForumFactory()
    slips.create_slips(forum=forum, count=2)
    slips.create_slips(forum=forum, count=3)
    given = Slip.objects.get(number=4)
    slips.activate_slip(slip=given, registration=RegistrationFactory(forum=forum))
    for _click in range(2):
        staff_client.post(url("carton_batch_void", forum), {"printed_at": given.printed_at.isoformat()})
    void = Slip.objects.filter(voided_at__isnull=False).values_list("number", "voided_because")
    assert list(void) == [(3, "unused"), (5, "unused")]


@pytest.mark.parametrize("typed", ["", "hier", "2026-01-01", "2026-13-45T00:00:00Z"])
def test_unknown_batch_is_refused(staff_client, typed):
    forum = ForumFactory()
    slips.create_slips(forum=forum, count=2)
    assert staff_client.post(url("carton_batch_void", forum), {"printed_at": typed}).status_code == 404
    assert Slip.objects.filter(voided_at=None).count() == 2


def test_lost_slip_is_replaced(staff_client):
    forum = ForumFactory()
    made = slips.create_slips(forum=forum, count=3)
    person = RegistrationFactory(forum=forum, name="Camille Roy")
    give = url("carton_give", forum)
    staff_client.post(give, {"registration": person.pk, "carton": "1", "q": "camille"})
    assert "a le carton 1" in text_of(staff_client.get(give, {"q": "camille"}))
    scanned = f"https://portail.example/vote/{made[1][1]}/"
    staff_client.post(give, {"registration": person.pk, "carton": scanned, "q": "camille", "replaces": "1"})
    kept = list(Slip.objects.order_by("number").values_list("registration", "voided_because"))
    assert kept == [(person.pk, "lost"), (person.pk, ""), (None, "")]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("1", "Ce carton a été remis à quelqu’un d’autre : Marc Côté."),
        ("2", "Ce carton a été annulé."),
        ("99", "Aucun carton de ce forum n’a ce numéro ni ce code."),
        ("ABCDEFGHJK0", "ni un numéro de carton ni un code"),
        ("", "ni un numéro de carton ni un code"),
    ],
)
def test_slip_that_can_not_be_given_is_said(staff_client, written, said):
    forum = ForumFactory()
    slips.create_slips(forum=forum, count=2)
    other = RegistrationFactory(forum=forum, name="Marc Côté")
    slips.activate_slip(slip=Slip.objects.get(number=1), registration=other)
    slips.void_slip(slip=Slip.objects.get(number=2), because=Slip.Void.SPOILED)
    person = RegistrationFactory(forum=forum, name="Camille Roy")
    typed = {"registration": person.pk, "carton": written, "q": "camille"}
    response = staff_client.post(url("carton_give", forum), typed)
    assert response.status_code == 422
    assert said in text_of(response)
    assert "Camille Roy" in text_of(response)
    page, name = response.content.decode(), f"carton-{person.pk}-carton"
    (field,) = re.findall(rf'<input[^>]*id="{name}"[^>]*>', page)
    assert f'href="#{name}"' in page
    assert 'aria-invalid="true"' in field
    assert (f'value="{written}"' in field) == bool(written)


def test_slip_is_voided_once_for_its_first_reason(staff_client):
    forum = ForumFactory()
    slips.create_slips(forum=forum, count=1)
    page = url("carton_void", forum, slip_number=1)
    for because in ("spoiled", "lost", "paper"):
        staff_client.post(page, {"because": because})
    assert Slip.objects.get().voided_because == "spoiled"
    assert staff_client.post(url("carton_void", ForumFactory(), slip_number=1)).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_list_asks_the_same_queries_for_1_and_3_rows(staff_client, django_assert_num_queries, count):
    forum = ForumFactory()
    slips.create_slips(forum=forum, count=count)
    for slip in Slip.objects.all():
        slips.activate_slip(slip=slip, registration=RegistrationFactory(forum=forum))
    staff_client.get(url("carton_list", forum))
    with django_assert_num_queries(9):
        staff_client.get(url("carton_list", forum))
