"""« Premiers pas »: each step says what is missing until the data show it done, and `diagnostic` repeats it."""

from __future__ import annotations

import io
import smtplib
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import TeamInvitation
from blog.model_pages import SLUGS, create_missing
from blog.models import Page
from desk import publishing
from pole.hub import mail_test
from pole.hub.editing import say_works_alone
from pole.hub.first_steps import ORDER, first_steps
from pole.models import Hub, Municipality, OutgoingMail, Setup
from pole.tasks import deliver_test_mail
from pole.views import first_steps as views
from tests.factories import PageFactory, PostFactory, UserFactory
from tests.pole.test_mail import Mailbox
from tests.waiting import free_port

pytestmark = pytest.mark.django_db
OFFICER = {"privacy_officer": "Directrice générale, Claire Roy", "privacy_email": "vp@exemple.example"}


@pytest.fixture(autouse=True)
def _no_wait(monkeypatch):
    monkeypatch.setattr(views, "SECONDS_FOR_AN_ANSWER", 0)


def describe(**changes):
    facts = {
        "name": "Pôle d’essai & Cie", "short_name": "Pôle", "tagline": "Une phrase.", "street": "1, rue Bleue",
        "postal_code": "J6K 1A1", "email": "info@exemple.example", "municipality": Municipality.objects.first(),
    }  # fmt: skip
    return Hub.objects.update_or_create(pk=1, defaults=facts | changes)[0]


def receive_mail():
    Setup.objects.update_or_create(
        pk=1,
        defaults={"mail_received_at": timezone.now(), "mail_received_by_relay": mail_test.relay_in_use()},
    )


def missing(key):
    with translation.override("fr"):
        return [str(sentence) for sentence in first_steps()[ORDER.index(key)].missing]


def publish_pages():
    for slug in SLUGS:
        PageFactory(slug=slug)


# By step: what makes it done.
DONE_BY = {
    "identity": describe,
    "territory": describe,
    "team": lambda: UserFactory.create_batch(2, is_staff=True),
    "mail": receive_mail,
    "pages": lambda: (describe(**OFFICER), publish_pages()),
    "post": PostFactory,
}


@pytest.mark.parametrize("key", ORDER)
def test_step_is_done_by_what_the_data_hold(key):
    UserFactory(is_staff=True)
    assert missing(key)
    DONE_BY[key]()
    assert missing(key) == []


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("tagline", "en une phrase"),
        ("street", "adresse postale"),
        ("postal_code", "adresse postale"),
        ("email", "adresse courriel"),
    ],
)
def test_identity_names_what_is_missing(field, words):
    describe(**{field: ""})
    (sentence,) = missing("identity")
    assert words in sentence


def test_territory_is_the_list_then_a_part_of_it_then_the_address():
    def step():
        return first_steps()[ORDER.index("territory")]

    def page():
        return step().url

    hub = describe(municipality=None)
    assert ("adresse du pôle" in missing("territory")[0], page()) == (True, reverse("staff:hub"))
    assert step().action == "Décrire le pôle"
    Municipality.objects.update(is_in_territory=False)
    assert ("partie de la liste" in missing("territory")[0], page()) == (True, reverse("staff:territory"))
    Municipality.objects.all().delete()
    assert ("liste des municipalités" in missing("territory")[0], page()) == (
        True,
        reverse("staff:territory"),
    )
    assert hub.municipality_id is None


def test_whoever_works_alone_says_it_and_takes_it_back(staff_client):
    for answer, is_done in (("oui", True), ("non", False)):
        staff_client.post(reverse("staff:first_step_team"), {"seul": answer})
        assert (missing("team") == []) is is_done
        assert staff_client.get(reverse("staff:first_step_team")).status_code == 200


def test_invitation_is_enough_while_it_is_good(staff):
    assert missing("team")
    invitation = TeamInvitation.objects.create(
        email="lou@exemple.example", roles=["forums"], invited_by=staff, sent_at=timezone.now()
    )
    assert missing("team") == []
    invitation.sent_at -= timedelta(days=8)
    invitation.save()
    assert missing("team")


def test_pages_are_missing_then_drafts_then_published(staff):
    describe(**OFFICER)
    assert [sentence.endswith("n’est pas écrite.") for sentence in missing("pages")] == [True] * 5
    create_missing(by=staff)
    assert ["brouillon" in sentence for sentence in missing("pages")] == [True] * 5
    for page in Page.objects.all():
        publishing.publish(owner=page, at=None, now=timezone.now())
    # Published as they were proposed, with brackets: the step sees it.
    assert ["à compléter" in sentence for sentence in missing("pages")] == [True] * 5
    publishing.archive(owner=Page.objects.get(slug="contact"), now=timezone.now())
    assert "Nous joindre" in " ".join(missing("pages"))


def test_privacy_officer_is_asked_for():
    describe()
    publish_pages()
    (sentence,) = missing("pages")
    assert "personne responsable de la protection" in sentence


def test_models_are_filled_with_what_the_portal_knows_as_drafts(staff_client, client, staff):
    describe(**OFFICER, privacy_officer_en="Executive Director, Claire Roy")
    PageFactory(slug="contact", title="La nôtre")
    address = reverse("staff:first_step_pages")
    assert "Écrire les brouillons" in staff_client.get(address).content.decode()
    staff_client.post(address)
    assert Page.objects.filter(slug__in=SLUGS).count() == 5
    assert Page.objects.get(slug="contact").title == "La nôtre"
    assert [client.get(f"/{slug}/").status_code for slug in SLUGS] == [404, 200, 404, 404, 404]
    content = Page.objects.get(slug="confidentialite").draft.content
    assert "Directrice générale, Claire Roy" in content["body"]
    assert "Executive Director, Claire Roy" in content["body_en"]
    assert "mailto:vp@exemple.example" in content["body"]
    assert "Pôle d’essai &amp; Cie, 1, rue Bleue, " in content["body"]
    for page in Page.objects.exclude(slug="contact"):
        assert not any(brace in text for text in page.draft.content.values() for brace in "{}")
        assert page.draft.content["body_en"]
    # Once all are there, nothing more is proposed, and a second press changes nothing.
    staff_client.post(address)
    page = staff_client.get(address).content.decode()
    assert ("Écrire les brouillons" in page, Page.objects.count()) == (False, 5)


def test_models_of_a_hub_that_is_not_described_say_what_is_unknown(staff):
    create_missing(by=staff)
    body = Page.objects.get(slug="confidentialite").draft.content["body"]
    assert "[À compléter" in body
    assert "None" not in body


def test_desk_warns_before_it_publishes_what_is_left_to_complete(staff_client, staff):
    describe(**OFFICER)
    create_missing(by=staff)
    page = Page.objects.get(slug="a-propos")
    content = page.draft.content
    data = {**content, "slug": "a-propos", "position": 1, "seen_version": 1, "action": "publish"}
    answer = staff_client.post(page.get_edit_url(), data, follow=True)
    page.refresh_from_db()
    assert page.published_at is None
    assert "Il reste quelque chose à compléter" in answer.content.decode()


# --- Mail ------------------------------------------------------------------------------------------
@pytest.fixture
def relay(settings):
    """`relay(mailbox)`: a real SMTP server, stopped at the end; until then none listens."""
    port, started = free_port(), []
    smtp = {"host": "127.0.0.1", "port": port, "timeout": 5}
    settings.MAILERS = {
        "default": {"BACKEND": "pole.mail.queue.QueueBackend"},
        "delivery": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": smtp},
    }

    def start(mailbox):
        controller = Controller(mailbox, hostname="127.0.0.1", port=port)
        controller.start()
        started.append(controller)

    yield start
    for controller in started:
        controller.stop()


def send_and_deliver(client):
    client.post(reverse("staff:first_step_mail_send"))
    deliver_test_mail(mail_id=OutgoingMail.objects.get().pk)
    return client.get(reverse("staff:first_step_mail")).content.decode()


def test_message_is_taken_received_and_confirmed_by_its_code(staff_client, staff, relay):
    mailbox = Mailbox()
    relay(mailbox)
    assert "Aucun message d’essai" in missing("mail")[0]
    page = send_and_deliver(staff_client)
    assert "Le relais a pris le message" in page
    assert "<code>250 " in page
    assert "n’a pas encore été écrit" in missing("mail")[0]
    (received,) = mailbox.received
    code = Setup.objects.get().mail_code
    texts = [part.get_payload(decode=True).decode() for part in received.walk() if not part.is_multipart()]
    assert received["To"] == staff.email
    assert [(code in text, f"?code={code}" in text) for text in texts] == [(True, True)] * 2
    # The followed link writes the code in the field and decides nothing.
    assert (
        f'value="{code}"' in staff_client.get(f"/gestion/premiers-pas/courriel/?code={code}").content.decode()
    )
    assert missing("mail")
    wrong = staff_client.post(
        reverse("staff:first_step_mail"), {"code": f"{(int(code) + 1) % 10**6:06d}"}, follow=True
    )
    assert "Ce n’est pas le code" in wrong.content.decode()
    assert missing("mail")
    staff_client.post(reverse("staff:first_step_mail"), {"code": f" {code[:3]} {code[3:]}"})
    assert (missing("mail"), OutgoingMail.objects.count()) == ([], 0)


def test_an_empty_code_never_confirms(staff_client):
    Setup.objects.create()
    staff_client.post(reverse("staff:first_step_mail"), {"code": ""})
    assert Setup.objects.get().mail_received_at is None


class Refusing(Mailbox):
    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        return "550 5.7.1 Sender <b>not</b> allowed"


def test_what_a_relay_refuses_is_said_with_its_words(staff_client, relay):
    relay(Refusing())
    page = send_and_deliver(staff_client)
    assert "550 5.7.1 Sender &lt;b&gt;not&lt;/b&gt; allowed" in page
    assert "DEFAULT_FROM_EMAIL" in page
    assert 'name="code"' not in page
    assert "550 5.7.1" in missing("mail")[0]
    assert OutgoingMail.objects.count() == 0


def test_relay_that_is_not_there_is_said(staff_client, relay):
    page = send_and_deliver(staff_client)
    assert ("ne répond pas" in page, "ConnectionRefusedError" in page) == (True, True)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (smtplib.SMTPAuthenticationError(535, b"5.7.8 Bad credentials"), "535 5.7.8 Bad credentials"),
        (smtplib.SMTPServerDisconnected("Connection unexpectedly closed"), "SMTPServerDisconnected"),
        (TimeoutError("timed out"), "TimeoutError"),
    ],
)
def test_whatever_a_relay_does_is_noted(staff_client, relay, monkeypatch, error, words):
    def fail(self):
        raise error

    monkeypatch.setattr("django.core.mail.backends.smtp.EmailBackend.open", fail)
    assert words in send_and_deliver(staff_client)
    assert Setup.objects.get().mail_accepted is False


def test_message_that_no_worker_takes_is_said(staff_client):
    staff_client.post(reverse("staff:first_step_mail_send"))
    assert "en route" in missing("mail")[0]
    Setup.objects.update(mail_sent_at=timezone.now() - timedelta(minutes=5))
    assert "pole-worker" in missing("mail")[0]


def test_answer_to_a_message_that_another_replaced_is_not_noted(staff_client, relay):
    staff_client.post(reverse("staff:first_step_mail_send"))
    first = OutgoingMail.objects.get().pk
    staff_client.post(reverse("staff:first_step_mail_send"))
    deliver_test_mail(mail_id=first)
    assert Setup.objects.get().mail_answered_at is None


def test_another_relay_or_sender_has_to_be_tried_again(settings):
    receive_mail()
    settings.DEFAULT_FROM_EMAIL = "autre@exemple.example"
    assert "Le relais a changé" in missing("mail")[0]


def test_console_is_said(staff_client, settings):
    settings.MAILERS = settings.MAILERS | {"delivery": {"BACKEND": "pole.mail.queue.ReadableConsoleBackend"}}
    page = staff_client.get(reverse("staff:first_step_mail")).content.decode()
    assert "EMAIL_URL" in page


# --- The page, the staff home, the command -----------------------------------------------------------
def test_staff_home_leads_to_the_steps_until_all_are_done(staff_client):
    for _ in range(2):
        assert "Continuer les premiers pas" in staff_client.get("/gestion/").content.decode()
    UserFactory(is_staff=True)
    receive_mail()
    describe(**OFFICER)
    publish_pages()
    PostFactory()
    page = staff_client.get("/gestion/").content.decode()
    assert ("Continuer les premiers pas" in page, "premiers-pas" in page) == (False, False)
    assert "Tout est fait" in staff_client.get(reverse("staff:first_steps")).content.decode()
    # And each page still answers.
    for name in ("first_step_team", "first_step_mail", "first_step_pages"):
        assert staff_client.get(reverse(f"staff:{name}")).status_code == 200


def test_steps_are_the_direction_s(db):
    from tests.conftest import signed_in

    editor = signed_in(UserFactory(is_staff=True, roles=["editorial"]), second_factor=True)
    assert "premiers-pas" not in editor.get("/gestion/").content.decode()
    assert editor.get(reverse("staff:first_steps")).status_code == 403


def test_whoever_saves_the_hub_goes_on_with_the_steps(staff_client):
    data = {
        "name": "Pôle",
        "short_name": "Pôle",
        "tagline": "x",
        "primary_colour": "#1f5c3f",
        "accent_colour": "#a8441a",
    }
    answer = staff_client.post(reverse("staff:hub"), data | {"version": "1"})
    assert answer.url == reverse("staff:first_steps")


def test_diagnostic_repeats_what_is_missing():
    describe(**OFFICER)
    UserFactory(roles=["direction"])
    out = io.StringIO()
    with translation.override("en"):
        call_command("diagnostic", stdout=out)
    lines = [line for line in out.getvalue().splitlines() if "Premiers pas" in line]
    assert all(line.startswith("note") for line in lines)
    assert [line[25:].partition("\xa0:")[0] for line in lines] == [
        "Équipe",
        "Courriel",
        "Pages essentielles",
        "Premier billet",
    ]
    say_works_alone(works_alone=True)
    assert missing("team") == []


@pytest.mark.parametrize(
    ("answer", "said"), [("oui", "sans collègue"), ("non", "vous attendez des collègues")]
)
def test_word_on_who_is_there_is_confirmed(superuser_client, answer, said):
    page = superuser_client.post(reverse("staff:first_step_team"), {"seul": answer}, follow=True)
    assert said in page.content.decode()
