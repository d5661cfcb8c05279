"""« Nous écrire »: a message to the hub's mailbox, by the queue, from whoever the guard lets through."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.utils import timezone

from accounts.mailing.contact import ContactForm
from pole.mail.queue import store_message
from pole.models import Hub, OutgoingMail, SuspendedAddress
from tests.conftest import signed_in
from tests.factories import PageFactory, UserFactory
from tests.rows import fingerprints

pytestmark = pytest.mark.django_db
WRITE = "/ecrire/"


@pytest.fixture(autouse=True)
def hub(db):
    return Hub.objects.create(
        name="Le Pôle", short_name="Pôle", tagline="Ici.", email="bonjour@pole.example", phone="+14505550100",
        opening_hours="Du lundi au jeudi, de 9 h à 16 h", opening_hours_en="Monday to Thursday", street="84, rue du Pressoir",
        municipality_id="67045", postal_code="J6R 2B4",
    )  # fmt: skip


def typed(**changes):
    with time_machine.travel(timezone.now() - timedelta(seconds=10)):
        shown = ContactForm.new_form_token()
    return {
        "name": "Rose Cyr", "email": "rose@exemple.example", "message": "Bonjour,\n\nêtes-vous ouverts?", "subject": "", "shown": shown,
    } | changes  # fmt: skip


def test_a_message_goes_to_the_hub_which_answers_whoever_wrote(client):
    page = client.post(WRITE, typed()).content.decode()
    assert "votre message est en route" in page.lower()
    assert "rose@exemple.example" in page
    assert "<textarea" not in page
    [message] = mail.outbox
    assert (message.to, message.reply_to) == (["bonjour@pole.example"], ["Rose Cyr <rose@exemple.example>"])
    assert "> Bonjour,\n>\n> êtes-vous ouverts?" in message.body
    assert "Rose" not in message.subject


def test_the_queue_holds_it_and_nothing_else_does(client, settings):
    settings.MAILERS = {"default": {"BACKEND": "pole.mail.queue.QueueBackend"}}
    before = fingerprints()
    client.post(WRITE, typed())
    assert OutgoingMail.objects.get().message["reply_to"] == ["Rose Cyr <rose@exemple.example>"]
    changed = {table for table, found in fingerprints().items() if found != before.get(table)}
    assert changed <= {"pole_outgoingmail", "pole_cache", "procrastinate_jobs", "procrastinate_events"}


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("Rose\r\nBcc: tous@exemple.example", "rose@exemple.example"),
        ("Rose Cyr", "rose@exemple.example\r\nBcc: tous@exemple.example"),
        ("Rose Cyr", "rose@exemple.example, tous@exemple.example"),
        ("Rose <tous@exemple.example>, Cyr", "rose@exemple.example"),
        ('Rose "Cyr" \\', "rose@exemple.example"),
        ("Élodie Côté", "rose@exemple.example"),
        ("Rose Cyr", "rose@éxemple.example"),
        ("Rose Cyr", '"rose\\"@x"@exemple.example'),
        ("Rose Cyr", "rose@[127.0.0.1]"),
        ("\u202eRose", "rose@exemple.example"),
    ],
)
def test_nothing_that_is_typed_makes_a_header_or_another_recipient(client, name, email):
    answer = client.post(WRITE, typed(name=name, email=email))
    if answer.status_code == 422:
        assert mail.outbox == []
        return
    [message] = mail.outbox
    assert store_message(message) is not None
    built = message.message()
    assert [str(built[header] or "") for header in ("To", "Cc", "Bcc")] == ["bonjour@pole.example", "", ""]
    [to] = built["Reply-To"].addresses
    assert to.addr_spec.lstrip('"').startswith("rose")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "Votre nom"),
        ({"email": "rose"}, "courriel"),
        ({"message": " \n "}, "Écrivez votre message avant de l’envoyer."),
        ({"message": "a" * 4001}, "4000"),
        ({"subject": "x"}, "Attendez un instant"),
        ({"shown": "x"}, "a expiré"),
    ],
)
def test_what_is_refused_is_said_and_kept(client, changes, said):
    answer = client.post(WRITE, typed(**changes))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page.replace("\xa0", " ")
    assert "error-summary" in page
    assert mail.outbox == []
    if "message" not in changes:
        assert "êtes-vous ouverts?" in page


def test_too_fast_is_a_robot(client):
    answer = client.post(WRITE, typed(shown=ContactForm.new_form_token()))
    assert (answer.status_code, mail.outbox) == (422, [])


def test_the_same_form_twice_is_one_message(client):
    sent = typed()
    for _again in range(2):
        assert client.post(WRITE, sent).status_code == 200
    assert len(mail.outbox) == 1


def test_one_connection_sends_so_many_and_no_more(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "contact": "2/10m/ip"}
    assert [client.post(WRITE, typed()).status_code for _ in range(3)] == [200, 200, 422]
    assert len(mail.outbox) == 2
    cache.clear()


def test_a_mailbox_that_refuses_mail_is_said_and_the_same_form_may_go_later(client, hub):
    refused = SuspendedAddress.objects.create(address=hub.email, answer="550")
    sent = typed()
    answer = client.post(WRITE, sent)
    assert answer.status_code == 422
    assert "Téléphonez-nous" in answer.content.decode()
    refused.delete()
    assert client.post(WRITE, sent).status_code == 200
    assert len(mail.outbox) == 1


def test_without_a_mailbox_there_is_no_form(client, hub):
    PageFactory(slug="contact")
    assert "/ecrire/" in client.get("/contact/").content.decode()
    Hub.objects.update(email="")
    assert client.get(WRITE).status_code == 404
    assert "/ecrire/" not in client.get("/contact/").content.decode()


def test_whoever_is_signed_in_need_not_say_who_they_are():
    user = UserFactory(name="Rose Cyr", email="rose@exemple.example")
    page = signed_in(user).get(WRITE).content.decode()
    assert 'value="Rose Cyr"' in page
    assert 'value="rose@exemple.example"' in page


def test_hours_are_said_once_in_each_language(client):
    PageFactory(slug="contact", title_en="Contact us", body_en="<p>Come.</p>")
    french, english = (client.get(path).content.decode() for path in ("/contact/", "/en/contact/"))
    # The foot of each page says them too.
    for page, hours in ((french, "Du lundi au jeudi, de 9 h à 16 h"), (english, "Monday to Thursday")):
        assert page[: page.index("<footer")].count(hours) == 1
    assert "/en/ecrire/" in english
    assert "csrf" not in french
    assert "Set-Cookie" not in client.get("/contact/").headers


def test_it_is_written_in_english_too(client):
    page = client.post("/en" + WRITE, typed()).content.decode()
    assert "your message is on its way" in page
    assert not re.search("[àéè]", mail.outbox[0].subject)
