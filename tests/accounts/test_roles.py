"""Roles given and taken by the direction: who may, what is noted and told, and that somebody always has it."""

from __future__ import annotations

import html
from functools import partial

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import privacy, suspending
from accounts.models import AuditEntry, Role, User
from accounts.team.roles import RoleRefused, change_active, change_roles, version_of
from tests.conftest import signed_in
from tests.factories import UserFactory
from tests.forums.voting.conftest import together

pytestmark = pytest.mark.django_db
PEOPLE = "/gestion/personnes/"
EVERY = ("direction", "editorial", "directory", "forums")


def role_page(person):
    return f"{PEOPLE}{person.pk}/role/"


def noted_about(person):
    """(who decided, what) of each decision of the journal about this person, oldest first."""
    return list(AuditEntry.objects.filter(person=person.pk).order_by("pk").values_list("by", "action"))


def give(person, *roles, by):
    return change_roles(person_id=person.pk, roles=roles, seen=version_of(person), by=by)


def posted(client, person, *roles):
    return client.post(role_page(person), {"roles": roles, "seen": version_of(person)})


def roles_of(person):
    return User.objects.get(pk=person.pk).roles


def test_direction_gives_takes_and_empties_roles(staff_client, staff, mailoutbox):
    person = UserFactory(name="Lou Gagné")
    steps = (
        (("forums",), ["forums"]),
        (("forums", "editorial"), ["editorial", "forums"]),
        (("direction",), ["direction"]),
        ((), []),
    )
    for chosen, stored in steps:
        person.refresh_from_db()
        assert posted(staff_client, person, *chosen).url == PEOPLE
        assert roles_of(person) == stored
    assert noted_about(person) == [
        (staff.pk, action)
        for action in (
            *("forums_given", "editorial_given"),
            *("direction_given", "editorial_taken", "forums_taken"),
            "direction_taken",
        )
    ]
    assert [message.to for message in mailoutbox] == [[person.email]] * 4
    assert "rédaction, forums et votes" in mailoutbox[1].body
    assert "Dominique Caron" in mailoutbox[1].body
    assert "a mis fin à vos rôles dans l’équipe" in mailoutbox[3].body
    journal = html.unescape(staff_client.get("/gestion/moderation/journal/").text)
    assert "a donné le rôle « forums et votes »".replace(" »", "\u00a0»").replace("« ", "«\u00a0") in journal
    assert "Lou Gagné" in journal


def test_same_roles_again_change_nothing(staff_client, staff, mailoutbox):
    person = UserFactory(roles=["forums"])
    for seen in (version_of(person), "autre"):
        assert staff_client.post(role_page(person), {"roles": ["forums"], "seen": seen}).url == PEOPLE
    assert (noted_about(person), mailoutbox) == ([], [])


def test_roles_changed_meanwhile_are_shown_again(staff_client):
    person = UserFactory(roles=["forums"])
    seen = version_of(person)
    User.objects.filter(pk=person.pk).update(roles=["directory"])
    answer = staff_client.post(role_page(person), {"roles": ["editorial"], "seen": seen}, follow=True)
    assert roles_of(person) == ["directory"]
    assert "a changé ces rôles" in answer.text
    assert answer.context["form"].initial["roles"] == ["directory"]


@pytest.mark.parametrize("role", ["superuser", "équipe", "direction,forums"])
def test_unknown_role_is_refused(staff_client, role):
    person = UserFactory()
    assert posted(staff_client, person, role).status_code == 200
    assert roles_of(person) == []


@pytest.mark.parametrize(
    "roles", [["editorial"], ["directory"], ["forums"], ["editorial", "directory", "forums"]]
)
def test_others_of_the_team_give_nothing(roles):
    actor, person = UserFactory(roles=roles), UserFactory()
    client = signed_in(actor, second_factor=True)
    for method in (client.get, client.post):
        for page in ("role", "fermeture", "effacement"):
            assert method(f"{PEOPLE}{person.pk}/{page}/", {"roles": ["forums"]}).status_code == 403
    for act in (
        partial(give, person, "forums", by=actor),
        partial(change_active, person_id=person.pk, is_active=False, by=actor),
        partial(privacy.schedule_erasure, user=person, now=timezone.now(), by=actor),
        partial(privacy.cancel_erasure, user=person, by=actor),
    ):
        with pytest.raises((RoleRefused, privacy.ErasureRefused), match="refused"):
            act()
    assert noted_about(person) == []


def test_people_are_listed_for_the_direction_and_the_editorial_work():
    answers = {
        role: signed_in(UserFactory(roles=[role]), second_factor=True).get(PEOPLE).status_code
        for role in EVERY
    }
    assert answers == {"direction": 200, "editorial": 200, "directory": 403, "forums": 403}
    editorial = signed_in(UserFactory(roles=["editorial"]), second_factor=True).get(PEOPLE).text
    assert "/role/" not in editorial
    assert "inviter" not in editorial


def test_nobody_changes_their_own(staff_client, staff):
    UserFactory(is_staff=True)
    for chosen in ((), EVERY):
        assert "ses propres rôles" in html.unescape(
            staff_client.post(
                role_page(staff), {"roles": chosen, "seen": version_of(staff)}, follow=True
            ).text
        )
    staff_client.post(f"{PEOPLE}{staff.pk}/fermeture/", {"active": "0"})
    staff.refresh_from_db()
    assert (staff.roles, staff.is_active) == (["direction"], True)


@pytest.mark.parametrize(("closed", "code"), [(True, "role_of_closed"), (False, "role_of_suspended")])
def test_who_is_closed_or_suspended_receives_nothing_and_may_lose(staff, closed, code):
    person = UserFactory(roles=["forums", "editorial"])
    if closed:
        change_active(person_id=person.pk, is_active=False, by=staff)
    else:
        User.objects.filter(pk=person.pk).update(
            suspended_until=timezone.now() + suspending.timedelta(days=1)
        )
    with pytest.raises(RoleRefused, match=code):
        give(person, "forums", "directory", by=staff)
    assert give(person, "forums", by=staff).roles == ["forums"]


def test_whoever_joins_the_team_is_not_erased_and_not_later_either(staff):
    person = UserFactory()
    due = privacy.schedule_erasure(user=person, now=timezone.now())
    give(person, "forums", by=staff)
    person.refresh_from_db()
    give(person, by=staff)
    assert privacy.erase_due_accounts(due) == 0


def test_whoever_asked_to_be_erased_is_told_that_a_role_keeps_the_account(staff, mailoutbox):
    person = UserFactory()
    privacy.schedule_erasure(user=person, now=timezone.now())
    mailoutbox.clear()
    give(person, "forums", by=staff)
    assert noted_about(person) == [(staff.pk, "forums_given"), (staff.pk, "keep")]
    assert [message.subject for message in mailoutbox] == [
        "Votre compte est conservé",
        "Vos rôles dans l’équipe ont changé",
    ]
    person.refresh_from_db()
    give(person, "directory", by=staff)
    assert len(mailoutbox) == 3


def test_superuser_who_loses_the_direction_leaves_the_stock_admin(staff, superuser, superuser_client):
    assert superuser_client.get("/admin/").status_code == 200
    give(superuser, "forums", by=staff)
    assert superuser_client.get("/admin/").status_code == 302
    assert noted_about(superuser) == [
        (staff.pk, action) for action in ("direction_taken", "forums_given", "superuser_taken")
    ]
    with pytest.raises(IntegrityError, match="superuser_has_direction"), transaction.atomic():
        User.objects.filter(pk=superuser.pk).update(is_superuser=True)


def test_session_loses_at_once_what_its_person_loses(staff):
    person = UserFactory(roles=["forums", "editorial"])
    client = signed_in(person, second_factor=True)
    forums, posts, home = "/gestion/forums/", "/gestion/billets/", "/gestion/"
    assert [client.get(page).status_code for page in (forums, posts, home)] == [200, 200, 200]
    give(person, "forums", by=staff)
    assert [client.get(page).status_code for page in (forums, posts, home)] == [200, 403, 200]
    person.refresh_from_db()
    give(person, by=staff)
    assert [client.get(page).status_code for page in (forums, posts, home)] == [403, 403, 403]


def test_closed_account_is_signed_out_told_and_opened_again(staff_client, staff, mailoutbox):
    person = UserFactory(name="Lou Gagné", roles=["forums"])
    client = signed_in(person, second_factor=True)
    page = f"{PEOPLE}{person.pk}/fermeture/"
    assert "Lou Gagné" in staff_client.get(page).text
    assert staff_client.post(page, {"active": "2"}).status_code == 200
    for active in ("0", "0", "1"):
        assert staff_client.post(page, {"active": active}).url == role_page(person)
        assert client.get("/gestion/forums/").status_code == (200 if active == "1" else 302)
        client = signed_in(person, second_factor=True)
    assert noted_about(person) == [(staff.pk, "close"), (staff.pk, "reopen")]
    assert [message.subject for message in mailoutbox] == [
        "Votre compte est fermé",
        "Votre compte est rouvert",
    ]


def test_role_given_by_a_command_is_the_direction_and_in_the_journal(db, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "pomme de terre 12")
    call_command("createsuperuser", interactive=False, email="lou@exemple.example", name="Lou", verbosity=0)
    person = User.objects.get()
    assert (person.roles, person.is_superuser, person.is_staff) == (["direction"], True, True)
    assert noted_about(person) == [(None, "direction_given"), (None, "superuser_given")]


def test_person_who_does_not_exist_is_a_404(staff_client, staff):
    for page in ("role", "fermeture", "effacement"):
        assert staff_client.get(f"{PEOPLE}999999/{page}/").status_code == 404
    with pytest.raises(User.DoesNotExist):
        change_roles(person_id=999999, roles=(), seen="", by=staff)


# --- Somebody always has the direction ----------------------------------------------------------


@pytest.mark.parametrize(
    "leave",
    [
        lambda people: people.update(roles=[]),
        lambda people: people.update(roles=["forums"]),
        lambda people: people.update(is_active=False),
        lambda people: people.update(is_active=False, roles=["editorial"]),
        lambda people: people._raw_delete("default"),
    ],
)
def test_database_keeps_somebody_of_the_direction(db, leave):
    from django.db import connection

    first, second = (User.objects.create(email=f"{n}@exemple.example", roles=["direction"]) for n in "ab")
    User.objects.create(email="c@exemple.example", roles=["direction"], is_active=False)
    with pytest.raises(IntegrityError, match="keeps somebody"), transaction.atomic():
        leave(User.objects.filter(pk__in=[first.pk, second.pk]))
    leave(User.objects.filter(pk=first.pk))
    with pytest.raises(IntegrityError, match="keeps somebody"), transaction.atomic():
        leave(User.objects.filter(pk=second.pk))
    connection.check_constraints()
    assert User.objects.get(pk=second.pk).has_role(Role.DIRECTION)


def test_last_of_the_direction_is_told_that_the_account_stays(staff_client, staff):
    def said():
        return html.unescape(staff_client.post("/compte/donnees/", {"sure": "1"}, follow=True).text)

    assert "Personne d’autre n’a la direction" in said()
    UserFactory(is_staff=True)
    assert "demandez d’abord à une ou un collègue" in said()
    assert User.objects.exclude(erasure_due_at=None).count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.any_hour("waits for locks")
@pytest.mark.parametrize("act", ["roles", "close", "mixed"])
def test_two_who_take_each_other_off_leave_one(act):
    for _ in range(5):
        first, second = (UserFactory(is_staff=True, verified=False) for _ in range(2))
        User.objects.exclude(pk__in=[first.pk, second.pk]).update(is_active=False)
        take = partial(give, by=None)
        close = partial(change_active, is_active=False)
        jobs = {
            "roles": (partial(take, second, by=first), partial(take, first, by=second)),
            "close": (
                partial(close, person_id=second.pk, by=first),
                partial(close, person_id=first.pk, by=second),
            ),
            "mixed": (partial(take, second, by=first), partial(close, person_id=first.pk, by=second)),
        }[act]
        results = together(*jobs)
        assert sorted(type(result).__name__ for result in results) == ["RoleRefused", "User"]
        left = User.objects.filter(is_active=True, roles__contains=["direction"])
        assert left.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.any_hour("waits for locks")
def test_two_statements_at_once_leave_one_too():
    """Whatever the code forgets to lock: the trigger waits."""
    first, second = (UserFactory(is_staff=True, verified=False) for _ in range(2))

    def leave(person):
        with transaction.atomic():
            return User.objects.filter(pk=person.pk).update(roles=[])

    results = together(partial(leave, first), partial(leave, second))
    assert sorted(type(result).__name__ for result in results) == ["IntegrityError", "int"]
