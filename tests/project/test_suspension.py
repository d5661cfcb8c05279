"""What a suspended account can still send, over every address that takes a POST of a citizen.

Each row is posted twice: by an account that may write, which shows that what is sent is valid, and by a suspended one.
A new address without a row fails.
"""

from __future__ import annotations

import io
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.contrib import messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from PIL import Image

from accounts.mailing import team_digest
from accounts.mailing.contact import ContactForm
from accounts.suspending import WritingSuspended, check_not_suspended
from accounts.team import invitations
from comments import following
from comments.forms import CommentForm
from enterprises.forms.mentions import MentionForm
from enterprises.models import ListingRole
from enterprises.ownership import claims, managers, yearly_checkups
from forums.dossier.sending import link_token, send_dossier
from forums.forms.recommendations import ProposalForm
from forums.mail import registration_links
from forums.models import Ballot, Results
from forums.vote.rounds import open_round
from pole.models import Hub
from tests.conftest import signed_in
from tests.desk.readings import Asked
from tests.factories import (
    ActivityProposalFactory,
    CommentFactory,
    ListingFactory,
    PostFactory,
    QuestionFactory,
    RecommendationFactory,
    RegistrationFactory,
    RoundFactory,
    SectorFactory,
    UserFactory,
)
from tests.forums.registering import open_forum, typed
from tests.forums.sealed import publish_results, seal
from tests.moments import as_typed, at_nine
from tests.project.test_access_matrix import ADMIN_SIGN_IN, ROLES, ROWS
from tests.rows import fingerprints

# --- Fates ----------------------------------------------------------------------------------------

# In words, and nothing is written.
REFUSED = "refused"
# Only the team's queue gets something.
QUEUED = "queued"
# As for anyone: nothing of it is published, or proposed to be. The reason stands with the row.
ALLOWED = "allowed"
# Commits on its own: the test of the vote, below.
COMMITTED = {"forums:round_cast", "forums:round_withdraw"}
QUEUES = {"enterprises_proposal", "enterprises_attestation"}
ACCOUNT = "one’s own account: signing in, factors, mail, password"

FATES = {
    # Publishing and proposing.
    "comments:post": {"": REFUSED},
    "comments:reply": {"": REFUSED},
    "comments:edit": {"": REFUSED},
    "comments:flag": {"": REFUSED},
    "forums:recommendation_propose": {"": REFUSED},
    "forums:recommendation_revise": {"": REFUSED},
    "forums:activity_propose": {"": REFUSED},
    "forums:activity_proposal": {"": REFUSED},
    "forums:activity_ask": {"": REFUSED},
    "forums:activity_withdraw": {"": "a proposal that is taken back"},
    "forums:dossier_acknowledge": {"": REFUSED},
    "forums:dossier_answer": {"": REFUSED},
    "enterprises:report": {"": REFUSED},
    "enterprises:mention": {"": REFUSED},
    "enterprises:verify": {"": REFUSED},
    "enterprises:correct": {"": REFUSED},
    "enterprises:invitation": {"": REFUSED},
    "team_invitation": {"": REFUSED},
    "enterprises:claim": {"listed": REFUSED, "domain": REFUSED, "staff": REFUSED, "code": REFUSED,
                          "drop": "a request that is given up"},
    "enterprises:managers": {"invite": REFUSED, "owner": REFUSED, "remove": REFUSED,
                             "leave": "less is published", "take_back": "less is published"},
    "enterprises:files": {"photo": REFUSED, "describe": REFUSED, "show_first": REFUSED, "remove_photo": REFUSED},
    "enterprises:edit": {"": QUEUED, "logo": REFUSED},
    "enterprises:identity": {"": QUEUED, "withdraw": "a proposal that is taken back"},
    "enterprises:attestation": {"": QUEUED},
    # A name is shown with every comment.
    "account_profile": {"name": REFUSED, "language": ACCOUNT},
    "account_team_mails_stop": {"": ACCOUNT},
    # What is not publishing.
    "enterprises:preview": {"": "nothing is saved"},
    "comments:delete": {"": "less is published"},
    "comments:follow": {"": "mails to oneself"},
    "comments:unsubscribe": {"": "mails to oneself"},
    "forums:register": {"": "coming to a forum is not writing"},
    "forums:registration": {"": "one’s own registration"},
    "forums:registration_cancel": {"": "one’s own registration"},
    "forums:register_confirm": {"": "one’s own registration"},
    # A vote publishes nothing of whoever casts it, and nobody loses it by what they wrote.
    "forums:round_vote": {"": "a vote is not publishing"},
    "forums:round_cast": {"": "a vote is not publishing"},
    "forums:round_withdraw": {"": "a vote is not publishing"},
    "forums:round_receipt": {"": "a vote is not publishing"},
    "forums:vote": {"": "a vote is not publishing"},
    "forums:vote_leave": {"": "a vote is not publishing"},
    "forums:verify": {"": "a vote is not publishing"},
    "contact_write": {"": "a message to the team is not published, and a suspension is contested by it"},
    # The team alone reads it, and its link names someone, not an account.
    "reading": {"": "what is said of a text to the team is not published"},
    # What the day team does, its link allows, not an account.
    "staff:day_team_enter": {"": "a link of the day team is given by hand"},
    "staff:day_team_leave": {"": "a link of the day team is given by hand"},
}  # fmt: skip


def posts_of_citizens():
    """The names of addresses that a citizen may post to, a manager of a listing included."""
    answer = ROLES.index("citizen")
    # Under the API, whatever is not there says so to any method.
    answering = ROWS.keys() - {"nothing_to_read"}
    return {name for name in answering if ROWS[name][1][answer] not in {403, 405, ADMIN_SIGN_IN}}


def is_of_the_account(name):
    return name.startswith(("account_", "mfa_")) or name == "admin:logout"


def test_every_address_that_a_citizen_posts_to_has_its_fate():
    listed = {name for name in FATES if not name.startswith("account_")}
    assert {name for name in posts_of_citizens() if not is_of_the_account(name)} == listed


# --- What is posted -------------------------------------------------------------------------------


def form_token(form):
    with time_machine.travel(timezone.now() - timedelta(seconds=10)):
        return form.new_form_token()


def commented(person):
    """A comment that the person wrote, and one of someone else, both public."""
    post = PostFactory()
    return CommentFactory(thread=post.thread, author=person), CommentFactory(thread=post.thread)


def kept(person):
    """A listing that the person owns, with another owner."""
    listing = ListingFactory(email="info@ruche.example", website="https://ruche.example")
    ListingRole.objects.create(listing=listing, user=person)
    ListingRole.objects.create(listing=listing, user=UserFactory(), role="owner")
    return listing


def on_listing(page, listing, **data):
    return reverse(f"enterprises:{page}", args=[listing.slug]), data


def listing_form(listing, **changes):
    return {
        "version": listing.version, "mission": listing.mission, "municipality": listing.municipality_id,
        "email": listing.email, "website": listing.website,
    } | changes  # fmt: skip


def comment_post(person):
    return reverse("comments:post", args=[PostFactory().thread_id]), comment_form()


def comment_form():
    return {
        "text": "Un avis bien pesé.",
        "shown": form_token(CommentForm),
        "subject": "",
        "name_is_shown": "on",
    }


def claim_with(action, **data):
    def build(person):
        listing = ListingFactory(email="info@ruche.example", website="https://ruche.example")
        return on_listing("claim", listing, action=action, **data)

    return build


def claim_code(person):
    listing = ListingFactory(email="info@ruche.example")
    claim = listing.claims.create(
        user=person, state="code_sent", address=listing.email, tries_left=5,
        code_expires_at=timezone.now() + timedelta(minutes=5),
    )  # fmt: skip
    claim.code_hash = claims._hash_code(claim, "12345678")
    claim.save()
    return on_listing("claim", listing, action="code", code="1234-5678")


def claim_drop(person):
    listing = ListingFactory()
    listing.claims.create(user=person, state="waiting")
    return on_listing("claim", listing, action="drop")


def managers_with(action):
    def build(person):
        listing = kept(person)
        other = listing.roles.create(user=UserFactory(), role="editor")
        mine = listing.roles.get(user=person)
        invitation = listing.invitations.create(email="x@exemple.example", invited_by=person)
        key = {"leave": mine.pk, "take_back": invitation.pk}.get(action, other.pk)
        sent = {"action": "remove" if action == "leave" else action, "key": key}
        return on_listing("managers", listing, **sent, email="lou@exemple.example", role="editor")

    return build


def picture():
    stored = io.BytesIO()
    Image.new("RGB", (640, 480), "green").save(stored, "JPEG")
    return SimpleUploadedFile("photo.jpg", stored.getvalue(), "image/jpeg")


def files_with(action):
    def build(person):
        listing = kept(person)
        rows = [
            listing.photos.create(
                file=f"photos/{n}.webp", width_px=1, height_px=1, description="Une", position=n
            )
            for n in (1, 2)
        ]
        extra = {"photo": picture()} if action == "photo" else {"key": rows[1].pk}
        return on_listing("files", listing, action=action, description="Autre texte", **extra)

    return build


def edit(person):
    listing = kept(person)
    return on_listing("edit", listing, **listing_form(listing, mission="Achetez chez nous."))


def edit_logo(person):
    address, data = edit(person)
    return address, data | {"logo": picture()}


def preview(person):
    listing = kept(person)
    return on_listing("preview", listing, **listing_form(listing, mission="Achetez chez nous."))


def identity(person):
    listing = kept(person)
    sent = {
        "version": 1,
        "name": "Autre nom",
        "legal_form": "npo",
        "neq": "",
        "sectors": [SectorFactory().pk],
    }
    return on_listing("identity", listing, **sent)


def identity_withdraw(person):
    listing = kept(person)
    proposal = listing.proposals.create(kind="identity", author=person, fields={})
    return on_listing("identity", listing, withdraw=proposal.pk)


def attestation(person):
    return on_listing("attestation", kept(person), name="Samuel Roy", title="direction générale")


def checkup(name, **data):
    def build(person):
        listing = ListingFactory(email="info@ruche.example")
        token = yearly_checkups.make_token(listing.checkups.create())
        return reverse(f"enterprises:{name}", args=[token]), {**data} and listing_form(listing, **data)

    return build


def invitation(person):
    listing, owner = ListingFactory(), UserFactory()
    found = listing.invitations.create(email=person.email, invited_by=owner)
    return reverse("enterprises:invitation", args=[managers.make_token(found)]), {}


def team_invitation(person):
    found = invitations.invite(
        email=person.email, roles=["forums"], by=UserFactory(roles=["direction"]), now=timezone.now()
    )
    return reverse("team_invitation", args=[invitations.make_token(found)]), {}


def stop_team_mails(person):
    return reverse("account_team_mails_stop", args=[team_digest.make_stop_token(person)]), {}


def report(person):
    return on_listing("report", ListingFactory(), message="Ils ont déménagé.", email="", subject="")


def mention(person):
    return reverse("enterprises:mention"), {
        "name": "Coop Brindille", "municipality": "67050", "activity": "Tisser la laine.", "website": "brindille.example",
        "phone": "", "email": "", "subject": "", "shown": form_token(MentionForm),
    }  # fmt: skip


def contact(person):
    Hub.objects.create(name="Pôle", short_name="Pôle", tagline=".", email="bonjour@pole.example")
    return reverse("contact_write"), {
        "name": person.name, "email": person.email, "message": "Je conteste.", "subject": "", "shown": form_token(ContactForm),
    }  # fmt: skip


def propose(person):
    forum = open_forum()
    return reverse("forums:recommendation_propose", args=[forum.slug]), {
        "kind": "issue", "title": "Le dernier kilomètre", "description": "Aucun autobus.", "signed": "nobody",
        "organisation": "", "shown": form_token(ProposalForm), "compared": "", "subject": "",
    }  # fmt: skip


def revise(person):
    row = RecommendationFactory(forum=open_forum(), author=person, state="proposed")
    address = reverse("forums:recommendation_revise", args=[row.forum.slug, row.pk])
    return address, {"kind": "issue", "title": "Autre", "description": "", "version": row.version}


def activity(word, **typed):
    def build(person):
        data = typed_activity() if word.startswith("propos") else typed
        listing = kept(person)
        if word == "propose":
            return reverse("forums:activity_propose", args=[listing.slug]), data | {"key": str(uuid.uuid4())}
        answered = {"state": "accepted", "answered_at": timezone.now()} if word == "ask" else {}
        row = ActivityProposalFactory(listing=listing, proposed_by=person, **answered)
        return reverse(f"forums:activity_{word}", args=[listing.slug, row.pk]), data

    return build


def typed_activity():
    return {
        "kind": "visit", "title": "Visite de l’atelier", "summary": "Voir l’atelier.", "spoken_language": "fr", "mode": "online",
        "starts_at": as_typed(at_nine(days=20)), "ends_at": as_typed(at_nine(days=20) + timedelta(hours=2)),
    }  # fmt: skip


def dossier(name):
    def build(person):
        results = Results.objects.first()
        sent = send_dossier(
            results_id=results.pk, organisation="Ministère", person="", email="a@exemple.example",
            language="fr", message="", by=UserFactory(is_staff=True),
        )  # fmt: skip
        priority = results.priorities.first()
        if name == "acknowledge":
            return reverse("forums:dossier_acknowledge", args=[link_token(sent)]), {"name": "Samuel Roy"}
        prefix = f"p{priority.pk}"
        answer = {f"{prefix}-state": "accepted", f"{prefix}-text": "Oui.", f"{prefix}-body": ""}
        return reverse("forums:dossier_answer", args=[link_token(sent), priority.pk]), answer

    return build


def registration(address, purpose="MANAGE", **data):
    def build(person):
        state = "pending" if purpose == "CONFIRM" else "confirmed"
        row = RegistrationFactory(forum=open_forum(), state=state, user=person, checked_in_at=None)
        token = registration_links.token_for(row, registration_links.LinkPurpose[purpose])
        return reverse(f"forums:{address}", args=[row.forum.slug, token]), data

    return build


def round_open(person):
    found = RoundFactory()
    QuestionFactory(round=found, position=1, limits={"limit": 3}, to_retain=2, options=5)
    RegistrationFactory(forum=found.forum, user=person)
    return open_round(round_id=found.pk, by=None)


def ballot(name, **data):
    def build(person):
        found = round_open(person)
        return reverse(f"forums:{name}", args=[found.forum.slug, found.number]), data

    return build


def comment_of(name, *, own, **data):
    def build(person):
        mine, other = commented(person)
        return reverse(f"comments:{name}", args=[(mine if own else other).pk]), data

    return build


def to(address, **data):
    return lambda person: (reverse(address), data)


def follow(person):
    return reverse("comments:follow", args=[PostFactory().thread_id]), {}


def unsubscribe(person):
    thread = PostFactory().thread
    following.follow(thread=thread, user=person, wording="Oui", page="/", now=timezone.now())
    return reverse("comments:unsubscribe", args=[following.make_unsubscribe_token(person)]), {}


def register(person):
    sent = typed(name=person.name)
    return reverse("forums:register", args=[open_forum().slug]), sent


def day_team(name, **arguments):
    return lambda person: (reverse(name, kwargs={"slug": open_forum().slug, **arguments}), {})


def remark_on_a_draft(_person):
    asked = Asked(PostFactory())
    return asked.address, asked.form()


BUILD = {
    ("reading", ""): remark_on_a_draft,
    ("comments:post", ""): comment_post,
    ("comments:reply", ""): lambda person: (comment_of("reply", own=False)(person)[0], comment_form()),
    ("comments:edit", ""): comment_of("edit", own=True, text="Achetez chez nous."),
    ("comments:flag", ""): comment_of("flag", own=False, reason="Insulte"),
    ("comments:delete", ""): comment_of("delete", own=True),
    ("comments:follow", ""): follow,
    ("comments:unsubscribe", ""): unsubscribe,
    ("forums:recommendation_propose", ""): propose,
    ("forums:recommendation_revise", ""): revise,
    ("forums:activity_propose", ""): activity("propose"),
    ("forums:activity_proposal", ""): activity("proposal"),
    ("forums:activity_ask", ""): activity("ask", asked="C’est remis au 12."),
    ("forums:activity_withdraw", ""): activity("withdraw"),
    ("forums:dossier_acknowledge", ""): dossier("acknowledge"),
    ("forums:dossier_answer", ""): dossier("answer"),
    ("forums:register", ""): register,
    ("forums:registration", ""): registration("registration", **typed(kind="partner")),
    ("forums:registration_cancel", ""): registration("registration_cancel"),
    ("forums:register_confirm", ""): registration("register_confirm", "CONFIRM"),
    ("forums:round_vote", ""): ballot("round_vote", q1=["1"]),
    ("forums:round_receipt", ""): ballot("round_receipt"),
    ("forums:vote", ""): to("forums:vote", code="ABCD-EFGH"),
    ("forums:vote_leave", ""): to("forums:vote_leave"),
    ("forums:verify", ""): to("forums:verify", receipt="x"),
    ("enterprises:report", ""): report,
    ("enterprises:mention", ""): mention,
    ("contact_write", ""): contact,
    ("enterprises:verify", ""): checkup("verify"),
    ("enterprises:correct", ""): checkup("correct", phone="450 555-0199", message="", products=""),
    ("enterprises:invitation", ""): invitation,
    ("team_invitation", ""): team_invitation,
    ("account_team_mails_stop", ""): stop_team_mails,
    ("enterprises:claim", "listed"): claim_with("listed"),
    ("enterprises:claim", "domain"): claim_with("domain", local="lou"),
    ("enterprises:claim", "staff"): claim_with("staff", message="Je suis la directrice, 450 555-0100."),
    ("enterprises:claim", "code"): claim_code,
    ("enterprises:claim", "drop"): claim_drop,
    **{("enterprises:managers", action): managers_with(action) for action in FATES["enterprises:managers"]},
    **{("enterprises:files", action): files_with(action) for action in FATES["enterprises:files"]},
    ("enterprises:edit", ""): edit,
    ("enterprises:edit", "logo"): edit_logo,
    ("enterprises:preview", ""): preview,
    ("enterprises:identity", ""): identity,
    ("enterprises:identity", "withdraw"): identity_withdraw,
    ("enterprises:attestation", ""): attestation,
    ("account_profile", "name"): to("account_profile", name="Chez Lou, rabais", language="fr"),
    ("account_profile", "language"): lambda person: (
        reverse("account_profile"),
        {"name": person.name, "language": "en"},
    ),
    ("staff:day_team_enter", ""): day_team("staff:day_team_enter", token="x"),
    ("staff:day_team_leave", ""): day_team("staff:day_team_leave"),
}


# --- What becomes of it ---------------------------------------------------------------------------


def refusal(days=7):
    """What a suspended account is told, wherever it writes."""
    person = UserFactory.build(suspended_until=timezone.now() + timedelta(days=days))
    with pytest.raises(WritingSuspended) as refused:
        check_not_suspended(person, timezone.now())
    return refused.value.message


def post(build, *, suspended):
    """What was answered, with the tables that changed; undone."""
    with transaction.atomic():
        until = timezone.now() + timedelta(days=7) if suspended else None
        person = UserFactory(name="Lou Gagné", suspended_until=until)
        address, data = build(person)
        client: Client = signed_in(person)
        before = fingerprints()
        response = client.post(address, data)
        after = fingerprints()
        told = " ".join(
            [response.content.decode(), *(str(each) for each in messages.get_messages(response.wsgi_request))]
        )
        transaction.set_rollback(True)
    return response.status_code, told, {name for name, rows in after.items() if rows != before[name]}


@pytest.fixture
def published(db):
    """Results to send and answer, made once."""
    publish_results(seal().forum)


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("name", "act"),
    [(name, act) for name, acts in FATES.items() for act in acts if name not in COMMITTED],
    ids=lambda each: each,
)
def test_what_a_suspended_account_sends_is_refused_queued_or_as_for_anyone(name, act):
    fate, build = FATES[name][act], BUILD[name, act]
    status, _told, changed = post(build, suspended=False)
    suspended_status, told, changed_suspended = post(build, suspended=True)
    if fate == REFUSED:
        assert changed, f"what is sent is not valid: {status}"
        assert changed_suspended == set()
        assert refusal() in told
    elif fate == QUEUED:
        assert changed
        assert changed_suspended
        assert changed_suspended <= QUEUES
    else:
        assert (suspended_status, changed_suspended) == (status, changed)


def of_the_account(name):
    def build(person):
        try:
            return reverse(name), {}
        except NoReverseMatch:
            taken = {"handle": "0" * 32} if name == "account_session_close" else {"pk": 1}
            return reverse(name, kwargs=taken), {}

    return build


@pytest.mark.parametrize(
    "name", sorted(name for name in posts_of_citizens() if is_of_the_account(name) and name not in FATES)
)
def test_what_a_suspended_account_does_with_itself_is_as_for_anyone(db, name):
    """Signing in and out, factors, mail, password, data: nothing of it is shown to others."""
    build = of_the_account(name)
    assert post(build, suspended=True)[::2] == post(build, suspended=False)[::2]


@pytest.mark.django_db(transaction=True)
def test_a_suspended_account_votes():
    person = UserFactory(suspended_until=timezone.now() + timedelta(days=7))
    found, client = round_open(person), signed_in(person)
    arguments = [found.forum.slug, found.number]
    sent = {"q1": ["1"], "key": "une-clef-de-seize-signes"}
    assert client.post(reverse("forums:round_cast", args=arguments), sent).status_code == 302
    assert Ballot.objects.get().choices == {"1": [1]}
    assert client.post(reverse("forums:round_withdraw", args=arguments)).status_code == 302
    assert Ballot.objects.get().is_withdrawn


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("name", ["enterprises:report", "enterprises:correct", "forums:dossier_answer"])
def test_without_an_account_the_team_reads_it_as_ever(name):
    address, data = BUILD[name, ""](UserFactory())
    before = fingerprints()
    assert Client().post(address, data).status_code in {200, 302}
    assert fingerprints() != before


@pytest.mark.parametrize("act", ["edit", "identity"])
def test_suspension_that_is_over_suspends_nothing(db, act):
    person = UserFactory(suspended_until=timezone.now() - timedelta(seconds=1))
    address, data = BUILD[f"enterprises:{act}", ""](person)
    client = signed_in(person)
    assert "Votre compte est suspendu" not in client.get(address).content.decode()
    assert client.post(address, data).status_code == 302
    assert ListingRole.objects.filter(user=person).get().listing.mission == (
        "Achetez chez nous." if act == "edit" else "Servir la communauté."
    )


def test_editor_says_first_that_what_is_saved_waits(db):
    person = UserFactory(suspended_until=timezone.now() + timedelta(days=1))
    address, data = edit(person)
    client = signed_in(person)
    assert "Votre compte est suspendu" in client.get(address).content.decode()
    shown = client.post(address, data, follow=True).content.decode()
    assert "Une modification que vous avez proposée attend l’équipe." in shown
    proposal = ListingRole.objects.get(user=person).listing.proposals.get()
    assert set(proposal.fields) == {"mission"}


def test_what_is_proposed_in_one_form_stays_beside_what_another_proposes(db):
    person = UserFactory(suspended_until=timezone.now() + timedelta(days=1))
    address, data = edit(person)
    listing, client = ListingRole.objects.get(user=person).listing, signed_in(person)
    client.post(address, data)
    sent = {
        "version": 1,
        "name": "Autre nom",
        "legal_form": "npo",
        "neq": "",
        "sectors": [SectorFactory().pk],
    }
    client.post(reverse("enterprises:identity", args=[listing.slug]), sent)
    assert list(listing.proposals.order_by("pk").values_list("state", flat=True)) == ["withdrawn", "pending"]
    assert set(listing.proposals.get(state="pending").fields) == {"mission", "name", "sectors"}
