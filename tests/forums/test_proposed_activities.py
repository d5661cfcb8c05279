"""Activities that enterprises propose: typed once, read by the team, announced or refused, then changed through the team."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts import privacy
from accounts.models import AuditEntry
from enterprises.duplicates import merging
from enterprises.models import Listing, ListingRole
from forums.agenda import proposals
from forums.event import editing
from forums.hooks.staff_home import forums_card
from forums.models import ActivityProposal, Forum, Session
from forums.views.public import proposed_activities
from pole.hooks.moderation import ChangedMeanwhile
from pole.hooks.speaking import spoken_for
from tests.conftest import signed_in
from tests.factories import ActivityProposalFactory, ForumFactory, ListingFactory, UserFactory
from tests.forums.registering import at_once
from tests.moments import as_typed, at_nine
from tests.seen import seen_pair

pytestmark = pytest.mark.django_db
State = ActivityProposal.State


def keeper(listing, role="owner", **person):
    """Someone who keeps this listing."""
    user = UserFactory(**person)
    ListingRole.objects.create(listing=listing, user=user, role=role)
    return user


def in_days(days, hours=0):
    return as_typed(at_nine(days=days) + timedelta(hours=hours))


def typed(**changes):
    return {
        "kind": "open_day", "title": "Portes ouvertes de l’atelier", "summary": "Venez voir comment on répare un vélo.",
        "body": "<p>L’atelier est ouvert à tout le monde.</p>", "spoken_language": "fr", "mode": "in_person",
        "starts_at": in_days(20), "ends_at": in_days(20, 3), "venue": "Atelier", "venue_address": "12, rue Principale",
        "municipality": "67050", "online_link": "", "price": "0", "price_note": "", "registration_link": "",
        "key": str(uuid.uuid4()), "version": "1",
    } | changes  # fmt: skip


def address(listing, *more):
    return "/".join(["/agenda/entreprises", listing.slug, *map(str, more), ""])


def review(forum, *more):
    return "/".join(["/gestion/forums", forum.slug, "proposition", *more, ""])


@pytest.fixture
def listing(db):
    return ListingFactory(slug="velo", name="Vélo libre")


@pytest.fixture
def person(listing):
    return keeper(listing, name="Lou Gagné", email="lou@velo.exemple")


@pytest.fixture
def page(person):
    return signed_in(person)


@pytest.fixture
def row(listing, person):
    return ActivityProposalFactory(listing=listing, proposed_by=person)


def decide(client, row, word, **sent):
    row.refresh_from_db()
    row.forum.refresh_from_db()
    return client.post(review(row.forum, word), {"seen": row.shown_version} | sent)


# --- Proposing --------------------------------------------------------------------------------------


def test_what_is_sent_waits_for_the_team_and_nobody_else_reads_it(page, listing, client, staff_client):
    sent = page.post(
        address(listing, "proposer"), typed(price="12,50", registration_link="velo.example/inscription")
    )
    row = ActivityProposal.objects.get()
    assert sent.url == address(listing, row.pk)
    forum = row.forum
    assert (forum.kind, forum.slug, forum.has_participation) == (
        "open_day",
        "portes-ouvertes-de-l-atelier",
        False,
    )
    assert (str(forum.price), forum.registration_link) == ("12.50", "https://velo.example/inscription")
    assert (row.state, row.listing, forum.announced_at) == ("awaiting", listing, None)
    assert client.get(forum.get_absolute_url()).status_code == 404
    assert "Portes ouvertes" not in client.get(listing.get_absolute_url()).content.decode()
    assert "Portes ouvertes" in staff_client.get("/gestion/moderation/").content.decode()
    assert "Portes ouvertes" in page.get(address(listing)).content.decode()
    assert [(line.text, line.count) for line in forums_card().lines] == [("activité proposée à lire", 1)]


def test_the_same_form_makes_one_activity(page, listing):
    sent = typed()
    assert (
        page.post(address(listing, "proposer"), sent).url == page.post(address(listing, "proposer"), sent).url
    )
    assert Forum.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_click_makes_one_activity():
    listing = ListingFactory()
    client, sent = signed_in(keeper(listing)), typed()
    answers = at_once([lambda: client.post(address(listing, "proposer"), sent).status_code] * 2)
    assert (answers, Forum.objects.count()) == ([302, 302], 1)


def test_the_form_of_someone_else_is_not_theirs(page, listing):
    other = ListingFactory()
    sent = typed()
    signed_in(keeper(other)).post(address(other, "proposer"), sent)
    again = page.post(address(listing, "proposer"), sent)
    assert again.status_code == 422
    assert "Ce formulaire a déjà servi" in again.content.decode()
    assert Forum.objects.count() == 1


def test_several_dates_are_sessions(page, listing):
    dates = {
        "second_starts_at": in_days(27), "second_ends_at": in_days(27, 3),
        "third_starts_at": in_days(34), "third_ends_at": in_days(34, 2),
    }  # fmt: skip
    page.post(address(listing, "proposer"), typed(kind="training") | dates)
    row = ActivityProposal.objects.get()
    sessions = list(row.forum.sessions.values_list("starts_at", "ends_at"))
    assert len(sessions) == 3
    assert (row.forum.starts_at, row.forum.ends_at) == (sessions[0][0], sessions[2][1])
    text = page.get(address(listing, row.pk)).content.decode()
    assert f'value="{in_days(34)}"' in text
    Session.objects.filter(position=2).update(trainer="Ada Roy")
    page.post(address(listing, row.pk), typed(kind="training", third_starts_at="", third_ends_at="") | {
        name: value for name, value in dates.items() if name.startswith("second")
    })  # fmt: skip
    assert list(row.forum.sessions.values_list("position", "trainer")) == [(1, ""), (2, "Ada Roy")]
    page.post(address(listing, row.pk), typed(version="2"))
    assert not row.forum.sessions.exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": ""}, "Titre"),
        ({"kind": "forum"}, "Genre d’activité"),
        ({"kind": ""}, "Dites de quel genre"),
        ({"summary": ""}, "Résumé"),
        ({"starts_at": "2020-01-05T10:00", "ends_at": "2020-01-05T12:00"}, "Choisissez une date à venir."),
        ({"ends_at": "2020-01-05T10:00"}, "La fin doit suivre le début."),
        ({"second_starts_at": "2099-01-05T10:00"}, "Donnez le début et la fin"),
        ({"second_starts_at": "2020-01-05T10:00", "second_ends_at": "2020-01-05T12:00"}, "dans l’ordre"),
        ({"venue": "", "municipality": ""}, "Dites où les gens se rendent"),
        ({"registration_link": "javascript:alert(1)"}, "Lien pour s’inscrire"),
        ({"registration_link": "ftp://velo.example/"}, "Lien pour s’inscrire"),
        ({"online_link": "data:text/html,<script>"}, "Lien pour participer en ligne"),
        ({"price": "-3"}, "Prix, en dollars"),
        ({"price": "cher"}, "Prix, en dollars"),
        ({"body": '<p>Voyez</p><img src="/media/pictures/a.webp" alt="">'}, "n’a pas d’image"),
    ],
    ids=lambda each: str(each)[:40],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(page, listing, changes, said):
    answer = page.post(address(listing, "proposer"), typed() | changes)
    text = answer.content.decode()
    summary = re.search(r'<div class="error-summary".*?</div>', text, re.DOTALL)[0]
    assert (answer.status_code, Forum.objects.count()) == (422, 0)
    assert said in summary
    if "summary" not in changes:
        assert "Venez voir comment on répare un vélo." in text


def test_online_needs_no_place_and_its_link_stays_with_the_registered(page, listing, client, staff_client):
    link = "https://visio.example/secret"
    page.post(address(listing, "proposer"), typed(mode="online", venue="", municipality="", online_link=link))
    row = ActivityProposal.objects.get()
    assert link in staff_client.get(review(row.forum)).content.decode()
    decide(staff_client, row, "acceptation")
    for path in (row.forum.get_absolute_url(), listing.get_absolute_url(), "/recherche/?q=atelier"):
        assert "visio.example" not in client.get(path).content.decode()


def test_what_is_hostile_is_text(page, listing, staff_client):
    page.post(
        address(listing, "proposer"),
        typed(
            title="<script>alert(1)</script>Porte\u202e ouverte",
            body='<p onclick="x()">Bonjour<script>alert(2)</script> <a href="javascript:alert(3)">ici</a></p>',
        ),
    )
    forum = Forum.objects.get()
    assert "\u202e" not in forum.title
    for stored in ("script", "onclick", "javascript"):
        assert stored not in forum.body
    assert "<script>alert" not in staff_client.get(review(forum)).content.decode()


def test_a_preview_sends_nothing(page, listing):
    answer = page.post(address(listing, "proposer"), typed(preview="1", price="20"))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Rien n’est encore envoyé" in text
    assert "20\u00a0$" in text
    assert 'value="Portes ouvertes de l’atelier"' in text
    assert not Forum.objects.exists()
    assert page.post(address(listing, "proposer"), typed(preview="1", title="")).status_code == 422


# --- Who may ----------------------------------------------------------------------------------------


def test_only_who_keeps_the_listing_proposes(listing, row):
    for user in (UserFactory(), keeper(ListingFactory()), UserFactory(roles=["directory"])):
        client = signed_in(user, second_factor=True)
        for path in (address(listing), address(listing, "proposer"), address(listing, row.pk)):
            assert client.get(path).status_code == 404
        for path in ("proposer", f"{row.pk}", f"{row.pk}/retrait", f"{row.pk}/demande"):
            assert client.post(address(listing, path), typed()).status_code == 404
    assert Forum.objects.count() == 1


def test_another_listing_of_theirs_does_not_lead_to_it(page, person, row):
    other = ListingFactory()
    ListingRole.objects.create(listing=other, user=person, role="owner")
    assert page.get(address(other, row.pk)).status_code == 404


def test_a_listing_taken_away_between_the_page_and_the_write_is_not_theirs(
    page, listing, row, person, monkeypatch
):
    def read_before(user):
        found = spoken_for(user)
        ListingRole.objects.filter(user=person).delete()
        return found

    monkeypatch.setattr(proposed_activities, "spoken_for", read_before)
    for path in ("proposer", f"{row.pk}", f"{row.pk}/retrait", f"{row.pk}/demande"):
        ListingRole.objects.get_or_create(listing=listing, user=person, role="owner")
        assert page.post(address(listing, path), typed(asked="Une autre date")).status_code == 404, path
    row.refresh_from_db()
    assert (Forum.objects.count(), row.state, row.asked) == (1, "awaiting", "")


@pytest.mark.django_db(transaction=True)
def test_a_listing_that_is_merged_meanwhile_proposes_nothing():
    """Neither waits for the other for ever, and nothing is left to a listing that is archived."""
    for _each in range(3):
        listing, kept, staff = ListingFactory(), ListingFactory(), UserFactory(is_staff=True)
        client, seen = signed_in(keeper(listing)), seen_pair(kept.pk, listing.pk)
        acts = [
            lambda kept=kept, listing=listing, seen=seen, staff=staff: (
                merging.merge(
                    target=kept.pk, source=listing.pk, seen=seen, fields_from_source=(), by=staff
                ).pk
            ),
            lambda client=client, listing=listing: (
                client.post(address(listing, "proposer"), typed()).status_code
            ),
        ]
        merged, sent = at_once(acts)
        assert merged == kept.pk
        assert sent in {302, 404}
    assert not ActivityProposal.objects.filter(listing__state="archived").exists()


def test_a_co_editor_proposes(listing):
    signed_in(keeper(listing, role="editor")).post(address(listing, "proposer"), typed())
    assert ActivityProposal.objects.count() == 1


def test_a_hidden_listing_proposes_nothing(page, listing):
    Listing.objects.filter(pk=listing.pk).update(state="draft")
    assert "Proposer une activité" not in page.get(address(listing)).content.decode().split("<main", 1)[1]
    answer = page.post(address(listing, "proposer"), typed())
    assert "La fiche est masquée" in answer.content.decode()
    Listing.objects.filter(pk=listing.pk).update(state="archived")
    assert page.get(address(listing)).status_code == 404
    assert not Forum.objects.exists()


def test_so_many_a_day(page, listing, person):
    for _each in range(proposals.MAX_PROPOSALS):
        ActivityProposalFactory(listing=listing, proposed_by=person)
    answer = page.post(address(listing, "proposer"), typed())
    assert answer.status_code == 422
    assert "envoyez-le de nouveau demain" in answer.content.decode()
    ActivityProposal.objects.update(proposed_at=timezone.now() - proposals.PERIOD - timedelta(minutes=1))
    assert page.post(address(listing, "proposer"), typed()).status_code == 302


# --- Before the answer ------------------------------------------------------------------------------


def test_it_may_be_changed_until_the_answer(page, listing, row):
    assert row.forum.title in page.get(address(listing, row.pk)).content.decode()
    changed = page.post(address(listing, row.pk), typed(title="Autre titre"))
    row.forum.refresh_from_db()
    assert changed.url == address(listing, row.pk)
    assert (row.forum.title, row.forum.version, row.forum.slug) == ("Autre titre", 2, row.forum.slug)


def test_a_change_over_that_of_the_team_is_told(page, listing, row):
    Forum.objects.filter(pk=row.forum_id).update(version=4, title="Relu par l’équipe")
    answer = page.post(address(listing, row.pk), typed(title="Le mien"))
    assert answer.status_code == 422
    assert "Le mien" in answer.content.decode()
    assert Forum.objects.get().title == "Relu par l’équipe"


def test_once_answered_nothing_changes(page, listing, row, staff):
    seen = row.shown_version
    proposals.refuse(proposal_id=row.pk, reason="Hors sujet", seen=seen, by=staff, now=timezone.now())
    for path in (f"{row.pk}", f"{row.pk}/retrait"):
        answer = page.post(address(listing, path), typed(title="Le mien"), follow=True)
        assert "L’équipe a répondu entre-temps" in answer.content.decode()
    row.refresh_from_db()
    assert (row.state, row.forum.title == "Le mien") == ("refused", False)


def test_what_is_taken_back_is_read_no_more(page, listing, row, staff_client):
    page.post(address(listing, row.pk, "retrait"))
    row.refresh_from_db()
    assert row.state == "withdrawn"
    assert row.forum.title not in staff_client.get("/gestion/moderation/").content.decode()
    refused = decide(staff_client, row, "acceptation")
    assert (refused.status_code, Forum.objects.get().announced_at) == (302, None)
    assert "Quelqu’un a déjà décidé." in staff_client.get(refused.url).content.decode()


# --- The answer -------------------------------------------------------------------------------------


def test_accepted_it_is_public_and_who_proposed_it_is_told(listing, row, staff_client, client):
    assert row.forum.title not in client.get(listing.get_absolute_url()).content.decode()
    mail.outbox.clear()
    assert decide(staff_client, row, "acceptation").status_code == 302
    told = mail.outbox[-1]
    assert told.to == ["lou@velo.exemple"]
    assert row.forum.get_absolute_url() in told.body
    shown = client.get(row.forum.get_absolute_url()).content.decode()
    assert re.search(r'Proposée par</dt><dd><a href="/repertoire/velo/">Vélo libre</a>', shown)
    assert row.forum.title in client.get(listing.get_absolute_url()).content.decode()
    entry = AuditEntry.objects.get(action="proposal_accepted")
    assert (entry.kind, entry.key, entry.person) == ("forum", row.forum_id, row.proposed_by)


def test_accepted_for_later_it_appears_by_itself(listing, row, staff_client, client):
    at = at_nine(days=2)
    decide(staff_client, row, "acceptation", at=as_typed(at))
    assert "Le public la lira ici" in mail.outbox[-1].body
    assert client.get(row.forum.get_absolute_url()).status_code == 404
    with time_machine.travel(at + timedelta(minutes=1)):
        assert client.get(row.forum.get_absolute_url()).status_code == 200
        assert row.forum.title in client.get(listing.get_absolute_url()).content.decode()


def test_once_over_the_listing_shows_it_no_more(listing, row, staff_client, client):
    decide(staff_client, row, "acceptation")
    assert row.forum.title in client.get(listing.get_absolute_url()).content.decode()
    with time_machine.travel(row.forum.ends_at + timedelta(minutes=1)):
        assert row.forum.title not in client.get(listing.get_absolute_url()).content.decode()


def test_the_page_follows_the_name_of_the_listing(listing, row, staff_client, client):
    decide(staff_client, row, "acceptation")
    assert "Vélo libre" in client.get(row.forum.get_absolute_url()).content.decode()
    Listing.objects.filter(pk=listing.pk).update(name="Vélo très libre")
    assert "Vélo très libre" in client.get(row.forum.get_absolute_url()).content.decode()
    Listing.objects.filter(pk=listing.pk).update(state="draft")
    text = client.get(row.forum.get_absolute_url()).content.decode()
    assert "Vélo très libre" not in text
    assert "/repertoire/velo/" not in text


def test_refused_the_mail_says_why_in_their_language(listing, row, staff_client):
    row.proposed_by.language = "en"
    row.proposed_by.save()
    assert decide(staff_client, row, "refus").status_code == 422
    assert decide(staff_client, row, "refus", reason="Elle a lieu hors du territoire.").status_code == 302
    told = mail.outbox[-1]
    assert "Elle a lieu hors du territoire." in told.body
    assert "was not kept" in told.subject
    assert Forum.objects.get().announced_at is None
    assert AuditEntry.objects.get(action="proposal_refused").reason == "Elle a lieu hors du territoire."


def test_refused_by_mistake_it_is_accepted_after_all(row, staff_client, client):
    decide(staff_client, row, "refus", reason="Erreur")
    assert decide(staff_client, row, "acceptation").status_code == 302
    row.refresh_from_db()
    assert (row.state, row.reason) == ("accepted", "")
    assert client.get(row.forum.get_absolute_url()).status_code == 200


def test_what_changed_meanwhile_is_read_again(row, staff):
    seen = row.shown_version
    Forum.objects.filter(pk=row.forum_id).update(title="Autre", version=2)
    now = timezone.now()
    with pytest.raises(ChangedMeanwhile):
        proposals.accept(proposal_id=row.pk, at=now, seen=seen, by=staff, now=now)


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_answer_once():
    row, staff, now = ActivityProposalFactory(), UserFactory(is_staff=True), timezone.now()
    seen = row.shown_version
    acts = [
        lambda: proposals.accept(proposal_id=row.pk, at=now, seen=seen, by=staff, now=now),
        lambda: proposals.refuse(proposal_id=row.pk, reason="Non", seen=seen, by=staff, now=now),
    ]
    answers = at_once(acts)
    refusals = [each for each in answers if isinstance(each, proposals.AlreadyAnswered | ChangedMeanwhile)]
    assert len(refusals) == 1
    assert AuditEntry.objects.filter(action__startswith="proposal_").count() == len(mail.outbox) == 1


def test_of_a_hidden_listing_nothing_is_accepted(listing, row, staff_client):
    Listing.objects.filter(pk=listing.pk).update(state="draft")
    answer = decide(staff_client, row, "acceptation")
    assert answer.status_code == 422
    assert "La fiche est masquée" in answer.content.decode()
    assert Forum.objects.get().announced_at is None


def test_the_editor_announces_nothing_that_is_proposed(row, staff_client, staff):
    with pytest.raises(editing.ProposalNotAccepted):
        editing.announce(forum=row.forum, at=timezone.now(), by=staff)
    path = f"/gestion/forums/{row.forum.slug}/"
    answer = staff_client.post(f"{path}annonce/", follow=True)
    assert "Une entreprise propose cette activité" in answer.content.decode()
    assert review(row.forum) in answer.content.decode()
    assert row.forum.title not in staff_client.get("/gestion/forums/").content.decode()
    decide(staff_client, row, "acceptation")
    assert row.forum.title in staff_client.get("/gestion/forums/").content.decode()


def test_nobody_registers_nor_subscribes_before_the_answer(row, client):
    """Even with a date that opens registration, which the team may set beforehand."""
    now = timezone.now()
    Forum.objects.filter(pk=row.forum_id).update(registration_opens_at=now - timedelta(days=1))
    path = row.forum.get_absolute_url()
    for each in (path, f"{path}inscription/", f"{path}programme.ics", f"{path}recommandations/"):
        assert client.get(each).status_code == 404
    for each in ("/", "/forums/", "/recherche/?q=portes", "/sitemap.xml"):
        assert row.forum.title not in client.get(each).content.decode()
        assert path not in client.get(each).content.decode()


def test_accepted_its_link_reaches_whoever_registers(page, listing, client, staff_client):
    """Only who is registered reads it: somebody must be able to be."""
    link = "https://visio.example/secret"
    online = {"mode": "online", "venue": "", "municipality": "", "online_link": link}
    page.post(address(listing, "proposer"), typed(kind="webinar", **online))
    row, at = ActivityProposal.objects.get(), at_nine(days=2)
    decide(staff_client, row, "acceptation", at=as_typed(at))
    with time_machine.travel(at + timedelta(minutes=1)):
        path = row.forum.get_absolute_url()
        assert f"{path}inscription/" in client.get(path).content.decode()


@pytest.mark.parametrize(
    "changes",
    [{}, {"online_link": "https://visio.example/", "registration_link": "https://velo.example/inscription"}],
)
def test_accepted_it_takes_registrations_for_nothing_else(page, listing, staff_client, changes):
    page.post(address(listing, "proposer"), typed(**changes))
    row = ActivityProposal.objects.get()
    decide(staff_client, row, "acceptation")
    assert Forum.objects.get().registration_opens_at is None


# --- Once announced ---------------------------------------------------------------------------------


def test_a_change_is_asked_of_the_team(page, listing, row, staff_client):
    decide(staff_client, row, "acceptation")
    assert page.post(address(listing, row.pk, "demande"), {"asked": ""}).status_code == 422
    page.post(address(listing, row.pk, "demande"), {"asked": "C’est remis au 12."})
    assert "C’est remis au 12." in staff_client.get("/gestion/moderation/").content.decode()
    assert "C’est remis au 12." in page.get(address(listing, row.pk)).content.decode()
    assert decide(staff_client, row, "reponse").status_code == 422
    assert decide(staff_client, row, "reponse", answer="C’est fait.").status_code == 302
    told = mail.outbox[-1]
    assert told.to == ["lou@velo.exemple"]
    assert "C’est remis au 12." in told.body
    assert "C’est fait." in told.body
    row.refresh_from_db()
    assert (row.asked, row.asked_at, row.asked_by) == ("", None, None)
    told = len(mail.outbox)
    assert decide(staff_client, row, "reponse", answer="Encore").status_code == 302
    assert len(mail.outbox) == told


def test_nothing_is_asked_of_what_is_over_or_cancelled(page, listing, row, staff_client):
    assert page.post(address(listing, row.pk, "demande"), {"asked": "Une date"}).status_code == 422
    decide(staff_client, row, "acceptation")
    Forum.objects.update(cancelled_at=timezone.now())
    assert page.post(address(listing, row.pk, "demande"), {"asked": "Une date"}).status_code == 422
    assert not ActivityProposal.objects.exclude(asked="").exists()


# --- What becomes of it -----------------------------------------------------------------------------


def test_proposals_follow_a_merged_listing(listing, row, staff, person):
    kept = ListingFactory()
    merging.merge(
        target=kept.pk,
        source=listing.pk,
        seen=seen_pair(kept.pk, listing.pk),
        fields_from_source=(),
        by=staff,
    )
    row.refresh_from_db()
    assert row.listing == kept
    assert signed_in(person).get(address(kept, row.pk)).status_code == 200


def test_without_its_listing_an_announced_activity_stays(listing, row, staff_client, client):
    decide(staff_client, row, "acceptation")
    listing.delete()
    assert not ActivityProposal.objects.exists()
    assert "Proposée par" not in client.get(row.forum.get_absolute_url()).content.decode()


def test_an_erased_account_leaves_the_activity(row, person, staff_client, client):
    decide(staff_client, row, "acceptation")
    data = privacy.data_of(person)
    assert [each["title"] for each in data["proposed_activities"]] == [row.forum.title]
    assert privacy.erase_due_accounts(privacy.schedule_erasure(user=person, now=timezone.now())) == 1
    row.refresh_from_db()
    assert row.proposed_by is None
    assert client.get(row.forum.get_absolute_url()).status_code == 200


def test_what_came_to_nothing_goes_after_a_year(row, staff):
    now = timezone.now()
    proposals.refuse(proposal_id=row.pk, reason="Non", seen=row.shown_version, by=staff, now=now)
    kept = [ActivityProposalFactory().forum.pk, ForumFactory(announced_at=None).pk]
    assert proposals.delete_old(now + proposals.KEPT_FOR - timedelta(minutes=1)) == 0
    assert proposals.delete_old(now + proposals.KEPT_FOR) == 1
    assert sorted(Forum.objects.values_list("pk", flat=True)) == sorted(kept)
