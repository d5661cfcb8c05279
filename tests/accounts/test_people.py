"""The team's page about people, and one's own profile."""

from __future__ import annotations

import html

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.forms import ProfileForm
from accounts.models import AuditEntry, User
from accounts.roles import RoleRefused, change_staff_role
from tests.conftest import signed_in
from tests.factories import UserFactory

PEOPLE = "/gestion/personnes/"


def shown(response):
    return [person.email for person in response.context["page"]]


def role_page(person):
    return f"{PEOPLE}{person.pk}/role/"


def roles_noted(person):
    """(who decided, what) of each decision of the journal about this person, oldest first."""
    return list(AuditEntry.objects.filter(person=person.pk).order_by("pk").values_list("by", "action"))


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
    assert len(queries) == 5


def test_name_is_escaped(staff_client):
    UserFactory(name='<script>alert("x")</script>')
    body = staff_client.get(PEOPLE).text
    assert '<script>alert("x")' not in body
    assert "&lt;script&gt;alert(&quot;x&quot;)" in body


def test_superuser_gives_and_takes_the_role(superuser_client, superuser):
    person = UserFactory(name="Lou Gagné")
    assert superuser_client.get(role_page(person)).status_code == 200
    person.refresh_from_db()
    assert not person.is_staff
    for role, is_staff in (("equipe", True), ("equipe", True), ("public", False)):
        assert superuser_client.post(role_page(person), {"role": role}).url == PEOPLE
        person.refresh_from_db()
        assert person.is_staff is is_staff
    assert roles_noted(person) == [(superuser.pk, "staff_given"), (superuser.pk, "staff_taken")]
    assert (
        superuser_client.get("/gestion/moderation/journal/").text.count("Personne concernée\u00a0: Lou Gagné")
        == 2
    )


def test_roles_given_and_taken_in_the_admin_are_in_the_journal(superuser_client, superuser):
    person, other = UserFactory(name="Lou Gagné"), UserFactory(is_staff=True)
    page = f"/admin/accounts/user/{person.pk}/change/"
    answers = {"name": "Lou Gagné", "language": "fr", "is_active": "on"}
    for change in ({}, {"is_superuser": "on"}, {"is_active": ""}):
        assert superuser_client.post(page, answers | change).status_code == 302
    by_superuser = [
        "superuser_given",
        *("superuser_taken", "close"),
    ]
    assert roles_noted(person) == [(superuser.pk, action) for action in by_superuser]
    assert "a donné à quelqu’un le rôle d’administration" in html.unescape(
        superuser_client.get("/gestion/moderation/journal/").text
    )
    assert (
        superuser_client.post(f"/admin/accounts/user/{other.pk}/delete/", {"post": "yes"}).status_code == 302
    )
    assert not User.objects.filter(pk=other.pk).exists()
    assert roles_noted(other) == [(superuser.pk, "staff_taken"), (superuser.pk, "close")]


def test_people_deleted_together_in_the_admin_lose_their_roles_in_the_journal(superuser_client, superuser):
    people = UserFactory.create_batch(2, is_staff=True)
    asked = {"action": "delete_selected", "_selected_action": [each.pk for each in people], "post": "yes"}
    assert superuser_client.post("/admin/accounts/user/", asked).status_code == 302
    for person in people:
        assert roles_noted(person) == [(superuser.pk, "staff_taken"), (superuser.pk, "close")]


def test_role_given_by_a_command_is_in_the_journal(db, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "pomme de terre 12")
    call_command("createsuperuser", interactive=False, email="lou@exemple.example", name="Lou", verbosity=0)
    assert roles_noted(User.objects.get()) == [(None, "staff_given"), (None, "superuser_given")]


@pytest.mark.parametrize("role", ["", "superuser", "1"])
def test_unknown_role_changes_nothing(superuser_client, role):
    person = UserFactory()
    assert superuser_client.post(role_page(person), {"role": role}).status_code == 200
    person.refresh_from_db()
    assert not person.is_staff


def test_staff_see_and_do_not_change(db):
    person = UserFactory()
    staff_client = signed_in(UserFactory(roles=["editorial"]), second_factor=True)
    assert role_page(person) not in staff_client.get(PEOPLE).text
    assert staff_client.get(role_page(person)).status_code == 403
    assert staff_client.post(role_page(person), {"role": "equipe"}).status_code == 403
    person.refresh_from_db()
    assert not person.is_staff


def test_superuser_keeps_own_role_and_that_of_other_superusers(superuser_client, superuser):
    other = UserFactory(is_staff=True, is_superuser=True)
    for person in (superuser, other):
        assert role_page(person) not in superuser_client.get(PEOPLE).text
        assert superuser_client.post(role_page(person), {"role": "public"}).status_code == 403
        with pytest.raises(RoleRefused):
            change_staff_role(person_id=person.pk, is_staff=False, by=superuser)
        person.refresh_from_db()
        assert person.is_staff


def test_role_that_may_no_longer_be_changed_at_the_last_moment_is_refused(superuser_client, monkeypatch):
    person = UserFactory()
    monkeypatch.setattr("accounts.roles.may_change_role_of", lambda by, person: False)
    assert superuser_client.post(role_page(person), {"role": "equipe"}).status_code == 403
    person.refresh_from_db()
    assert not person.is_staff


def test_person_who_does_not_exist_is_a_404(superuser_client):
    assert superuser_client.get(f"{PEOPLE}999999/role/").status_code == 404


def test_role_taken_closes_the_staff_pages_at_once(staff_client, staff, superuser):
    assert staff_client.get(PEOPLE).status_code == 200
    change_staff_role(person_id=staff.pk, is_staff=False, by=superuser)
    assert staff_client.get(PEOPLE).status_code == 403


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

    before = dict(read_versions())["people"]
    citizen_client.post("/compte/", {"name": "Camille R.", "language": "fr"})
    assert dict(read_versions())["people"] > before
