"""Mails: in the person's language, signed by the hub, in two forms."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.utils import translation

from accounts import mailing
from pole.models import Hub, Municipality
from tests.factories import UserFactory

TEMPLATES = Path(django_settings.BASE_DIR) / "templates"
PREFIXES = sorted(
    str(path.relative_to(TEMPLATES)).removesuffix("_subject.txt")
    for folder in ("account/email", "mfa/email")
    for path in (TEMPLATES / folder).glob("*_subject.txt")
)


@pytest.fixture
def hub(db):
    return Hub.objects.update_or_create(
        pk=1,
        defaults={
            "name": "Pôle d’essai & compagnie",
            "name_en": "Test Hub",
            "short_name": "Pôle",
            "tagline": "Un pôle.",
            "street": "10, rue de l’Église",
            "municipality": Municipality.objects.get(code="67050"),
            "postal_code": "J6K 1A1",
            "phone": "+14505550123",
        },
    )[0]


def context_for(person, prefix):
    from django.utils import timezone

    with_code = prefix.endswith(
        ("login_code", "email_confirmation", "email_confirmation_signup", "reset_code")
    )
    return {
        "user": person,
        "has_account": True,
        "code": "1234-5678" if with_code else "",
        "timestamp": timezone.now(),
        "ip": "192.0.2.1",
        "from_email": "avant@exemple.example",
        "to_email": "apres@exemple.example",
        "deleted_email": "avant@exemple.example",
    }


def test_every_mail_of_allauth_is_ours():
    import allauth

    theirs = {
        str(path.relative_to(Path(allauth.__file__).parent / "templates")).removesuffix("_subject.txt")
        for folder in ("account/email", "mfa/email")
        for path in (Path(allauth.__file__).parent / "templates" / folder).glob("*_subject.txt")
    }
    # Links by mail are not used: codes are.
    assert theirs - set(PREFIXES) == {"account/email/email_confirm", "account/email/password_reset_key"}


@pytest.mark.parametrize("prefix", PREFIXES)
def test_mail_has_two_forms_the_hub_s_address_and_the_reason(hub, prefix):
    person = UserFactory(name="<b>Lou</b> & Cie", email="lou@exemple.example")
    mailing.send(prefix=prefix, to=person.email, context=context_for(person, prefix))
    (message,) = mail.outbox
    html, kind = message.alternatives[0]
    assert kind == "text/html"
    assert message.to == ["lou@exemple.example"]
    assert message.subject
    assert "\n" not in message.subject
    for form in (message.body, html):
        for line in ("10, rue de l’Église", "Châteauguay (Québec) J6K 1A1"):
            assert line in form
    assert "Pôle d’essai & compagnie" in message.body
    assert "Pôle d’essai &amp; compagnie" in html
    assert "<b>Lou</b> & Cie," in message.body
    assert "<b>Lou" not in html
    assert "&lt;b&gt;Lou&lt;/b&gt; &amp; Cie," in html
    assert "&amp;" not in message.body
    assert "&#x27;" not in message.body
    assert not re.search(r"\{[{%]|\n{4,}", message.body)


@pytest.mark.parametrize(("language", "hub_name"), [("fr", "Pôle d’essai & compagnie"), ("en", "Test Hub")])
def test_mail_is_in_the_language_of_the_person_not_of_the_page(client, hub, language, hub_name):
    person = UserFactory(language=language)
    page = "/en/compte/code/" if language == "fr" else "/compte/code/"
    client.post(page, {"email": person.email})
    assert hub_name in mail.outbox[0].body
    assert f'<html lang="{language}-CA">' in mail.outbox[0].alternatives[0][0]


@pytest.mark.parametrize(
    ("page", "link"), [("/compte/code/", "/compte/"), ("/en/compte/code/", "/en/compte/")]
)
def test_mail_to_a_stranger_is_in_the_language_of_the_page(client, hub, settings, page, link):
    client.post(page, {"email": "inconnue@exemple.example"})
    assert f"{settings.BASE_URL}{link}inscription/" in mail.outbox[0].body.split()


def test_new_person_is_written_to_in_the_chosen_language(client, hub):
    form = {
        "email": "new@exemple.example",
        "name": "Sam",
        "language": "en",
        "is_14": "on",
    }
    client.post("/compte/inscription/", form)
    assert "Test Hub" in mail.outbox[0].body


def test_name_of_the_asker_never_reaches_a_mailbox_that_is_not_confirmed(client, hub):
    form = {
        "email": "victime@exemple.example",
        "name": "Gagnez sur evil.example",
        "language": "fr",
        "is_14": "on",
    }
    client.post("/compte/inscription/", form)
    (message,) = mail.outbox
    assert "evil.example" not in message.body + message.alternatives[0][0] + message.subject


def test_code_stands_out_in_the_html(hub, client, citizen):
    client.post("/compte/code/", {"email": citizen.email})
    html = mail.outbox[0].alternatives[0][0]
    assert re.search(r'<p class="code">\d{4}-\d{4}</p>', html)
    assert " style=" not in html


def test_mail_says_what_was_done_to_the_account(hub, citizen_client, citizen):
    from tests.accounts.conftest import PASSWORD

    form = {
        "oldpassword": PASSWORD,
        "password1": "encore une autre phrase",
        "password2": "encore une autre phrase",
    }
    citizen_client.post("/compte/mot-de-passe/changer/", form)
    (message,) = mail.outbox
    assert "127.0.0.1" in message.body
    assert "/compte/mot-de-passe/oublie/" in message.body
    assert "encore une autre phrase" not in message.body


def test_what_people_typed_is_escaped_in_the_html(hub, citizen):
    context = context_for(citizen, "") | {"to_email": '"<i>"@exemple.example'}
    mailing.send(prefix="account/email/email_changed", to=citizen.email, context=context)
    (message,) = mail.outbox
    assert '"<i>"@exemple.example' in message.body
    assert "&quot;&lt;i&gt;&quot;@exemple.example" in message.alternatives[0][0]
    assert "<i>" not in message.alternatives[0][0]


def test_language_of_an_address_is_its_owner_s(db):
    UserFactory(email="sam@exemple.example", language="en")
    with translation.override("fr"):
        assert mailing.language_of("Sam@exemple.example") == "en"
        assert mailing.language_of("autre@exemple.example") == "fr"
