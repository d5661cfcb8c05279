"""Claims, managers and the states of a listing: each limit, and that no other row is written."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.http import Http404
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from enterprises import rules
from enterprises.listing import editing
from enterprises.listing.refusals import AlreadyDecided
from enterprises.models import Claim, Invitation, Listing, ListingRole
from enterprises.ownership import claims, managers
from enterprises.views import access
from tests.factories import ListingFactory, UserFactory
from tests.seen import seen

pytestmark = pytest.mark.django_db
NOW = timezone.now()
OWNER, EDITOR = ListingRole.Role.OWNER, ListingRole.Role.EDITOR


def sent_code():
    return re.search(r"\d{4}-\d{4}", mail.outbox[-1].body).group()


def send(listing, person, address=None, now=NOW):
    return claims.send_code(listing_id=listing.pk, by=person, address=address or listing.email, now=now)


def confirm(listing, person, typed=None, now=NOW):
    return claims.confirm_code(listing_id=listing.pk, by=person, typed=typed or sent_code(), now=now)


def keep(listing, person=None, role=OWNER):
    return ListingRole.objects.create(listing=listing, user=person or UserFactory(), role=role)


def why(kind, act):
    with pytest.raises(kind) as refusal:
        act()
    return refusal.value.code


# --- Claims


def test_whoever_keeps_a_listing_does_not_claim_it(listing, owner, citizen):
    for act in (
        lambda: send(listing, owner),
        lambda: claims.request_staff_decision(listing_id=listing.pk, by=owner, message="x", now=NOW),
    ):
        assert why(claims.ClaimRefused, act) == "already_manager"
    assert send(listing, citizen).user == citizen


@pytest.mark.parametrize("act", ["send", "confirm", "ask"])
def test_archived_listing_is_not_claimed(listing, citizen, act):
    send(listing, citizen)
    Listing.objects.filter(pk=listing.pk).update(state="archived")
    acts = {
        "send": lambda: send(listing, citizen),
        "confirm": lambda: confirm(listing, citizen),
        "ask": lambda: claims.request_staff_decision(listing_id=listing.pk, by=citizen, message="x", now=NOW),
    }
    with pytest.raises(Listing.DoesNotExist):
        acts[act]()


def test_code_goes_to_the_listed_address_or_to_the_domain_of_the_site(listing, citizen):
    Listing.objects.filter(pk=listing.pk).update(website="https://rayonlibre.example")
    assert send(listing, citizen, "VELO@exemple.example").address == "VELO@exemple.example"
    assert send(listing, citizen, "lou@rayonlibre.example").address == "lou@rayonlibre.example"
    assert [sent.to for sent in mail.outbox] == [["VELO@exemple.example"], ["lou@rayonlibre.example"]]
    assert why(claims.ClaimRefused, lambda: send(listing, citizen, "lou@autre.example")) == "claim_address"


def test_listing_without_an_address_is_not_proven_by_none(citizen):
    listing = ListingFactory(email="", website="")
    with pytest.raises(claims.ClaimRefused, match="address"):
        claims.send_code(listing_id=listing.pk, by=citizen, address="", now=NOW)


def test_claim_says_all_of_its_code_and_is_the_same_one_each_time(listing, citizen):
    first = send(listing, citizen)
    with pytest.raises(claims.WrongCode) as wrong:
        confirm(listing, citizen, "1")
    assert wrong.value.values["count"] == claims.MAX_TRIES - 1
    Claim.objects.update(is_proven=True)
    again = send(listing, citizen, now=NOW + timedelta(minutes=5))
    again.refresh_from_db()
    assert (again, again.listing, again.codes_sent, again.tries_left) == (first, listing, 2, 5)
    assert (again.state, again.is_proven) == ("code_sent", False)
    assert again.code_expires_at == NOW + timedelta(minutes=15)
    assert listing.name in mail.outbox[-1].body
    assert citizen.name in mail.outbox[-1].body


def test_claim_of_someone_else_or_of_another_listing_is_another_one(listing, citizen):
    asked = {
        send(listing, citizen).pk,
        send(listing, UserFactory()).pk,
        send(ListingFactory(email="a@b.example"), citizen).pk,
    }
    assert len(asked) == 3
    Claim.objects.filter(listing=listing, user=citizen).update(state="dropped")
    assert send(listing, citizen).pk not in asked


def test_codes_of_one_claim_and_of_one_day_are_few(listing, citizen):
    for age, sent in ((timedelta(days=1), 9), (timedelta(hours=23), 9)):
        Claim.objects.create(
            listing=listing, user=UserFactory(), state="dropped", codes_sent=sent, created_at=NOW - age
        )
    Claim.objects.create(
        listing=ListingFactory(), user=UserFactory(), state="dropped", codes_sent=30, created_at=NOW
    )
    # Nine in this day, and one: ten.
    assert send(listing, citizen).codes_sent == 1
    assert why(claims.ClaimRefused, lambda: send(listing, UserFactory())) == "too_many_codes"
    Claim.objects.exclude(user=citizen).delete()
    for sent in (2, 3):
        assert send(listing, citizen).codes_sent == sent
    assert why(claims.ClaimRefused, lambda: send(listing, citizen)) == "too_many_codes"


@pytest.mark.parametrize("written", ["{}", " {} ", "{} merci"])
def test_code_is_read_by_its_digits(listing, citizen, written):
    send(listing, citizen)
    claim = confirm(listing, citizen, written.format(sent_code()))
    claim.refresh_from_db()
    assert (claim.state, claim.is_proven, claim.tries_left, claim.code_hash, claim.decided_at) == (
        "accepted",
        True,
        0,
        "",
        NOW,
    )
    assert list(listing.roles.values_list("user", "role")) == [(citizen.pk, "owner")]
    assert why(claims.ClaimRefused, lambda: confirm(listing, citizen)) == "no_code"


@pytest.mark.parametrize(
    "changes",
    [{"tries_left": 0}, {"code_expires_at": None}, {"code_expires_at": NOW}, {"state": "waiting"}],
)
def test_code_that_is_used_up_opens_nothing(listing, citizen, changes):
    send(listing, citizen)
    Claim.objects.update(**changes)
    assert why(claims.ClaimRefused, lambda: confirm(listing, citizen)) == "no_code"
    assert not listing.roles.exists()


def test_code_proves_for_its_own_claim_alone(listing, citizen):
    send(listing, citizen)
    code = sent_code()
    other = UserFactory()
    send(listing, other)
    for person in (citizen, other):
        Claim.objects.filter(user=person).update(tries_left=5)
    with pytest.raises(claims.WrongCode):
        confirm(listing, other, code)
    assert confirm(listing, citizen, code).user == citizen


def test_owners_alone_make_a_claim_wait_and_are_told(listing, citizen):
    editor = keep(listing, role=EDITOR)
    send(listing, citizen)
    assert confirm(listing, citizen).state == "accepted"
    another = UserFactory()
    keep(ListingFactory())
    send(listing, another)
    code = sent_code()
    mail.outbox.clear()
    claim = confirm(listing, another, code)
    assert (claim.state, claim.decided_at) == ("waiting", None)
    assert [sent.to for sent in mail.outbox] == [[citizen.email]]
    assert f"Bonjour {citizen.name}," in mail.outbox[0].body
    assert another.name in mail.outbox[0].body
    assert not listing.roles.filter(user=another).exists()
    assert listing.roles.get(user=editor.user).role == "editor"


def test_proof_makes_an_owner_of_whoever_became_a_co_editor_meanwhile(listing, citizen):
    send(listing, citizen)
    keep(listing, citizen, EDITOR)
    confirm(listing, citizen)
    assert listing.roles.get().role == "owner"


def test_question_to_the_team_ends_the_code(listing, citizen):
    send(listing, citizen)
    claim = claims.request_staff_decision(
        listing_id=listing.pk, by=citizen, message="Je suis la directrice.", now=NOW
    )
    claim.refresh_from_db()
    assert (claim.state, claim.message) == ("waiting", "Je suis la directrice.")
    assert (claim.code_hash, claim.tries_left) == ("", 0)
    assert Claim.objects.count() == 1


def test_one_drops_ones_own_open_claim_alone(listing, citizen):
    mine = send(listing, citizen)
    decided = Claim.objects.create(
        listing=listing, user=citizen, state="refused", code_hash="x", decided_at=NOW
    )
    others = [send(listing, UserFactory()), send(ListingFactory(email="a@b.example"), citizen)]
    claims.abandon(listing_id=listing.pk, by=citizen)
    for row in (mine, decided, *others):
        row.refresh_from_db()
    assert [row.state for row in (mine, decided, *others)] == [
        "dropped",
        "refused",
        "code_sent",
        "code_sent",
    ]
    assert (mine.code_hash, others[0].code_hash != "") == ("", True)


@pytest.mark.parametrize(
    ("accepted", "role", "kept_as"),
    [(True, "owner", "owner"), (True, "editor", "editor"), (True, "roi", "owner"), (False, "owner", None)],
)
def test_team_decides_once_of_a_waiting_claim(listing, citizen, staff, accepted, role, kept_as):
    claim = claims.request_staff_decision(listing_id=listing.pk, by=citizen, message="x", now=NOW)
    shown = seen(claim)

    def decide():
        return claims.decide(
            claim_id=claim.pk,
            accepted=accepted,
            role=role,
            seen=shown,
            reason="Vu au registre.",
            by=staff,
            now=NOW,
        )

    decided = decide()
    decided.refresh_from_db()
    assert (decided.decided_at, decided.decided_by, decided.decision_reason) == (
        NOW,
        staff,
        "Vu au registre.",
    )
    assert decided.state == ("accepted" if accepted else "refused")
    assert list(listing.roles.values_list("user", "role")) == ([(citizen.pk, kept_as)] if kept_as else [])
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.kind, entry.key) == (f"claim_{decided.state}", "listing", listing.pk)
    assert (entry.by, entry.person_id, entry.reason, entry.at) == (staff, citizen.pk, "Vu au registre.", NOW)
    (sent,) = mail.outbox
    assert sent.to == [citizen.email]
    assert f"Bonjour {citizen.name}," in sent.body
    assert listing.name in sent.body
    with pytest.raises(AlreadyDecided):
        decide()
    assert (AuditEntry.objects.count(), len(mail.outbox)) == (1, 1)


def test_page_tells_enough_of_an_address_and_the_domain_that_proves():
    assert claims.mask_email("info@ruche.example") == "i•••@ruche.example"
    assert claims.mask_email("") == ""
    assert claims.domain_to_prove(Listing(website="https://www.ruche.example/")) == "ruche.example"


# --- Invitations


def invite(listing, by, email="kim@exemple.example", role=EDITOR, now=None):
    return managers.invite(listing_id=listing.pk, email=email, role=role, by=by, now=now or timezone.now())


def test_managers_and_invitations_together_are_few(listing, owner):
    for _ in range(managers.MAX_MANAGERS - 3):
        keep(listing, role=EDITOR)
    invite(listing, owner, "a@exemple.example")
    invite(listing, owner, "b@exemple.example")
    # Elsewhere, they count for nothing.
    invite(ListingFactory(), owner, "c@exemple.example")
    with pytest.raises(managers.TooManyManagers):
        invite(listing, owner, "c@exemple.example")
    assert invite(listing, owner, "b@exemple.example").email == "b@exemple.example"


def test_fresh_invitation_replaces_the_former_and_its_link(listing, owner):
    first = invite(listing, owner, now=timezone.now() - timedelta(days=1))
    token = managers.make_token(first)
    assert managers.get_invitation_of_token(token) == first
    second = invite(listing, UserFactory(), role=OWNER)
    assert (second.pk, second.role) == (first.pk, "owner")
    assert second.invited_by != first.invited_by
    assert managers.get_invitation_of_token(token) is None
    assert managers.get_invitation_of_token(managers.make_token(second)) == second
    for forged in ("x", "", token[:-1]):
        assert managers.get_invitation_of_token(forged) is None


def test_invitation_is_mailed_in_the_language_of_its_address_with_its_link(listing, owner):
    UserFactory(email="kim@exemple.example", language="en")
    invite(listing, owner)
    (sent,) = mail.outbox
    assert sent.to == ["kim@exemple.example"]
    assert f"{owner.name} invites you to manage the listing of {listing.name}" in sent.body
    assert "/en/" in sent.body


def verified(email="kim@exemple.example", is_verified=True):
    user = UserFactory()
    EmailAddress.objects.create(user=user, email=email, verified=is_verified)
    return user


def accept(invitation, by):
    return managers.accept_invitation(token=managers.make_token(invitation), by=by)


def test_invitation_serves_whoever_has_shown_to_own_its_address(listing, owner):
    invitation = invite(listing, owner)
    for stranger in (verified(is_verified=False), verified("autre@exemple.example"), owner):
        assert (
            why(managers.InvitationRefused, lambda by=stranger: accept(invitation, by))
            == "invitation_address"
        )
    kim = verified("KIM@exemple.example")
    kept = ListingRole.objects.count()
    assert accept(invitation, kim) == listing
    assert (listing.roles.get(user=kim).role, ListingRole.objects.count()) == ("editor", kept + 1)
    assert why(managers.InvitationRefused, lambda: accept(invitation, kim)) == "invitation_expired"


@pytest.mark.parametrize("what", ["archived", "withdrawn"])
def test_invitation_to_what_is_gone_has_expired(listing, owner, what):
    invitation = invite(listing, owner)
    if what == "archived":
        Listing.objects.filter(pk=listing.pk).update(state="archived")
    else:
        managers.cancel_invitation(listing_id=listing.pk, invitation_id=invitation.pk)
    assert why(managers.InvitationRefused, lambda: accept(invitation, verified())) == "invitation_expired"
    assert listing.roles.count() == 1


@pytest.mark.parametrize(
    ("before", "invited_as", "after"),
    [(EDITOR, OWNER, "owner"), (OWNER, EDITOR, "owner"), (EDITOR, EDITOR, "editor"), (None, OWNER, "owner")],
)
def test_accepted_invitation_never_takes_anything_away(listing, owner, before, invited_as, after):
    kim, other = verified(), keep(listing, role=EDITOR)
    if before:
        keep(listing, kim, before)
    accept(invite(listing, owner, role=invited_as), kim)
    assert listing.roles.get(user=kim).role == after
    other.refresh_from_db()
    assert other.role == "editor"
    assert not Invitation.objects.exists()


def test_one_invitation_is_taken_back_and_those_of_other_listings_never(listing, owner):
    mine, left = invite(listing, owner), invite(listing, owner, "b@exemple.example")
    elsewhere = invite(ListingFactory(), owner)
    for invitation in (mine, elsewhere):
        managers.cancel_invitation(listing_id=listing.pk, invitation_id=invitation.pk)
    assert set(Invitation.objects.all()) == {left, elsewhere}


# --- Managers


def test_whoever_is_removed_is_told_and_whoever_leaves_is_not(listing, owner):
    removed, leaving = keep(listing, role=EDITOR), keep(listing, role=EDITOR)
    assert managers.remove_manager(listing_id=listing.pk, role_id=removed.pk, by=owner).user == removed.user
    assert [sent.to for sent in mail.outbox] == [[removed.user.email]]
    assert f"Bonjour {removed.user.name}," in mail.outbox[0].body
    assert f"{owner.name}" in mail.outbox[0].body
    assert managers.remove_manager(listing_id=listing.pk, role_id=leaving.pk, by=leaving.user) is not None
    assert len(mail.outbox) == 1
    assert managers.remove_manager(listing_id=listing.pk, role_id=removed.pk, by=owner) is None
    assert [role.user for role in listing.roles.all()] == [owner]


def test_manager_of_another_listing_is_not_removed_from_here(listing, owner):
    elsewhere = keep(ListingFactory())
    assert managers.remove_manager(listing_id=listing.pk, role_id=elsewhere.pk, by=owner) is None
    assert ListingRole.objects.filter(pk=elsewhere.pk).exists()


def test_one_owner_of_two_may_leave_or_step_back(listing, owner):
    keep(ListingFactory(), owner)
    first, second = listing.roles.get(), None
    with pytest.raises(managers.LastOwner):
        managers.remove_manager(listing_id=listing.pk, role_id=first.pk, by=owner)
    with pytest.raises(managers.LastOwner):
        managers.change_role(listing_id=listing.pk, role_id=first.pk, role=EDITOR)
    second = keep(listing)
    managers.change_role(listing_id=listing.pk, role_id=first.pk, role=EDITOR)
    assert {role.pk: role.role for role in listing.roles.all()} == {first.pk: "editor", second.pk: "owner"}
    managers.change_role(listing_id=listing.pk, role_id=first.pk, role=OWNER)
    managers.change_role(listing_id=listing.pk, role_id=first.pk, role="roi")
    assert {role.role for role in listing.roles.all()} == {"owner"}
    assert managers.remove_manager(listing_id=listing.pk, role_id=second.pk, by=owner) is not None


def test_role_in_another_listing_is_not_changed_from_here(listing, owner):
    elsewhere = keep(ListingFactory(), role=EDITOR)
    keep(listing)
    managers.change_role(listing_id=listing.pk, role_id=elsewhere.pk, role=OWNER)
    elsewhere.refresh_from_db()
    assert elsewhere.role == "editor"


# --- What the team does


def test_listing_is_given_once_and_taken_back_from_its_own_manager(listing, staff):
    person, elsewhere = UserFactory(), keep(ListingFactory())
    keep(listing)
    assert editing.add_manager(listing_id=listing.pk, person=person, by=staff) is True
    assert editing.add_manager(listing_id=listing.pk, person=person, by=staff) is False
    role = listing.roles.get(user=person)
    for role_id in (role.pk, role.pk, elsewhere.pk):
        editing.remove_manager(listing_id=listing.pk, role_id=role_id, by=staff)
    assert (listing.roles.count(), ListingRole.objects.filter(pk=elsewhere.pk).exists()) == (1, True)
    written = AuditEntry.objects.order_by("pk").values_list("action", "kind", "key", "by", "person_id")
    assert list(written) == [
        (action, "listing", listing.pk, staff.pk, person.pk) for action in ("give", "take_back")
    ]


def test_state_changes_once_and_is_noted_with_who_did(listing, staff):
    for _again in range(2):
        assert (
            editing.change_state(listing_id=listing.pk, state=Listing.State.ARCHIVED, by=staff).state
            == "archived"
        )
    listing.refresh_from_db()
    assert (listing.state, listing.version) == ("archived", 1)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.kind, entry.key, entry.by) == ("archived", "listing", listing.pk, staff)
    assert listing.versions.get().actor == staff


def test_merged_listing_says_into_which(listing, staff):
    into = ListingFactory()
    Listing.objects.filter(pk=listing.pk).update(merged_into=into, state="archived")
    for act in (
        lambda: editing.change_state(listing_id=listing.pk, state=Listing.State.PUBLISHED, by=staff),
        lambda: editing.save_form(listing_id=listing.pk, build=lambda _listing: None),
    ):
        with pytest.raises(editing.ListingMerged) as merged:
            act()
        assert merged.value.into == into.pk


# --- Who may


def asking(user, **session):
    request = RequestFactory().get("/")
    request.user, request.session = user, session
    return request


def test_managers_edit_owners_sign_and_visitors_neither(listing, owner):
    editor, visitor = keep(listing, role=EDITOR).user, AnonymousUser()
    stranger = keep(ListingFactory()).user
    assert [rules.is_managed_by(asking(who), listing) for who in (owner, editor, stranger, visitor)] == [
        True,
        True,
        False,
        False,
    ]
    assert [rules.is_owned_by(asking(who), listing) for who in (owner, editor, stranger, visitor)] == [
        True,
        False,
        False,
        False,
    ]
    assert access.get_owned_listing_or_404(asking(owner), listing.slug) == listing
    assert access.get_editable_listing_or_404(asking(editor), listing.slug) == listing
    for refused in (
        lambda: access.get_owned_listing_or_404(asking(editor), listing.slug),
        lambda: access.get_editable_listing_or_404(asking(stranger), listing.slug),
    ):
        with pytest.raises(Http404):
            refused()
    Listing.objects.filter(pk=listing.pk).update(state="archived")
    for refused in (access.get_owned_listing_or_404, access.get_editable_listing_or_404):
        with pytest.raises(Http404):
            refused(asking(owner), listing.slug)


def test_merged_listing_is_edited_where_it_went(listing, owner):
    into = ListingFactory()
    keep(into, owner)
    Listing.objects.filter(pk=listing.pk).update(merged_into=into, state="archived")
    assert access.get_editable_listing_or_404(asking(owner), listing.slug) == into


def test_invitation_lives_two_weeks(listing, owner):
    with time_machine.travel(NOW, tick=False):
        token = managers.make_token(invite(listing, owner, now=NOW))
    for days, is_alive in ((13.9, True), (14.1, False)):
        with time_machine.travel(NOW + timedelta(days=days), tick=False):
            assert (managers.get_invitation_of_token(token) is not None) is is_alive


def test_refusal_without_a_reason_marks_the_field_of_its_card(staff_client, listing, citizen):
    claim = Claim.objects.create(listing=listing, user=citizen, state=Claim.State.WAITING)
    sent = {"decision": "refuse", "reason": " ", "role": "editor"}
    refused = staff_client.post(reverse("staff:claim_decide", args=[claim.pk]), sent)
    page = refused.content.decode()
    (field,) = re.findall(rf'<input[^>]*id="motif-{claim.pk}-reason"[^>]*>', page)
    assert refused.status_code == 422
    assert f'href="#motif-{claim.pk}-reason"' in page
    assert 'aria-invalid="true"' in field
    assert '<option value="editor" selected>' in page
    claim.refresh_from_db()
    assert claim.state == Claim.State.WAITING
