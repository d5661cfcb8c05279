"""“Everything that the portal holds of you”: each table that knows a person is in the file, or left out for a reason."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts import privacy
from forums.models import RollEntry, Slip
from forums.vote.codes import email_hash
from forums.vote.roll import find_entry_of_user
from tests import factories
from tests.conftest import signed_in
from tests.factories import RegistrationFactory, RoundFactory, UserFactory

TEAM = "what a member of the team did in their work, which others need"
# "app.Model.field" -> the section that holds it, or why none does.
HELD = {
    "accounts.User.email": "account",
    "account.EmailAddress.user": "account",
    "account.EmailAddress.email": "account",
    "accounts.Consent.user": "consents",
    "accounts.AuditEntry.person": "decisions",
    "accounts.TeamMails.user": "team_mails",
    "accounts.TeamInvitation.email": "team_invitations",
    "pole.SuspendedAddress.address": "refused_mail",
    "mfa.Authenticator.user": "second_factors",
    "accounts.Session.user": "sessions",
    "blog.Author.user": "signatures",
    "comments.Comment.author": "comments",
    "comments.Flag.by": "flags",
    "comments.Follow.user": "followed",
    "enterprises.ListingRole.user": "listings",
    "enterprises.Claim.user": "claims",
    "enterprises.Proposal.author": "proposed_changes",
    "enterprises.Mention.author": "mentioned_enterprises",
    "enterprises.Attestation.signer": "attestations",
    "enterprises.ListingVersion.actor": "listing_edits",
    "enterprises.Invitation.email": "invitations_received",
    "enterprises.Invitation.invited_by": "invitations_sent",
    "desk.Reading.email": "readings",
    "forums.Registration.user": "registrations",
    "forums.Registration.email": "registrations",
    "forums.Registration.email_is_contact_only": "registrations",
    "forums.RegistrationAnswer.registration": "answers",
    "forums.SessionChoice.registration": "chosen_sessions",
    "forums.SessionAttendance.registration": "attended_sessions",
    "forums.Recommendation.author": "recommendations",
    "forums.ActivityProposal.proposed_by": "proposed_activities",
    "forums.ActivityProposal.asked_by": "asked_changes_of_activities",
    "forums.RecommendationEvent.by": "recommendation_edits",
    "forums.RollEntry.user": "vote_rolls",
    "forums.RollEntry.registration": "vote_rolls",
    "forums.RollEntry.email_hash": "vote_rolls",
    "forums.Slip.registration": "voting_slips",
    "forums.Dossier.email": "dossiers",
    "forums.Notice.registration": "mails_of_forums",
    "enterprises.Claim.address": "claims",
}
LEFT_OUT = {
    "accounts.AuditEntry.by": TEAM,
    "accounts.TeamInvitation.invited_by": TEAM,
    "accounts.IncidentEntry.by": TEAM,
    "enterprises.Attestation.decided_by": TEAM,
    "enterprises.Proposal.decided_by": TEAM,
    "enterprises.Claim.decided_by": TEAM,
    "enterprises.Mention.decided_by": TEAM,
    "enterprises.DuplicatePair.decided_by": TEAM,
    "enterprises.Import.created_by": TEAM,
    "enterprises.RememberedValue.said_by": TEAM,
    "enterprises.BulkChange.created_by": TEAM,
    "blog.SiteImport.created_by": TEAM,
    "forums.RoundEvent.by": TEAM,
    "forums.DossierEvent.by": TEAM,
    "desk.Draft.saved_by": TEAM,
    "desk.Version.saved_by": TEAM,
    "desk.Reading.created_by": TEAM,
    "desk.Remark.answered_by": TEAM,
    "desk.Picture.uploaded_by": TEAM,
    "desk.Document.uploaded_by": TEAM,
    "desk.Presence.user": "for a minute, who has a text open",
    "enterprises.Proposal.author_email": "of someone without an account; erased once decided",
    "enterprises.Mention.author_email": "of someone without an account; erased once decided",
    "enterprises.Listing.email": "the enterprise's, and public",
    "pole.Hub.email": "the hub's, and public",
    "pole.Hub.privacy_email": "the hub's, and public",
    "pole.TeamMember.email": "the hub's, and public",
    "accounts.User_groups.user": "the portal uses no group",
    "accounts.User_user_permissions.user": "the portal uses no permission",
    "admin.LogEntry.user": TEAM,
    "account.EmailConfirmation.email_address": "the address is held; confirmations are by code",
}
# Those that name a person as an account does.
PEOPLE = {"accounts.User", "forums.Registration", "account.EmailAddress"}


def fields_about_people():
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_fields:
            related = field.related_model._meta.label if field.is_relation and field.related_model else ""
            if isinstance(field, models.EmailField) or related in PEOPLE or "email" in field.name:
                yield f"{model._meta.label}.{field.name}"


def test_each_table_that_knows_a_person_is_held_or_left_out_for_a_reason():
    assert set(fields_about_people()) == {*HELD, *LEFT_OUT}
    assert not HELD.keys() & LEFT_OUT.keys()


def test_sections_are_those_of_the_file(db):
    sections = privacy.data_of(UserFactory())
    assert set(HELD.values()) <= set(sections)


# What makes rows of a model that its constraints would refuse if each field were filled by its type.
FACTORIES: dict[str, Any] = {
    factory._meta.model._meta.label: factory
    for factory in vars(factories).values()
    if isinstance(factory, type) and issubclass(factory, DjangoModelFactory) and factory._meta.model
}
GIVEN = {
    "forums.Registration": {"state": "confirmed"},
    "accounts.TeamInvitation": {"roles": ["editorial"]},
    "forums.Slip": {"activated_at": timezone.now()},
}
BY_TYPE = (
    (models.EmailField, "x@exemple.example"),
    ((models.DateTimeField), timezone.now()),
    ((models.DateField), timezone.now().date()),
    ((models.CharField, models.TextField), "x"),
    ((models.IntegerField), 1),
    (models.BooleanField, False),
    (models.JSONField, {}),
    (ArrayField, []),
)


# The account itself; whose an address is, beside it.
TOLD_BY_ANOTHER = {"accounts.User.email", "forums.Registration.email_is_contact_only"}
FACTORIES["accounts.Session"] = signed_in
# Where a row is somebody’s by more than one field.
OTHERWISE = {
    "forums.RecommendationEvent.by": lambda field, person: {
        "by": person,
        "recommendation": factories.RecommendationFactory(author=person),
    },
    "account.EmailAddress.email": lambda field, person: {"user": person, "email": "autre@exemple.example"},
    "forums.Registration.email": lambda field, person: {"user": None, "email": person.email},
    "enterprises.Claim.address": lambda field, person: {"user": person, "address": person.email},
}


def made(model, **given):
    """A row of any model: by its factory, or with each field that it asks filled by its type."""
    label = model._meta.label
    given = GIVEN.get(label, {}) | given
    if label in FACTORIES:
        return FACTORIES[label](**given)
    for field in model._meta.local_concrete_fields:
        needed = not (field.null or field.has_default() or field.primary_key or field.blank)
        if field.name not in given and needed:
            given[field.name] = value_for(field)
    return model._default_manager.create(**given)


def value_for(field):
    if field.is_relation:
        return made(field.related_model)
    if field.choices:
        return field.choices[0][0]
    value = next(value for kind, value in BY_TYPE if isinstance(field, kind))
    # What ends does so after it begins.
    return value + timedelta(days=1) if re.search(r"expire|ends|until", field.name) else value


def naming(field, person):
    """What the field of a row that tells of `person` holds."""
    if field.is_relation:
        if field.related_model._meta.label == "accounts.User":
            return {field.name: person}
        return {field.name: RegistrationFactory(user=person, email=person.email)}
    if field.name == "email_hash":
        return {field.name: email_hash(person.email)}
    return {field.name: person.email}


@pytest.mark.parametrize("name", sorted(HELD.keys() - TOLD_BY_ANOTHER))
def test_row_that_tells_of_someone_is_in_their_file_and_in_no_other(db, name):
    """Of each field above: the row that a field makes theirs is read back from the file that they download."""
    label, _dot, column = name.rpartition(".")
    model, person, neighbour = apps.get_model(label), UserFactory(), UserFactory()
    before = privacy.data_of(person)[HELD[name]]
    with connection.cursor() as cursor:
        # Triggers say when a row may be written; here, only to whom it belongs.
        cursor.execute("SET LOCAL session_replication_role = replica")
        row = made(model, **OTHERWISE.get(name, naming)(model._meta.get_field(column), person))
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert row
    held = json.loads(privacy.as_json(privacy.data_of(person)))[HELD[name]]
    assert held != json.loads(privacy.as_json({"": before}))[""]
    others = json.loads(privacy.as_json(privacy.data_of(neighbour)))[HELD[name]]
    assert HELD[name] == "account" or others == []


@pytest.fixture
def round(db):
    return RoundFactory(title="Priorités de l’année")


def place_of(kind, round, person):
    """An entry of the roll of `round` by which `person` is known."""
    if kind == "account":
        return RollEntry.objects.create(round=round, user=person)
    if kind == "registration":
        registration = RegistrationFactory(forum=round.forum, user=person, email=person.email)
        return RollEntry.objects.create(round=round, registration=registration)
    return RollEntry.objects.create(round=round, email_hash=email_hash(person.email))


@pytest.mark.parametrize("kind", ["account", "registration", "address"])
def test_place_on_the_roll_is_in_the_file_as_the_vote_finds_it(round, kind):
    person, neighbour = UserFactory(), UserFactory()
    entry = place_of(kind, round, person)
    RollEntry.objects.filter(pk=entry.pk).update(is_late=True, is_on_paper=True)
    assert find_entry_of_user(round, person) == entry
    (held,) = signed_in(person).get("/compte/donnees/mes-donnees.json").json()["vote_rolls"]
    assert held == {
        "forum_title": round.forum.title,
        "round_number": round.number,
        "round_title": "Priorités de l’année",
        "kind": "other",
        "added_during_the_vote": True,
        "was_given_a_paper_ballot": True,
        "taken_off": False,
        "taken_off_because": "",
    }
    assert privacy.data_of(neighbour)["vote_rolls"] == []


def test_address_that_is_not_shown_to_be_theirs_tells_nothing(round):
    person = UserFactory(verified=False)
    place_of("address", round, person)
    assert privacy.data_of(person)["vote_rolls"] == []


def test_whoever_was_taken_off_reads_why(round):
    person = UserFactory()
    entry = place_of("account", round, person)
    RollEntry.objects.filter(pk=entry.pk).update(
        voided_at=timezone.now(), voided_because="Inscrite deux fois"
    )
    (held,) = privacy.data_of(person)["vote_rolls"]
    assert (held["taken_off"], held["taken_off_because"]) == (True, "Inscrite deux fois")


def test_nothing_of_a_vote_holds_a_time_nor_a_code(round):
    """What was done when could be compared with the order of the ballots."""
    person = UserFactory()
    entry = place_of("registration", round, person)
    Slip.objects.create(
        forum=round.forum,
        number=7,
        code_hash="a" * 64,
        registration=entry.registration,
        activated_at=timezone.now() - timedelta(hours=1),
    )
    data = privacy.data_of(person)
    assert data["voting_slips"] == [{"forum_title": round.forum.title, "number": 7, "state": "active"}]
    written = json.dumps([data["vote_rolls"], data["voting_slips"]], default=repr)
    assert "datetime" not in written
    assert "a" * 64 not in written


def test_page_says_what_ties_a_ballot_before_and_after_sealing(citizen_client):
    page = citizen_client.get("/compte/donnees/").content.decode()
    assert "Vos bulletins n’y sont pas. Tant que l’urne n’est pas scellée, un lien technique" in page
    assert "Le scellement le détruit\u00a0: rien ne relie alors un bulletin à vous." in page


def test_no_page_claims_without_a_condition_that_nothing_ties_a_ballot(settings):
    """The claim holds once the box is sealed: each place that makes it says so."""
    claims = (
        "nothing ties a ballot",
        "nothing links a ballot",
        "rien ne relie",
        "linked to nobody",
        "anonymous ballot",
    )
    folders = ("templates", "forums", "accounts", "comments", "blog", "pole", "docs")
    found = [
        (path.name, paragraph)
        for folder in folders
        for path in sorted((settings.BASE_DIR / folder).rglob("*"))
        if path.suffix in {".html", ".txt", ".py", ".md", ".toml"}
        for paragraph in path.read_text(encoding="utf-8").lower().splitlines()
        if any(claim in paragraph for claim in claims)
    ]
    assert found
    assert [place for place, text in found if "seal" not in text and "scell" not in text] == []
