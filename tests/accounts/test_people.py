"""The team's page about people, and one's own profile."""

from __future__ import annotations

import html

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.forms import ProfileForm
from accounts.models import User
from tests.factories import UserFactory

PEOPLE = "/gestion/personnes/"


def shown(response):
    return [person.email for person in response.context["page"]]


def test_people_are_for_the_team_alone(client, citizen_client, staff_client):
    assert client.get(PEOPLE).url == f"/compte/connexion/?next={PEOPLE}"
    assert citizen_client.get(PEOPLE).status_code == 403
    assert staff_client.get(PEOPLE).status_code == 200
    assert staff_client.post(PEOPLE).status_code == 405


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?q=gagné", ["lou@exemple.example"]),
        ("?q=LOU+exemple", ["lou@exemple.example"]),
        ("?q=zoé", ["zoe@exemple.example"]),
        ("?role=equipe", ["dominique@exemple.example"]),
        ("?role=direction", ["dominique@exemple.example"]),
        ("?role=forums", []),
        ("?role=public", ["lou@exemple.example", "zoe@exemple.example"]),
        ("?q=lou&role=equipe", []),
        ("?role=n-importe", ["dominique@exemple.example", "lou@exemple.example", "zoe@exemple.example"]),
        ("?page=999", ["dominique@exemple.example", "lou@exemple.example", "zoe@exemple.example"]),
        ("?q=%00%27;--", []),
    ],
)
def test_people_are_found(staff_client, staff, query, expected):
    User.objects.filter(pk=staff.pk).update(email="dominique@exemple.example", name="Dominique Caron")
    UserFactory(email="lou@exemple.example", name="Lou Gagné")
    UserFactory(email="zoe@exemple.example", name="Zoé Roy")
    assert shown(staff_client.get(PEOPLE + query)) == expected


@pytest.mark.parametrize("others", [1, 3])
def test_people_cost_the_same_however_many(staff_client, others):
    UserFactory.create_batch(others)
    staff_client.get(PEOPLE)
    with CaptureQueriesContext(connection) as queries:
        staff_client.get(PEOPLE)
    # One of them for the addresses that refuse mail, one for who has a second factor.
    assert len(queries) == 8


def test_name_is_escaped(staff_client):
    UserFactory(name='<script>alert("x")</script>')
    body = staff_client.get(PEOPLE).text
    assert '<script>alert("x")' not in body
    assert "&lt;script&gt;alert(&quot;x&quot;)" in body


# --- One's own profile --------------------------------------------------------------------------


def test_profile_is_saved(citizen_client, citizen):
    assert citizen_client.post("/compte/", {"name": " Camille  Roy ", "language": "en"}).url == "/compte/"
    citizen.refresh_from_db()
    assert (citizen.name, citizen.language) == ("Camille Roy", "en")


@pytest.mark.parametrize("form", [{"name": "", "language": "fr"}, {"name": "Camille", "language": "de"}])
def test_profile_refuses_what_it_can_not_keep(citizen_client, citizen, form):
    assert citizen_client.post("/compte/", form).status_code == 200
    citizen.refresh_from_db()
    assert (citizen.name, citizen.language) == ("Camille Roy", "fr")


def test_profile_ignores_other_fields(citizen_client, citizen):
    extra = {"is_staff": "on", "is_superuser": "on", "email": "autre@exemple.example"}
    before = citizen.email
    citizen_client.post("/compte/", {"name": "Camille", "language": "fr"} | extra)
    citizen.refresh_from_db()
    assert (citizen.is_staff, citizen.is_superuser, citizen.email) == (False, False, before)


def test_profile_saved_while_the_password_changes_leaves_the_new_one(citizen_client, citizen, monkeypatch):
    is_valid = ProfileForm.is_valid

    def changed_meanwhile(form):
        other = User.objects.get(pk=citizen.pk)
        other.set_password("encore une autre phrase")
        other.save()
        return is_valid(form)

    monkeypatch.setattr(ProfileForm, "is_valid", changed_meanwhile)
    citizen_client.post("/compte/", {"name": "Camille", "language": "fr"})
    citizen.refresh_from_db()
    assert citizen.name == "Camille"
    assert citizen.check_password("encore une autre phrase")


def test_new_name_reaches_the_reading_pages(citizen_client):
    from pole.caching.content_versions import read_versions

    before = dict(read_versions()).get("people", 0)
    citizen_client.post("/compte/", {"name": "Camille R.", "language": "fr"})
    assert dict(read_versions())["people"] > before


@pytest.mark.parametrize("name", ["Achat https://pub.example", "WWW.pub.example", "pub://x"])
def test_name_that_holds_the_address_of_a_site_is_refused(citizen, citizen_client, name):
    answer = citizen_client.post("/compte/", {"name": name, "language": "fr"})
    assert "sans l’adresse d’un site" in html.unescape(answer.text)
    assert User.objects.get(pk=citizen.pk).name == citizen.name
    person = {
        "email": "kim@exemple.example",
        "name": name,
        "language": "fr",
        "is_14": "on",
    }
    answer = Client().post("/compte/inscription/", person)
    assert "sans l’adresse d’un site" in html.unescape(answer.text)
    assert not User.objects.filter(email="kim@exemple.example").exists()
