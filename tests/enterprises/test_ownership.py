"""Claiming a listing, keeping it together, proposing its identity."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.utils import timezone

from enterprises.listing.refusals import AlreadyDecided
from enterprises.models import Claim, Listing, ListingRole, Proposal
from enterprises.ownership import claims, managers, proposals
from enterprises.ownership.email_domains import is_at_own_domain, own_domain
from pole.hooks.moderation import ChangedMeanwhile
from tests.conftest import signed_in
from tests.factories import ListingFactory, SectorFactory, UserFactory
from tests.seen import seen, seen_proposal

pytestmark = pytest.mark.django_db
CLAIM = "/repertoire/le-rayon-libre/c-est-mon-entreprise/"
MANAGERS = "/repertoire/le-rayon-libre/gestionnaires/"
IDENTITY = "/repertoire/le-rayon-libre/modifier/identite/"


def sent_code() -> str:
    return re.search(r"\d{4}-\d{4}", mail.outbox[-1].body).group()


# --- What proves -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("email", "website", "proves"),
    [
        ("a@rayonlibre.example", "https://rayonlibre.example/", True),
        ("a@rayonlibre.example", "https://www.rayonlibre.example/a", True),
        ("a@RAYONLIBRE.example", "https://rayonlibre.example", True),
        ("a@rayonlibre.example", "https://boutique.rayonlibre.example", False),
        ("a@mail.rayonlibre.example", "https://rayonlibre.example", False),
        ("a@autre.example", "https://rayonlibre.example", False),
        ("a@facebook.com", "https://facebook.com/rayonlibre", False),
        ("a@rayon.wixsite.com", "https://rayon.wixsite.com/site", False),
        ("a@gmail.com", "https://gmail.com", False),
        ("a@sites.google.com", "https://sites.google.com/view/x", False),
        ("a@ca", "https://ca", False), ("a@", "", False), ("", "", False),
    ],
)  # fmt: skip
def test_only_the_sites_own_domain_proves(email, website, proves):
    assert is_at_own_domain(email, website) is proves


def test_shared_hosts_are_nobodys():
    assert own_domain("https://www.ruche.example/") == "ruche.example"
    assert own_domain("https://ruche.wordpress.com") == ""
    assert own_domain("not a url") == ""


# --- Claims ------------------------------------------------------------------------------------------


def test_code_mailed_to_the_listings_address_makes_an_owner(citizen, citizen_client, listing):
    citizen_client.post(CLAIM, {"action": "listed"})
    assert mail.outbox[-1].to == ["velo@exemple.example"]
    assert "v•••@exemple.example" in citizen_client.get(CLAIM).content.decode()
    assert "velo@exemple.example" not in citizen_client.get(CLAIM).content.decode().split("<main")[1]
    citizen_client.post(CLAIM, {"action": "code", "code": sent_code()})
    assert listing.roles.get().user == citizen
    assert listing.roles.get().role == "owner"
    assert Claim.objects.get().code_hash == ""


def test_code_is_hashed_wrong_tries_are_counted_and_end(citizen, citizen_client, listing):
    citizen_client.post(CLAIM, {"action": "listed"})
    code = sent_code()
    assert code.replace("-", "") not in str(Claim.objects.values().get())
    wrong = "0000-0000" if code != "0000-0000" else "1111-1111"
    for left in (4, 3, 2, 1, 0):
        citizen_client.post(CLAIM, {"action": "code", "code": wrong})
        assert Claim.objects.get().tries_left == left
    citizen_client.post(CLAIM, {"action": "code", "code": code})
    assert not listing.roles.exists()


@pytest.mark.parametrize(("seconds", "accepted"), [(599, True), (600, False), (601, False)])
def test_code_lives_ten_minutes(citizen, citizen_client, listing, seconds, accepted):
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        citizen_client.post(CLAIM, {"action": "listed"})
    now = start + timedelta(seconds=seconds)
    if accepted:
        claims.confirm_code(listing_id=listing.pk, by=citizen, typed=sent_code(), now=now)
    else:
        with pytest.raises(claims.ClaimRefused, match="no_code"):
            claims.confirm_code(listing_id=listing.pk, by=citizen, typed=sent_code(), now=now)
    assert listing.roles.exists() is accepted


def test_code_of_another_person_or_listing_is_no_use(citizen_client, listing):
    other = ListingFactory(email="autre@exemple.example")
    citizen_client.post(CLAIM, {"action": "listed"})
    stranger = UserFactory()
    for key, by in ((listing.pk, stranger), (other.pk, stranger)):
        with pytest.raises(claims.ClaimRefused, match="no_code"):
            claims.confirm_code(listing_id=key, by=by, typed=sent_code(), now=timezone.now())


def test_address_at_another_domain_is_refused(citizen, listing):
    Listing.objects.update(website="https://rayonlibre.example")
    for address in (
        "a@gmail.com",
        "a@rayonlibre.example.evil.example",
        "velo@exemple.example\nBcc: x@y.example",
    ):
        with pytest.raises(claims.ClaimRefused, match="address"):
            claims.send_code(listing_id=listing.pk, by=citizen, address=address, now=timezone.now())
    claims.send_code(listing_id=listing.pk, by=citizen, address="a@rayonlibre.example", now=timezone.now())


def test_codes_are_few(citizen, listing):
    for _ in range(claims.MAX_CODES):
        claims.send_code(listing_id=listing.pk, by=citizen, address=listing.email, now=timezone.now())
    with pytest.raises(claims.ClaimRefused, match="codes"):
        claims.send_code(listing_id=listing.pk, by=citizen, address=listing.email, now=timezone.now())


def test_codes_are_few_for_a_listing_in_a_day_whoever_asks(listing):
    now = timezone.now()

    def ask(shift=timedelta()):
        by = UserFactory()
        return claims.send_code(listing_id=listing.pk, by=by, address=listing.email, now=now + shift)

    for _ in range(claims.MAX_CODES_A_DAY):
        ask()
    for shift in (timedelta(), timedelta(hours=23)):
        with pytest.raises(claims.ClaimRefused, match="codes"):
            ask(shift)
    assert len(mail.outbox) == claims.MAX_CODES_A_DAY
    elsewhere = ListingFactory(email="autre@exemple.example")
    claims.send_code(listing_id=elsewhere.pk, by=UserFactory(), address=elsewhere.email, now=now)
    ask(timedelta(days=1, seconds=1))


def test_proof_of_a_kept_listing_waits_for_staff_and_its_owner_is_told(
    owner, citizen, listing, staff, staff_client
):
    claims.send_code(listing_id=listing.pk, by=citizen, address=listing.email, now=timezone.now())
    claim = claims.confirm_code(listing_id=listing.pk, by=citizen, typed=sent_code(), now=timezone.now())
    assert (claim.state, claim.is_proven) == ("waiting", True)
    assert mail.outbox[-1].to == [owner.email]
    assert "Camille Roy" in staff_client.get("/gestion/repertoire/a-traiter/").content.decode()
    staff_client.post(
        f"/gestion/repertoire/demandes/{claim.pk}/",
        {"decision": "accept", "role": "editor", "seen": seen(claim)},
    )
    assert listing.roles.get(user=citizen).role == "editor"
    assert mail.outbox[-1].to == [citizen.email]


def test_staff_refuse_with_a_reason(citizen, citizen_client, listing, staff_client):
    citizen_client.post(CLAIM, {"action": "staff", "message": "Je suis la directrice, 450 555-0100."})
    claim = Claim.objects.get()
    staff_client.post(f"/gestion/repertoire/demandes/{claim.pk}/", {"decision": "refuse"})
    assert Claim.objects.get().state == "waiting"
    staff_client.post(
        f"/gestion/repertoire/demandes/{claim.pk}/",
        {"decision": "refuse", "reason": "Pas joignable.", "seen": seen(claim)},
    )
    assert Claim.objects.get().state == "refused"
    assert "Pas joignable." in mail.outbox[-1].body
    assert "Pas joignable." in citizen_client.get(CLAIM).content.decode()


@pytest.mark.parametrize("state", ["draft", "archived"])
def test_hidden_listings_can_not_be_claimed(citizen_client, listing, state):
    Listing.objects.update(state=state)
    assert citizen_client.get(CLAIM).status_code == 404
    assert citizen_client.post(CLAIM, {"action": "listed"}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_two_claims_at_once_one_owns_and_one_waits():
    listing = ListingFactory(email="velo@exemple.example")
    people = [UserFactory(), UserFactory()]
    codes = []
    for person in people:
        claims.send_code(listing_id=listing.pk, by=person, address=listing.email, now=timezone.now())
        codes.append(sent_code())
    barrier, states = threading.Barrier(2), []

    def confirm(person, code):
        barrier.wait()
        states.append(
            claims.confirm_code(listing_id=listing.pk, by=person, typed=code, now=timezone.now()).state
        )
        connection.close()

    threads = [threading.Thread(target=confirm, args=pair) for pair in zip(people, codes, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(states) == ["accepted", "waiting"]
    assert listing.roles.filter(role="owner").count() == 1


# --- Managers -----------------------------------------------------------------------------------------


def link_of(message) -> str:
    return re.search(r"https?://\S+(/repertoire/\S+)", message.body).group(1)


def test_invited_person_joins_once(owner_client, listing):
    invited = UserFactory(email="kim@exemple.example")
    owner_client.post(MANAGERS, {"action": "invite", "email": "Kim@exemple.example", "role": "editor"})
    link = link_of(mail.outbox[-1])
    assert signed_in(UserFactory()).post(link).status_code == 200
    assert listing.roles.count() == 1
    client = signed_in(invited)
    assert client.get(link).status_code == 200
    assert listing.roles.count() == 1
    client.post(link)
    assert listing.roles.get(user=invited).role == "editor"
    assert client.get(link).status_code == 410


def invited_as(role, email, *, listing, by):
    invitation = managers.invite(listing_id=listing.pk, email=email, role=role, by=by, now=timezone.now())
    return managers.make_token(invitation)


def test_address_that_its_owner_has_not_verified_takes_no_invitation(owner, listing):
    person = UserFactory(email="kim@exemple.example", verified=False)
    token = invited_as("editor", person.email, listing=listing, by=owner)
    person.emailaddress_set.create(email=person.email, verified=False)
    with pytest.raises(managers.InvitationRefused, match="address"):
        managers.accept_invitation(token=token, by=person)
    assert (listing.roles.count(), listing.invitations.count()) == (1, 1)
    person.emailaddress_set.update(verified=True)
    managers.accept_invitation(token=token, by=person)
    assert (listing.roles.get(user=person).role, listing.invitations.count()) == ("editor", 0)


@pytest.mark.parametrize("held", ["owner", "editor"])
@pytest.mark.parametrize("offered", ["owner", "editor"])
def test_invitation_raises_a_co_editor_and_lowers_no_owner(owner, listing, held, offered):
    person = UserFactory(email="kim@exemple.example")
    ListingRole.objects.create(listing=listing, user=person, role=held)
    managers.accept_invitation(token=invited_as(offered, person.email, listing=listing, by=owner), by=person)
    assert listing.roles.get(user=person).role == max(held, offered)
    assert listing.roles.get(user=owner).role == "owner"


@pytest.mark.parametrize(("days", "status"), [(13.99, 200), (14.01, 410)])
def test_invitation_expires(client, owner, listing, days, status):
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        invitation = managers.invite(
            listing_id=listing.pk, email="k@e.example", role="editor", by=owner, now=now
        )
        token = managers.make_token(invitation)
    with time_machine.travel(now + timedelta(days=days), tick=False):
        assert client.get(f"/repertoire/invitation/{token}/").status_code == status


def test_a_token_serves_one_purpose(client, owner, listing):
    from enterprises.ownership import yearly_checkups

    invitation = managers.invite(
        listing_id=listing.pk, email="k@e.example", role="editor", by=owner, now=timezone.now()
    )
    assert yearly_checkups.get_checkup_of_token(managers.make_token(invitation)) is None
    checkup = listing.checkups.create()
    assert managers.get_invitation_of_token(yearly_checkups.make_token(checkup)) is None


def test_the_last_owner_can_not_leave(owner, owner_client, listing):
    editor = UserFactory()
    ListingRole.objects.create(listing=listing, user=editor, role="editor")
    role = listing.roles.get(user=owner)
    owner_client.post(MANAGERS, {"action": "remove", "key": role.pk})
    owner_client.post(MANAGERS, {"action": "editor", "key": role.pk})
    assert listing.roles.get(user=owner).role == "owner"
    owner_client.post(MANAGERS, {"action": "owner", "key": listing.roles.get(user=editor).pk})
    owner_client.post(MANAGERS, {"action": "remove", "key": role.pk})
    assert [each.user for each in listing.roles.all()] == [editor]


def test_an_editor_may_only_leave(owner, listing):
    editor = UserFactory()
    role = ListingRole.objects.create(listing=listing, user=editor, role="editor")
    client = signed_in(editor)
    client.post(MANAGERS, {"action": "invite", "email": "x@exemple.example", "role": "owner"})
    client.post(MANAGERS, {"action": "owner", "key": role.pk})
    client.post(MANAGERS, {"action": "remove", "key": listing.roles.get(user=owner).pk})
    assert (listing.roles.count(), listing.invitations.count()) == (2, 0)
    client.post(MANAGERS, {"action": "remove", "key": role.pk})
    assert listing.roles.count() == 1


def test_an_owner_whose_account_goes_does_not_vanish_unnoticed(owner, listing, staff_client):
    owner.delete()
    listing.refresh_from_db()
    assert listing.lost_owner_at is not None
    assert "Le Rayon libre" in staff_client.get("/gestion/repertoire/a-traiter/").content.decode()
    ListingRole.objects.create(listing=listing, user=UserFactory())
    listing.refresh_from_db()
    assert listing.lost_owner_at is None


# --- Proposed changes -----------------------------------------------------------------------------------


@pytest.fixture
def proposed(owner, owner_client, listing):
    """A proposal of three fields."""
    sector = SectorFactory(name="Vélo")
    typed = {"version": 1, "name": "Le Rayon", "other_names": "Rayon libre", "legal_form": "npo", "neq": "1190000001",
             "sectors": [sector.pk], "message": "Décidé en assemblée."}  # fmt: skip
    assert owner_client.post(IDENTITY, typed).status_code == 302
    return Proposal.objects.get()


def review(proposal) -> str:
    return f"/gestion/repertoire/propositions/{proposal.pk}/"


def test_identity_is_proposed_and_nothing_changes(proposed, listing, owner_client, client):
    assert set(proposed.fields) == {"name", "other_names", "neq", "sectors"}
    listing.refresh_from_db()
    assert (listing.name, listing.neq) == ("Le Rayon libre", "")
    assert "en attente" in owner_client.get(IDENTITY).content.decode()
    assert "<h1>Le Rayon libre</h1>" in client.get("/repertoire/le-rayon-libre/").content.decode()


def test_staff_take_some_fields_and_say_why_not_the_others(proposed, listing, staff_client, owner):
    page = staff_client.get(review(proposed)).content.decode()
    assert "Décidé en assemblée." in page
    staff_client.post(
        review(proposed),
        {
            "seen": seen_proposal(proposed),
            "decision": "accept",
            "accept": ["neq", "sectors"],
            "reason": "Le nom au registre diffère.",
        },
    )
    listing.refresh_from_db()
    assert (listing.name, listing.neq, listing.version) == ("Le Rayon libre", "1190000001", 2)
    assert [sector.name for sector in listing.sectors.all()] == ["Vélo"]
    proposed.refresh_from_db()
    assert (proposed.state, proposed.accepted_fields) == ("partly", ["neq", "sectors"])
    assert mail.outbox[-1].to == [owner.email]
    assert "Le nom au registre diffère." in mail.outbox[-1].body


def test_what_changed_meanwhile_is_shown_before_anything_is_taken(proposed, listing, staff_client):
    shown = seen_proposal(proposed)
    Listing.objects.update(name="Le Rayon vert", version=2)
    response = staff_client.post(review(proposed), {"seen": shown, "decision": "accept_all"})
    assert response.status_code == 200
    assert "Modifié depuis" in response.content.decode()
    listing.refresh_from_db()
    assert listing.name == "Le Rayon vert"
    staff_client.post(
        review(proposed), {"seen": seen_proposal(proposed, version=2), "decision": "accept_all"}
    )
    listing.refresh_from_db()
    assert listing.name == "Le Rayon"


def test_a_version_that_no_listing_can_have_is_one_that_changed(proposed, listing, staff_client):
    response = staff_client.post(review(proposed), {"seen": "9" * 5000, "decision": "accept_all"})
    assert "a changé depuis" in response.content.decode()
    listing.refresh_from_db()
    assert listing.version == 1


def test_a_number_that_another_listing_took_is_refused_and_nothing_is_lost(proposed, listing, staff_client):
    ListingFactory(neq="1190000001")
    response = staff_client.post(
        review(proposed), {"seen": seen_proposal(proposed), "decision": "accept_all"}
    )
    assert response.status_code == 200
    proposed.refresh_from_db()
    listing.refresh_from_db()
    assert (proposed.state, listing.name) == ("pending", "Le Rayon libre")


def test_refusal_needs_a_reason_and_is_final(proposed, staff, staff_client):
    staff_client.post(review(proposed), {"seen": seen_proposal(proposed), "decision": "refuse"})
    proposed.refresh_from_db()
    assert proposed.state == "pending"
    staff_client.post(
        review(proposed), {"seen": seen_proposal(proposed), "decision": "refuse", "reason": "Non."}
    )
    proposed.refresh_from_db()
    assert proposed.state == "refused"
    with pytest.raises(AlreadyDecided):
        proposals.decide(
            proposal_id=proposed.pk,
            accepted={"name"},
            seen=seen_proposal(proposed),
            reason="",
            by=staff,
            now=timezone.now(),
        )


def test_a_new_proposal_takes_the_place_of_the_former_and_may_be_withdrawn(proposed, owner_client):
    typed = {
        "version": 1,
        "name": "Autre",
        "legal_form": "npo",
        "neq": "",
        "sectors": proposed.fields["sectors"]["after"],
    }
    owner_client.post(IDENTITY, typed)
    assert list(Proposal.objects.values_list("state", flat=True)) == ["withdrawn", "pending"]
    owner_client.post(IDENTITY, {"withdraw": Proposal.objects.last().pk})
    assert list(Proposal.objects.values_list("state", flat=True)) == ["withdrawn", "withdrawn"]


def test_an_owners_open_form_sees_what_staff_accepted(proposed, owner_client, staff_client, listing):
    staff_client.post(review(proposed), {"seen": seen_proposal(proposed), "decision": "accept_all"})
    response = owner_client.post("/repertoire/le-rayon-libre/modifier/", {
        "version": 1, "mission": "Tapé avec soin.", "municipality": "67050"})  # fmt: skip
    assert response.context["form"].is_conflict
    listing.refresh_from_db()
    assert listing.mission == "Réparer des vélos."


@pytest.mark.django_db(transaction=True)
def test_two_owners_and_a_staff_member_at_once_never_overwrite_each_other():
    """One save wins; the two others are told, whatever the order."""
    from tests.enterprises.test_editing import typed

    listing = ListingFactory(slug="le-rayon-libre", name="Le Rayon libre", neq="", email="a@b.example")
    owners = [UserFactory(), UserFactory()]
    for person in owners:
        ListingRole.objects.create(listing=listing, user=person)
    boss = UserFactory(is_staff=True)
    proposal = proposals.propose(
        listing_id=listing.pk, kind=Proposal.Kind.IDENTITY, fields={"name": {"before": "Le Rayon libre", "after": "Le Rayon"}},
        base_version=1, message="", author=owners[0],
    )  # fmt: skip
    barrier, won, shown = threading.Barrier(3), [], seen_proposal(proposal)

    def edit(person, mission):
        client = signed_in(person)
        barrier.wait()
        if (
            client.post("/repertoire/le-rayon-libre/modifier/", typed(listing, mission=mission)).status_code
            == 302
        ):
            won.append(mission)
        connection.close()

    def decide():
        barrier.wait()
        try:
            proposals.decide(
                proposal_id=proposal.pk,
                accepted={"name"},
                seen=shown,
                reason="",
                by=boss,
                now=timezone.now(),
            )
            won.append("name")
        except ChangedMeanwhile:
            pass
        connection.close()

    threads = [threading.Thread(target=edit, args=(owners[0], "Une.")), threading.Thread(target=edit, args=(owners[1], "Deux.")),
               threading.Thread(target=decide)]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    listing.refresh_from_db()
    assert len(won) == 1
    assert listing.version == 2
    assert (listing.name == "Le Rayon") is (won == ["name"])
