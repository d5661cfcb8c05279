"""A colleague invited by mail: one address, one use, one week, and only what the direction still gives."""

from __future__ import annotations

import html
import re
import threading
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import signing
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import privacy
from accounts.models import AuditEntry, TeamInvitation, User
from accounts.tasks import delete_expired_invitations
from accounts.team import invitations
from accounts.team.roles import change_active, change_roles, version_of
from tests.conftest import signed_in
from tests.factories import UserFactory
from tests.forums.voting.conftest import together

pytestmark = pytest.mark.django_db
PEOPLE, INVITE = "/gestion/personnes/", "/gestion/personnes/inviter/"
KIM = "kim@exemple.example"
LINK = re.compile(r"^https?://[^/\s]+(/\S+)$", re.MULTILINE)


def invite(by, *, email=KIM, roles=("forums",), now=None):
    return invitations.invite(email=email, roles=roles, by=by, now=now or timezone.now())


def link_of(invitation):
    return f"/compte/invitation/{invitations.make_token(invitation)}/"


def said(response):
    return html.unescape(response.text)


def noted():
    return list(AuditEntry.objects.order_by("pk").values_list("action", "kind", "by", "person"))


def test_invited_stranger_signs_up_accepts_and_is_led_to_the_second_step(
    staff_client, staff, mailoutbox, mailed_code
):
    form = {"email": " KIM@exemple.example", "roles": ["forums", "editorial"]}
    assert staff_client.post(INVITE, form).url == PEOPLE
    (message,) = mailoutbox
    assert message.to == [KIM]
    assert "Dominique Caron vous invite" in message.subject
    assert "rédaction, forums et votes" in message.body
    (link,) = LINK.findall(message.body)[:1]
    guest = Client()
    page = guest.get(link)
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "private, no-store")
    assert all(word in said(page) for word in ("Dominique Caron", "rédaction", "forums et votes", KIM))
    assert guest.post(link).status_code == 200
    assert TeamInvitation.objects.count() == 1
    sign_up = re.search(r'href="(/compte/inscription/[^"]+)"', page.text).group(1)
    sign_up = html.unescape(sign_up)
    assert f'value="{KIM}"' in guest.get(sign_up).text
    person = {"email": KIM, "name": "Kim Roy", "language": "fr", "is_14": "on"}
    confirm = guest.post(sign_up, person).url
    assert not User.objects.get(email=KIM).is_staff
    assert guest.post(confirm, {"code": mailed_code()}).url == link
    assert "Accepter l’invitation" in said(guest.get(link))
    assert guest.post(link).url == "/gestion/"
    kim = User.objects.get(email=KIM)
    assert kim.roles == ["editorial", "forums"]
    # The staff pages ask for the second step first.
    assert guest.get("/gestion/").url == "/compte/validation/application/activer/"
    assert noted() == [
        ("invite", "invitation", staff.pk, None),
        ("editorial_given", "account", staff.pk, kim.pk),
        ("forums_given", "account", staff.pk, kim.pk),
    ]
    assert guest.get(link).status_code == guest.post(link).status_code == 410


def test_whoever_has_an_account_signs_in_and_accepts(staff, password_sign_in):
    person = UserFactory(email=KIM)
    link = link_of(invite(staff))
    guest = Client()
    sign_in = html.unescape(
        re.search(r'href="(/compte/connexion/\?next=[^"]+)"', guest.get(link).text).group(1)
    )
    assert password_sign_in(guest, person, address=sign_in).url == link
    guest.post(link)
    assert User.objects.get(pk=person.pk).roles == ["forums"]


def test_reading_the_page_changes_nothing(staff):
    person = UserFactory(email=KIM)
    link, client = link_of(invite(staff)), signed_in(person)
    for _ in range(2):
        assert client.get(link).status_code == 200
        assert client.head(link).status_code == 200
    assert (User.objects.get(pk=person.pk).roles, TeamInvitation.objects.count()) == ([], 1)


@pytest.mark.parametrize("whose", ["another", "unconfirmed"])
def test_invitation_is_for_its_address_alone(staff, whose):
    person = UserFactory(email="autre@exemple.example")
    if whose == "unconfirmed":
        EmailAddress.objects.create(user=person, email=KIM, verified=False)
    link, client = link_of(invite(staff)), signed_in(person)
    assert f"Cette invitation est pour {KIM}" in said(client.get(link))
    assert "Cette invitation est pour une autre adresse" in said(client.post(link, follow=True))
    assert (User.objects.get(pk=person.pk).roles, TeamInvitation.objects.count()) == ([], 1)
    leave = client.post("/compte/deconnexion/", {"next": link})
    assert leave.url == link


def test_member_accepts_more_roles_and_keeps_theirs(staff):
    person = UserFactory(email=KIM)
    invitation = invite(staff, roles=("forums", "directory"))
    change_roles(person_id=person.pk, roles=["editorial", "forums"], seen=version_of(person), by=staff)
    invitations.accept(token=invitations.make_token(invitation), by=person, now=timezone.now())
    assert User.objects.get(pk=person.pk).roles == ["editorial", "directory", "forums"]
    assert noted()[-1] == ("directory_given", "account", staff.pk, person.pk)


@pytest.mark.parametrize("address", ["first", "second"])
def test_who_is_already_on_the_team_is_not_invited(staff_client, address):
    person = UserFactory(email="kim.roy@exemple.example", name="Kim Roy", roles=["forums"])
    EmailAddress.objects.create(user=person, email=KIM, verified=True)
    email = KIM if address == "second" else person.email
    answer = staff_client.post(INVITE, {"email": email, "roles": ["editorial"]})
    assert "Kim Roy est déjà dans l’équipe" in said(answer)
    assert not TeamInvitation.objects.exists()


def test_closed_account_is_not_invited(staff_client, mailoutbox):
    UserFactory(email=KIM, is_active=False)
    answer = staff_client.post(INVITE, {"email": KIM, "roles": ["editorial"]})
    assert "Ce compte est fermé : rouvrez-le d’abord." in said(answer).replace("\N{NO-BREAK SPACE}", " ")
    assert not TeamInvitation.objects.exists()
    assert not mailoutbox


@pytest.mark.parametrize("form", [{"email": KIM}, {"roles": ["forums"]}, {"email": KIM, "roles": ["roi"]}])
def test_invitation_without_an_address_or_a_role_is_refused(staff_client, mailoutbox, form):
    assert staff_client.post(INVITE, form).status_code == 200
    assert (TeamInvitation.objects.count(), mailoutbox) == (0, [])


def test_only_so_many_wait(staff, monkeypatch):
    monkeypatch.setattr(invitations, "MAX_PENDING", 2)
    for email in ("a@exemple.example", "b@exemple.example", "a@exemple.example"):
        invite(staff, email=email)
    with pytest.raises(invitations.TeamInvitationRefused, match="too_many"):
        invite(staff)


# --- What ends an invitation --------------------------------------------------------------------


def _colleague():
    return UserFactory(is_staff=True)


ENDS = {
    "withdrawn": lambda row, staff: invitations.revoke(invitation_id=row.pk, by=staff),
    "sent again": lambda row, staff: invitations.resend(
        invitation_id=row.pk, by=staff, now=row.sent_at + timedelta(seconds=1)
    ),
    "invited again": lambda row, staff: invite(staff, now=row.sent_at + timedelta(seconds=1)),
    "inviter lost the direction": lambda row, staff: change_roles(
        person_id=staff.pk, roles=["forums"], seen=version_of(staff), by=_colleague()
    ),
    "inviter closed": lambda row, staff: change_active(person_id=staff.pk, is_active=False, by=_colleague()),
    "inviter gone": lambda row, staff: _colleague() and staff.delete(),
}


@pytest.mark.parametrize("end", ENDS)
def test_link_that_ended_opens_a_page_that_says_so(staff, end):
    person = UserFactory(email=KIM)
    invitation = invite(staff)
    link = link_of(invitation)
    ENDS[end](invitation, staff)
    client = signed_in(person)
    for answer in (client.get(link), client.post(link), Client().get(link)):
        assert answer.status_code == 410
        assert "n’est plus valide" in said(answer)
    assert User.objects.get(pk=person.pk).roles == []


@pytest.mark.parametrize("end", ["inviter lost the direction", "inviter closed", "withdrawn", "sent again"])
def test_link_that_ends_while_it_is_accepted_gives_nothing(staff, monkeypatch, end):
    """Between the first reading and the locks."""
    person = UserFactory(email=KIM)
    invitation = invite(staff)
    token, find = invitations.make_token(invitation), invitations.find

    def found_then_ended(*arguments):
        row = find(*arguments)
        ENDS[end](invitation, staff)
        return row

    monkeypatch.setattr(invitations, "find", found_then_ended)
    with pytest.raises(invitations.TeamInvitationRefused, match="over"):
        invitations.accept(token=token, by=person, now=timezone.now())
    assert User.objects.get(pk=person.pk).roles == []


def test_forged_and_foreign_links_open_the_same_page(staff, client):
    invitation = invite(staff)
    good = invitations.make_token(invitation)
    other = signing.dumps([invitation.pk, invitation.sent_at.timestamp()], salt="enterprises.invitation")
    never = signing.dumps([invitation.pk + 1, invitation.sent_at.timestamp()], salt="accounts.invitation")
    for token in (good[:-2], good[:-1] + ("A" if good[-1] != "A" else "B"), other, never, "x", "é:é:é"):
        for method in (client.get, client.post):
            assert method(f"/compte/invitation/{token}/").status_code == 410


@pytest.mark.parametrize(("day", "second", "status"), [(7, -2, 200), (7, 1, 410), (36, 0, 410)])
def test_link_is_good_for_a_week(staff, day, second, status):
    now = timezone.now()
    link = link_of(invite(staff, now=now))
    with time_machine.travel(now + timedelta(days=day, seconds=second)):
        assert Client().get(link).status_code == status


def test_suspended_account_does_not_join(staff):
    person = UserFactory(email=KIM, suspended_until=timezone.now() + timedelta(days=1))
    link = link_of(invite(staff))
    signed_in(person).post(link)
    assert (User.objects.get(pk=person.pk).roles, TeamInvitation.objects.count()) == ([], 1)


# --- The direction's list -----------------------------------------------------------------------


def test_waiting_invitations_are_listed_sent_again_and_withdrawn(staff_client, staff, mailoutbox):
    assert 'id="invitations"' not in staff_client.get(PEOPLE).text
    other = UserFactory(name="Odile Roy", is_staff=True)
    first, second = invite(other, email="a@exemple.example"), invite(staff, email="b@exemple.example")
    TeamInvitation.objects.filter(pk=second.pk).update(sent_at=timezone.now() - timedelta(days=8))
    other.roles = ["forums"]
    other.save()
    page = said(staff_client.get(PEOPLE))
    assert "2 invitations attendent" in page
    for word in ("a@exemple.example", "Odile Roy", "Sans effet", "b@exemple.example", "Expirée"):
        assert word in page
    for row in (first, second):
        assert staff_client.post(f"{PEOPLE}invitations/{row.pk}/renvoyer/").url == PEOPLE
        assert Client().get(LINK.findall(mailoutbox[-1].body)[0]).status_code == 200
        assert "Dominique Caron" in mailoutbox[-1].subject
    page = said(staff_client.get(PEOPLE))
    assert "Sans effet" not in page
    assert "Expirée" not in page
    for _ in range(2):
        assert staff_client.post(f"{PEOPLE}invitations/{first.pk}/retirer/").url == PEOPLE
    assert "n’est plus sur la liste" in said(
        staff_client.post(f"{PEOPLE}invitations/{first.pk}/renvoyer/", follow=True)
    )
    assert [action for action, *_rest in noted()] == ["invite", "invite", "resend", "resend", "revoke"]


def test_withdrawing_what_was_accepted_meanwhile_says_so(staff_client, staff):
    invitation = invite(staff)
    address = f"{PEOPLE}invitations/{invitation.pk}/retirer/"
    invitations.accept(
        token=invitations.make_token(invitation), by=UserFactory(email=KIM), now=timezone.now()
    )
    page = said(staff_client.post(address, follow=True))
    assert "elle a été acceptée ou retirée" in page
    assert "L’invitation est retirée" not in page
    again = invite(staff, email="b@exemple.example")
    assert "L’invitation est retirée" in said(
        staff_client.post(f"{PEOPLE}invitations/{again.pk}/retirer/", follow=True)
    )


def test_only_the_direction_invites():
    for role in ("editorial", "directory", "forums"):
        person = UserFactory(roles=[role])
        client = signed_in(person, second_factor=True)
        assert client.get(INVITE).status_code == client.post(INVITE).status_code == 403
        for act in ("renvoyer", "retirer"):
            assert client.post(f"{PEOPLE}invitations/1/{act}/").status_code == 403
        for refused in (
            partial(invite, person),
            partial(invitations.resend, invitation_id=1, by=person, now=timezone.now()),
            partial(invitations.revoke, invitation_id=1, by=person),
        ):
            with pytest.raises(invitations.TeamInvitationRefused, match="inviter"):
                refused()


def test_journal_leads_to_the_invitation_and_never_names_its_address(staff_client, staff):
    invitation = invite(staff)
    journal = staff_client.get("/gestion/moderation/journal/").text
    assert f'href="{PEOPLE}#invitation-{invitation.pk}"' in journal
    assert f'id="invitation-{invitation.pk}"' in staff_client.get(PEOPLE).text
    assert KIM not in journal


# --- What is kept -------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "kept"), [(36, 1), (38, 0)])
def test_expired_invitation_stays_a_month(staff, days, kept):
    invite(staff, now=timezone.now() - timedelta(days=days))
    delete_expired_invitations(0)
    assert TeamInvitation.objects.count() == kept


def test_invitation_is_in_the_data_of_its_address_and_goes_with_them(staff):
    person = UserFactory(email=KIM)
    EmailAddress.objects.create(user=person, email="kim.b@exemple.example", verified=True)
    now = timezone.now()
    for email in (KIM, "kim.b@exemple.example", "voisine@exemple.example"):
        invite(staff, email=email, now=now)
    rows = privacy.data_of(person)["team_invitations"]
    assert {row["email"] for row in rows} == {KIM, "kim.b@exemple.example"}
    assert rows[0]["roles"] == ["forums"]
    due = privacy.schedule_erasure(user=person, now=now)
    assert privacy.erase_due_accounts(due) == 1
    assert [row.email for row in TeamInvitation.objects.all()] == ["voisine@exemple.example"]


# --- At the same instant ------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.any_hour("waits for locks")
def test_one_link_accepted_many_times_at_once_serves_once():
    inviter, person = UserFactory(is_staff=True), UserFactory(email=KIM)
    token = invitations.make_token(invite(inviter))
    accept = partial(invitations.accept, token=token, by=person, now=timezone.now())
    results = together(*[accept] * 6)
    assert sorted(type(result).__name__ for result in results) == ["TeamInvitationRefused"] * 5 + ["User"]
    assert AuditEntry.objects.filter(action="forums_given").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.any_hour("waits for locks")
def test_invitation_accepted_while_its_sender_leaves_is_all_or_nothing():
    for n in range(4):
        inviter, other = UserFactory(is_staff=True), UserFactory(is_staff=True)
        person = UserFactory(email=f"{n}@exemple.example")
        token = invitations.make_token(invite(inviter, email=person.email))
        accepted, left = together(
            partial(invitations.accept, token=token, by=person, now=timezone.now()),
            partial(change_roles, person_id=inviter.pk, roles=[], seen=version_of(inviter), by=other),
        )
        assert isinstance(left, User)
        given = AuditEntry.objects.filter(action="forums_given", person=person.pk)
        assert User.objects.get(pk=person.pk).roles == (["forums"] if isinstance(accepted, User) else [])
        assert given.exists() == isinstance(accepted, User)
        if given.exists():
            taken = AuditEntry.objects.get(action="direction_taken", person=inviter.pk)
            assert given.get().pk < taken.pk


@pytest.mark.django_db(transaction=True)
@pytest.mark.any_hour("waits for locks")
def test_invitation_withdrawn_while_it_is_accepted_waits_and_finds_nothing(monkeypatch):
    inviter, person = UserFactory(is_staff=True), UserFactory(email=KIM)
    invitation = invite(inviter)
    has_address = invitations.has_address
    other = threading.Thread(
        target=lambda: (invitations.revoke(invitation_id=invitation.pk, by=inviter), connection.close())
    )

    def withdrawn_meanwhile(*arguments):
        other.start()
        other.join(0.5)
        return has_address(*arguments)

    monkeypatch.setattr(invitations, "has_address", withdrawn_meanwhile)
    invitations.accept(token=invitations.make_token(invitation), by=person, now=timezone.now())
    other.join()
    assert User.objects.get(pk=person.pk).roles == ["forums"]
    assert "revoke" not in {action for action, *_rest in noted()}
