"""Every decision of the team, whatever the package, is in one journal; what waits for one, in one queue."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts import journal
from accounts.models import AuditEntry
from accounts.team import roles
from comments import moderation
from enterprises.duplicates import merging
from enterprises.hooks.moderation import queue as moderation_queue
from enterprises.listing import attachments, history
from enterprises.listing import editing as listing_editing
from enterprises.listing.refusals import AlreadyDecided
from enterprises.models import DuplicatePair, Listing
from enterprises.ownership import claims, proposals
from forums.models import DayTeamMember, Priority, Recommendation, RoundEvent
from forums.recommendations import editing
from forums.recommendations import merging as joining
from forums.recommendations.rules import Actor
from tests.factories import (
    AuthorFactory,
    CommentFactory,
    ForumFactory,
    ImportFactory,
    ListingFactory,
    PageFactory,
    PostFactory,
    RecommendationFactory,
    RegistrationFactory,
    ResultsFactory,
    RoundFactory,
    UserFactory,
)
from tests.seen import seen, seen_merge, seen_pair, seen_proposal, seen_separation

pytestmark = pytest.mark.django_db


def noted():
    """(action, kind, key, who decided, about whom, reason) of the newest."""
    return AuditEntry.objects.values_list("action", "kind", "key", "by", "person", "reason").first()


def page(client, name="journal"):
    return client.get(reverse(f"staff:{name}")).content.decode()


@pytest.mark.parametrize(
    ("kind", "accepted", "outcome"),
    [
        ("identity", ("name", "website"), "accepted"),
        ("identity", ("name",), "partly"),
        ("correction", (), "refused"),
        ("report", ("report",), "accepted"),
        ("report", (), "refused"),
    ],
)
def test_decided_changes_are_noted(staff, staff_client, kind, accepted, outcome):
    author, listing = UserFactory(), ListingFactory(name="La Ruche")
    fields = {
        "name": {"before": "La Ruche", "after": "La Ruche d’or"},
        "website": {"before": "", "after": "https://ruche.example"},
    }
    proposal = listing.proposals.create(kind=kind, fields={} if kind == "report" else fields, author=author)
    proposals.decide(
        proposal_id=proposal.pk, accepted=accepted, seen=seen_proposal(proposal), reason="Vérifié", by=staff,
        now=timezone.now(),
    )  # fmt: skip
    assert noted() == (f"{kind}_{outcome}", "listing", listing.pk, staff.pk, author.pk, "Vérifié")
    listing.refresh_from_db()
    assert f'<a href="{reverse("staff:listing_edit", args=[listing.pk])}">{listing.name}</a>' in page(
        staff_client
    )


@pytest.mark.parametrize("accepted", [True, False])
def test_decided_claims_and_attestations_are_noted_and_told(staff, accepted):
    person, listing, now = UserFactory(), ListingFactory(name="La Ruche"), timezone.now()
    outcome = "accepted" if accepted else "refused"
    claim = listing.claims.create(user=person, state="waiting")
    claims.decide(
        claim_id=claim.pk, accepted=accepted, role="owner", seen=seen(claim), reason="Vu", by=staff, now=now
    )
    assert noted() == (f"claim_{outcome}", "listing", listing.pk, staff.pk, person.pk, "Vu")
    attestation = listing.attestations.create(
        signer=person, expires_on="2999-01-01", signer_name="A B", signer_title="C"
    )
    mail.outbox.clear()
    attachments.decide_attestation(
        attestation_id=attestation.pk,
        accepted=accepted,
        seen=seen(attestation),
        by=staff,
        reason="Lu",
        now=now,
    )
    assert noted() == (f"attestation_{outcome}", "listing", listing.pk, staff.pk, person.pk, "Lu")
    told = mail.outbox[0]
    assert told.to == [person.email]
    assert ("est acceptée" in told.subject) is accepted
    assert "La Ruche" in told.subject
    assert "Motif : Lu" in told.body.replace("\N{NO-BREAK SPACE}", " ")


def test_what_staff_do_with_listings_is_noted(staff):
    person, listing, other = UserFactory(), ListingFactory(name="La Ruche"), ListingFactory(name="Ruche")
    key = listing.pk
    listing_editing.add_manager(listing_id=key, person=person, by=staff)
    assert noted() == ("give", "listing", key, staff.pk, person.pk, "")
    listing_editing.add_manager(listing_id=key, person=person, by=staff)
    listing_editing.remove_manager(listing_id=key, role_id=listing.roles.get().pk, by=staff)
    listing_editing.remove_manager(listing_id=key, role_id=0, by=staff)
    assert noted() == ("take_back", "listing", key, staff.pk, person.pk, "")
    for state in (Listing.State.DRAFT, Listing.State.ARCHIVED, Listing.State.PUBLISHED):
        listing_editing.change_state(listing_id=key, state=state, by=staff)
        assert noted() == (state, "listing", key, staff.pk, None, "")
    history.restore(listing_id=key, version_id=listing.versions.first().pk, by=staff)
    assert noted() == ("restore", "listing", key, staff.pk, None, "")
    pair = DuplicatePair.objects.create(first=listing, second=other, likeness=0.9)
    merging.dismiss_pair(pair_id=pair.pk, seen=seen_pair(listing, other), by=staff)
    with pytest.raises(AlreadyDecided):
        merging.dismiss_pair(pair_id=pair.pk, seen=seen_pair(listing, other), by=staff)
    assert noted() == ("apart", "listing", key, staff.pk, None, "")
    assert AuditEntry.objects.filter(action="apart").count() == 1
    assert AuditEntry.objects.filter(action="give").count() == 1
    merging.merge(target=key, source=other.pk, seen=seen_pair(key, other.pk), fields_from_source=(), by=staff)
    assert noted() == ("merge", "listing", key, staff.pk, None, "Ruche → La Ruche")


def test_what_staff_decide_of_recommendations_is_noted(staff, staff_client):
    team, now, forum = Actor(staff), timezone.now(), ForumFactory()
    author = UserFactory()
    row, other = (
        RecommendationFactory(forum=forum, title=title, author=author, state="proposed")
        for title in ("Navette", "Navettes")
    )

    def last():
        action, kind, key, by, person, reason = noted()
        assert (kind, by, person) == ("recommendation", staff.pk, author.pk)
        return action, key, reason

    editing.refuse(recommendation=row, seen=seen(row), reason="Hors sujet", by=team, now=now)
    assert last() == ("refused", row.pk, "Hors sujet")
    editing.accept(recommendation=row, seen=seen(row), by=team, now=now)
    assert last() == ("accepted", row.pk, "")
    with pytest.raises(editing.RecommendationRefused, match="decided"):
        editing.accept(recommendation=row, seen=seen(row), by=team, now=now)
    editing.set_hidden(recommendation=row, seen=seen(row), is_hidden=True, by=team, now=now)
    assert last() == ("hidden", row.pk, "")
    editing.set_hidden(recommendation=row, seen=seen(row), is_hidden=False, by=team, now=now)
    assert last() == ("shown", row.pk, "")
    editing.accept(recommendation=other, seen=seen(other), by=team, now=now)
    content = editing.RecommendationContent(kind="issue", title="Navette rurale")
    kept = joining.merge(
        forum=forum,
        ids=[row.pk, other.pk],
        seen=seen_merge([row.pk, other.pk]),
        content=content,
        by=team,
        now=now,
    )
    gone = other if kept == row else row
    assert last() == ("merged", gone.pk, "")
    joining.separate(
        recommendation=Recommendation.objects.get(pk=gone.pk), seen=seen_separation(gone), by=team, now=now
    )
    assert last() == ("unmerged", gone.pk, "")
    assert AuditEntry.objects.filter(action="accepted").count() == 2
    address = reverse("staff:recommendation", args=[forum.slug, kept.pk])
    assert f'<a href="{address}">Navette rurale</a>' in page(staff_client)


def test_every_decision_has_its_words():
    decided = ("accepted", "refused")
    expected = {
        "account": {
            # The first two: before there were several roles.
            *("staff_given", "staff_taken", "suspend", "lift", "erase", "keep", "sessions_ended"),
            *(each for pair in roles.ACTIONS.values() for each in pair),
        },
        "invitation": {"invite", "resend", "revoke"},
        "comment": {"publish", "hide", "keep", "restore"},
        "recommendation": set(editing.DECISIONS),
        "listing": {
            *(f"{kind}_{state}" for kind in ("identity", "correction") for state in (*decided, "partly")),
            *(f"{kind}_{state}" for kind in ("report", "claim", "attestation") for state in decided),
            *Listing.State.values, "merge", "apart", "restore", "give", "take_back", "created", "edited", "verified",
            "classified", "unclassified",
        },
        "round": {*RoundEvent.Kind.values, "planned", "changed", "deleted", "drawn", "undrawn", "papers_lost"},
        "priority": {*(f"state_{state}" for state in Priority.State), "news_added", "news_changed", "news_removed"},
    }  # fmt: skip
    said = {kind: set(import_string(path).descriptions) for kind, path in settings.JOURNAL.items()}
    assert {kind: said[kind] for kind in expected} == expected
    unsaid = [found for found in noted_in_code() if found[1] not in said.get(found[0], ())]
    assert unsaid == []


def noted_in_code():
    """(kind, action) of each call that notes a decision, where both are written out."""
    called = re.compile(r"\b(?:journal\.)?(?:note|record)\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
    found = set()
    for path in settings.BASE_DIR.glob("*/**/*.py"):
        if path.parts[len(settings.BASE_DIR.parts)].startswith((".", "tests", "node")):
            continue
        for call in called.findall(path.read_text(encoding="utf-8")):
            kind = re.search(r'kind="(\w+)"', call)
            if kind and (action := re.search(r"action=([^,]+)", call)):
                found |= {(kind[1], word) for word in re.findall(r'(?<!f)"(\w+)"', action[1])}
    assert len(found) > 40
    return sorted(found)


def test_every_kind_has_its_name_in_the_filter(staff_client):
    assert all(name for _kind, name in journal.kinds())
    assert {kind for kind, _name in journal.kinds()} == set(settings.JOURNAL)


def test_journal_is_narrowed_by_subject_name_person_and_days(staff, staff_client):
    other, person = UserFactory(name="Zoé Lavoie", is_staff=True), UserFactory(name="Odile Roy")
    now = timezone.now()
    journal.record(action="edited", kind="listing", key=1, by=other)
    journal.record(action="suspend", kind="account", key=person.pk, by=staff, person_id=person.pk)
    old = datetime(2026, 3, 8, 4, 59, tzinfo=UTC)
    journal.record(action="menus", kind="menu", key=1, by=staff, at=old)

    def shown(**asked):
        answer = staff_client.get(reverse("staff:journal"), asked)
        assert answer.status_code == 200
        return {line.entry.action for line in answer.context["lines"]}

    everything = {"edited", "suspend", "menus"}
    assert shown() == everything
    assert shown(quoi="listing") == {"edited"}
    assert shown(qui="lavoie") == {"edited"}
    assert shown(qui="ODILE") == {"suspend"}
    assert shown(personne=person.pk) == {"suspend"}
    assert shown(personne=staff.pk) == {"suspend", "menus"}
    # Eleven in the evening of 7 March in Montréal, the day before its clocks change.
    assert shown(du="2026-03-07", au="2026-03-07") == {"menus"}
    assert shown(du="2026-03-08", au="2026-03-08") == set()
    assert shown(du=f"{timezone.localdate(now):%Y-%m-%d}") == {"edited", "suspend"}
    # What means nothing narrows nothing.
    for asked in (
        {"quoi": "x"},
        {"personne": "9" * 40},
        {"du": "9999-12-31"},
        {"au": "9999-12-31"},
        {"qui": "\0"},
    ):
        assert shown(**asked) == everything, asked


@pytest.mark.parametrize("rows", [1, 3])
def test_every_kind_is_found_in_a_constant_number_of_queries(staff, rows, django_assert_num_queries):
    objects = [
        *("text", PostFactory), *("text", PageFactory), *("author", AuthorFactory), *("forum", ForumFactory),
        *("round", RoundFactory), *("registration", RegistrationFactory), *("import", ImportFactory),
    ]  # fmt: skip
    for _each in range(rows):
        for kind, make in itertools.batched(objects, 2, strict=True):
            row = make()
            journal.record(action="x", kind=kind, key=getattr(row, "draft_id", row.pk), by=staff)
    entries = list(journal.entries())
    # Three kinds of text, then one query a kind.
    with django_assert_num_queries(8):
        lines = journal.describe_all(entries)
    assert all(line.title and line.url for line in lines)


def test_day_team_decides_nothing_in_the_name_of_the_team():
    forum = ForumFactory()
    helper = DayTeamMember.objects.create(forum=forum, name="Lou", token_hash="x", valid_until=timezone.now())
    rows = RecommendationFactory.create_batch(2, forum=forum, state="accepted")
    content = editing.RecommendationContent(kind="issue", title="Navette")
    joining.merge(
        forum=forum,
        ids=[row.pk for row in rows],
        seen=seen_merge([row.pk for row in rows]),
        content=content,
        by=Actor(None, helper_id=helper.pk),
        now=timezone.now(),
    )
    assert not AuditEntry.objects.exists()


def test_a_decision_repeated_is_noted_once(staff):
    listing = ListingFactory(state="draft")
    for _ in range(2):
        listing_editing.change_state(listing_id=listing.pk, state=Listing.State.PUBLISHED, by=staff)
    assert AuditEntry.objects.count() == 1


def test_journal_leads_to_what_was_decided_about_and_no_more_once_it_is_gone(staff, staff_client):
    comment = CommentFactory(thread=PostFactory(title="Un billet discuté").thread)
    moderation.hide(
        comment_id=comment.pk,
        reason="Insulte",
        seen=moderation.version_of(comment),
        by=staff,
        now=timezone.now(),
    )
    assert f'#{comment.anchor}">Un billet discuté</a>' in page(staff_client)
    key = comment.pk
    comment.delete()
    assert "Un billet discuté" not in page(staff_client)
    assert f"n<sup>o</sup> {key}" in page(staff_client)


def _decide_in_every_room(staff, n):
    for _ in range(n):
        for thread in (PostFactory().thread, ResultsFactory().thread, RecommendationFactory().thread):
            comment = CommentFactory(thread=thread)
            moderation.hide(
                comment_id=comment.pk,
                reason="Insulte",
                seen=moderation.version_of(comment),
                by=staff,
                now=timezone.now(),
            )
        row = RecommendationFactory()
        editing.set_hidden(
            recommendation=row, seen=seen(row), is_hidden=True, by=Actor(staff), now=timezone.now()
        )
        listing_editing.add_manager(listing_id=ListingFactory().pk, person=UserFactory(), by=staff)


def _make_wait_in_every_room(n):
    for _ in range(n):
        for thread in (PostFactory().thread, ResultsFactory().thread, RecommendationFactory().thread):
            CommentFactory(thread=thread, state="pending", shown_at=None)
        RecommendationFactory(state="proposed", author=UserFactory())
        listing, person = ListingFactory(), UserFactory()
        listing.proposals.create(kind="report", message="x", author=person)
        listing.claims.create(user=person, state="waiting")
        listing.attestations.create(
            signer=person, expires_on="2999-01-01", signer_name="A B", signer_title="C"
        )


@pytest.mark.parametrize("rows", [1, 3])
def test_journal_and_queue_ask_as_many_queries_whatever_is_there(
    staff, staff_client, django_assert_num_queries, rows
):
    _decide_in_every_room(staff, rows)
    _make_wait_in_every_room(rows)
    for name, queries in (("journal", 13), ("moderation", 27)):
        page(staff_client, name)
        with django_assert_num_queries(queries):
            page(staff_client, name)


def test_claims_and_attestations_wait_in_the_one_queue(staff_client):
    listing, person = ListingFactory(name="La Ruche"), UserFactory(name="Odile Roy")
    claim = listing.claims.create(user=person, state="waiting", message="Je dirige <b>La Ruche</b>")
    attestation = listing.attestations.create(
        expires_on="2999-01-01", signer_name="Odile Roy", signer_title="directrice", wording="Un principe"
    )
    listing.claims.create(user=UserFactory(), state="code_sent")
    found = moderation_queue(1)
    assert (found.total, [item.key for item in found.items]) == (2, [f"demande-{claim.pk}"])
    shown, queue = page(staff_client, "moderation"), page(staff_client, "directory_queue")
    assert "Je dirige &lt;b&gt;La Ruche&lt;/b&gt;" in shown
    assert "Un principe" in shown
    for place in (f"demande-{claim.pk}", f"attestation-{attestation.pk}"):
        assert f'href="{reverse("staff:directory_queue")}#{place}"' in shown
        assert f'id="{place}"' in queue
