"""Staff see who registered, act for them, ask questions and export."""

from __future__ import annotations

import csv
import io
import uuid

import pytest
from django.core import mail
from django.utils import timezone
from openpyxl import load_workbook

from forums.models import Attendance, Registration
from tests.factories import RegistrationFactory
from tests.forums.registering import open_forum
from tests.forums.typed import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def forum():
    return open_forum()


def page(forum, path=""):
    return f"/gestion/forums/{forum.slug}/inscriptions/{path}"


def awaited(forum, **changes):
    return RegistrationFactory(forum=forum, checked_in_at=None, **changes)


def waiting(forum, **changes):
    return awaited(forum, state="waitlisted", waitlisted_at=timezone.now(), **changes)


def by_hand(**changes):
    form = {"name": "Lou", "email": "", "kind": "citizen", "language": "fr", "key": str(uuid.uuid4())}
    return form | changes


def names_shown(response):
    return [person.name for person in response.context["page"]]


def test_list_is_searched_by_name_address_and_state(staff_client, forum):
    awaited(forum, name="Zoé Côté", email="zoe@exemple.example", kind="partner")
    waiting(forum, name="Marc Roy")
    RegistrationFactory(forum=forum, name="Aïcha Caron")
    awaited(open_forum(), name="Ailleurs")
    cases = {
        "": ["Aïcha Caron", "Marc Roy", "Zoé Côté"],
        "q=cote": ["Zoé Côté"],
        "q=zoe@exemple": ["Zoé Côté"],
        "etat=waitlisted": ["Marc Roy"],
        "etat=arrived": ["Aïcha Caron"],
        "genre=partner": ["Zoé Côté"],
        "q=personne": [],
        "etat=inconnu": ["Aïcha Caron", "Marc Roy", "Zoé Côté"],
    }
    for query, names in cases.items():
        assert names_shown(staff_client.get(f"{page(forum)}?{query}")) == names


@pytest.mark.parametrize("count", [1, 3])
def test_list_asks_the_same_queries_for_1_and_3_people(staff_client, forum, django_assert_num_queries, count):
    for _n in range(count):
        awaited(forum)
    staff_client.get(page(forum))
    # Session, person; versions; forum; how many, and who; three for the figures.
    with django_assert_num_queries(2 + 1 + 1 + 2 + 2 + 2):
        staff_client.get(page(forum))


def test_staff_register_someone_who_called(staff_client, forum):
    form = by_hand(email="Lou@exemple.example")
    for _n in range(2):
        staff_client.post(page(forum, "nouvelle/"), form)
    person = Registration.objects.get()
    assert (person.name, person.email, person.state) == ("Lou", "lou@exemple.example", "confirmed")
    assert [message.to for message in mail.outbox] == [["lou@exemple.example"]]


def test_address_registered_already_is_said_to_staff(staff_client, forum):
    awaited(forum, email="a@exemple.example")
    response = staff_client.post(page(forum, "nouvelle/"), by_hand(email="a@exemple.example"))
    assert response.status_code == 422
    assert "Cette adresse est déjà utilisée par" in response.content.decode()
    assert Registration.objects.count() == 1


@pytest.mark.parametrize(("box", "state"), [({}, "waitlisted"), ({"even_if_full": "on"}, "confirmed")])
def test_staff_decide_whether_a_full_forum_takes_one_more(staff_client, box, state):
    forum = open_forum(capacity=1)
    awaited(forum)
    staff_client.post(page(forum, "nouvelle/"), by_hand(**box))
    assert Registration.objects.get(name="Lou").state == state


def test_staff_give_a_place_out_of_turn_and_take_it_back(staff_client):
    forum = open_forum(capacity=1)
    holder, first, second = awaited(forum), waiting(forum), waiting(forum)
    staff_client.post(page(forum, f"{second.pk}/place/"))
    staff_client.post(page(forum, f"{second.pk}/annulation/"))
    staff_client.post(page(forum, f"{holder.pk}/annulation/"))
    states = list(Registration.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["cancelled", "confirmed", "cancelled"]
    staff_client.post(page(forum, f"{holder.pk}/place/"))
    holder.refresh_from_db()
    first.refresh_from_db()
    assert (holder.state, first.state) == ("confirmed", "confirmed")


def test_team_reads_of_someone_who_arrived_what_to_do_first(staff_client, forum):
    arrived = RegistrationFactory(forum=forum)
    answer = staff_client.post(page(forum, f"{arrived.pk}/annulation/"), follow=True)
    assert "défaites d’abord l’arrivée" in answer.content.decode()
    arrived.refresh_from_db()
    assert arrived.state == "confirmed"


def test_person_of_another_forum_is_a_404(staff_client, forum):
    other = awaited(open_forum())
    for path in ("", "place/", "annulation/"):
        assert staff_client.post(page(forum, f"{other.pk}/{path}")).status_code == 404
    other.refresh_from_db()
    assert other.state == "confirmed"


def test_staff_change_what_is_known_and_the_address_stays(staff_client, forum):
    person = awaited(forum, email="a@exemple.example")
    form = by_hand(name="Lou Roy", email="pirate@exemple.example", access_needs="Rampe")
    assert staff_client.post(page(forum, f"{person.pk}/"), form).status_code == 302
    person.refresh_from_db()
    assert (person.name, person.email, person.access_needs) == ("Lou Roy", "a@exemple.example", "Rampe")


# --- Questions ----------------------------------------------------------------------------------------


def test_questions_change_places_and_keep_their_answers(staff_client, forum):
    address = page(forum, "questions/")
    lines = [{"label": "Dîner?", "ORDER": 1}, {"label": "Covoiturage?", "label_en": "Car?", "ORDER": 2}]
    staff_client.post(address, rows("questions", lines))
    first, second = forum.questions.all()
    awaited(forum).answers.create(question=first, text="Oui")
    swapped = [
        {"id": first.pk, "label": "Dîner?", "ORDER": 2},
        {"id": second.pk, "label": "Covoiturage?", "ORDER": 1},
        {"label": "Allergies?", "ORDER": 3},
    ]
    staff_client.post(address, rows("questions", swapped))
    assert [question.label for question in forum.questions.all()] == ["Covoiturage?", "Dîner?", "Allergies?"]
    assert first.answers.get().text == "Oui"


def test_question_of_another_forum_is_not_taken_and_a_fourth_is_refused(staff_client, forum):
    foreign = open_forum().questions.create(position=1, label="Ailleurs?")
    lines = [{"id": foreign.pk, "label": "Prise?", "ORDER": 1}]
    staff_client.post(page(forum, "questions/"), rows("questions", lines))
    foreign.refresh_from_db()
    assert foreign.label == "Ailleurs?"
    four = [{"label": f"Q{n}", "ORDER": n} for n in range(1, 5)]
    assert staff_client.post(page(forum, "questions/"), rows("questions", four)).status_code == 422
    assert forum.questions.count() == 1


# --- Exports -----------------------------------------------------------------------------------------------

HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0"]


def test_exports_hold_everyone_and_no_formula(staff_client, forum):
    question = forum.questions.create(position=1, label="=Dîner?")
    for n, text in enumerate(HOSTILE):
        person = awaited(forum, name=text, organisation=text, access_needs=text, email=f"{n}@exemple.example")
        person.answers.create(question=question, text=text)
    base = f"/gestion/forums/{forum.slug}/inscriptions"
    text = staff_client.get(f"{base}.csv").content.decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(text), delimiter=";"))
    book = load_workbook(io.BytesIO(staff_client.get(f"{base}.xlsx").content)).active
    sheet = [[cell.value or "" for cell in row] for row in book.iter_rows()]
    assert table == sheet
    assert len(table) == 1 + len(HOSTILE)
    cells = [cell for row in table for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert {row[0] for row in table[1:]} == {f"'{text}" for text in HOSTILE}
    assert {cell.data_type for row in book.iter_rows() for cell in row} <= {"s", "inlineStr", "n"}


def test_export_is_a_file_that_excel_reads_in_french(staff_client, forum):
    awaited(forum, name="Zoé")
    response = staff_client.get(f"/gestion/forums/{forum.slug}/inscriptions.csv")
    assert response.content.startswith(b"\xef\xbb\xbfNom;")
    assert response.headers["Content-Disposition"] == f'attachment; filename="inscriptions-{forum.slug}.csv"'
    assert response.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("count", [1, 3])
def test_export_asks_the_same_queries_for_1_and_3_people(forum, django_assert_num_queries, count):
    from forums.registration.export import rows_of

    for _n in range(count):
        awaited(forum)
    with django_assert_num_queries(4):
        list(rows_of(forum))


def test_counted_arrivals_become_those_of_the_page(staff_client, forum):
    Attendance.objects.create(forum=forum, kind="partner", count=9)
    Attendance.objects.create(forum=forum, kind="other", count=2)
    RegistrationFactory(forum=forum, kind="partner")
    RegistrationFactory(forum=forum, kind="citizen")
    staff_client.post(page(forum, "presences/"))
    assert dict(forum.attendance.values_list("kind", "count")) == {"partner": 1, "other": 2, "citizen": 1}
