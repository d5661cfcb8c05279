"""Those who keep a listing together: how many, whose, and never nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from enterprises.listing import editing
from enterprises.models import Listing, ListingRole
from enterprises.ownership import managers
from tests.factories import ListingFactory, UserFactory

pytestmark = pytest.mark.django_db


def invite(listing, by, email="kim@exemple.example", *, role="editor", now=None):
    return managers.invite(listing_id=listing.pk, email=email, role=role, by=by, now=now or timezone.now())


def role_of(listing, person, role="editor"):
    return ListingRole.objects.create(listing=listing, user=person, role=role)


def test_managers_and_invitations_are_twelve_together(owner, listing):
    role_of(listing, UserFactory())
    for number in range(managers.MAX_MANAGERS - 2):
        invite(listing, owner, f"{number}@exemple.example")
    with pytest.raises(managers.TooManyManagers):
        invite(listing, owner, "de-trop@exemple.example")
    invite(listing, owner, "0@exemple.example", role="owner")
    assert listing.invitations.count() == managers.MAX_MANAGERS - 2
    assert listing.invitations.get(email="0@exemple.example").role == "owner"
    invite(ListingFactory(), owner, "de-trop@exemple.example")


def test_second_invitation_ends_the_link_of_the_first(owner, listing):
    now, person = timezone.now(), UserFactory(email="kim@exemple.example")
    first = managers.make_token(invite(listing, owner, now=now))
    second = managers.make_token(invite(listing, owner, now=now + timedelta(seconds=1)))
    with pytest.raises(managers.InvitationRefused, match="expired"):
        managers.accept_invitation(token=first, by=person)
    managers.accept_invitation(token=second, by=person)
    assert listing.roles.get(user=person).role == "editor"


def test_nobody_fills_a_mailbox_with_invitations(owner, listing, client):
    """Taking an invitation back and sending it again starts no new count."""
    client.force_login(owner)
    address = reverse("enterprises:managers", args=[listing.slug])
    for typed in ("kim@exemple.example", "KIM@exemple.example") * 3:
        last = client.post(address, {"action": "invite", "email": typed, "role": "editor"}, follow=True)
        listing.invitations.all().delete()
    assert len(mail.outbox) == 3
    assert "Renvoyez celle-ci demain." in last.text
    client.post(address, {"action": "invite", "email": "lou@exemple.example", "role": "editor"})
    assert len(mail.outbox) == 4


def test_each_link_is_for_its_own_invitation_and_person(owner, listing):
    first, second = UserFactory(), UserFactory()
    bystander = role_of(listing, UserFactory())
    role_of(listing, second)
    invite(listing, owner, first.email)
    token = managers.make_token(invite(listing, owner, second.email, role="owner"))
    with pytest.raises(managers.InvitationRefused, match="address"):
        managers.accept_invitation(token=token, by=first)
    managers.accept_invitation(token=token, by=second)
    bystander.refresh_from_db()
    assert (listing.roles.get(user=second).role, bystander.role) == ("owner", "editor")
    assert [left.email for left in listing.invitations.all()] == [first.email]


@pytest.mark.parametrize("end", ["archived", "taken back", "forged"])
def test_invitation_that_leads_nowhere_is_expired(owner, listing, end):
    person = UserFactory(email="kim@exemple.example")
    invitation = invite(listing, owner)
    token = managers.make_token(invitation)
    if end == "archived":
        Listing.objects.update(state="archived")
    elif end == "taken back":
        managers.cancel_invitation(listing_id=listing.pk, invitation_id=invitation.pk)
    else:
        token = token[:-1] + ("A" if token[-1] != "A" else "B")
    with pytest.raises(managers.InvitationRefused, match="expired"):
        managers.accept_invitation(token=token, by=person)
    assert list(listing.roles.values_list("user", flat=True)) == [owner.pk]


def test_invitation_is_taken_back_by_those_of_its_listing(owner, listing):
    invitation = invite(listing, owner)
    managers.cancel_invitation(listing_id=ListingFactory().pk, invitation_id=invitation.pk)
    assert listing.invitations.count() == 1


def test_only_managers_of_the_listing_are_removed_or_raised(owner, listing):
    other = ListingFactory()
    stranger, editor = role_of(other, UserFactory()), role_of(listing, UserFactory())
    assert managers.remove_manager(listing_id=listing.pk, role_id=stranger.pk, by=owner) is None
    managers.change_role(listing_id=listing.pk, role_id=stranger.pk, role="owner")
    managers.change_role(listing_id=listing.pk, role_id=editor.pk, role="inconnu")
    for role in (stranger, editor):
        role.refresh_from_db()
        assert role.role == "editor"
    managers.change_role(listing_id=listing.pk, role_id=editor.pk, role="owner")
    assert listing.roles.get(user=editor.user).role == "owner"
    assert listing.roles.filter(role="owner").count() == 2


def test_last_owner_stays_and_is_no_co_editor(owner, listing):
    last = listing.roles.get()
    role_of(ListingFactory(), owner, "owner")
    editor = role_of(listing, UserFactory())
    with pytest.raises(managers.LastOwner):
        managers.remove_manager(listing_id=listing.pk, role_id=last.pk, by=owner)
    with pytest.raises(managers.LastOwner):
        managers.change_role(listing_id=listing.pk, role_id=last.pk, role="editor")
    managers.change_role(listing_id=listing.pk, role_id=last.pk, role="owner")
    managers.remove_manager(listing_id=listing.pk, role_id=editor.pk, by=owner)
    assert [(role.user, role.role) for role in listing.roles.all()] == [(owner, "owner")]


def test_whoever_is_removed_is_told_and_whoever_leaves_is_not(owner, listing):
    first, second = (role_of(listing, UserFactory()) for _ in range(2))
    managers.remove_manager(listing_id=listing.pk, role_id=first.pk, by=owner)
    assert [message.to for message in mail.outbox] == [[first.user.email]]
    managers.remove_manager(listing_id=listing.pk, role_id=second.pk, by=second.user)
    assert len(mail.outbox) == 1


def test_team_takes_a_listing_back_from_its_own_managers_alone(listing, staff):
    role = role_of(ListingFactory(), UserFactory())
    editing.remove_manager(listing_id=listing.pk, role_id=role.pk, by=staff)
    assert ListingRole.objects.filter(pk=role.pk).exists()


@pytest.mark.parametrize("act", ["state", "form"])
def test_merged_listing_is_changed_no_more(listing, staff, act):
    """Its key leads whoever had it open to the listing that stays."""
    stays = ListingFactory()
    Listing.objects.filter(pk=listing.pk).update(state="archived", merged_into=stays)
    with pytest.raises(editing.ListingMerged) as merged:
        if act == "state":
            editing.change_state(listing_id=listing.pk, state=Listing.State.PUBLISHED, by=staff)
        else:
            editing.save_form(listing_id=listing.pk, build=lambda _listing: None, by=staff)
    assert merged.value.into == stays.pk
    listing.refresh_from_db()
    assert listing.state == "archived"
