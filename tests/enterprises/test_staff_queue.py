"""Errors reported, duplicates, history, and the yearly question."""

from __future__ import annotations

import re
import threading
import time
from datetime import date, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from enterprises.duplicates import merging
from enterprises.listing import editing, history
from enterprises.models import Checkup, DuplicatePair, Listing, ListingRole, ListingVersion, Proposal
from enterprises.ownership import proposals, rate_limit, yearly_checkups
from pole.hooks.moderation import ChangedMeanwhile
from pole.models import Municipality
from tests.conftest import signed_in
from tests.enterprises.test_editing import typed
from tests.factories import ListingFactory, SectorFactory, UserFactory
from tests.seen import seen, seen_pair, seen_proposal

pytestmark = pytest.mark.django_db
REPORT = "/repertoire/le-rayon-libre/signaler/"
EDIT = "/repertoire/le-rayon-libre/modifier/"


# --- Reported errors -----------------------------------------------------------------------------------


def test_visitor_reports_an_error_and_is_told_what_became_of_it(client, listing, staff_client):
    client.post(
        REPORT, {"message": "Ils ont déménagé <script>alert(1)</script>", "email": "moi@exemple.example"}
    )
    proposal = Proposal.objects.get()
    assert proposal.kind == "report"
    page = staff_client.get("/gestion/repertoire/a-traiter/").content.decode()
    assert "<script>alert" not in page
    staff_client.post(
        f"/gestion/repertoire/propositions/{proposal.pk}/",
        {"decision": "accept_all", "seen": seen_proposal(proposal)},
    )
    proposal.refresh_from_db()
    assert (proposal.state, proposal.author_email) == ("accepted", "")
    assert mail.outbox[-1].to == ["moi@exemple.example"]


def test_reports_are_few_and_machines_are_refused(client, listing):
    assert client.post(REPORT, {"message": "Un robot", "subject": "https://x.example"}).status_code == 200
    assert Proposal.objects.count() == 0
    for _ in range(rate_limit.REPORTS_AN_HOUR):
        assert client.post(REPORT, {"message": "Une erreur"}).status_code == 200
    assert client.post(REPORT, {"message": "Une de trop"}).status_code == 429
    assert Proposal.objects.count() == rate_limit.REPORTS_AN_HOUR


# --- History ---------------------------------------------------------------------------------------------


def test_an_edit_is_one_version_with_who_and_why(owner, owner_client, listing, staff_client):
    owner_client.post(
        EDIT, typed(listing, mission="Tout changer.", territory=["67", "58"], phone="450 555-0123")
    )
    version = ListingVersion.objects.get()
    assert version.actor == owner
    assert version.changed == ["mission", "phone", "served"]
    assert version.before["mission"] == "Réparer des vélos."
    page = staff_client.get(f"/gestion/repertoire/{listing.pk}/historique/").content.decode()
    for text in ("Samuel Roy", "Réparer des vélos.", "Tout changer.", "Roussillon"):
        assert text in page


def test_what_nobody_wrote_is_no_version(listing):
    sector = SectorFactory()
    listing.sectors.add(sector)
    ListingVersion.objects.all().delete()
    sector.name = "Renommé"
    sector.save()
    Municipality.objects.filter(code="67050").update(name="Châteauguay-Nouveau")
    Listing.objects.filter(pk=listing.pk).update(updated_at=timezone.now())
    assert not ListingVersion.objects.exists()


def test_a_bulk_update_is_kept_too(listing):
    Listing.objects.update(phone="+14505550123")
    assert ListingVersion.objects.get().changed == ["phone"]


def test_staff_restore_a_version_and_restore_that_too(listing, staff, staff_client):
    first, second = SectorFactory(), SectorFactory()
    listing.sectors.set([first])
    with history.attributed_edit(by=staff, reason="vider"):
        Listing.objects.filter(pk=listing.pk).update(mission="Vide.", name="Autre nom", version=2)
        listing.sectors.set([second])
    version = ListingVersion.objects.get(reason="vider")
    staff_client.post(f"/gestion/repertoire/{listing.pk}/historique/", {"version": version.pk})
    listing.refresh_from_db()
    assert (listing.name, listing.mission, listing.version) == ("Le Rayon libre", "Réparer des vélos.", 3)
    assert list(listing.sectors.all()) == [first]
    latest = ListingVersion.objects.order_by("-id").first()
    assert latest.before["name"] == "Autre nom"
    history.restore(listing_id=listing.pk, version_id=latest.pk, by=staff)
    listing.refresh_from_db()
    assert listing.name == "Autre nom"


def test_restoring_a_number_that_is_taken_is_refused(listing, staff):
    Listing.objects.filter(pk=listing.pk).update(neq="1190000001")
    Listing.objects.filter(pk=listing.pk).update(neq="")
    version = ListingVersion.objects.get()
    ListingFactory(neq="1190000001")
    ListingVersion.objects.filter(pk=version.pk).update(before=version.before | {"neq": "1190000001"})
    with pytest.raises(ValidationError, match="NEQ"):
        history.restore(listing_id=listing.pk, version_id=version.pk, by=staff)


# --- Duplicates --------------------------------------------------------------------------------------------


@pytest.fixture
def twins(listing):
    other = ListingFactory(slug="rayon", name="Atelier le Rayon libre inc.", neq="1190000001", phone="+14505550100",
                           website="https://rayonlibre.example")  # fmt: skip
    Listing.objects.filter(pk=listing.pk).update(website="https://www.rayonlibre.example/accueil")
    listing.refresh_from_db()
    merging.find_pairs()
    return listing, other


def test_pairs_are_found_once_and_not_a_duplicate_is_remembered(twins, staff, staff_client):
    pair = DuplicatePair.objects.get()
    assert merging.find_pairs() == 0
    staff_client.post(
        f"/gestion/repertoire/doublons/{pair.pk}/", {"decision": "apart", "seen": seen_pair(*twins)}
    )
    assert merging.find_pairs() == 0
    assert "Atelier le Rayon" not in staff_client.get("/gestion/repertoire/a-traiter/").content.decode()


def test_what_two_listings_share_is_said_in_words(twins, staff_client):
    facts = {"postal_code": "J6J 1A1", "street": "12, rue du Quai"}
    Listing.objects.filter(pk__in=[each.pk for each in twins]).update(**facts)
    pair = DuplicatePair.objects.get()
    for address in ("/gestion/repertoire/a-traiter/", f"/gestion/repertoire/doublons/{pair.pk}/"):
        page = staff_client.get(address).content.decode()
        for said in ("même domaine", "même adresse", "nom semblable"):
            assert f'<li class="badge">{said}</li>' in page, (address, said)
        assert "même téléphone" not in page
        assert "même code postal" not in page
    # What differs is marked and offers a choice; what does not is shown once.
    assert page.count('<tr class="review__differs">') == page.count("(différent)")
    assert page.count("12, rue du Quai") == 1
    assert 'name="take-street"' not in page
    assert 'name="take-neq"' in page


def test_merge_keeps_everything_and_redirects(twins, client, staff_client):
    listing, other = twins
    person = UserFactory()
    ListingRole.objects.create(listing=other, user=person, role="owner")
    other.photos.create(file="photos/a.webp", width_px=1, height_px=1, description="Une photo")
    other.territory.set(["67"])
    earlier = ListingFactory(slug="encore", state="archived", merged_into=other)
    pair = DuplicatePair.objects.get()
    page = staff_client.get(f"/gestion/repertoire/doublons/{pair.pk}/").content.decode()
    assert "1190000001" in page
    staff_client.post(f"/gestion/repertoire/doublons/{pair.pk}/", {
        "decision": "merge", "seen": seen_pair(*twins), "keep": "first", "take-phone": "second", "take-name": "first"})  # fmt: skip
    listing.refresh_from_db()
    assert (listing.name, listing.neq, listing.phone) == ("Le Rayon libre", "1190000001", "+14505550100")
    assert listing.other_names == ["Atelier le Rayon libre inc."]
    assert listing.served == ["67"]
    assert listing.roles.get().user == person
    assert listing.photos.count() == 1
    response = client.get("/repertoire/rayon/")
    assert (response.status_code, response["Location"]) == (301, "/repertoire/le-rayon-libre/")
    assert client.get("/repertoire/encore/")["Location"] == "/repertoire/le-rayon-libre/"
    earlier.refresh_from_db()
    assert earlier.merged_into == listing
    assert ListingVersion.objects.filter(listing=other).exists()
    assert not DuplicatePair.objects.exists()


def owner_of(listing):
    """A client signed in as a new owner of this listing."""
    owner = UserFactory()
    ListingRole.objects.create(listing=listing, user=owner)
    return signed_in(owner)


def test_merge_during_an_edit_loses_nothing(twins, staff):
    listing, other = twins
    client = owner_of(other)
    assert client.get("/repertoire/rayon/modifier/").status_code == 200
    real = editing.Listing.objects.get(pk=other.pk)
    stale = typed(real, mission="Tapé pendant la fusion.")
    from enterprises.views import editing as views

    original = views.get_editable_listing_or_404

    def merged_in_between(request, slug):
        found = original(request, slug)
        merging.merge(
            target=listing.pk,
            source=other.pk,
            seen=seen_pair(listing.pk, other.pk),
            fields_from_source=(),
            by=staff,
        )
        return found

    views.get_editable_listing_or_404 = merged_in_between
    try:
        response = client.post("/repertoire/rayon/modifier/", stale)
    finally:
        views.get_editable_listing_or_404 = original
    page = response.content.decode()
    assert response.status_code == 200
    assert "Tapé pendant la fusion." in page
    assert 'action="/repertoire/le-rayon-libre/modifier/"' in page
    assert response.context["form"].is_conflict
    listing.refresh_from_db()
    assert listing.mission == "Réparer des vélos."


def test_edit_sent_long_after_the_merge_is_shown_again(twins, staff):
    listing, other = twins
    client = owner_of(other)
    client.get("/repertoire/rayon/modifier/")
    stale = typed(editing.Listing.objects.get(pk=other.pk), mission="Tapé avant la fusion.")
    merging.merge(
        target=listing.pk,
        source=other.pk,
        seen=seen_pair(listing.pk, other.pk),
        fields_from_source=(),
        by=staff,
    )
    response = client.post("/repertoire/rayon/modifier/", stale)
    page = response.content.decode()
    assert "Tapé avant la fusion." in page
    assert 'action="/repertoire/le-rayon-libre/modifier/"' in page
    assert response.context["form"].is_conflict
    assert client.get("/repertoire/rayon/modifier/")["Location"] == "/repertoire/le-rayon-libre/modifier/"
    assert signed_in(UserFactory()).get("/repertoire/rayon/modifier/").status_code == 404


def test_other_pages_of_a_merged_listing_lead_to_the_one_that_stays(twins, staff, staff_client):
    listing, other = twins
    client = owner_of(other)
    said = typed(other, mission="Tapé avant la fusion.")
    merging.merge(
        target=listing.pk,
        source=other.pk,
        seen=seen_pair(listing.pk, other.pk),
        fields_from_source=(),
        by=staff,
    )
    listing.refresh_from_db()
    # Of the one that went, at a number that the one that stays happens to have.
    identity = typed(
        other, name="Le Rayon neuf", legal_form="npo", version=listing.version, sectors=[SectorFactory().pk]
    )
    answer = client.post("/repertoire/rayon/modifier/identite/", identity)
    assert answer.status_code == 200
    assert not Proposal.objects.exists()
    assert 'action="/repertoire/le-rayon-libre/modifier/identite/"' in answer.content.decode()
    preview = client.post("/repertoire/rayon/modifier/apercu/", said)
    assert "Tapé avant la fusion." in preview.content.decode()
    assert preview.context["form"].is_conflict
    page = staff_client.post(f"/gestion/repertoire/{other.pk}/", said | {"name": "Tapé par l’équipe"})
    assert "Tapé par l’équipe" in page.content.decode()
    assert page.context["form"].is_conflict
    kept = f"/gestion/repertoire/{listing.pk}/"
    assert staff_client.get(f"/gestion/repertoire/{other.pk}/")["Location"] == kept
    state = staff_client.post(f"/gestion/repertoire/{other.pk}/etat/", {"state": "published"})
    assert state["Location"] == kept
    other.refresh_from_db()
    assert other.state == "archived"


def test_preview_with_an_error_keeps_the_version_that_was_seen(twins):
    listing, _other = twins
    answer = owner_of(listing).post(
        "/repertoire/le-rayon-libre/modifier/apercu/", typed(listing, phone="pas un numéro", version="7")
    )
    assert 'name="version" value="7"' in answer.content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("lead_s", [0, 0.005, 0.02, 0.05])
def test_merge_and_edit_at_one_instant_lose_nothing(twins, staff, lead_s):
    """With real connections, the edit ahead by more and more: it is in the history, or shown again."""
    listing, other = twins
    client = owner_of(other)
    client.get("/repertoire/rayon/modifier/")
    said = typed(editing.Listing.objects.get(pk=other.pk), mission="Tapé pendant la fusion.")
    start, answers, errors = threading.Barrier(2), [], []

    def edit():
        start.wait()
        answers.append(client.post("/repertoire/rayon/modifier/", said, follow=False))

    def merge():
        start.wait()
        time.sleep(lead_s)
        merging.merge(
            target=listing.pk,
            source=other.pk,
            seen=seen_pair(listing.pk, other.pk),
            fields_from_source=(),
            by=staff,
        )

    def run(job):
        try:
            job()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[job]) for job in (edit, merge)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.refresh_from_db()
    if errors:
        # The edit came between what was shown of the two and their merge.
        assert [type(each) for each in errors] == [ChangedMeanwhile]
        assert (answers[0].status_code, other.mission) == (302, "Tapé pendant la fusion.")
        assert (other.merged_into, listing.state) == (None, "published")
        return
    assert other.merged_into == listing
    if answers[0].status_code == 302:
        assert "Tapé pendant la fusion." in str(list(other.versions.values_list("before", flat=True)))
    else:
        assert answers[0].status_code == 200
        assert "Tapé pendant la fusion." in answers[0].content.decode()


def test_a_listing_is_merged_once(twins, staff):
    listing, other = twins
    merging.merge(
        target=listing.pk,
        source=other.pk,
        seen=seen_pair(listing.pk, other.pk),
        fields_from_source=(),
        by=staff,
    )
    with pytest.raises(merging.MergeRefused):
        merging.merge(
            target=other.pk,
            source=listing.pk,
            seen=seen_pair(other.pk, listing.pk),
            fields_from_source=(),
            by=staff,
        )


# --- The yearly question -------------------------------------------------------------------------------------


def link() -> str:
    return re.search(r"https?://[^/\s]+(/repertoire/verifier/\S+)", mail.outbox[-1].body).group(1)


@pytest.fixture
def asked(listing):
    Listing.objects.update(verified_on=timezone.localdate() - timedelta(days=365))
    yearly_checkups.send_checkups(now=timezone.now())
    return Checkup.objects.get()


@pytest.mark.parametrize(("days", "count"), [(364, 0), (365, 1)])
def test_listings_are_asked_after_a_year(listing, days, count):
    Listing.objects.update(verified_on=timezone.localdate() - timedelta(days=days))
    yearly_checkups.send_checkups(now=timezone.now())
    yearly_checkups.send_checkups(now=timezone.now())
    assert Checkup.objects.count() == len(mail.outbox) == count


def test_opening_the_link_changes_nothing_and_a_button_does_once(asked, client, listing):
    assert client.get(link()).status_code == 200
    assert Checkup.objects.get().answer == ""
    client.post(link())
    listing.refresh_from_db()
    assert listing.verified_on == timezone.localdate()
    assert Checkup.objects.get().answer == "exact"
    Listing.objects.update(verified_on=date(2020, 1, 1))
    client.post(link())
    listing.refresh_from_db()
    assert listing.verified_on == date(2020, 1, 1)


def test_correction_without_account_is_reviewed(asked, client, listing, staff_client):
    data = {"version": 1, "mission": listing.mission, "municipality": "67050", "phone": "450 555-0199", "email": listing.email,
            "products": "", "message": ""}  # fmt: skip
    response = client.post(f"{link()}corriger/", data)
    assert response.status_code == 200, response.context["form"].errors
    proposal = Proposal.objects.get()
    assert (proposal.kind, set(proposal.fields)) == ("correction", {"phone"})
    listing.refresh_from_db()
    assert listing.phone == ""
    assert client.get(f"{link()}corriger/").status_code == 410
    staff_client.post(
        f"/gestion/repertoire/propositions/{proposal.pk}/",
        {"decision": "accept_all", "seen": seen_proposal(proposal)},
    )
    listing.refresh_from_db()
    assert listing.phone == "+14505550199"


def test_correction_sent_after_the_answer_says_that_the_link_has_served(asked, client, listing, monkeypatch):
    """Two windows: the other one answers between the reading of the checkup and its lock."""
    original = proposals.differences

    def answer_meanwhile(*arguments):
        yearly_checkups.record_answer(checkup_id=asked.pk, answer=Checkup.Answer.EXACT, now=timezone.now())
        return original(*arguments)

    monkeypatch.setattr(proposals, "differences", answer_meanwhile)
    data = {"version": 1, "mission": "Autre", "municipality": "67050", "email": listing.email, "message": ""}
    response = client.post(f"{link()}corriger/", data)
    assert (response.status_code, response.context["checkup"]) == (410, None)
    assert not Proposal.objects.exists()
    assert Checkup.objects.get().answer == "exact"


@pytest.mark.parametrize(
    ("answer", "said"),
    [("corrected", "L’équipe lit vos corrections"), ("exact", "la fiche est vérifiée")],
)
def test_link_opened_again_says_what_was_answered(asked, client, answer, said):
    yearly_checkups.record_answer(checkup_id=asked.pk, answer=Checkup.Answer(answer), now=timezone.now())
    for response in (client.get(link()), client.post(link())):
        assert said in response.content.decode()


def test_two_reminders_then_a_call(asked, listing, staff_client):
    now = timezone.now()
    for turn in range(1, 6):
        yearly_checkups.send_checkups(now=now + timedelta(days=14 * turn))
    checkup = Checkup.objects.get()
    assert (checkup.reminders, checkup.to_call) == (2, True)
    assert ["Rappel" in message.subject for message in mail.outbox] == [False, True, True]
    assert "Le Rayon libre" in staff_client.get("/gestion/repertoire/a-traiter/").content.decode()
    staff_client.post(f"/gestion/repertoire/appels/{checkup.pk}/", {"seen": seen(checkup)})
    listing.refresh_from_db()
    assert listing.verified_on == timezone.localdate()


@pytest.mark.parametrize(("days", "reminders"), [(13.99, 0), (14, 1)])
def test_a_reminder_waits_two_weeks(asked, days, reminders):
    yearly_checkups.send_checkups(now=asked.sent_at + timedelta(days=days))
    assert Checkup.objects.get().reminders == reminders


def test_without_any_address_the_team_calls(listing):
    Listing.objects.update(verified_on=date(2020, 1, 1), email="")
    yearly_checkups.send_checkups(now=timezone.now())
    assert Checkup.objects.get().to_call
    assert mail.outbox == []


@pytest.mark.parametrize(("days", "status"), [(59.9, 200), (60.1, 410)])
def test_link_expires(asked, client, days, status):
    address = link()
    with time_machine.travel(timezone.now() + timedelta(days=days)):
        assert client.get(address).status_code == status


def test_forged_and_foreign_links_are_refused_politely(client, asked):
    for token in ("x", "1:1:1", link().split("/")[-2][:-2] + "aa"):
        assert client.get(f"/repertoire/verifier/{token}/").status_code == 410
        assert client.post(f"/repertoire/verifier/{token}/").status_code == 410
    assert Checkup.objects.get().answer == ""


@pytest.mark.parametrize("rows", [1, 3])
def test_queue_asks_as_many_queries_whatever_waits(staff_client, rows, django_assert_num_queries):
    for _ in range(rows):
        listing, other = ListingFactory(email="x@y.example"), ListingFactory()
        listing.proposals.create(kind="report", message="x", author=UserFactory())
        listing.claims.create(user=UserFactory(), state="waiting")
        listing.attestations.create(expires_on="2999-01-01", signer_name="A B", signer_title="C")
        listing.checkups.create(to_call=True)
        DuplicatePair.objects.create(first=listing, second=other, likeness=0.9)
        ListingRole.objects.create(listing=listing, user=UserFactory()).delete()
    staff_client.get("/gestion/repertoire/a-traiter/")
    with django_assert_num_queries(13):
        staff_client.get("/gestion/repertoire/a-traiter/")


def test_proposals_are_in_the_teams_own_queue_too(listing, staff_client):
    from enterprises.hooks.moderation import queue as moderation_queue

    listing.proposals.create(kind="report", message="Le numéro a changé <b>")
    found = moderation_queue(5)
    assert (found.total, found.items[0].page_title) == (1, "Le Rayon libre")
    assert "Le numéro a changé &lt;b&gt;" in staff_client.get("/gestion/moderation/").content.decode()
