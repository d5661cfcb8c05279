"""« Mentionner une entreprise absente »: sent once, compared with what is there, decided by the team."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts import privacy
from accounts.models import AuditEntry
from enterprises.forms.mentions import MentionForm
from enterprises.models import Listing, Mention
from enterprises.ownership import mentions, rate_limit
from tests.conftest import signed_in
from tests.factories import ListingFactory, MentionFactory, UserFactory

pytestmark = pytest.mark.django_db
MENTION = "/repertoire/mentionner/"


def typed(**changes):
    with time_machine.travel(timezone.now() - timedelta(seconds=10)):
        shown = MentionForm.new_form_token()
    return {
        "name": "Coop Brindille", "municipality": "67050", "activity": "Tisser la laine d’ici.", "website": "brindille.example",
        "phone": "450 555-0125, poste 3", "email": "", "subject": "", "shown": shown,
    } | changes  # fmt: skip


def review(client, row, **sent):
    return client.post(f"/gestion/repertoire/mentions/{row.pk}/", {"seen": row.shown_version} | sent)


def test_visitor_mentions_and_the_team_writes_a_hidden_listing(client, staff_client, staff):
    assert "Merci" in client.post(MENTION, typed(email="moi@exemple.example")).content.decode()
    row = Mention.objects.get()
    assert "Coop Brindille" in staff_client.get("/gestion/repertoire/a-traiter/").content.decode()
    assert "Coop Brindille" in staff_client.get("/gestion/moderation/").content.decode()
    assert "entreprise mentionnée" in staff_client.get("/gestion/").content.decode()
    mail.outbox.clear()
    written = review(staff_client, row, decision="accept")
    listing = Listing.objects.get()
    assert written.url == f"/gestion/repertoire/{listing.pk}/"
    assert (listing.name, listing.state, listing.mission, listing.municipality_id) == (
        "Coop Brindille", "draft", "Tisser la laine d’ici.", "67050",
    )  # fmt: skip
    assert (listing.website, listing.phone, listing.phone_extension) == (
        "https://brindille.example",
        "+14505550125",
        "3",
    )
    row.refresh_from_db()
    assert (row.state, row.listing, row.author_email, row.decided_by) == ("accepted", listing, "", staff)
    assert [message.to for message in mail.outbox] == [["moi@exemple.example"]]
    assert AuditEntry.objects.get(kind="mention").action == "mention_accepted"
    assert client.get(listing.get_absolute_url()).status_code == 404


def test_refusing_takes_a_reason_and_writes_nothing(staff_client):
    row = MentionFactory(author_email="moi@exemple.example")
    mail.outbox.clear()
    assert review(staff_client, row, decision="refuse").status_code == 422
    assert review(staff_client, row, decision="refuse", reason="Ce n’est pas un OBNL.").status_code == 302
    row.refresh_from_db()
    assert (row.state, row.author_email, Listing.objects.count()) == ("refused", "", 0)
    assert "Ce n’est pas un OBNL." in mail.outbox[0].body
    # Decided once.
    assert review(staff_client, row, decision="accept").status_code == 302
    assert not Listing.objects.exists()


def test_what_changed_meanwhile_is_read_again(staff_client):
    row = MentionFactory()
    seen = row.shown_version
    Mention.objects.update(name="Autre nom")
    assert review(staff_client, row, decision="accept", seen=seen).status_code == 422
    assert not Listing.objects.exists()


@pytest.mark.parametrize(
    "stored",
    [{"name": "Coopérative Brindille"}, {"name": "La Toison", "website": "https://www.brindille.example/fr/"},
     {"name": "La Toison", "phone": "+14505550125"}],
)  # fmt: skip
def test_listings_like_it_are_shown_before_it_is_sent(client, stored):
    listing = ListingFactory(**stored)
    ListingFactory(name="Garage du Nord")
    ListingFactory(name="Coop Brindille", state="draft")
    sent = typed()
    page = client.post(MENTION, sent).content.decode()
    assert "Est-ce l’une de celles-ci?" in page
    assert listing.get_absolute_url() in page
    assert "Garage du Nord" not in page
    assert not Mention.objects.exists()
    client.post(MENTION, sent | {"is_another": "yes"})
    assert Mention.objects.get().name == "Coop Brindille"


def test_double_click_is_one_mention(client):
    sent = typed()
    for _twice in range(2):
        assert client.post(MENTION, sent).status_code == 200
    assert Mention.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [{"name": ""}, {"name": "\x00"}, {"activity": ""}, {"municipality": ""}, {"municipality": "\x00"}, {"municipality": "99999"},
     {"website": "", "phone": ""}, {"website": "ftp://x"}, {"phone": "12"}, {"subject": "robot"}, {"shown": ""},
     {"shown": MentionForm.new_form_token()}, {"name": "x" * 141}, {"email": "x"}],
)  # fmt: skip
def test_what_can_not_be_sent_is_said(client, changes):
    with time_machine.travel(timezone.now()):
        sent = typed() | changes
        if changes.get("shown"):
            sent["shown"] = MentionForm.new_form_token()
        assert client.post(MENTION, sent).status_code == 422
    assert not Mention.objects.exists()


def test_mentions_are_few(client):
    for number in range(rate_limit.REPORTS_AN_HOUR):
        assert client.post(MENTION, typed(name=f"Entreprise {number} xyz")).status_code == 200
    assert client.post(MENTION, typed(name="Une de trop")).status_code == 429
    assert Mention.objects.count() == rate_limit.REPORTS_AN_HOUR


def test_what_someone_with_an_account_mentioned_is_in_their_data_and_forgotten_with_them():
    person = UserFactory()
    client = signed_in(person)
    client.post(MENTION, typed(email="autre@exemple.example"))
    row = Mention.objects.get()
    assert (row.author, row.author_email) == (person, "")
    assert "Coop Brindille" in client.get("/compte/donnees/mes-donnees.json").content.decode()
    now = timezone.now()
    privacy.schedule_erasure(user=person, now=now)
    privacy.erase_due_accounts(now + timedelta(days=365))
    row.refresh_from_db()
    assert row.author is None


@pytest.mark.parametrize("name", ["%", "_", "'", "é" * 140, "\u202e", "a"])
def test_any_name_is_compared(name):
    ListingFactory()
    mentions.listings_like(name=name, website=name, phone=name)


def test_directory_leads_to_it_with_what_was_looked_for(client):
    page = client.get("/repertoire/?q=zzyzx").content.decode()
    assert f'href="{MENTION}?nom=zzyzx"' in page
    assert 'value="zzyzx"' in client.get(f"{MENTION}?nom=zzyzx").content.decode()
