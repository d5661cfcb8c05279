"""Every decision of the team carries what its form showed, and is refused once anything of it has changed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib import messages
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from enterprises.models import DuplicatePair, Listing
from forums.dossier.sending import send_dossier
from forums.hooks import moderation as forum_queue
from forums.models import ActivityProposal, Recommendation
from pole.hooks.moderation import ChangedMeanwhile
from pole.models import Municipality
from tests.conftest import signed_in
from tests.factories import (
    ActivityProposalFactory,
    ForumFactory,
    ListingFactory,
    RecommendationFactory,
    UserFactory,
)
from tests.forums.sealed import publish_results, seal
from tests.rows import fingerprints
from tests.seen import seen_merge

LATER = date(2031, 5, 6)
ALREADY = "Quelqu’un a déjà décidé."


@dataclass
class Decision:
    """A form of the team, and what it shows."""

    page: str
    action: str
    sent: dict[str, Any]
    # What is shown: (row, {column: another value}).
    shown: list[tuple[models.Model, dict[str, Any]]]
    # Where the fingerprint is, when it is not in a form of the page.
    seen: Any = None
    # Patterns of what stays on the page after a refusal.
    typed: list[str] = field(default_factory=list)
    # Whether a second decision says that it is taken; else the page is gone, or says what became of it.
    says_already: bool = True


# --- The directory --------------------------------------------------------------------------------


def listing_of(**changes):
    return ListingFactory(name="La Ruche", phone="+14505550100", email="info@ruche.example", **changes)


def about(person):
    return [(person, {"name": "Quelqu’un d’autre"}), (person, {"email": "autre@exemple.example"})]


def proposal(kind, decision, **sent):
    def build():
        listing, author = listing_of(), UserFactory()
        fields = {
            "phone": {"before": "+14505550100", "after": "+14505550199"},
            "website": {"before": "", "after": "https://ruche.example"},
        }
        row = listing.proposals.create(
            kind=kind, fields={} if kind == "report" else fields, author=author, message="Décidé."
        )
        address = reverse("staff:proposal_review", args=[row.pk])
        other = fields | {"website": {"before": "", "after": "https://autre.example"}}
        shown = [
            (row, {"message": "Achetez."}),
            (row, {"fields": other}),
            *about(author),
            (listing, {"name": "Autre"}),
        ]
        if decision != "refuse" and kind != "report":
            shown += [(listing, {"version": 7}), (listing, {"website": "https://entretemps.example"})]
        return Decision(
            address, address, {"decision": decision, "reason": "Vu au registre.", **sent}, shown,
            typed=["Vu au registre.", *(['value="website"[^>]* checked'] if sent else [])],
        )  # fmt: skip

    return build


def claim(decision):
    def build():
        listing, person = listing_of(), UserFactory()
        row = listing.claims.create(user=person, state="waiting", message="Je dirige La Ruche.")
        return Decision(
            reverse("staff:directory_queue"), reverse("staff:claim_decide", args=[row.pk]),
            {"decision": decision, "reason": "Vu au registre.", "role": "editor"},
            [(row, {"message": "Autre chose."}), (row, {"is_proven": True}), *about(person), (listing, {"name": "X"})],
            typed=['value="Vu au registre."', '<option value="editor" selected>'],
        )  # fmt: skip

    return build


def attestation(decision):
    def build():
        listing = listing_of()
        row = listing.attestations.create(
            expires_on="2999-01-01", signer_name="Odile Roy", signer_title="directrice", wording="Un principe",
            signer=UserFactory(),
        )  # fmt: skip
        changes = {
            "signer_name": "Autre",
            "signer_title": "présidente",
            "wording": "Rien",
            "signed_on": LATER,
        }
        return Decision(
            reverse("staff:directory_queue"), reverse("staff:attestation_decide", args=[row.pk]),
            {"decision": decision, "reason": "Lu."},
            [*((row, {name: value}) for name, value in changes.items()), (listing, {"name": "X"})],
            typed=['value="Lu."'],
        )  # fmt: skip

    return build


def call():
    listing = listing_of()
    row = listing.checkups.create(to_call=True)
    changes = {
        "name": "X",
        "phone": "+14505550199",
        "phone_extension": "25",
        "municipality_id": "67045",
        "version": 9,
    }
    return Decision(
        reverse("staff:directory_queue"), reverse("staff:call_done", args=[row.pk]), {},
        [(listing, {name: value}) for name, value in changes.items()],
    )  # fmt: skip


def pair(decision):
    def build():
        first, second = listing_of(), ListingFactory(name="Ruche", mission="Autre mission.")
        found = DuplicatePair.objects.create(first=first, second=second, likeness=0.9)
        address = reverse("staff:pair_review", args=[found.pk])
        changes = {
            "name": "X", "phone": "+14505550199", "mission": "Y", "neq": "1190000001", "other_names": ["Z"],
            "municipality_id": "67045", "verified_on": LATER, "state": "draft", "version": 9,
        }  # fmt: skip
        return Decision(
            address, address, {"decision": decision, "keep": "second", "take-mission": "second"},
            [(row, {name: value}) for row in (first, second) for name, value in changes.items()],
            typed=['name="keep" value="second" checked', 'name="take-mission" value="second" checked'],
            says_already=decision == "apart",
        )  # fmt: skip

    return build


# --- Recommendations ------------------------------------------------------------------------------


def recommendation(**fields):
    forum = fields.pop("forum", None) or ForumFactory(has_participation=True)
    return RecommendationFactory(forum=forum, author=UserFactory(), description="Un autobus.", **fields)


def texts_of(row):
    changes = {
        "title": "Achetez", "title_en": "Buy", "description": "Chez nous.", "description_en": "Ours.", "kind": "issue",
        "author_name": "Coop", "table_number": 4, "track": row.forum.tracks.create(title="Axe", position=9),
    }  # fmt: skip
    return [*((row, {name: value}) for name, value in changes.items()), (row.author, {"name": "Autre"})]


def reviewed(word, page="recommendation", *, state="proposed", seen=None, **sent):
    def build():
        row = recommendation(state=state)
        on_row = [row.forum.slug, row.pk]
        places = {
            "recommendation": reverse("staff:recommendation", args=on_row),
            "list": reverse("staff:recommendation_list", args=on_row[:1]),
            "room": reverse("staff:room", args=on_row[:1]),
            "queue": reverse("staff:moderation"),
        }
        name = "room_choose" if page == "room" else f"recommendation_{word}"
        return Decision(
            places[page], reverse(f"staff:{name}", args=on_row), sent, texts_of(row),
            seen=(lambda: forum_queue.queue(9).items[0].version) if page == "queue" else None,
            typed=[sent["reason"]] if "reason" in sent else [], says_already=word != "refuse",
        )  # fmt: skip

    return build


def merge():
    forum = ForumFactory(has_participation=True)
    rows = [recommendation(forum=forum, title=title) for title in ("Alpha", "Bravo")]
    address = reverse("staff:recommendation_merge", args=[forum.slug])
    ticked = [row.pk for row in rows]
    return Decision(
        f"{address}?r={ticked[0]}&r={ticked[1]}", address,
        {"r": ticked, "kind": "issue", "title": "Alpha et Bravo", "description": ""},
        [each for row in rows for each in texts_of(row)],
        typed=['value="Alpha et Bravo"'], says_already=False,
    )  # fmt: skip


def separation():
    from forums.recommendations import merging
    from forums.recommendations.rules import Actor
    from tests.forums.recommendations.conftest import content

    forum = ForumFactory(has_participation=True)
    rows = [recommendation(forum=forum, title=title) for title in ("Alpha", "Bravo")]
    ids = [row.pk for row in rows]
    kept = merging.merge(
        forum=forum, ids=ids, content=content("Alpha et Bravo"), seen=seen_merge(ids), by=Actor(), now=timezone.now()
    )  # fmt: skip
    (source,) = Recommendation.objects.filter(survivor=kept)
    address = reverse("staff:recommendation_separate", args=[forum.slug, source.pk])
    return Decision(
        address, address, {}, [*texts_of(source), *texts_of(kept)],
        typed=['name="texte" value="1">'], says_already=False,
    )  # fmt: skip


def answer(word):
    def build():
        results = publish_results(seal().forum)
        sent = send_dossier(
            results_id=results.pk, organisation="Ministère", person="", email="a@exemple.example", language="fr",
            message="", by=UserFactory(is_staff=True),
        )  # fmt: skip
        priority = results.priorities.first()
        confirmed_at = timezone.now() if word == "reopen" else None
        row = sent.answers.create(priority=priority, state="accepted", text="Oui.", confirmed_at=confirmed_at)
        slug = results.forum.slug
        changes = {"state": "done", "text": "Non.", "body": "Régie", "due_on": LATER, "language": "en"}
        return Decision(
            reverse("staff:followup", args=[slug]), reverse(f"staff:answer_{word}", args=[slug, row.pk]), {},
            [*((row, {name: value}) for name, value in changes.items()), (priority, {"title": "Autre"}),
             (sent, {"organisation": "Autre"}),
             (row, {"answered_at": timezone.now() + timedelta(seconds=1)})],
        )  # fmt: skip

    return build


# --- Activities of enterprises --------------------------------------------------------------------


def activity(word, **sent):
    def build():
        row = ActivityProposalFactory(forum__municipality=Municipality.objects.get(code="67050"))
        if word == "answer":
            asked = {"asked": "C’est remis.", "asked_at": timezone.now(), "asked_by": UserFactory()}
            ActivityProposal.objects.filter(pk=row.pk).update(
                state="accepted", answered_at=timezone.now(), **asked
            )
        slug = [row.forum.slug]
        changes = {
            "kind": "visit", "title": "Achetez", "summary": "Chez nous.", "body": "<p>Ici.</p>", "mode": "online", "venue": "Salle",
            "venue_address": "12, rue Principale", "municipality": None, "online_link": "https://visio.example/",
            "price": 12, "price_note": "Membres", "spoken_language": "en", "registration_link": "https://ailleurs.example/",
            "ends_at": row.forum.ends_at + timedelta(hours=1),
        }  # fmt: skip
        return Decision(
            reverse("staff:activity_review", args=slug), reverse(f"staff:activity_{word}", args=slug), sent,
            [*((row.forum, {name: value}) for name, value in changes.items()), (row.listing, {"name": "Autre"}),
             *about(row.proposed_by)],
            typed=[each for each in sent.values() if each],
        )  # fmt: skip

    return build


DECISIONS = {
    "change accepted": proposal("identity", "accept_all"),
    "change accepted in part": proposal("identity", "accept", accept=["website"]),
    "change refused": proposal("identity", "refuse"),
    "correction accepted": proposal("correction", "accept_all"),
    "error corrected": proposal("report", "accept_all"),
    "error refused": proposal("report", "refuse"),
    "claim accepted": claim("accept"),
    "claim refused": claim("refuse"),
    "attestation accepted": attestation("accept"),
    "attestation refused": attestation("refuse"),
    "call": call,
    "pair merged": pair("merge"),
    "pair apart": pair("apart"),
    "recommendation accepted": reviewed("accept"),
    "recommendation accepted in the list": reviewed("accept", "list"),
    "recommendation accepted in the queue": reviewed("accept", "queue"),
    "recommendation refused": reviewed("refuse", reason="Hors du territoire."),
    "recommendation hidden": reviewed("hide"),
    "recommendation on the ballot": reviewed("choose", state="accepted", bulletin="1"),
    "recommendation on the ballot in the room": reviewed("choose", "room", state="accepted", bulletin="1"),
    "recommendations merged": merge,
    "recommendation separated": separation,
    "activity accepted": activity("accept"),
    "activity refused": activity("refuse", reason="Hors du territoire."),
    "change of an activity answered": activity("answer", answer="C’est fait."),
    "answer confirmed": answer("confirm"),
    "answer reopened": answer("reopen"),
}


# --- Reading, changing, deciding ------------------------------------------------------------------


@pytest.fixture
def client(staff):
    return signed_in(staff, second_factor=True)


def read(client, decision):
    """The fingerprint that the form holds."""
    if decision.seen:
        return decision.seen()
    page = client.get(decision.page).content.decode()
    forms = [
        form
        for form in re.findall(r"<form.*?</form>", page, re.DOTALL)
        if f'action="{decision.action}"' in form
    ]
    return re.search(r'name="seen" value="([^"]+)"', forms[0] if forms else page)[1]


def decide(client, decision, seen):
    """What is told, with whether anything was written."""
    before = fingerprints()
    response = client.post(decision.action, decision.sent | ({} if seen is None else {"seen": seen}))
    told = [str(each) for each in messages.get_messages(response.wsgi_request)]
    return unescape(response.content.decode()) + " ".join(told), fingerprints() != before


@pytest.mark.parametrize("name", DECISIONS)
def test_what_is_unchanged_is_decided_once(client, name):
    decision = DECISIONS[name]()
    seen = read(client, decision)
    told, is_decided = decide(client, decision, seen)
    assert is_decided, told
    told, is_decided = decide(client, decision, seen)
    assert not is_decided
    if decision.says_already:
        assert ALREADY in told


@pytest.mark.parametrize("name", DECISIONS)
def test_what_has_changed_is_read_again(client, name):
    decision = DECISIONS[name]()
    accepted = []
    for row, change in decision.shown:
        with transaction.atomic():
            seen = read(client, decision)
            type(row)._base_manager.filter(pk=row.pk).update(**change)
            told, is_decided = decide(client, decision, seen)
            transaction.set_rollback(True)
        missing = [each for each in decision.typed if not re.search(each, told)]
        if is_decided or ChangedMeanwhile().message not in told or missing:
            accepted.append((type(row).__name__, change, is_decided, missing))
    assert accepted == []


@pytest.mark.parametrize("seen", [None, "9" * 5000])
@pytest.mark.parametrize("name", DECISIONS)
def test_what_was_not_seen_is_not_decided(client, name, seen):
    decision = DECISIONS[name]()
    told, is_decided = decide(client, decision, seen)
    assert not is_decided
    assert ChangedMeanwhile().message in told


def test_a_proposal_replaced_by_its_author_is_read_again(client):
    decision = DECISIONS["change accepted"]()
    seen = read(client, decision)
    Listing.objects.get().proposals.update(state="withdrawn")
    told, is_decided = decide(client, decision, seen)
    assert not is_decided
    assert ChangedMeanwhile().message in told
